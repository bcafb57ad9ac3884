//! Text in a fixed number of bytes.

use std::borrow::Cow;
use std::iter::once;
use std::ops::Range;

use bytes::BytesMut;
use wirework_core::{ComposeError, DecodePolicy, EncodeError, EncodePolicy, FormatError, TextEncoding};

use crate::Encoding;
use crate::format::{IntoText, Text};

/// Text in a fixed number of bytes, as in the records of banks, of COBOL and of C.
///
/// ```text
///                                        text      in the record
/// Field::new(6, GBK)                     你好      C4 E3 BA C3 20 20
/// Field::new(6, GBK).nul()               你好      C4 E3 BA C3 00 00
/// Field::new(6, GBK).pad('0').right()    128       30 30 30 31 32 38
/// Field::new(6, UTF-16LE)                你好      60 4F 7D 59 20 00
/// Field::new(5, GBK).truncate()          你好吗    C4 E3 BA C3 20
/// Field::new(5, GBK)                     你好吗    an error: the text takes 6 bytes in GBK, and the field has 5
/// ```
///
/// The width is in bytes; what fills up is a character of the encoding, and so is the NUL that ends a text: in UTF-16 each
/// takes two bytes. What would not be read again as it was is refused when it is written, such as a text that ends in the
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
    ends_at_nul: bool,
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
        Self { text, width, pad, ends_at_nul: false, is_right: false, cuts: false, trims: false, fill }.made()
    }

    /// Ends at the first NUL and is filled up with it, as `char name[20]` of C: what stands behind the first NUL is not part
    /// of the text, whatever it is. A text that takes all of the width has no NUL behind it.
    ///
    /// ```text
    /// Field::new(6, GBK).nul()    41 42 00 FF 00 43   →   AB
    /// ```
    pub fn nul(mut self) -> Self {
        (self.pad, self.ends_at_nul) = ('\0', true);
        self.made()
    }

    /// Filled up with this character. `pad('\0')` is not [`nul`](Self::nul): only the NULs at the end are taken off.
    pub fn pad(mut self, pad: char) -> Self {
        (self.pad, self.ends_at_nul) = (pad, false);
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
    /// with (begins with, if it stands right); in a field that ends at NUL, the first NUL and what is behind it.
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
        let start = out.len();
        let written = self.append(text, out);
        if written.is_err() {
            out.truncate(start);
        }
        written
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
        if let Err(error) = self.text.encoding.decode(bytes, self.text.decode, &mut text) {
            text = self.before_fault(bytes, &error).ok_or(error)?;
        }
        let Range { start, end } = self.span(&text);
        text.truncate(end);
        text.drain(..start);
        Ok(Cow::Owned(text))
    }

    /// The text in front of what is malformed, if there is a NUL in it: then what is malformed is no part of the text.
    fn before_fault(&self, bytes: &[u8], error: &FormatError) -> Option<String> {
        let FormatError::Malformed { offset, .. } = error else { return None };
        let mut text = String::new();
        self.text.encoding.decode(bytes.get(..*offset)?, DecodePolicy::Strict, &mut text).ok()?;
        (self.ends_at_nul && text.contains('\0')).then_some(text)
    }

    /// Where in all that stands in the field its text is.
    fn span(&self, all: &str) -> Range<usize> {
        if self.ends_at_nul {
            return 0..all.find('\0').unwrap_or(all.len());
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

    fn append(&self, text: &str, out: &mut BytesMut) -> Result<(), EncodeError> {
        let fill = self.fill.as_ref().map_err(|why| EncodeError::Other(why.clone().into()))?;
        let text = if self.trims { self.trimmed(text) } else { text };
        let start = out.len();
        let fitting = if self.cuts { self.fitting(text)? } else { text.len() };
        self.text.encoding.encode(text.get(..fitting).unwrap_or_default(), self.text.encode, out)?;
        let len = out.len().saturating_sub(start);
        let Some(rest) = self.width.checked_sub(len) else {
            let (name, width) = (self.text.encoding.name(), self.width);
            return refused(format!("the text takes {len} bytes in {name}, and the field has {width}"));
        };
        if !rest.is_multiple_of(fill.len()) {
            let (pad, takes) = (self.pad, fill.len());
            return refused(format!(
                "behind the text {rest} bytes are left, which {pad:?} of {takes} bytes does not fill"
            ));
        }
        for _ in 0..rest / fill.len() {
            out.extend_from_slice(fill);
        }
        let place = if self.is_right { rest..self.width } else { 0..len };
        let field = out.get_mut(start..).unwrap_or_default();
        if self.is_right {
            field.rotate_left(len);
        }
        if self.trims { Ok(()) } else { self.check(field, place, fitting < text.len()) }
    }

    /// How much of a text fits: up to a character behind which there is no room for the next.
    fn fitting(&self, text: &str) -> Result<usize, EncodeError> {
        let mut bytes = BytesMut::new();
        let mut takes = |end: usize| {
            bytes.clear();
            self.text.encoding.encode(text.get(..end).unwrap_or_default(), self.text.encode, &mut bytes)?;
            Ok::<_, EncodeError>(bytes.len())
        };
        // No character takes less than a byte, so a long text need not be looked at as a whole.
        let most = text.char_indices().nth(self.width).map_or(text.len(), |(at, _)| at);
        if takes(most).is_ok_and(|len| len <= self.width) {
            return Ok(most);
        }
        let characters = text.char_indices().map(|(at, character)| at + character.len_utf8());
        let ends: Vec<usize> = once(0).chain(characters.take_while(|end| *end <= most)).collect();
        let fit = ends.partition_point(|end| takes(*end).is_ok_and(|len| len <= self.width));
        let end = fit.checked_sub(1).and_then(|last| ends.get(last)).copied().unwrap_or_default();
        // A character that cannot be written is an error where there may be room for it, and otherwise cut off.
        if let Some(next) = ends.get(fit)
            && takes(end)? < self.width
        {
            takes(*next)?;
        }
        Ok(end)
    }

    /// That a field which is written, with its text at `place`, is read as that text; where it `was_cut`, without the padding
    /// behind which it was cut.
    fn check(&self, field: &[u8], place: Range<usize>, was_cut: bool) -> Result<(), EncodeError> {
        let mut written = String::new();
        let own = field.get(place).unwrap_or_default();
        self.text.encoding.decode(own, self.text.decode, &mut written).map_err(|why| EncodeError::Other(why.into()))?;
        let due = match was_cut && !self.ends_at_nul && !self.is_right {
            true => self.trimmed(&written),
            false => &written,
        };
        if self.read(field).is_ok_and(|read| read == due) {
            return Ok(());
        }
        let pad = self.pad;
        refused(if self.ends_at_nul && due.contains('\0') {
            "the text holds NUL, which would end it".to_owned()
        } else if self.is_right && due.is_empty() {
            format!("an empty text, filled up with {pad:?}, would be read as {pad:?}")
        } else if self.is_right && due.starts_with(pad) {
            format!("the text begins with {pad:?}, which would be taken off as padding")
        } else if due.ends_with(pad) {
            format!("the text ends with {pad:?}, which would be taken off as padding")
        } else {
            "the text would not be read as it was written".to_owned()
        })
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
        if self.ends_at_nul && self.is_right {
            return Err(ComposeError::new(
                "NUL ends a text and cannot stand in front of it; use `pad('\\0')` with `right`",
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

fn refused(why: String) -> Result<(), EncodeError> {
    Err(EncodeError::Other(why.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{GB18030, GBK, UTF_8};

    fn encoding(label: &str) -> Encoding {
        Encoding::for_label(label).unwrap()
    }

    fn write<E: TextEncoding + Clone + 'static>(field: &Field<E>, text: &str) -> Result<Vec<u8>, String> {
        let mut out = BytesMut::from(&b"before"[..]);
        let written = field.write(text, &mut out).map_err(|error| error.to_string());
        let own = out.strip_prefix(b"before").unwrap().to_vec();
        assert!(written.is_ok() || own.is_empty(), "nothing of a text that is refused: {own:02x?}");
        written.map(|()| own)
    }

    #[track_caller]
    fn both_ways(field: &Field, text: &str, bytes: &[u8]) {
        assert_eq!(write(field, text).as_deref(), Ok(bytes));
        assert_eq!(field.read(bytes).unwrap(), text);
    }

    #[track_caller]
    fn refused(field: &Field, text: &str) -> String {
        write(field, text).expect_err(text)
    }

    #[test]
    fn the_pictures() {
        both_ways(&Field::new(6, GBK), "你好", b"\xc4\xe3\xba\xc3  ");
        both_ways(&Field::new(6, GBK).nul(), "你好", b"\xc4\xe3\xba\xc3\0\0");
        both_ways(&Field::new(6, GBK).pad('0').right(), "128", b"000128");
        both_ways(&Field::new(6, encoding("utf-16le")), "你好", b"\x60\x4f\x7d\x59 \0");
        assert_eq!(write(&Field::new(5, GBK).truncate(), "你好吗").unwrap(), b"\xc4\xe3\xba\xc3 ");
        assert_eq!(refused(&Field::new(5, GBK), "你好吗"), "the text takes 6 bytes in GBK, and the field has 5");
        assert_eq!(Field::new(6, GBK).nul().read(b"AB\0\xff\0C").unwrap(), "AB");
        assert_eq!(refused(&Field::new(4, GBK), "AB "), "the text ends with ' ', which would be taken off as padding");
        both_ways(&Field::new(4, GBK), "AB", b"AB  ");
        assert_eq!(write(&Field::new(4, GBK).trim(), "AB ").unwrap(), b"AB  ");
    }

    #[test]
    fn a_text_that_fills_the_field_or_is_empty_comes_out_again() {
        for field in [Field::new(4, GBK), Field::new(4, GBK).nul(), Field::new(4, GBK).right()] {
            both_ways(&field, "你好", b"\xc4\xe3\xba\xc3");
        }
        both_ways(&Field::new(2, GBK), "", b"  ");
        both_ways(&Field::new(2, GBK).nul(), "", b"\0\0");
        both_ways(&Field::new(2, GBK).right(), "", b"  ");
    }

    #[test]
    fn what_would_not_come_out_again_is_refused_and_can_be_trimmed() {
        let (right, nul) = (Field::new(4, GBK).right(), Field::new(4, GBK).nul());
        assert_eq!(refused(&right, " AB"), "the text begins with ' ', which would be taken off as padding");
        assert_eq!(refused(&nul, "A\0B"), "the text holds NUL, which would end it");
        assert_eq!(write(&right.trim(), "   AB").unwrap(), b"  AB");
        assert_eq!(write(&nul.trim(), "A\0secret").unwrap(), b"A\0\0\0");
        // Only the NULs at the end are padding here.
        both_ways(&Field::new(4, GBK).pad('\0'), "A\0B", b"A\0B\0");
        // It is what is written that counts: the substitute, and the character that another is written as.
        assert!(refused(&Field::new(4, GBK.substitute()).pad('?'), "A😀").contains("ends with '?'"));
        assert!(refused(&Field::new(4, encoding("shift_jis")).pad('\\'), "A¥").contains("ends with '\\\\'"));
    }

    #[test]
    fn a_number_filled_up_with_zeros_is_never_empty() {
        let number = Field::new(3, GBK).pad('0').right();
        both_ways(&number, "0", b"000");
        both_ways(&number, "10", b"010");
        assert_eq!(refused(&number, ""), "an empty text, filled up with '0', would be read as '0'");
        assert!(refused(&number, "07").contains("begins with '0'"));
        assert_eq!(write(&number.clone().trim(), "0007").unwrap(), b"007");
        assert_eq!(write(&number.trim(), "0000").unwrap(), b"000");
        both_ways(&Field::new(2, encoding("utf-16be")).pad('0').right(), "0", b"\x000");
    }

    #[test]
    fn a_nul_is_a_character_and_what_is_behind_it_is_nothing() {
        let field = Field::new(10, encoding("utf-16le")).nul();
        // U+0100, U+6100: their zeros make no NUL together. Behind it stands half a surrogate pair.
        assert_eq!(field.read(b"\x00\x01\x00\x61\0\0\x00\xd8\x41\x00").unwrap(), "\u{100}\u{6100}");
        assert!(field.read(b"\x00\xd8A\0\0\0\0\0\0\0").is_err(), "in front of it");
        let replaced = Field::new(6, GBK.replace()).nul();
        assert_eq!(replaced.read(b"A\xff\0\xff\xffB").unwrap(), "A\u{fffd}");
        assert_eq!(
            Field::new(3, GBK).nul().read(b"A\xff\0").unwrap_err().to_string(),
            "not GBK at byte 1 of the message (FF)"
        );
        assert!(Field::new(3, GBK).read(b"A\0\xff").is_err(), "NUL ends only where it should");
    }

    #[test]
    fn no_character_is_halved() {
        for (label, width, text, fits) in [
            ("gbk", 3, "你好", "你"),
            ("gb18030", 5, "a😀b", "a😀"),
            ("gb18030", 4, "a😀b", "a"),
            ("utf-8", 5, "a😀b", "a😀"),
            ("utf-8", 4, "a😀b", "a"),
            ("utf-16le", 4, "a😀b", "a"),
            ("utf-16be", 6, "a😀b", "a😀"),
            // The last escape sequence needs room, too: 1B 24 42 46 7C 1B 28 42.
            ("iso-2022-jp", 7, "日本", ""),
            ("iso-2022-jp", 9, "日本", "日"),
            ("iso-2022-jp", 10, "日本", "日本"),
            ("iso-2022-jp", 9, "日a本", "日a"),
        ] {
            let field = Field::new(width, encoding(label)).truncate();
            let bytes = write(&field, text).unwrap();
            assert_eq!(
                (bytes.len(), &*field.read(&bytes).unwrap()),
                (width, fits),
                "{text} in {width} bytes of {label}"
            );
        }
    }

    #[test]
    fn what_is_cut_off_need_not_be_writable_and_padding_at_the_cut_is_none() {
        let field = Field::new(3, GBK).truncate();
        assert_eq!(write(&field, "abc😀").unwrap(), b"abc");
        assert_eq!(write(&field, "ab你😀").unwrap(), b"ab ");
        assert_eq!(refused(&field, "ab😀"), "GBK has no '😀' (U+1F600), at byte 2 of the text");
        assert_eq!(write(&Field::new(3, GBK.substitute()).truncate(), "ab😀d").unwrap(), b"ab?");
        assert_eq!(write(&field, "a  b").unwrap(), b"a  ");
        assert!(refused(&field, "a ").contains("ends with"), "nothing was cut");
        assert!(refused(&Field::new(3, GBK).nul().truncate(), "a\0bc").contains("NUL"));
        assert!(refused(&Field::new(1, GBK).pad('0').right().truncate(), "你").contains("would be read as '0'"));
    }

    #[test]
    fn a_field_that_cannot_be_filled_up_is_refused_with_what_to_write_instead() {
        let refusal = |field: Field| {
            let why = field.validate().unwrap_err().to_string();
            assert!(field.read(&[0; 5]).unwrap_err().to_string() == why && write(&field, "").unwrap_err() == why);
            why
        };
        assert_eq!(
            refusal(Field::new(5, encoding("utf-16le"))),
            "a field of 5 bytes cannot be filled up with ' ', which takes 2 bytes in UTF-16LE; make it 4 or 6 bytes wide"
        );
        assert!(refusal(Field::new(1, encoding("utf-16le"))).ends_with("make it 2 bytes wide"));
        assert!(refusal(Field::new(5, UTF_8).pad('\u{3000}')).ends_with("make it 3 or 6 bytes wide"));
        assert!(refusal(Field::new(5, GBK).pad('😀')).starts_with("GBK has no '😀' to fill up with"));
        assert!(refusal(Field::new(5, encoding("iso-2022-jp")).pad('\u{3000}')).ends_with("a character of ASCII"));
        assert!(refusal(Field::new(5, encoding("shift_jis")).pad('¥')).ends_with("a character of ASCII"));
        assert!(refusal(Field::new(5, GBK).nul().right()).contains("use `pad('\\0')` with `right`"));
        assert!(refusal(Field::new(0, GBK)).ends_with("make it 1 byte wide or more"));
        assert!(refusal(Field::new(usize::MAX, GBK)).contains("at most 16777216 bytes"));
        assert!(Field::new(6, GB18030).pad('\u{3000}').right().validate().is_ok());
        assert!(Field::new(5, GBK).right().nul().pad(' ').validate().is_ok(), "the last word counts");
    }

    #[test]
    fn padding_that_does_not_come_out_even_is_refused() {
        let wide = Field::new(4, GBK).pad('\u{3000}');
        both_ways(&wide, "你", b"\xc4\xe3\xa1\xa1");
        assert_eq!(refused(&wide, "a"), "behind the text 3 bytes are left, which '\\u{3000}' of 2 bytes does not fill");
    }

    #[test]
    fn only_the_whole_field_is_read() {
        assert_eq!(Field::new(3, GBK).read(b"ab").unwrap_err().to_string(), "a field has 3 bytes, not 2");
        assert!(matches!(Field::new(3, GBK).read(b"ab ").unwrap(), Cow::Borrowed("ab")), "lent");
    }
}
