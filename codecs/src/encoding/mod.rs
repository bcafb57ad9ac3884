//! Text encodings: those of the Encoding Standard, and what it lacks.

mod boundary;
mod doubt;
mod escaped;
mod label;
mod malformed;
mod own;
mod standard;
mod variant;

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use bytes::BytesMut;
use wirework_core::{Cursor, DecodePolicy, EncodeError, EncodePolicy, FormatError, TextEncoding};

use crate::Text;
use crate::format::policies::{Policies, setters};
use boundary::Boundaries;
pub(crate) use doubt::doubt;
pub(crate) use label::COMMON;
use own::Own;
use standard::Standard;

pub use escaped::{Escaped, NotEscaped};
pub use label::LabelError;

/// An encoding by one of its labels: those of the [Encoding Standard](https://encoding.spec.whatwg.org/), by way of
/// `encoding_rs`, and what peers of a server need besides.
///
/// It differs from a browser's use of the same tables where a server must not guess:
///
/// - Labels mean what they say: `latin1` is ISO 8859-1 and `ascii` is US-ASCII. See [`for_label`](Self::for_label).
/// - A byte-order mark is the character U+FEFF, and never switches to another encoding.
/// - What an encoding lacks is an error or a `?`, never an HTML reference such as `&#128512;`.
/// - An encoding lacks what it would read back as another character, also where the Encoding Standard writes that: `¥`, `‾`
///   and `−` as `\`, `~` and `－` in Shift_JIS and EUC-JP, `−` as `－` and half-width katakana as full-width in ISO-2022-JP,
///   in GBK and GB18030 18 private characters as those that took their place in 2022.
/// - UTF-16 is written as UTF-16, where the Encoding Standard writes UTF-8.
///
/// GBK is read as GB18030, of which it is a part, and written without four-byte forms; the byte `80` is the euro sign.
#[derive(Clone, Copy)]
pub struct Encoding(Kind);

