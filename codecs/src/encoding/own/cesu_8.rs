//! CESU-8 and the modified UTF-8 of Java: UTF-8 of the code units of UTF-16.

use bytes::{BufMut, BytesMut};

use super::{Next, Own};
use crate::encoding::boundary::Boundaries;

/// UTF-8 in which a character beyond U+FFFF is a pair of surrogates, of three bytes each.
///
/// ```text
/// 😀 U+1F600    ED A0 BD ED B8 80      in UTF-8  F0 9F 98 80
/// NUL           00, in modified UTF-8 C0 80
/// ```
///
/// As in UTF-16, a surrogate without its other half is malformed alone, and what stands behind it is read anew. Other malformed
/// sequences are the maximal subparts of the Unicode Standard (3.9).
pub(in crate::encoding) enum Cesu8 {
    /// Unicode Technical Report #26.
    Standard,
    /// What Java's `DataInput` and class files have, where NUL is `C0 80`.
    Modified,
}

/// CESU-8.
pub(in crate::encoding) static CESU_8: Cesu8 = Cesu8::Standard;
/// Modified UTF-8.
pub(in crate::encoding) static MODIFIED_UTF_8: Cesu8 = Cesu8::Modified;

/// How many bytes half of a character takes that is beyond U+FFFF.
const HALF: usize = 3;

impl Own for Cesu8 {
    fn name(&self) -> &'static str {
        match self {
            Self::Standard => "CESU-8",
            Self::Modified => "modified-UTF-8",
        }
    }

    fn longest(&self) -> usize {
        2 * HALF
    }

    fn boundaries(&'static self) -> Boundaries {
        Boundaries::Everywhere
    }

    fn read(&self, bytes: &[u8]) -> Next {
        let unit = match self.unit(bytes) {
            Ok(unit) => unit,
            Err(next) => return next,
        };
        if let Some(character) = char::from_u32(unit.number) {
            return Next::Character(character, unit.len);
        }
        let Some(high) = unit.number.checked_sub(0xD800).filter(|high| *high < 0x400) else {
            return Next::Malformed(unit.len);
        };
        let rest = bytes.get(unit.len..).unwrap_or_default();
        // What begins the other half is ED B0 to ED BF.
        if rest.first().is_some_and(|byte| *byte != 0xED) || rest.get(1).is_some_and(|byte| *byte < 0xB0) {
            return Next::Malformed(unit.len);
        }
        let low = match self.unit(rest) {
            Ok(low) => low.number.checked_sub(0xDC00).filter(|low| *low < 0x400),
            Err(Next::Unfinished(_)) => return Next::Unfinished(unit.len),
            Err(_) => None,
        };
        let character = low.and_then(|low| char::from_u32(0x1_0000 + (high << 10 | low)));
        character.map_or(Next::Malformed(unit.len), |character| Next::Character(character, 2 * HALF))
    }

    fn write(&self, character: char, out: &mut BytesMut) -> bool {
        if !self.is_ascii(0) && character == '\0' {
            out.put_slice(b"\xC0\x80");
        } else if u16::try_from(u32::from(character)).is_ok() {
            out.put_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let [high, low] = unit.to_be_bytes();
                out.put_slice(&[0xE0 | high >> 4, 0x80 | high << 2 & 0x3C | low >> 6, 0x80 | low & 0x3F]);
            }
        }
        true
    }

    fn is_ascii(&self, byte: u8) -> bool {
        byte.is_ascii() && (byte != 0 || matches!(self, Self::Standard))
    }

    fn as_utf8<'a>(&self, bytes: &'a [u8]) -> Option<&'a str> {
        let is_alike = |byte: &u8| *byte < 0xF0 && (*byte != 0 || self.is_ascii(0));
        if bytes.iter().all(is_alike) { std::str::from_utf8(bytes).ok() } else { None }
    }
}

/// What stands for a code unit of UTF-16.
struct Unit {
    number: u32,
    len: usize,
}

