//! The four-byte forms of GB 18030: a lead byte and a digit, twice, which together are a number.

use encoding_rs::Encoding;

/// How many of the numbers are of the Basic Multilingual Plane, and which is that of U+10000.
const BASIC: u32 = 39420;
const BEYOND: u32 = 189_000;

/// The characters of the Basic Multilingual Plane by number, and the numbers by character, one up; 0 where there is none.
pub(super) struct Four {
    characters: Box<[u16]>,
    numbers: Box<[u16]>,
}

impl Four {
    /// Those of `base`, with a patch: a number, and the characters from it on.
    pub(super) fn new(base: &'static Encoding, patch: &[(u16, &str)]) -> Self {
        let character = |number: u32| {
            let text = base.decode_without_bom_handling_and_without_replacement(&bytes(number))?.into_owned();
            u16::try_from(u32::from(text.chars().next()?)).ok()
        };
        let mut characters: Box<[u16]> = (0..BASIC).map(|number| character(number).unwrap_or_default()).collect();
        for (first, text) in patch {
            let slots = characters.get_mut(usize::from(*first)..).unwrap_or_default();
            for (slot, c) in slots.iter_mut().zip(text.chars()) {
                *slot = u16::try_from(u32::from(c)).unwrap_or_default();
            }
        }
        let mut numbers: Box<[u16]> = vec![0; 1 << 16].into_boxed_slice();
        for (number, c) in (1..=u16::MAX).zip(&characters) {
            if let Some(slot) = numbers.get_mut(usize::from(*c)).filter(|_| *c != 0) {
                *slot = number;
            }
        }
        Self { characters, numbers }
    }

    /// What these four bytes are read as.
    pub(super) fn character(&self, bytes: [u8; 4]) -> Option<char> {
        let number = number(bytes)?;
        if let Some(up) = number.checked_sub(BEYOND) {
            return char::from_u32(up + 0x10000);
        }
        let c = self.characters.get(usize::try_from(number).ok()?).copied().filter(|c| *c != 0)?;
        char::from_u32(c.into())
    }

    /// The four bytes of this character.
    pub(super) fn code(&self, character: char) -> Option<[u8; 4]> {
        let scalar = u32::from(character);
        if let Some(up) = scalar.checked_sub(0x10000) {
            return Some(bytes(up + BEYOND));
        }
        let number = self.numbers.get(usize::try_from(scalar).ok()?).copied()?;
        number.checked_sub(1).map(|number| bytes(number.into()))
    }
}

/// The number of four bytes, if that is what they are.
fn number([a, b, c, d]: [u8; 4]) -> Option<u32> {
    if !is_lead(a) || !b.is_ascii_digit() || !is_lead(c) || !d.is_ascii_digit() {
        return None;
    }
    let [a, b, c, d] = [a - 0x81, b - b'0', c - 0x81, d - b'0'].map(u32::from);
    Some(((a * 10 + b) * 126 + c) * 10 + d)
}

fn is_lead(byte: u8) -> bool {
    matches!(byte, 0x81..=0xfe)
}

fn bytes(number: u32) -> [u8; 4] {
    let digit =
        |place: u32, low: u8, many: u32| low.wrapping_add(u8::try_from(number / place % many).unwrap_or_default());
    [digit(12600, 0x81, 126), digit(1260, b'0', 10), digit(10, 0x81, 126), digit(1, b'0', 10)]
}

/// How many bytes at the start of `bytes`, which are a lead byte and a digit, are of a four-byte form: `Err` if they are too
/// few to tell, and one byte, the lead byte, if they are none.
pub(super) fn len(bytes: &[u8]) -> Result<usize, ()> {
    match (bytes.get(2), bytes.get(3)) {
        (Some(third), _) if !is_lead(*third) => Ok(1),
        (Some(_), Some(fourth)) if !fourth.is_ascii_digit() => Ok(1),
        (Some(_), Some(_)) => Ok(4),
        _ => Err(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_counted_from_the_last_byte() {
        let four = Four::new(encoding_rs::GB18030, &[(7457, "ḿ")]);
        for (code, c) in [
            ([0x81, 0x30, 0x81, 0x30], Some('\u{80}')),
            ([0x81, 0x35, 0xf4, 0x37], Some('ḿ')),
            ([0x84, 0x31, 0xa4, 0x39], Some('\u{ffff}')),
            ([0x84, 0x31, 0xa5, 0x30], None),
            ([0x90, 0x30, 0x81, 0x30], Some('\u{10000}')),
            ([0xe3, 0x32, 0x9a, 0x35], Some(char::MAX)),
            ([0xe3, 0x32, 0x9a, 0x36], None),
            ([0xff, 0x30, 0x81, 0x30], None),
        ] {
            assert_eq!(four.character(code), c, "{code:02x?}");
            if let Some(c) = c {
                assert_eq!(four.code(c), Some(code));
            }
        }
        assert_eq!(four.code('你'), None);
    }
}
