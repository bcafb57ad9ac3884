//! What is written comes back.

use bytes::BytesMut;
use wirework_core::{DecodePolicy, EncodeError, EncodePolicy, TextEncoding};

use super::{decoded, written};
use crate::{Broken, Law};

/// What stands in the buffer before text is written, and must stand there afterwards.
const BEFORE: &[u8] = b"before";

/// Text that is written is read strictly as the same; and, without escape sequences, written character by character. What is refused is named with its place, and is the first that the encoding lacks. With a
/// substitute, all that it lacks is read as `?`.
pub fn comes_back(encoding: &dyn TextEncoding, text: &str) -> Result<(), Broken> {
    let broken = |why: String| Err(Broken::new(Law::ComesBack, text.as_bytes(), format!("of {text:?}, {why}")));
    let has = |character: char| written(encoding, character.encode_utf8(&mut [0; 4]));
    let mut out = BytesMut::from(BEFORE);
    let result = encoding.encode(text, EncodePolicy::Error, &mut out);
    let Some(bytes) = out.strip_prefix(BEFORE) else {
        return broken(format!("what stood before it changed: b\"{}\"", out.escape_ascii()));
    };
    match result {
        Ok(()) => {
            let back = decoded(encoding, bytes, DecodePolicy::Strict);
            if back.as_deref().ok() != Some(text) {
                return broken(format!("b\"{}\" is written, which is read as {back:?}", bytes.escape_ascii()));
            }
            let one_by_one: Vec<u8> = text.chars().filter_map(has).flatten().collect();
            if !encoding.is_stateful() && one_by_one != bytes {
                let (all, each) = (bytes.escape_ascii(), one_by_one.escape_ascii());
                return broken(format!("b\"{all}\" is written, and b\"{each}\" character by character"));
            }
        }
        Err(EncodeError::Unmappable { character, offset, .. }) => {
            if !text.get(offset..).is_some_and(|rest| rest.starts_with(character)) {
                return broken(format!("{character:?} is refused at byte {offset}, where it is not"));
            }
            if written(encoding, &text[..offset]).is_none() {
                return broken(format!("{character:?} is refused, and what is before it would be too"));
            }
            if has(character).is_some() {
                return broken(format!("{character:?} is refused, and written when it stands alone"));
            }
        }
        // It may be that nothing can be written at all.
        Err(_) => {}
    }
    if has('?').is_none() {
        return Ok(());
    }
    let expected: String = text.chars().map(|c| if has(c).is_some() { c } else { '?' }).collect();
    let mut out = BytesMut::from(BEFORE);
    if let Err(error) = encoding.encode(text, EncodePolicy::Substitute, &mut out) {
        return broken(format!("something is refused that has a substitute: {error}"));
    }
    let back = out.strip_prefix(BEFORE).map(|bytes| decoded(encoding, bytes, DecodePolicy::Strict));
    match back {
        Some(Ok(back)) if back == expected => Ok(()),
        back => broken(format!("with a substitute {expected:?} is expected, and read is {back:?}")),
    }
}
