//! Text in a fixed number of bytes.

mod write;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ops::Range;

use bytes::BytesMut;
use wirework_core::{ComposeError, DecodePolicy, EncodeError, EncodePolicy, FormatError, TextEncoding};

use crate::Encoding;
use crate::format::{ByteOrderMark, IntoText, Text, all_or_nothing};

/// Text in a fixed number of bytes, as in the records of banks, of COBOL and of C.
///
/// ```text
///                                        text      in the record
/// Field::new(6, GBK)                     你好      C4 E3 BA C3 20 20
/// Field::new(6, GBK).nul()               你好      C4 E3 BA C3 00 00
/// Field::new(6, GBK).until('|')          倈        82 7C 7C 7C 7C 7C
/// Field::new(6, GBK).pad('0').right()    128       30 30 30 31 32 38
/// Field::new(6, UTF-16LE)                你好      60 4F 7D 59 20 00
/// Field::new(5, GBK).truncate()          你好吗    C4 E3 BA C3 20
/// Field::new(5, GBK)                     你好吗    an error: the text takes 6 bytes in GBK, and the field has 5
/// ```
///
/// The width is in bytes; what fills up or ends a text is a character of the encoding: in UTF-16 a space and a NUL take two
/// bytes each. What would not be read again as it was is refused when it is written, such as a text that ends in the
/// character that fills up; [`trim`](Self::trim) allows it.
///
/// ```
/// use bytes::BytesMut;
/// use wirework_codecs::format::{Field, Record};
/// use wirework_codecs::GBK;
///
/// let name = Field::new(8, GBK);
/// let amount = Field::new(6, GBK).pad('0').right();
///
/// let mut bytes = BytesMut::new();
/// name.write("倈東", &mut bytes)?;
/// amount.write("128", &mut bytes)?;
/// assert_eq!(bytes, &b"\x82\x7c\x96\x7c    000128"[..]);
///
/// let mut record = Record::new(&bytes);
/// assert_eq!(record.take(&name)?, "倈東");
/// assert_eq!(record.take(&amount)?.parse(), Ok(128));
/// record.end()?;
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field<E = Encoding> {
    text: Text<E>,
    width: usize,
    pad: char,
    ends_at_pad: bool,
    is_right: bool,
    cuts: bool,
    trims: bool,
    /// The bytes of one `pad`, or why there can be no such field.
    fill: Result<Vec<u8>, ComposeError>,
}

