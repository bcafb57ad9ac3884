//! Where characters begin.

use wirework_core::{Cursor, TextEncoding};

use super::places::{Places, Whole};
use super::replaced;
use crate::{Broken, Law};

/// Wherever the bytes of a character stand, one begins there if a decoder of all begins one. It is told as soon as the bytes of one
/// more character have come, and does not change with those behind; a cursor that was moved says the same as one at the
/// beginning, also when the bytes before it are gone.
///
/// With escape sequences it says no more than that none begins where a decoder of all reads something else.
pub fn begins(encoding: &dyn TextEncoding, bytes: &[u8]) -> Result<(), Broken> {
    let places = Places::of(encoding, bytes);
    let fresh = |upto: usize, at: usize| encoding.begins_at(&bytes[..upto], at, &mut Cursor::default());
    for place in places.whole() {
        let Whole { at, len } = place;
        let broken = |why: String| Err(Broken::new(Law::Begins, bytes, format!("at byte {at}, {why}")));
        let last = fresh(bytes.len(), at);
        for upto in at + len..bytes.len() {
            match fresh(upto, at) {
                None if upto >= at + len + encoding.longest() => {
                    return broken(format!("with {upto} bytes it is not told yet whether a character begins"));
                }
                Some(begins) if Some(begins) != last => {
                    return broken(format!(
                        "with {upto} bytes it is {begins} that a character begins, and then {last:?}"
                    ));
                }
                _ => {}
            }
        }
        let begins = last == Some(true);
        if let Some(is_between) = places.is_between(at).filter(|is_between| *is_between != begins) {
            return broken(format!("it is {is_between} that a decoder begins a character, and told is {last:?}"));
        }
        if begins && encoding.is_stateful() {
            let expected = replaced(encoding, &bytes[..at]) + &places.text(place).unwrap_or_default();
            if !replaced(encoding, bytes).starts_with(&expected) {
                return broken(format!("{expected:?} is not what a decoder reads up to there"));
            }
        }
    }
    for drop in [false, true] {
        moved(&places, encoding, bytes, drop)?;
    }
    Ok(())
}

/// The same with a cursor that goes from one place to the next, as the bytes come; those before it are dropped if `drop` says so.
fn moved(places: &Places<'_>, encoding: &dyn TextEncoding, bytes: &[u8], drop: bool) -> Result<(), Broken> {
    let mut cursor = Cursor::default();
    let mut gone = 0;
    for at in 0..bytes.len() {
        // It is moved to other places too, where what it says does not count.
        let whole = places.whole_at(at);
        let come = at + whole.map_or(1, |whole| whole.len);
        for upto in [come, bytes.len()] {
            let broken = |why: String| Err(Broken::new(Law::Begins, bytes, format!("at byte {at}, {why}")));
            let fresh = encoding.begins_at(&bytes[..upto], at, &mut Cursor::default());
            let before = cursor;
            // Where the cursor has been moved past a place, it stands in a character.
            let found = match at.checked_sub(gone + cursor.at) {
                None => Some(false),
                Some(_) => encoding.begins_at(&bytes[gone..upto], at - gone, &mut cursor),
            };
            if whole.is_some() && (found == Some(true)) != (fresh == Some(true)) {
                let from = gone + before.at;
                return broken(format!("told is {fresh:?}, and {found:?} by a cursor that stood at byte {from}"));
            }
            let stands = gone + cursor.at;
            if cursor.at < before.at || at + encoding.longest() < stands || places.is_between(stands) == Some(false) {
                return broken(format!("the cursor is moved to byte {stands}"));
            }
        }
        if drop {
            gone += cursor.at;
            cursor.advance(cursor.at);
        }
    }
    Ok(())
}
