//! Characters that are themselves wherever their bytes stand.

use wirework_core::{Cursor, TextEncoding};

use super::places::{Places, Whole};
use crate::{Broken, Law};

/// Wherever the bytes of a character stand, or of two side by side, they are those characters if they are plain, or plain behind the
/// byte before them; and that is told at once.
pub fn plain(encoding: &dyn TextEncoding, bytes: &[u8]) -> Result<(), Broken> {
    let places = Places::of(encoding, bytes);
    for first in places.whole() {
        let second = places.whole_at(first.at + first.len);
        let both = second.map(|second| (Whole { len: first.len + second.len, ..first }, vec![first, second]));
        for (all, each) in [(first, vec![first])].into_iter().chain(both) {
            let before = all.at.checked_sub(1).map(|before| bytes[before]);
            let is_plain = encoding.is_plain(places.bytes(all));
            if !is_plain && !before.is_some_and(|before| encoding.is_plain_behind(before, places.bytes(all))) {
                continue;
            }
            let is_itself = |whole: &Whole| {
                let told = encoding.begins_at(&bytes[..whole.at + whole.len], whole.at, &mut Cursor::default());
                told == Some(true) && places.is_between(whole.at) != Some(false)
            };
            if let Some(other) = each.iter().find(|whole| !is_itself(whole)) {
                let shown = places.bytes(all).escape_ascii();
                let plain =
                    before.filter(|_| !is_plain).map_or("plain".to_owned(), |byte| format!("plain behind {byte:02X}"));
                let why = format!("b\"{shown}\" is {plain}, and no character begins at byte {}", other.at);
                return Err(Broken::new(Law::Plain, bytes, why));
            }
        }
    }
    Ok(())
}
