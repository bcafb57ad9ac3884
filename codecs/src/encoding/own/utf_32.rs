//! UTF-32: four bytes a character.

use bytes::{BufMut, BytesMut};

use super::{Next, Own};
use crate::encoding::boundary::Boundaries;

/// UTF-32 in one byte order (Unicode Standard, D99 and D100, 3.10). A surrogate, or a number beyond U+10FFFF, is four malformed
/// bytes.
pub(in crate::encoding) enum Utf32 {
    LittleEndian,
    BigEndian,
}

/// The least significant byte first.
pub(in crate::encoding) static UTF_32LE: Utf32 = Utf32::LittleEndian;
/// The most significant byte first.
pub(in crate::encoding) static UTF_32BE: Utf32 = Utf32::BigEndian;

/// How many bytes a character takes.
const LEN: usize = 4;

impl Own for Utf32 {
    fn name(&self) -> &'static str {
        match self {
            Self::LittleEndian => "UTF-32LE",
            Self::BigEndian => "UTF-32BE",
        }
    }

    fn longest(&self) -> usize {
        LEN
    }

    fn boundaries(&'static self) -> Boundaries {
        Boundaries::Units(LEN)
    }

    fn read(&self, bytes: &[u8]) -> Next {
        let Some(unit) = bytes.first_chunk() else { return Next::Unfinished(bytes.len()) };
        let number = match self {
            Self::LittleEndian => u32::from_le_bytes(*unit),
            Self::BigEndian => u32::from_be_bytes(*unit),
        };
        char::from_u32(number).map_or(Next::Malformed(LEN), |character| Next::Character(character, LEN))
    }

    fn write(&self, character: char, out: &mut BytesMut) -> bool {
        match self {
            Self::LittleEndian => out.put_u32_le(character.into()),
            Self::BigEndian => out.put_u32(character.into()),
        }
        true
    }

    fn is_ascii(&self, _byte: u8) -> bool {
        false
    }

    fn as_utf8<'a>(&self, bytes: &'a [u8]) -> Option<&'a str> {
        bytes.is_empty().then_some("")
    }

    fn unfinished(&self, bytes: &[u8]) -> usize {
        bytes.len() % LEN
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{encoded, escapes_as, every_character_comes_back};
    use super::*;

    #[test]
    fn every_character_comes_back_in_both_orders() {
        for order in [&UTF_32LE, &UTF_32BE] {
            assert_eq!(every_character_comes_back(order), 0x11_0000 - 0x800);
        }
        assert_eq!(encoded(&UTF_32LE, "a😀").unwrap(), b"a\0\0\0\x00\xf6\x01\0");
        assert_eq!(encoded(&UTF_32BE, "a😀").unwrap(), b"\0\0\0a\0\x01\xf6\x00");
    }

    #[test]
    fn what_is_no_character_is_four_malformed_bytes() {
        for (own, bytes, shown, sequences) in [
            (&UTF_32LE, &b"\x00\xd8\0\0a\0\0\0"[..], "\\x00\\xD8\\x00\\x00a", 1),
            (&UTF_32LE, b"\xff\xdf\0\0\xff\xdf\0\0", "\\xFF\\xDF\\x00\\x00\\xFF\\xDF\\x00\\x00", 2),
            (&UTF_32BE, b"\0\x11\0\0\0\0\0a", "\\x00\\x11\\x00\\x00a", 1),
            (&UTF_32BE, b"\0\x10\xff\xff", "\u{10ffff}", 0),
            (&UTF_32BE, b"\0\0\0a\0\0\0", "a\\x00\\x00\\x00", 1),
            (&UTF_32BE, b"", "", 0),
        ] {
            escapes_as(own, bytes, shown, sequences);
        }
    }
}