#[derive(Clone, Copy)]
enum Kind {
    Standard(Standard),
    Own(&'static dyn Own),
}

/// UTF-8: [`Encoding::UTF_8`] by a short name.
pub const UTF_8: Encoding = Encoding::UTF_8;
/// GBK: [`Encoding::GBK`] by a short name.
pub const GBK: Encoding = Encoding::GBK;

/// Those that are often named. All others are had by [their labels](Self::for_label).
impl Encoding {
    /// UTF-8.
    pub const UTF_8: Self = Self(Kind::Standard(Standard::UTF_8));
    /// GBK as the Encoding Standard has it. The code page 936 of Windows is `cp936`.
    pub const GBK: Self = Self(Kind::Standard(Standard::GBK));
    /// GB 18030: the edition of 2022, with what the older ones read.
    pub const GB18030: Self = Self(Kind::Standard(Standard::GB18030));
    /// Big5 with the characters of Hong Kong. The code page 950 of Windows is `cp950`.
    pub const BIG5: Self = Self(Kind::Standard(Standard::BIG5));
    /// Shift_JIS with the additions of Windows. What Windows and Java write as its code page 932 is `cp932`.
    pub const SHIFT_JIS: Self = Self(Kind::Standard(Standard::SHIFT_JIS));
    /// EUC-JP with the additions of NEC and IBM.
    pub const EUC_JP: Self = Self(Kind::Standard(Standard::EUC_JP));
    /// EUC-KR, which is code page 949 of Windows.
    pub const EUC_KR: Self = Self(Kind::Standard(Standard::EUC_KR));
    /// The code page 1252 of Windows, which is not ISO 8859-1.
    pub const WINDOWS_1252: Self = Self(Kind::Standard(Standard::WINDOWS_1252));
    /// ISO 8859-1: each byte is the character of that number, from `80` to `9F` a control character.
    pub const ISO_8859_1: Self = Self(Kind::Own(&own::ISO_8859_1));
    /// US-ASCII: a byte beyond `7F` is malformed.
    pub const US_ASCII: Self = Self(Kind::Own(&own::US_ASCII));
    /// UTF-16, the least significant byte first.
    pub const UTF_16LE: Self = Self(Kind::Standard(Standard::UTF_16LE));
    /// UTF-16, the most significant byte first.
    pub const UTF_16BE: Self = Self(Kind::Standard(Standard::UTF_16BE));
    /// UTF-32, the least significant byte first.
    pub const UTF_32LE: Self = Self(Kind::Own(&own::UTF_32LE));
    /// UTF-32, the most significant byte first.
    pub const UTF_32BE: Self = Self(Kind::Own(&own::UTF_32BE));
    /// CESU-8 (Unicode Technical Report #26): a character beyond U+FFFF is a pair of surrogates, of three bytes each; four bytes
    /// of UTF-8 are malformed.
    pub const CESU_8: Self = Self(Kind::Own(&own::CESU_8));
    /// Modified UTF-8, as Java's `DataInput.readUTF` has it: CESU-8 in which NUL is `C0 80`.
    pub const MODIFIED_UTF_8: Self = Self(Kind::Own(&own::MODIFIED_UTF_8));
}

impl Encoding {
    /// The encoding with this label, in any case, such as `gb2312` or `UTF-8`.
    ///
    /// The labels are those of the Encoding Standard, with these differences:
    ///
    /// | label | here | in the Encoding Standard |
    /// |---|---|---|
    /// | `latin1`, `iso-8859-1`, `l1`, `cp819` | ISO-8859-1 | windows-1252 |
    /// | `ascii`, `us-ascii`, `ansi_x3.4-1968` | US-ASCII | windows-1252 |
    /// | `latin5`, `iso-8859-9` | ISO-8859-9 | windows-1254 |
    /// | `iso-8859-11`, `tis-620` | ISO-8859-11 | windows-874 |
    /// | `utf-16`, `ucs-2`, `unicode` | refused: write `utf-16le` or `utf-16be` | UTF-16LE |
    /// | `utf-32`, `ucs-4` | refused: write `utf-32le` or `utf-32be` | none |
    /// | `utf-32le`, `utf-32be` | UTF-32 | none |
    /// | `cesu-8` | CESU-8 | none |
    /// | `modified-utf-8`, `mutf-8` | Java's modified UTF-8 | none |
    /// | `cp949` | EUC-KR, which is code page 949 | none |
    /// | `cp936`, `cp932`, `cp950` | these code pages as Windows and Java have them | none |
    /// | `gbk-python`, `gbk-java` and the like | what CPython and Java call by these names | none |
    /// | `hz-gb-2312`, `iso-2022-kr`, `iso-2022-cn` | refused: nothing may be read in them | replacement |
    ///
    /// As in the Encoding Standard, some are more than their name says: `gb2312` is GBK, `ks_c_5601-1987` is EUC-KR with the
    /// characters of code page 949, `shift_jis` is that of Windows, with its additions, `big5` has those of Hong Kong, `euc-jp`
    /// those of NEC. What a peer sends that keeps to the smaller set is read rightly.
    ///
    /// # Errors
    /// Where no encoding has the label, with what is near; where it says too little; and where the Encoding Standard lets nobody
    /// read what it means.
    pub fn for_label(label: &str) -> Result<Self, LabelError> {
        label::find(label)
    }

    /// Text that comes in this encoding and is sent in another.
    pub fn sends(self, other: Self) -> Text {
        Text::new(self).sends(other)
    }