impl<E: TextEncoding + Clone + 'static> Field<E> {
    /// Text in `width` bytes, filled up with spaces behind it.
    pub fn new(width: usize, text: impl IntoText<Encoding = E>) -> Self {
        let text = text.into_text();
        let (pad, fill) = (' ', Ok(Vec::new()));
        Self { text, width, pad, ends_at_pad: false, is_right: false, cuts: false, trims: false, fill }.made()
    }

    /// Ends at the first of this character and is filled up with it: what stands behind the first is not part of the text,
    /// whatever it is. A text that takes all of the width has none behind it.
    ///
    /// ```text
    /// Field::new(6, GBK).until(' ')    41 42 20 FF 20 43   →   AB
    /// Field::new(6, GBK)               41 42 20 43 20 20   →   AB␠C
    /// Field::new(6, GBK).until(' ')    AB␠C                →   an error: the text holds ' ', which would end it
    /// ```
    pub fn until(mut self, end: char) -> Self {
        (self.pad, self.ends_at_pad) = (end, true);
        self.made()
    }

    /// Ends at the first NUL and is filled up with it, as `char name[20]` of C: [`until`](Self::until) NUL.
    ///
    /// ```text
    /// Field::new(6, GBK).nul()    41 42 00 FF 00 43   →   AB
    /// ```
    pub fn nul(self) -> Self {
        self.until('\0')
    }

    /// Filled up with this character, which may also stand inside the text: only those behind the text are taken off, or in front
    /// of it if it stands [`right`](Self::right). A text ends at the first with [`until`](Self::until).
    pub fn pad(mut self, pad: char) -> Self {
        (self.pad, self.ends_at_pad) = (pad, false);
        self.made()
    }

    /// The text stands at the end, and what fills up in front of it.
    ///
    /// A number that is filled up with `0` is never empty: `30 30 30` is read as `0`, and an empty text is refused.
    pub fn right(mut self) -> Self {
        self.is_right = true;
        self.made()
    }

    /// A text that is too long is cut behind the last character that fits, and what is behind that is lost. In an encoding
    /// with escape sequences, such as ISO-2022-JP, room is left for the last of them.
    ///
    /// A character is a Unicode scalar value: an accent that follows its letter may be cut off from it.
    pub fn truncate(mut self) -> Self {
        self.cuts = true;
        self
    }

    /// What reading takes off is taken off before it is written, where it is refused otherwise: the padding that a text ends
    /// with (begins with, if it stands right); what [`until`](Self::until) ends at, and what is behind it.
    ///
    /// ```text
    /// Field::new(4, GBK)           AB␠    →   an error: the text ends with ' ', which would be taken off as padding
    /// Field::new(4, GBK).trim()    AB␠    →   41 42 20 20   →   AB
    /// ```
    pub fn trim(mut self) -> Self {
        self.trims = true;
        self
    }

    /// How many bytes it takes.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Why there can be no such field, and what to write instead. One that is used nevertheless gives this as its error.
    pub fn validate(&self) -> Result<(), ComposeError> {
        self.fill.as_ref().map(|_| ()).map_err(Clone::clone)
    }

    /// Appends `text`, in exactly as many bytes as the field is wide; on an error, nothing.
    pub fn write(&self, text: &str, out: &mut BytesMut) -> Result<(), EncodeError> {
        all_or_nothing(out, |out| self.append(text, out))
    }

    /// The text of exactly as many bytes as the field is wide. It is lent where the bytes are the same in UTF-8. The offset
    /// in an error counts from the beginning of the field.
    pub fn read<'a>(&self, bytes: &'a [u8]) -> Result<Cow<'a, str>, FormatError> {
        self.validate().map_err(|why| FormatError::Other(why.into()))?;
        if bytes.len() != self.width {
            return Err(FormatError::Other(format!("a field has {} bytes, not {}", self.width, bytes.len()).into()));
        }
        if let Some(text) = self.text.encoding.as_utf8(bytes) {
            return Ok(Cow::Borrowed(self.trimmed(text)));
        }
        let mut text = String::new();
        if let Err(error) = self.text.encoding.decode(bytes, self.text.policies.malformed, &mut text) {
            text = self.before_fault(bytes, &error).ok_or(error)?;
        }
        let Range { start, end } = self.span(&text);
        text.truncate(end);
        text.drain(..start);
        Ok(Cow::Owned(text))
    }

    /// The text in front of what is malformed, if the text ends in it: then what is malformed is no part of the text.
    fn before_fault(&self, bytes: &[u8], error: &FormatError) -> Option<String> {
        let FormatError::Malformed { offset, .. } = error else { return None };
        let mut text = String::new();
        self.text.encoding.decode(bytes.get(..*offset)?, DecodePolicy::Strict, &mut text).ok()?;
        (self.ends_at_pad && text.contains(self.pad)).then_some(text)
    }

    /// Where in all that stands in the field its text is.
    fn span(&self, all: &str) -> Range<usize> {
        if self.ends_at_pad {
            return 0..all.find(self.pad).unwrap_or(all.len());
        }
        if !self.is_right {
            return 0..all.trim_end_matches(self.pad).len();
        }
        let start = all.len().saturating_sub(all.trim_start_matches(self.pad).len());
        // Of nothing but zeros, the last is the number.
        let is_zero = self.pad == '0' && start == all.len();
        start.saturating_sub(usize::from(is_zero))..all.len()
    }

    fn trimmed<'a>(&self, all: &'a str) -> &'a str {
        all.get(self.span(all)).unwrap_or_default()
    }

    /// The most bytes that a field may take: they are written one by one, and kept.
    const MOST: usize = 16 * 1024 * 1024;

    fn made(mut self) -> Self {
        self.fill = self.filling();
        self
    }

    fn filling(&self) -> Result<Vec<u8>, ComposeError> {
        let (width, pad, name) = (self.width, self.pad, self.text.encoding.name());
        if width == 0 {
            return Err(ComposeError::new("a field of 0 bytes holds nothing; make it 1 byte wide or more"));
        }
        if width > Self::MOST {
            return Err(ComposeError::new(format!("a field has at most {} bytes, not {width}", Self::MOST)));
        }
        if self.ends_at_pad && self.is_right {
            return Err(ComposeError::new(format!(
                "{pad:?} ends a text and cannot stand in front of it; use `pad({pad:?})` with `right`"
            )));
        }
        if self.text.policies.mark != ByteOrderMark::Keep || self.text.sent_in().name() != name {
            return Err(ComposeError::new(
                "a field has one encoding, both ways, and no byte-order mark of its own; give it the encoding alone",
            ));
        }
        let mut fill = BytesMut::new();
        let two = String::from_iter([pad, pad]);
        let character = two.get(..pad.len_utf8()).unwrap_or_default();
        if self.text.encoding.encode(character, EncodePolicy::Error, &mut fill).is_err() {
            return Err(ComposeError::new(format!(
                "{name} has no {pad:?} to fill up with; use a character that it has"
            )));
        }
        // It has to be read as it is written, and one behind the other.
        let mut read = String::new();
        let decoded = self.text.encoding.decode(&fill.repeat(2), DecodePolicy::Strict, &mut read);
        if decoded.is_err() || read != two {
            let why =
                format!("{name} does not read a row of {pad:?} as it writes them; fill up with a character of ASCII");
            return Err(ComposeError::new(why));
        }
        let rest = width.checked_rem(fill.len()).unwrap_or_default();
        if rest != 0 {
            let (less, more) = (width.saturating_sub(rest), width.saturating_sub(rest).saturating_add(fill.len()));
            let instead = if less == 0 { more.to_string() } else { format!("{less} or {more}") };
            return Err(ComposeError::new(format!(
                "a field of {width} bytes cannot be filled up with {pad:?}, which takes {} bytes in {name}; \
                 make it {instead} bytes wide",
                fill.len()
            )));
        }
        Ok(fill.to_vec())
    }
}
