//! Why bytes cannot be looked for in text.

use bytes::BytesMut;
use wirework_core::{EncodePolicy, Hex, TextEncoding};

/// Why a search for these bytes may find something else in text, with a character for an example; nothing if it cannot.
pub(crate) fn doubt(encoding: &dyn TextEncoding, bytes: &[u8]) -> Option<String> {
    let byte = *bytes.iter().find(|byte| !encoding.is_plain(&[**byte]))?;
    let name = encoding.name();
    Some(match example(encoding, byte) {
        Some((character, bytes)) => {
            format!("in {name} the byte {byte:02X} can be part of another character: {character} is {}", Hex(&bytes))
        }
        // The controls, the blank and DEL in ISO-2022-JP.
        None => format!("in {name} the byte {byte:02X} can be part of what is malformed"),
    })
}

/// A character that holds `byte` among others, and how it is written.
fn example(encoding: &dyn TextEncoding, byte: u8) -> Option<(char, Vec<u8>)> {
    let ideographs = '\u{4E00}'..='\u{9FFF}';
    let written = ideographs.chain('\u{80}'..='\u{FFFF}').find_map(|character| {
        let mut written = BytesMut::new();
        encoding.encode(character.encode_utf8(&mut [0; 4]), EncodePolicy::Error, &mut written).ok()?;
        (written.len() > 1 && written.contains(&byte)).then(|| (character, written.to_vec()))
    });
    written.or_else(|| example_of_what_is_only_read(encoding, byte))
}

/// As [`example`], of what is read and never written: GBK reads four-byte forms, which hold digits. These ideographs are younger
/// than GBK, and their forms end with one digit after the other.
fn example_of_what_is_only_read(encoding: &dyn TextEncoding, byte: u8) -> Option<(char, Vec<u8>)> {
    ('\u{9FA6}'..='\u{9FAF}').find_map(|character| {
        let read = encoding.spellings(character).into_iter().find(|spelling| spelling.contains(&byte))?;
        Some((character, read))
    })
}

#[cfg(test)]
mod tests {
    use wirework_core::DecodePolicy;

    use super::*;
    use crate::{Encoding, GBK, UTF_8};

    #[test]
    fn the_example_is_a_character_that_holds_the_byte() {
        let utf_16 = Encoding::for_label("utf-16le").unwrap();
        let japanese = Encoding::for_label("iso-2022-jp").unwrap();
        for (encoding, bytes, reason) in [
            (GBK, &b",|"[..], Some("in GBK the byte 7C can be part of another character: 亅 is 81 7C")),
            (GBK, b",", None),
            (GBK, b"5", Some("in GBK the byte 35 can be part of another character: 龦 is 82 35 8F 33")),
            (utf_16, b"\n", Some("the byte 0A can be part of another character: 上 is")),
            (japanese, b"\n", Some("in ISO-2022-JP the byte 0A can be part of what is malformed")),
            (japanese, b"|", Some("the byte 7C can be part of another character: ")),
            (UTF_8, b"|", None),
        ] {
            let found = doubt(&encoding, bytes);
            assert_eq!(found.is_some(), reason.is_some(), "{found:?}");
            assert!(found.unwrap_or_default().contains(reason.unwrap_or_default()), "{encoding} {bytes:02x?}");
        }
    }

    #[test]
    fn every_byte_that_is_in_doubt_has_an_example() {
        for label in DOUBTFUL {
            let encoding = Encoding::for_label(label).unwrap();
            let doubted: Vec<u8> = (0..0x80).filter(|byte| doubt(&encoding, &[*byte]).is_some()).collect();
            assert!(!doubted.is_empty(), "{label}");
            for byte in doubted {
                let mut text = String::new();
                match example(&encoding, byte) {
                    Some((character, bytes)) => {
                        encoding.decode(&bytes, DecodePolicy::Strict, &mut text).unwrap();
                        assert!(text.chars().eq([character]) && bytes.contains(&byte), "{label} {byte:02X}: {text:?}");
                    }
                    // No pair holds these, but behind the first byte of one they are malformed with it, and so not themselves.
                    None => {
                        assert!(label == "iso-2022-jp" && !(0x21..0x7F).contains(&byte), "{label} {byte:02X}");
                        encoding.decode(&[0x1B, b'$', b'B', 0x30, byte], DecodePolicy::Replace, &mut text).unwrap();
                        assert_eq!(text, "\u{fffd}", "{byte:02X}");
                    }
                }
            }
        }
    }

    /// All encodings in which ASCII bytes can be something else.
    const DOUBTFUL: [&str; 23] = [
        "gbk",
        "gb18030",
        "big5",
        "shift_jis",
        "euc-kr",
        "iso-2022-jp",
        "utf-16le",
        "utf-16be",
        "utf-32le",
        "utf-32be",
        "gbk-python",
        "gbk-java",
        "cp936",
        "gb18030-2000",
        "gb18030-2022",
        "big5-python",
        "big5-java",
        "cp950",
        "cp950-python",
        "shift_jis-python",
        "shift_jis-java",
        "cp932",
        "cp932-python",
    ];
}
