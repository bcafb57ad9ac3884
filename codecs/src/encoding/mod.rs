//! Text encodings: those of the Encoding Standard.

mod boundary;
mod decode;
mod doubt;
mod encode;
mod escaped;
mod shape;
mod spellings;
#[allow(dead_code, reason = "no label leads to it yet")]
mod variant;

use std::fmt;
use std::str::FromStr;

use bytes::BytesMut;
use wirework_core::{Cursor, DecodePolicy, EncodeError, EncodePolicy, FormatError, TextEncoding};

use crate::Text;
use boundary::Boundaries;
pub(crate) use doubt::doubt;

pub use escaped::{Escaped, NotEscaped};

/// An encoding of the [Encoding Standard](https://encoding.spec.whatwg.org/), by way of `encoding_rs`.
///
/// It differs from a browser's use of the same tables where a server must not guess:
///
/// - A byte-order mark is the character U+FEFF, and never switches to another encoding.
/// - What an encoding lacks is an error or a `?`, never an HTML reference such as `&#128512;`.
/// - Only what the Encoding Standard itself writes as something else is: in EUC-JP and Shift_JIS `¥`, `‾` and `−` as `\`,
///   `~` and `－`, in ISO-2022-JP half-width katakana as full-width, in GBK and GB18030 18 private characters as those
///   that took their place in 2022.
/// - UTF-16 is written as UTF-16, where the Encoding Standard writes UTF-8; `replacement` cannot be written.
///
/// GBK is read as GB18030, of which it is a part, and written without four-byte forms; the byte `80` is the euro sign.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Encoding(&'static encoding_rs::Encoding);

/// UTF-8.
pub const UTF_8: Encoding = Encoding(encoding_rs::UTF_8);
/// GBK (code page 936).
pub const GBK: Encoding = Encoding(encoding_rs::GBK);
/// GB 18030.
pub const GB18030: Encoding = Encoding(encoding_rs::GB18030);

/// No encoding of the Encoding Standard has this label.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no encoding is called {0:?}; there are, for example, utf-8, gbk, gb18030, big5, shift_jis, euc-kr and windows-1252"
)]
pub struct UnknownLabel(String);

impl Encoding {
    /// The encoding with this label, in any case, such as `gb2312` or `UTF-8`. The labels are those of the Encoding
    /// Standard, under which `latin1` and `ascii` are `windows-1252`, and `gb2312` is GBK.
    pub fn for_label(label: &str) -> Result<Self, UnknownLabel> {
        encoding_rs::Encoding::for_label(label.as_bytes()).map(Self).ok_or_else(|| UnknownLabel(label.to_owned()))
    }

    /// Text in this encoding, in which malformed sequences become U+FFFD �.
    pub fn replace(self) -> Text {
        Text::new(self).replace()
    }

    /// Text in this encoding, in which the bytes of malformed sequences become `\xNN`. Backslashes stay as they are, so that
    /// the bytes cannot be had back: for a log, use [`escaped`](Self::escaped).
    pub fn escape(self) -> Text {
        Text::new(self).escape()
    }

    /// Text in this encoding; when it is sent, characters that the encoding lacks become `?`.
    pub fn substitute(self) -> Text {
        Text::new(self).substitute()
    }

    /// Any bytes as one line of printable text for a log, from which [`unescape`](Self::unescape) has them back.
    pub fn escaped<'a>(&'a self, bytes: &'a [u8]) -> Escaped<'a> {
        Escaped::new(self, bytes)
    }

    /// The bytes of which `view` is the [`escaped`](Self::escaped) view.
    pub fn unescape(&self, view: &str) -> Result<Vec<u8>, NotEscaped> {
        Escaped::undo(self, view)
    }
}

impl From<&'static encoding_rs::Encoding> for Encoding {
    fn from(encoding: &'static encoding_rs::Encoding) -> Self {
        Self(encoding)
    }
}

impl FromStr for Encoding {
    type Err = UnknownLabel;

    fn from_str(label: &str) -> Result<Self, UnknownLabel> {
        Self::for_label(label)
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

impl fmt::Debug for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Encoding({})", self.0.name())
    }
}

impl TextEncoding for Encoding {
    fn name(&self) -> &str {
        self.0.name()
    }

    #[inline]
    fn decode(&self, bytes: &[u8], policy: DecodePolicy, text: &mut String) -> Result<(), FormatError> {
        decode::decode(self.0, bytes, policy, text)
    }

