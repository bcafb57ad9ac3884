//! US-ASCII and those parts of ISO 8859 that the Encoding Standard has only as code pages of Windows: in these, `80` to `9F`
//! are control characters (C1), and not quotation marks and the euro sign.

use bytes::{BufMut, BytesMut};

use super::{Next, Own};
use crate::encoding::boundary::Boundaries;

/// An encoding in which each byte is a character, or none.
pub(in crate::encoding) struct SingleByte {
    name: &'static str,
    /// What a byte beyond ASCII is.
    character: fn(u8) -> Option<char>,
    /// The byte of a character that is beyond ASCII.
    byte: fn(char) -> Option<u8>,
}

/// US-ASCII (ANSI X3.4, ISO 646 IRV): nothing beyond `7F`.
pub(in crate::encoding) static US_ASCII: SingleByte =
    SingleByte { name: "US-ASCII", character: |_| None, byte: |_| None };

/// ISO 8859-1, Latin-1: the first 256 characters of Unicode.
pub(in crate::encoding) static ISO_8859_1: SingleByte = SingleByte {
    name: "ISO-8859-1",
    character: |byte| Some(byte.into()),
    byte: |character| u8::try_from(character).ok(),
};

/// ISO 8859-9, Latin-5: Latin-1 with six Turkish letters for those of Icelandic.
pub(in crate::encoding) static ISO_8859_9: SingleByte = SingleByte {
    name: "ISO-8859-9",
    character: |byte| {
        let turkish = TURKISH.iter().find(|(turkish, _)| *turkish == byte).map(|(_, character)| *character);
        Some(turkish.unwrap_or(byte.into()))
    },
    byte: |character| {
        let turkish = TURKISH.iter().find(|(_, turkish)| *turkish == character).map(|(byte, _)| *byte);
        turkish
            .or_else(|| u8::try_from(character).ok().filter(|byte| TURKISH.iter().all(|(turkish, _)| turkish != byte)))
    },
};

const TURKISH: [(u8, char); 6] = [(0xD0, 'Ğ'), (0xDD, 'İ'), (0xDE, 'Ş'), (0xF0, 'ğ'), (0xFD, 'ı'), (0xFE, 'ş')];

/// ISO 8859-11: TIS-620 with a no-break space. The letters stand as in Unicode, in one row from U+0E01 on.
pub(in crate::encoding) static ISO_8859_11: SingleByte = SingleByte {
    name: "ISO-8859-11",
    character: |byte| match byte {
        ..=0xA0 => Some(byte.into()),
        0xA1..=0xDA | 0xDF..=0xFB => char::from_u32(u32::from(byte) + THAI),
        _ => None,
    },
    byte: |character| match character {
        ..='\u{A0}' => u8::try_from(character).ok(),
        '\u{E01}'..='\u{E3A}' | '\u{E3F}'..='\u{E5B}' => u8::try_from(u32::from(character) - THAI).ok(),
        _ => None,
    },
};

/// How far the Thai letters of Unicode are from their bytes.
const THAI: u32 = 0xE00 - 0xA0;

impl Own for SingleByte {
    fn name(&self) -> &'static str {
        self.name
    }

    fn longest(&self) -> usize {
        1
    }

    fn boundaries(&'static self) -> Boundaries {
        Boundaries::Everywhere
    }

    fn read(&self, bytes: &[u8]) -> Next {
        let character = match bytes.first() {
            Some(byte) if !byte.is_ascii() => (self.character)(*byte),
            ascii => ascii.map(|byte| char::from(*byte)),
        };
        character.map_or(Next::Malformed(1), |character| Next::Character(character, 1))
    }

    fn write(&self, character: char, out: &mut BytesMut) -> bool {
        let ascii = u8::try_from(character).ok().filter(u8::is_ascii);
        let byte = ascii.or_else(|| (self.byte)(character));
        byte.is_some_and(|byte| {
            out.put_u8(byte);
            true
        })
    }

    fn unfinished(&self, _bytes: &[u8]) -> usize {
        0
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::{WINDOWS_874, WINDOWS_1252, WINDOWS_1254};

    use super::super::tests::{encoded, escapes_as, every_character_comes_back};
    use super::*;

    #[test]
    fn every_character_comes_back_and_there_are_so_many() {
        for (own, characters) in [(&US_ASCII, 128), (&ISO_8859_1, 256), (&ISO_8859_9, 256), (&ISO_8859_11, 248)] {
            assert_eq!(every_character_comes_back(own), characters, "{}", own.name);
        }
    }

    /// From `A0` on they are what the Encoding Standard has under their names; below, control characters.
    #[test]
    fn they_differ_from_the_code_pages_in_control_characters_only() {
        for (own, page) in [(&ISO_8859_1, WINDOWS_1252), (&ISO_8859_9, WINDOWS_1254), (&ISO_8859_11, WINDOWS_874)] {
            for byte in 0x80..=0xFF_u8 {
                let text = page.decode_without_bom_handling_and_without_replacement(&[byte]).map(String::from);
                let expected = if byte < 0xA0 { Some(char::from(byte).to_string()) } else { text };
                let found = match own.read(&[byte]) {
                    Next::Character(character, 1) => Some(character.to_string()),
                    _ => None,
                };
                assert_eq!(found, expected, "{} {byte:02x}", own.name);
            }
        }
    }

    #[test]
    fn what_they_lack_is_told() {
        escapes_as(&US_ASCII, b"a\x80\xff", "a\\x80\\xFF", 2);
        escapes_as(&ISO_8859_1, b"a\x80\xff", "a\u{80}ÿ", 0);
        escapes_as(&ISO_8859_11, b"\xa1\xdb\xfc", "ก\\xDB\\xFC", 2);
        for (own, lacks) in [(&US_ASCII, 'é'), (&ISO_8859_1, '€'), (&ISO_8859_9, 'Ð'), (&ISO_8859_11, '\u{a1}')] {
            let error = encoded(own, &format!("ab{lacks}")).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{} has no {lacks:?}", own.name)), "{error}");
            assert!(error.ends_with("at byte 2 of the text"), "{error}");
        }
    }
}
