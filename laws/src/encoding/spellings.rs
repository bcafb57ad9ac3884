//! Every way to write a character.

use wirework_core::TextEncoding;

use super::{one_character, written};
use crate::{Broken, Law};

/// If `bytes` are one character: each of its spellings is read as it, none is there twice or longer than the longest character; the
/// first is what is written, and `bytes` are among them, where the encoding writes that character as what is read as it.
///
/// With escape sequences there may be none.
pub fn spellings(encoding: &dyn TextEncoding, bytes: &[u8]) -> Result<(), Broken> {
    let Some(character) = one_character(encoding, bytes) else { return Ok(()) };
    let broken = |why: String| Err(Broken::new(Law::Spellings, bytes, format!("{character:?}: {why}")));
    let spellings = encoding.spellings(character);
    for (number, spelling) in spellings.iter().enumerate() {
        let shown = spelling.escape_ascii();
        if one_character(encoding, spelling) != Some(character) {
            return broken(format!("the spelling b\"{shown}\" is not read as it"));
        }
        if spellings[..number].contains(spelling) {
            return broken(format!("the spelling b\"{shown}\" is there twice"));
        }
        if spelling.len() > encoding.longest() {
            return broken(format!("the spelling b\"{shown}\" is longer than the longest character"));
        }
    }
    let own = written(encoding, character.encode_utf8(&mut [0; 4]));
    let Some(own) = own.filter(|own| one_character(encoding, own) == Some(character)) else { return Ok(()) };
    if spellings.is_empty() && encoding.is_stateful() {
        return Ok(());
    }
    if spellings.first() != Some(&own) {
        return broken(format!("b\"{}\" is written, and is not the first spelling", own.escape_ascii()));
    }
    if !encoding.is_stateful() && !spellings.iter().any(|spelling| spelling == bytes) {
        return broken("these bytes are read as it, and are none of its spellings".to_owned());
    }
    Ok(())
}