    #[inline]
    fn encode(&self, text: &str, policy: EncodePolicy, out: &mut BytesMut) -> Result<(), EncodeError> {
        encode::encode(self.0, text, policy, out)
    }

    #[inline]
    fn as_utf8<'a>(&self, bytes: &'a [u8]) -> Option<&'a str> {
        decode::as_utf8(self.0, bytes)
    }

    fn unfinished(&self, bytes: &[u8]) -> usize {
        shape::unfinished(self.0, bytes)
    }

    fn longest(&self) -> usize {
        shape::longest(self.0)
    }

    fn spellings(&self, character: char) -> Vec<Vec<u8>> {
        spellings::spellings(self.0, character)
    }

    fn is_plain(&self, characters: &[u8]) -> bool {
        let boundaries = shape::boundaries(self.0);
        matches!(boundaries, Boundaries::Everywhere)
            || characters.iter().all(|byte| byte.is_ascii() && boundaries.is_plain(*byte))
    }

    fn is_plain_behind(&self, before: u8, characters: &[u8]) -> bool {
        match *characters {
            [byte] if byte.is_ascii() => shape::boundaries(self.0).is_plain_behind(before, byte),
            _ => self.is_plain(characters),
        }
    }

    fn begins_at(&self, bytes: &[u8], at: usize, cursor: &mut Cursor) -> Option<bool> {
        shape::boundaries(self.0).begins_at(bytes, at, cursor)
    }

    fn is_stateful(&self) -> bool {
        self.0 == encoding_rs::ISO_2022_JP || self.0 == encoding_rs::REPLACEMENT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(label: &str, policy: DecodePolicy, bytes: &[u8]) -> Result<String, FormatError> {
        let mut text = String::new();
        Encoding::for_label(label).unwrap().decode(bytes, policy, &mut text)?;
        Ok(text)
    }

    fn encode(label: &str, policy: EncodePolicy, text: &str) -> Result<Vec<u8>, EncodeError> {
        let mut out = BytesMut::new();
        Encoding::for_label(label).unwrap().encode(text, policy, &mut out)?;
        Ok(out.to_vec())
    }

    #[test]
    fn the_pictures() {
        assert_eq!(decode("gbk", DecodePolicy::Strict, b"\xc4\xe3\xba\xc3").unwrap(), "你好");
        assert_eq!(
            decode("gbk", DecodePolicy::Strict, b"\xc4\xe3\xff").unwrap_err().to_string(),
            "not GBK at byte 2 of the message (FF)"
        );
        assert_eq!(decode("gbk", DecodePolicy::Replace, b"\xc4\xe3\xff").unwrap(), "你\u{fffd}");
        assert_eq!(decode("gbk", DecodePolicy::Escape, b"\xc4\xe3\xff").unwrap(), "你\\xFF");
        assert_eq!(
            encode("gbk", EncodePolicy::Error, "你😀").unwrap_err().to_string(),
            "GBK has no '😀' (U+1F600), at byte 3 of the text"
        );
        assert_eq!(encode("gbk", EncodePolicy::Substitute, "你😀").unwrap(), b"\xc4\xe3?");
    }

    #[test]
    fn a_byte_order_mark_is_a_character_and_switches_nothing() {
        assert_eq!(decode("utf-8", DecodePolicy::Strict, b"\xef\xbb\xbfa").unwrap(), "\u{feff}a");
        assert_eq!(decode("utf-16le", DecodePolicy::Strict, b"\xff\xfea\0").unwrap(), "\u{feff}a");
        assert!(decode("gbk", DecodePolicy::Strict, b"\xff\xfea\0").is_err());
    }

    #[test]
    fn utf_16_is_written_as_utf_16() {
        assert_eq!(encode("utf-16le", EncodePolicy::Error, "a😀").unwrap(), b"a\0\x3d\xd8\x00\xde");
        assert_eq!(encode("utf-16be", EncodePolicy::Error, "a😀").unwrap(), b"\0a\xd8\x3d\xde\x00");
        assert!(encode("hz-gb-2312", EncodePolicy::Substitute, "a").is_err(), "a label of `replacement`");
    }

    #[test]
    fn labels_are_found_in_any_case_and_a_wrong_one_is_told() {
        assert_eq!(Encoding::for_label("GB2312").unwrap(), GBK);
        assert_eq!("Utf8".parse(), Ok(UTF_8));
        assert!(Encoding::for_label("gkb").unwrap_err().to_string().contains("\"gkb\""));
    }
}
