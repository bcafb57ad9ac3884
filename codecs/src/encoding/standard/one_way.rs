//! Characters that the encoders of the Encoding Standard write as others, which are what is read back: the encodings lack them.

use bytes::BytesMut;
use encoding_rs::{Encoding, GB18030, GBK, ISO_2022_JP};
use memchr::{memchr2, memchr2_iter};
use wirework_core::{EncodeError, EncodePolicy};

use super::Standard;
use super::encode::encode as by_encoder;

/// Up to how many bytes a plain loop is faster than a search that has to be set up.
const SHORT: usize = 4 * BLOCK;
const BLOCK: usize = 16;

/// Whether text that holds one of these bytes has to be looked at: in UTF-8 such characters begin with them.
#[inline]
pub(super) fn may_be_in(text: &str, [first, second]: [u8; 2]) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() > SHORT {
        return memchr2(first, second, bytes).is_some();
    }
    // Most differ in one bit, which is left out; of the others both are looked for.
    let same = !(first ^ second);
    match same.count_zeros() {
        0 | 1 => has(bytes, same, first),
        _ => has(bytes, u8::MAX, first) || has(bytes, u8::MAX, second),
    }
}

/// Whether one of at most [`SHORT`] bytes has the bits of `wanted`, of those in `mask`. Block by block and without a loop: so a
/// compiler makes few instructions of each.
#[inline(always)]
fn has(bytes: &[u8], mask: u8, wanted: u8) -> bool {
    let wanted = wanted & mask;
    let is_in = |block: Option<&[u8; BLOCK]>| {
        block.is_some_and(|block| block.iter().fold(0, |any, byte| any | u8::from(byte & mask == wanted)) != 0)
    };
    let Some(last) = bytes.last_chunk() else { return bytes.iter().any(|byte| byte & mask == wanted) };
    let outer = is_in(bytes.first_chunk()) | is_in(Some(last));
    let inner = bytes.get(BLOCK..bytes.len() - BLOCK).unwrap_or_default();
    if inner.is_empty() {
        return outer;
    }
    // As far as they go these overlap those before.
    let (second, third) = (bytes.get(BLOCK..), bytes.get(..bytes.len() - BLOCK));
    outer | is_in(second.and_then(<[u8]>::first_chunk)) | is_in(third.and_then(<[u8]>::last_chunk))
}

/// Where the first such character of `text` stands.
fn find(encoding: &'static Encoding, text: &str, [first, second]: [u8; 2]) -> Option<usize> {
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

/// Appends the bytes of `text`, in which such a character may be.
#[cold]
pub(super) fn encode(
    standard: Standard,
    text: &str,
    firsts: [u8; 2],
    policy: EncodePolicy,
    out: &mut BytesMut,
) -> Result<(), EncodeError> {
    let encoding = standard.table;
    let Some(at) = find(encoding, text, firsts) else { return by_encoder(encoding, text, policy, out) };
    if policy == EncodePolicy::Substitute {
        let written = text.replace(|character| is_one_way(encoding, character), "?");
        return by_encoder(encoding, &written, policy, out);
    }
    // What stands in front of it may be at fault too.
    by_encoder(encoding, text.get(..at).unwrap_or_default(), policy, out)?;
    let character = character(text, at).unwrap_or_default();
    Err(EncodeError::Unmappable { encoding: encoding.name().into(), character, offset: at })
}

#[cfg(test)]
mod tests {
    use encoding_rs::{EUC_JP, SHIFT_JIS};

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
            let refused = Standard::new(encoding).encode(text, EncodePolicy::Error, &mut out);
            assert!(matches!(refused, Err(EncodeError::Unmappable { .. })), "{text} {out:02x?}");
            if let Some(written) = written {
                out.clear();
                Standard::new(encoding).encode(text, EncodePolicy::Substitute, &mut out).unwrap();
                assert_eq!(out, written, "{text}");
            }
        }
    }

    #[test]
    fn they_are_found_wherever_they_stand() {
        for len in 0..3 * SHORT {
            for at in 0..=len {
                let text = ["a".repeat(at), "\u{e81e}".to_owned(), "a".repeat(len - at)].concat();
                assert!(may_be_in(&text, [0xEE, 0xEE]), "{len}");
                assert_eq!(find(GBK, &text, [0xEE, 0xEE]), Some(at), "{len}");
            }
            assert_eq!(find(GBK, &"\u{e81f}".repeat(len), [0xEE, 0xEE]), None);
            assert!(!may_be_in(&"汉".repeat(len), [0xEE, 0xEE]));
        }
    }

    #[test]
    fn the_first_fault_is_told_whichever_it_is() {
        for (text, at, what) in [("a¥😀", 1, '¥'), ("a😀¥", 1, '😀')] {
            let error = Standard::new(SHIFT_JIS).encode(text, EncodePolicy::Error, &mut BytesMut::new()).unwrap_err();
            assert!(
                matches!(error, EncodeError::Unmappable { character, offset, .. } if (offset, character) == (at, what)),
                "{error}"
            );
        }
    }
}