    /// The text of these bytes, strictly; with a policy, such as `GBK.replace().read(bytes)`, it is [`Text::read`].
    ///
    /// # Errors
    /// When they are malformed.
    pub fn read<'a>(&self, bytes: &'a [u8]) -> Result<Cow<'a, str>, FormatError> {
        Text::new(*self).read(bytes)
    }

    /// Appends the bytes of `text`, strictly; with a policy it is [`Text::write`]. On an error, nothing is appended.
    ///
    /// # Errors
    /// When the encoding lacks a character.
    pub fn write(&self, text: &str, out: &mut BytesMut) -> Result<(), EncodeError> {
        Text::new(*self).write(text, out)
    }

    setters!(Text);

    fn with(self, set: impl FnOnce(&mut Policies)) -> Text {
        Text::new(self).with(set)
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

impl Encoding {
    fn boundaries(&self) -> Boundaries {
        match self.0 {
            Kind::Standard(standard) => standard::boundaries(standard.table),
            Kind::Own(own) => own.boundaries(),
        }
    }
}

impl FromStr for Encoding {
    type Err = LabelError;

    fn from_str(label: &str) -> Result<Self, LabelError> {
        Self::for_label(label)
    }
}

/// No two have the same name.
impl PartialEq for Encoding {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Encoding {}

impl Hash for Encoding {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Encoding({self})")
    }
}

impl TextEncoding for Encoding {
    fn name(&self) -> &str {
        match self.0 {
            Kind::Standard(standard) => standard.table.name(),
            Kind::Own(own) => own.name(),
        }
    }

    #[inline]
    fn decode(&self, bytes: &[u8], policy: DecodePolicy, text: &mut String) -> Result<(), FormatError> {
        match self.0 {
            Kind::Standard(standard) => standard::decode(standard.table, bytes, policy, text),
            Kind::Own(own) => own.decode(bytes, policy, text),
        }
    }

    #[inline(always)]
    fn encode(&self, text: &str, policy: EncodePolicy, out: &mut BytesMut) -> Result<(), EncodeError> {
        match self.0 {
            Kind::Standard(standard) => standard.encode(text, policy, out),
            Kind::Own(own) => own.encode(text, policy, out),
        }
    }

    #[inline]
    fn as_utf8<'a>(&self, bytes: &'a [u8]) -> Option<&'a str> {
        match self.0 {
            Kind::Standard(standard) => standard.as_utf8(bytes),
            Kind::Own(own) => own.as_utf8(bytes),
        }
    }

    fn unfinished(&self, bytes: &[u8]) -> usize {
        match self.0 {
            Kind::Standard(standard) => standard::unfinished(standard.table, bytes),
            Kind::Own(own) => own.unfinished(bytes),
        }
    }

    fn longest(&self) -> usize {
        match self.0 {
            Kind::Standard(standard) => standard::longest(standard.table),
            Kind::Own(own) => own.longest(),
        }
    }

    fn spellings(&self, character: char) -> Vec<Vec<u8>> {
        match self.0 {
            Kind::Standard(standard) => standard.spellings(character),
            Kind::Own(own) => own.spellings(character),
        }
    }

    fn is_plain(&self, characters: &[u8]) -> bool {
        let boundaries = self.boundaries();
        matches!(boundaries, Boundaries::Everywhere)
            || characters.iter().all(|byte| byte.is_ascii() && boundaries.is_plain(*byte))
    }

    fn is_plain_behind(&self, before: u8, characters: &[u8]) -> bool {
        match *characters {
            [byte] if byte.is_ascii() => self.boundaries().is_plain_behind(before, byte),
            _ => self.is_plain(characters),
        }
    }

    fn begins_at(&self, bytes: &[u8], at: usize, cursor: &mut Cursor) -> Option<bool> {
        self.boundaries().begins_at(bytes, at, cursor)
    }

    fn is_stateful(&self) -> bool {
        matches!(self.0, Kind::Standard(standard) if standard::is_stateful(standard.table))
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
    }

    #[test]
    fn those_with_a_name_are_called_so() {
        for (encoding, name) in [
            (UTF_8, "UTF-8"),
            (GBK, "GBK"),
            (Encoding::UTF_8, "UTF-8"),
            (Encoding::GBK, "GBK"),
            (Encoding::GB18030, "gb18030"),
            (Encoding::BIG5, "Big5"),
            (Encoding::SHIFT_JIS, "Shift_JIS"),
            (Encoding::EUC_JP, "EUC-JP"),
            (Encoding::EUC_KR, "EUC-KR"),
            (Encoding::WINDOWS_1252, "windows-1252"),
            (Encoding::ISO_8859_1, "ISO-8859-1"),
            (Encoding::US_ASCII, "US-ASCII"),
            (Encoding::UTF_16LE, "UTF-16LE"),
            (Encoding::UTF_16BE, "UTF-16BE"),
            (Encoding::UTF_32LE, "UTF-32LE"),
            (Encoding::UTF_32BE, "UTF-32BE"),
            (Encoding::CESU_8, "CESU-8"),
            (Encoding::MODIFIED_UTF_8, "modified-UTF-8"),
        ] {
            assert_eq!((encoding.name(), name.parse()), (name, Ok(encoding)));
        }
    }

    #[test]
    fn labels_are_found_in_any_case_and_a_wrong_one_is_told() {
        assert_eq!(Encoding::for_label("GB2312").unwrap(), GBK);
        assert_eq!("Utf8".parse(), Ok(UTF_8));
        assert!(Encoding::for_label("gkb").unwrap_err().to_string().contains("\"gkb\""));
    }
}
