//! Text that is cut between characters.

use wirework_core::{DecodePolicy, TextEncoding};

use super::{decoded, replaced};
use crate::{Broken, Law};

/// Bytes that are cut anywhere, and what is unfinished there put before the rest, are the text of the whole. What is unfinished is
/// shorter than a character, and malformed where the text ends with it. Says nothing about encodings with escape sequences.
pub fn unfinished(encoding: &dyn TextEncoding, bytes: &[u8]) -> Result<(), Broken> {
    if encoding.is_stateful() {
        return Ok(());
    }
    let broken = |why: String| Err(Broken::new(Law::Unfinished, bytes, why));
    let whole = replaced(encoding, bytes);
    for cut in 0..=bytes.len() {
        let held = encoding.unfinished(&bytes[..cut]);
        let at = match cut.checked_sub(held) {
            Some(at) if held < encoding.longest() => at,
            _ => return broken(format!("{held} of {cut} bytes are unfinished, which is a whole character or more")),
        };
        let (head, tail) = bytes.split_at(at);
        if held > 0 && decoded(encoding, &bytes[at..cut], DecodePolicy::Strict).is_ok() {
            return broken(format!("of the first {cut} bytes the last {held} are not unfinished, but text"));
        }
        let joined = replaced(encoding, head) + &replaced(encoding, tail);
        if joined != whole {
            return broken(format!(
                "of the first {cut} bytes {held} are unfinished: expected is {whole:?}, and joined is {joined:?}"
            ));
        }
    }
    Ok(())
}
