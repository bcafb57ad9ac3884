//! Characters that the encoders of the Encoding Standard write as others, which are what is read back: the encodings lack them.

use bytes::BytesMut;
use encoding_rs::Encoding;
use memchr::{memchr2, memchr2_iter};
use wirework_core::{EncodeError, EncodePolicy};

use super::encode::encode as by_encoder;

/// Up to how many bytes a plain loop is faster than a search that has to be set up.
const SHORT: usize = 4 * BLOCK;
const BLOCK: usize = 16;

/// Which characters an encoder writes as others. In UTF-8 they begin with few bytes, by which they are found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum OneWay {
    None,
    /// Private characters, whose places others took in GB 18030-2022: `EE`.
    Gb,
    /// The yen sign, the overline and the minus sign: `C2`, `E2`.
    Japanese,
    /// The minus sign, and half-width katakana: `E2`, `EF`.
    Iso2022Jp,
}

impl OneWay {
    fn firsts(self) -> [u8; 2] {
        match self {
            Self::None => [0xFF, 0xFF],
            Self::Gb => [0xEE, 0xEE],
            Self::Japanese => [0xC2, 0xE2],
            Self::Iso2022Jp => [0xE2, 0xEF],
        }
    }

    /// Whether text must be looked at.
    #[inline]
    pub(super) fn may_be_in(self, text: &str) -> bool {
        let bytes = text.as_bytes();
        match self {
            Self::None => false,
            Self::Gb if bytes.len() <= SHORT => has::<0xFF, 0xEE>(bytes),
            Self::Japanese if bytes.len() <= SHORT => has::<0xDF, 0xC2>(bytes),
            Self::Gb | Self::Japanese | Self::Iso2022Jp => {
                let [first, second] = self.firsts();
                memchr2(first, second, bytes).is_some()
            }
        }
    }

    fn has(self, character: char) -> bool {
        match self {
            Self::None => false,
            Self::Gb => matches!(
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
            ),
            Self::Japanese => matches!(character, '\u{A5}' | '\u{203E}' | '\u{2212}'),
            Self::Iso2022Jp => matches!(character, '\u{2212}' | '\u{FF61}'..='\u{FF9F}'),
        }
    }

    /// Where the first one in `text` stands.
    fn find(self, text: &str) -> Option<usize> {
        let [first, second] = self.firsts();
        memchr2_iter(first, second, text.as_bytes())
            .find(|at| character(text, *at).is_some_and(|character| self.has(character)))
    }
}

/// Whether one of at most [`SHORT`] bytes is `WANTED`, in the bits of `MASK`. Block by block and without a loop: so a compiler makes
/// few instructions of each.
#[inline(always)]
fn has<const MASK: u8, const WANTED: u8>(bytes: &[u8]) -> bool {
    let is_in = |block: Option<&[u8; BLOCK]>| {
        block.is_some_and(|block| block.iter().fold(0, |any, byte| any | u8::from(byte & MASK == WANTED)) != 0)
    };
    let Some(last) = bytes.last_chunk() else { return bytes.iter().any(|byte| byte & MASK == WANTED) };
    let outer = is_in(bytes.first_chunk()) | is_in(Some(last));
    if bytes.len() <= 2 * BLOCK {
        return outer;
    }
    // As far as they go these overlap those before.
    let (second, third) = (bytes.get(BLOCK..), bytes.get(..bytes.len() - BLOCK));
    outer | is_in(second.and_then(<[u8]>::first_chunk)) | is_in(third.and_then(<[u8]>::last_chunk))
}

fn character(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}

/// Appends the bytes of `text`, in which such a character may be.
#[cold]
pub(super) fn encode(
    encoding: &'static Encoding,
    one_way: OneWay,
    text: &str,
    policy: EncodePolicy,
    out: &mut BytesMut,
) -> Result<(), EncodeError> {
    let Some(at) = one_way.find(text) else { return by_encoder(encoding, text, policy, out) };
    if policy == EncodePolicy::Substitute {
        let written = text.replace(|character| one_way.has(character), "?");
        return by_encoder(encoding, &written, policy, out);
    }
    // What stands in front of it may be at fault too.
    by_encoder(encoding, text.get(..at).unwrap_or_default(), policy, out)?;
    let character = character(text, at).unwrap_or_default();
    Err(EncodeError::Unmappable { encoding: encoding.name().into(), character, offset: at })
}

#[cfg(test)]
mod tests {
    use encoding_rs::{EUC_JP, GB18030, GBK, ISO_2022_JP, SHIFT_JIS};

    use super::super::Standard;
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
            let refused = Standard::new(encoding).unwrap().encode(text, EncodePolicy::Error, &mut out);
            assert!(matches!(refused, Err(EncodeError::Unmappable { .. })), "{text} {out:02x?}");
            if let Some(written) = written {
                out.clear();
                Standard::new(encoding).unwrap().encode(text, EncodePolicy::Substitute, &mut out).unwrap();
                assert_eq!(out, written, "{text}");
            }
        }
    }

    #[test]
    fn they_are_found_wherever_they_stand() {
        for len in 0..3 * SHORT {
            for at in 0..=len {
                let text = ["a".repeat(at), "\u{e81e}".to_owned(), "a".repeat(len - at)].concat();
                assert!(OneWay::Gb.may_be_in(&text), "{len}");
                assert_eq!(OneWay::Gb.find(&text), Some(at), "{len}");
                let text = ["a".repeat(at), "¥".to_owned(), "a".repeat(len - at)].concat();
                assert!(OneWay::Japanese.may_be_in(&text), "{len}");
            }
            assert_eq!(OneWay::Gb.find(&"\u{e81f}".repeat(len)), None);
            assert!(!OneWay::Gb.may_be_in(&"汉".repeat(len)) && !OneWay::Japanese.may_be_in(&"あ".repeat(len)));
        }
    }

    #[test]
    fn the_first_fault_is_told_whichever_it_is() {
        for (text, at, what) in [("a¥😀", 1, '¥'), ("a😀¥", 1, '😀')] {
            let error =
                Standard::new(SHIFT_JIS).unwrap().encode(text, EncodePolicy::Error, &mut BytesMut::new()).unwrap_err();
            assert!(
                matches!(error, EncodeError::Unmappable { character, offset, .. } if (offset, character) == (at, what)),
                "{error}"
            );
        }
    }
}