impl Cesu8 {
    /// The code unit that `bytes` begin with.
    fn unit(&self, bytes: &[u8]) -> Result<Unit, Next> {
        let Some((&first, rest)) = bytes.split_first() else { return Err(Next::Unfinished(0)) };
        let (len, seconds) = match first {
            0x00..=0x7F if self.is_ascii(first) => return Ok(Unit { number: first.into(), len: 1 }),
            0xC0 if !self.is_ascii(0) => (2, 0x80..=0x80),
            0xC2..=0xDF => (2, 0x80..=0xBF),
            0xE0 => (3, 0xA0..=0xBF),
            0xE1..=0xEF => (3, 0x80..=0xBF),
            _ => return Err(Next::Malformed(1)),
        };
        let mut number = u32::from(first) & if len == 2 { 0x1F } else { 0x0F };
        for at in 1..len {
            let allowed = if at == 1 { seconds.clone() } else { 0x80..=0xBF };
            match rest.get(at - 1) {
                None => return Err(Next::Unfinished(at)),
                Some(byte) if allowed.contains(byte) => number = number << 6 | u32::from(byte & 0x3F),
                Some(_) => return Err(Next::Malformed(at)),
            }
        }
        Ok(Unit { number, len })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{encoded, escapes_as, every_character_comes_back};
    use super::*;

    #[test]
    fn every_character_comes_back_as_java_and_the_report_have_it() {
        for own in [&CESU_8, &MODIFIED_UTF_8] {
            assert_eq!(every_character_comes_back(own), 0x11_0000 - 0x800);
            assert_eq!(encoded(own, "é😀").unwrap(), b"\xc3\xa9\xed\xa0\xbd\xed\xb8\x80");
        }
        // The example of the report, section 2.
        assert_eq!(encoded(&CESU_8, "\u{4d}\u{61}\u{10000}").unwrap(), b"\x4d\x61\xed\xa0\x80\xed\xb0\x80");
        assert_eq!(encoded(&CESU_8, "\0").unwrap(), b"\0");
        assert_eq!(encoded(&MODIFIED_UTF_8, "\0").unwrap(), b"\xc0\x80");
    }

    #[test]
    fn what_is_malformed_ends_where_something_else_may_begin() {
        for (own, bytes, shown, sequences) in [
            (&CESU_8, &b"\xf0\x9f\x98\x80"[..], "\\xF0\\x9F\\x98\\x80", 4),
            (&CESU_8, b"\xc0\x80", "\\xC0\\x80", 2),
            (&CESU_8, b"\xe0\x80\x80", "\\xE0\\x80\\x80", 3),
            (&CESU_8, b"\xe4\xbda", "\\xE4\\xBDa", 1),
            (&CESU_8, b"\xe4\xbd", "\\xE4\\xBD", 1),
            // Halves of characters, before whole ones and before nothing.
            (&CESU_8, b"\xed\xa0\xbda", "\\xED\\xA0\\xBDa", 1),
            (&CESU_8, b"\xed\xb8\x80\xed\xa0\xbd\xed\xb8\x80", "\\xED\\xB8\\x80😀", 1),
            (&CESU_8, b"\xed\xa0\xbd\xed\xa0\xbd\xed\xb8\x80", "\\xED\\xA0\\xBD😀", 1),
            (&CESU_8, b"\xed\xa0\xbd\xed\x95\x9c", "\\xED\\xA0\\xBD한", 1),
            (&CESU_8, b"\xed\xa0\xbd\xed", "\\xED\\xA0\\xBD\\xED", 2),
            (&CESU_8, b"\xed\xa0\xbd\xed\xb8a", "\\xED\\xA0\\xBD\\xED\\xB8a", 2),
            (&CESU_8, b"a\0b", "a\0b", 0),
            (&MODIFIED_UTF_8, b"a\0b\xc0\x80", "a\\x00b\0", 1),
            (&MODIFIED_UTF_8, b"\xc0a\xc0", "\\xC0a\\xC0", 2),
            (&MODIFIED_UTF_8, b"\xc0\x81", "\\xC0\\x81", 2),
        ] {
            escapes_as(own, bytes, shown, sequences);
        }
    }

    #[test]
    fn a_half_that_lacks_the_other_waits_for_it() {
        for (bytes, held) in [
            (&b"a\xed\xa0\xbd"[..], 3),
            (b"a\xed\xa0\xbd\xed", 4),
            (b"a\xed\xa0\xbd\xed\xb8", 5),
            (b"a\xed\xa0\xbd\xed\xb8\x80", 0),
            (b"a\xed\xa0\xbd\xed\xa0", 2),
            (b"a\xed\xa0\xbda", 0),
            (b"a\xed\xb8\x80", 0),
        ] {
            assert_eq!(CESU_8.unfinished(bytes), held, "{bytes:02x?}");
        }
    }

    #[test]
    fn bytes_that_are_the_same_in_utf_8_are_lent() {
        for (own, bytes, lent) in [
            (&CESU_8, &b"a\0\xc3\xa9"[..], Some("a\0é")),
            (&MODIFIED_UTF_8, b"a\0", None),
            (&MODIFIED_UTF_8, b"\xc3\xa9", Some("é")),
            (&CESU_8, b"\xf0\x9f\x98\x80", None),
            (&CESU_8, b"\xed\xa0\xbd\xed\xb8\x80", None),
        ] {
            assert_eq!(own.as_utf8(bytes), lent, "{bytes:02x?}");
        }
    }
}
