//! ISO-2022-JP: escape sequences say what the bytes behind them are.

use memchr::memchr;
use wirework_core::Cursor;

const ESC: u8 = 0x1B;

/// What bytes are, as a [`Cursor`] remembers it.
const ASCII: u8 = 0;
/// ASCII with `¥` and `‾` for `\` and `~`.
const ROMAN: u8 = 1;
const KATAKANA: u8 = 2;
/// Two bytes a character.
const DOUBLE: u8 = 3;

/// As [`TextEncoding::begins_at`](wirework_core::TextEncoding::begins_at).
pub(super) fn begins_at(bytes: &[u8], at: usize, cursor: &mut Cursor) -> Option<bool> {
    while cursor.at < at {
        let rest = bytes.get(cursor.at..).unwrap_or_default();
        let (len, shift) = item(rest, at - cursor.at, cursor.shift)?;
        *cursor = Cursor { at: cursor.at + len, shift };
    }
    let is_itself = match (cursor.shift, bytes.get(at)) {
        (ASCII, _) => true,
        (ROMAN, Some(b'\\' | b'~')) => false,
        (shift, _) => shift == ROMAN,
    };
    Some(cursor.at == at && is_itself)
}

/// How many bytes a decoder reads at the beginning of `bytes`, or up to `most` of them where each is one character, and what
/// bytes are behind them; if that can be told.
fn item(bytes: &[u8], most: usize, shift: u8) -> Option<(usize, u8)> {
    match (bytes, shift) {
        ([ESC], _) | ([ESC, b'$' | b'('], _) | ([0x21..=0x7E], DOUBLE) | ([], _) => None,
        ([ESC, b'(', b'B', ..], _) => Some((3, ASCII)),
        ([ESC, b'(', b'J', ..], _) => Some((3, ROMAN)),
        ([ESC, b'(', b'I', ..], _) => Some((3, KATAKANA)),
        ([ESC, b'$', b'@' | b'B', ..], _) => Some((3, DOUBLE)),
        ([ESC, ..], _) => Some((1, shift)),
        // An escape sequence ends a pair that it cuts.
        ([0x21..=0x7E, second, ..], DOUBLE) => Some((if *second == ESC { 1 } else { 2 }, shift)),
        (_, DOUBLE) => Some((1, shift)),
        _ => {
            let single = bytes.get(..most).unwrap_or(bytes);
            Some((memchr(ESC, single).unwrap_or(single.len()), shift))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_is_ascii_where_the_escapes_before_it_say_so() {
        for (bytes, at, begins) in [
            (&b"|"[..], 0, Some(true)),
            (b"ab|", 2, Some(true)),
            (b"\x1b$B%|", 4, Some(false)),
            (b"\x1b$B%!|!", 5, Some(false)),
            (b"\x1b$B%!\x1b(B|", 8, Some(true)),
            (b"\x1b$B%\x1b(B|", 7, Some(true)),
            (b"\x1b(J|", 3, Some(true)),
            (b"\x1b(J\\", 3, Some(false)),
            (b"\x1b(I|", 3, Some(false)),
            (b"\x1b|", 1, Some(true)),
            (b"\x1b(|", 2, Some(true)),
        ] {
            assert_eq!(begins_at(bytes, at, &mut Cursor::default()), begins, "{bytes:02x?} {at}");
        }
        let mut cursor = Cursor { at: 0, shift: DOUBLE };
        assert_eq!(begins_at(b"%|", 1, &mut cursor), Some(false), "what came before counts");
    }
}
