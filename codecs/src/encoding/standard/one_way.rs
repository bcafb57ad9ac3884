//! Characters that the encoders of the Encoding Standard write as others, which are what is read back: the encodings lack them.

use bytes::BytesMut;
use encoding_rs::{EUC_JP, Encoding, GB18030, GBK, ISO_2022_JP, SHIFT_JIS};
use memchr::{memchr2, memchr2_iter};
use wirework_core::{EncodeError, EncodePolicy};

/// Up to how many bytes a plain loop is faster than a search that has to be set up.
const SHORT: usize = 64;

/// Where the first such character of `text` stands.
#[inline]
pub(super) fn find(encoding: &'static Encoding, text: &str) -> Option<usize> {
    // Only text with the first byte of such a character in UTF-8 is looked at.
    let [first, second] = if encoding == GBK || encoding == GB18030 {
        [0xEE, 0xEE]
    } else if encoding == SHIFT_JIS || encoding == EUC_JP {
        [0xC2, 0xE2]
    } else if encoding == ISO_2022_JP {
        [0xE2, 0xEF]
    } else {
        return None;
    };
    let bytes = text.as_bytes();
    let is_first = |any: bool, byte: &u8| any | (*byte == first) | (*byte == second);
    let may_be = if bytes.len() <= SHORT {
        // Blocks, of which the last overlaps, so that a compiler makes a few instructions of each.
        let (blocks, rest) = bytes.as_chunks::<16>();
        let in_blocks = blocks.iter().fold(false, |any, block| any | block.iter().fold(false, is_first));
        in_blocks
            | match bytes.last_chunk::<16>() {
                Some(last) => last.iter().fold(false, is_first),
                None => rest.iter().fold(false, is_first),
            }
    } else {
        memchr2(first, second, bytes).is_some()
    };
    if may_be { find_behind(encoding, text, [first, second]) } else { None }
}

#[cold]
fn find_behind(encoding: &'static Encoding, text: &str, [first, second]: [u8; 2]) -> Option<usize> {
    memchr2_iter(first, second, text.as_bytes())
        .find(|at| character(text, *at).is_some_and(|character| is_one_way(encoding, character)))
}

/// Whether the encoder writes another character for this one.
fn is_one_way(encoding: &'static Encoding, character: char) -> bool {
    if encoding == GBK || encoding == GB18030 {
        // Private characters, whose places others took in GB 18030-2022.
        matches!(
            character,
            '\u{E78D}'
                ..='\u{E796}'
                    | '\u{E81E}'
                    | '\u{E826}'
                    | '\u{E82B}'
                    | '\u{E82C}'
                    | '\u{E832}'
                    | '\u{E843}'
                    | '\u{E854}'
                    | '\u{E864}'
        )
    } else if encoding == ISO_2022_JP {
        // The minus sign, and half-width katakana.
        matches!(character, '\u{2212}' | '\u{FF61}'..='\u{FF9F}')
    } else {
        // The yen sign, the overline and the minus sign.
        matches!(character, '\u{A5}' | '\u{203E}' | '\u{2212}')
    }
}

fn character(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}

/// Appends the bytes of `text`, whose first such character stands at `at`.
#[cold]
pub(super) fn encode(
    encoding: &'static Encoding,
    text: &str,
    at: usize,
    policy: EncodePolicy,
    out: &mut BytesMut,
) -> Result<(), EncodeError> {
    if policy == EncodePolicy::Substitute {
        let written = text.replace(|character| is_one_way(encoding, character), "?");
        return super::encode(encoding, &written, policy, out);
    }
    // What stands in front of it may be at fault too.
    super::encode(encoding, text.get(..at).unwrap_or_default(), policy, out)?;
    let character = character(text, at).unwrap_or_default();
    Err(EncodeError::Unmappable { encoding: encoding.name().into(), character, offset: at })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_read_as_another_character_is_lacking() {
        for (encoding, text, written) in [
            (SHIFT_JIS, "¥100", None),
            (SHIFT_JIS, "日‾\u{2212}本", Some(&b"\x93\xfa??\x96\x7b"[..])),
            (EUC_JP, "¥", None),
            (ISO_2022_JP, "日\u{ff76}本", Some(b"\x1b$BF|\x1b(B?\x1b$BK\\\x1b(B")),
            (GBK, "\u{e81e}", Some(b"?")),
            (GB18030, "\u{e78d}", None),
        ] {
            let mut out = BytesMut::new();
            let refused = super::super::encode(encoding, text, EncodePolicy::Error, &mut out);
            assert!(matches!(refused, Err(EncodeError::Unmappable { .. })), "{text} {out:02x?}");
            if let Some(written) = written {
                out.clear();
                super::super::encode(encoding, text, EncodePolicy::Substitute, &mut out).unwrap();
                assert_eq!(out, written, "{text}");
            }
        }
    }

    #[test]
    fn they_are_found_wherever_they_stand() {
        for len in 0..3 * SHORT {
            for at in 0..=len {
                let text = ["a".repeat(at), "\u{e81e}".to_owned(), "a".repeat(len - at)].concat();
                assert_eq!(find(GBK, &text), Some(at), "{len}");
            }
            assert_eq!(find(GBK, &"\u{e81f}".repeat(len)), None);
            assert_eq!(find(encoding_rs::BIG5, &"\u{e81e}".repeat(len)), None);
        }
    }

    #[test]
    fn the_first_fault_is_told_whichever_it_is() {
        for (text, at, what) in [("a¥😀", 1, '¥'), ("a😀¥", 1, '😀')] {
            let error = super::super::encode(SHIFT_JIS, text, EncodePolicy::Error, &mut BytesMut::new()).unwrap_err();
            assert!(
                matches!(error, EncodeError::Unmappable { character, offset, .. } if (offset, character) == (at, what)),
                "{error}"
            );
        }
    }
}
