//! Why bytes cannot be looked for in text.

use bytes::BytesMut;
use wirework_core::{EncodePolicy, Hex, TextEncoding};

/// Why a search for these bytes may find something else in text, with a character for an example; nothing if it cannot.
pub(crate) fn doubt(encoding: &dyn TextEncoding, bytes: &[u8]) -> Option<String> {
    let byte = *bytes.iter().find(|byte| !encoding.is_plain(&[**byte]))?;
    let name = encoding.name();
    // What is only read and never written has no example: the digits of four-byte forms in GBK.
    let example = example(encoding, byte).map(|(character, written)| format!(": {character} is {}", Hex(&written)));
    Some(format!("in {name} the byte {byte:02X} can be part of another character{}", example.unwrap_or_default()))
}

/// A character that holds `byte` among others, and how it is written.
fn example(encoding: &dyn TextEncoding, byte: u8) -> Option<(char, Vec<u8>)> {
    let ideographs = '\u{4E00}'..='\u{9FFF}';
    ideographs.chain('\u{80}'..='\u{FFFF}').find_map(|character| {
        let mut written = BytesMut::new();
        encoding.encode(character.encode_utf8(&mut [0; 4]), EncodePolicy::Error, &mut written).ok()?;
        (written.len() > 1 && written.contains(&byte)).then(|| (character, written.to_vec()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Encoding, GBK, UTF_8};

    #[test]
    fn the_example_is_a_character_that_holds_the_byte() {
        let utf_16 = Encoding::for_label("utf-16le").unwrap();
        let japanese = Encoding::for_label("iso-2022-jp").unwrap();
        for (encoding, bytes, reason) in [
            (GBK, &b",|"[..], Some("in GBK the byte 7C can be part of another character: 亅 is 81 7C")),
            (GBK, b",", None),
            (GBK, b"5", Some("in GBK the byte 35 can be part of another character")),
            (utf_16, b"\n", Some("the byte 0A can be part of another character: 上 is")),
            (japanese, b"|", Some("the byte 7C can be part of another character: ")),
            (UTF_8, b"|", None),
        ] {
            let found = doubt(&encoding, bytes);
            assert_eq!(found.is_some(), reason.is_some(), "{found:?}");
            assert!(found.unwrap_or_default().contains(reason.unwrap_or_default()), "{encoding} {bytes:02x?}");
        }
    }
}
