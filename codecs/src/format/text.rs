//! Payloads that are text.

use std::borrow::Cow;
use std::mem::replace;

use bytes::BytesMut;
use wirework_core::{EncodeError, Encodings, Format, FormatError, Frame, Mirror, TextEncoding};

use super::policies::{Policies, setters};
use super::{ByteOrderMark, all_or_nothing};
use crate::Encoding;

/// Text in an encoding. A message is lent as `&str`, owned as `String`, and anything that is a `str` can be sent.
///
/// ```text
/// GBK                C4 E3 BA C3   →   你好
/// GBK                C4 E3 FF      →   an error: not GBK at byte 2
/// GBK.replace()      C4 E3 FF      →   你�
/// GBK.escape()       C4 E3 FF      →   你\xFF
/// GBK                😀            →   an error: GBK has no such character
/// GBK.substitute()   😀            →   3F (?)
///
/// Text::new(GBK).sends(UTF_8)      C4 E3 comes as 你, which is sent as E4 BD A0
/// Text::new(UTF_8).strip_mark()    EF BB BF 61 comes as a
/// ```
#[derive(Clone, Debug)]
pub struct Text<E = Encoding> {
    pub(crate) encoding: E,
    /// The encoding in which text is sent, if that is another.
    pub(crate) sends: Option<E>,
    pub(crate) policies: Policies,
}

impl<E: TextEncoding> Text<E> {
    /// Strict text: what is malformed is a bad message, what the encoding lacks cannot be sent.
    pub fn new(encoding: E) -> Self {
        Self { encoding, sends: None, policies: Policies::default() }
    }

    /// Text is sent in this encoding, and comes in the other. For the other end it is the other way round:
    /// [`mirror`](Mirror::mirror).
    pub fn sends(mut self, encoding: E) -> Self {
        self.sends = Some(encoding);
        self
    }

    /// What happens to text that is not as it should be, all at once.
    pub fn policies(self, policies: Policies) -> Self {
        self.with(|own| *own = policies)
    }

    setters!(Self);

    /// The text of these bytes, as of a whole message: for text that is a part of one. It is lent where the bytes are the same in
    /// UTF-8.
    ///
    /// ```
    /// use wirework_codecs::GBK;
    ///
    /// assert_eq!(GBK.replace().read(b"\xc4\xe3\xff")?, "你\u{fffd}");
    /// # Ok::<(), wirework_core::FormatError>(())
    /// ```
    ///
    /// # Errors
    /// When they are malformed, and the text is strict; or a byte-order mark is missing.
    #[inline]
    pub fn read<'a>(&self, bytes: &'a [u8]) -> Result<Cow<'a, str>, FormatError> {
        if let Some(text) = self.encoding.as_utf8(bytes) {
            return Ok(Cow::Borrowed(self.policies.mark.take_off(text)?));
        }
        let mut text = String::new();
        self.encoding.decode(bytes, self.policies.malformed, &mut text)?;
        let rest = self.policies.mark.take_off(&text)?.len();
        text.drain(..text.len().saturating_sub(rest));
        Ok(Cow::Owned(text))
    }

    /// Appends the bytes of `text`, as of a whole message, in the encoding in which text is sent; on an error, nothing.
    ///
    /// # Errors
    /// When the encoding lacks a character, and the text is strict; or a byte-order mark cannot be written.
    pub fn write(&self, text: &str, out: &mut BytesMut) -> Result<(), EncodeError> {
        all_or_nothing(out, |out| self.append(text, out))
    }

    #[inline]
    fn append(&self, text: &str, out: &mut BytesMut) -> Result<(), EncodeError> {
        let encoding = self.sent_in();
        self.policies.mark.put_before(text, encoding, out)?;
        encoding.encode(text, self.policies.unmappable, out)
    }
}

impl<E> Text<E> {
    pub(crate) fn with(mut self, set: impl FnOnce(&mut Policies)) -> Self {
        set(&mut self.policies);
        self
    }

    /// The encoding in which text is sent.
    pub(crate) fn sent_in(&self) -> &E {
        self.sends.as_ref().unwrap_or(&self.encoding)
    }
}

/// To send in the encoding in which text comes is the same, said or not.
impl<E: PartialEq> PartialEq for Text<E> {
    fn eq(&self, other: &Self) -> bool {
        self.encoding == other.encoding && self.sent_in() == other.sent_in() && self.policies == other.policies
    }
}

impl<E: Eq> Eq for Text<E> {}

/// An encoding, or an encoding with policies: what [`FramingExt::text`](crate::FramingExt::text) takes.
pub trait IntoText {
    /// The encoding.
    type Encoding: TextEncoding + Clone + 'static;

    /// The format.
    fn into_text(self) -> Text<Self::Encoding>;
}

impl<E: TextEncoding + Clone + 'static> IntoText for E {
    type Encoding = E;

    fn into_text(self) -> Text<E> {
        Text::new(self)
    }
}

impl<E: TextEncoding + Clone + 'static> IntoText for Text<E> {
    type Encoding = E;

    fn into_text(self) -> Text<E> {
        self
    }
}

impl<E: TextEncoding + Clone + 'static> Format for Text<E> {
    type Message<'a> = &'a str;
    type Owned = String;
    type Reply = str;

    #[inline]
    fn view<'a>(&mut self, frame: Frame<'a>, scratch: &'a mut String) -> Result<&'a str, FormatError> {
        let text = match self.encoding.as_utf8(frame.bytes()) {
            Some(text) => text,
            None => {
                scratch.clear();
                self.encoding.decode(frame.bytes(), self.policies.malformed, scratch)?;
                scratch
            }
        };
        self.policies.mark.take_off(text)
    }

    #[inline]
    fn own(&mut self, frame: Frame<'_>) -> Result<String, FormatError> {
        Ok(self.read(frame.bytes())?.into_owned())
    }

    fn encode(&mut self, reply: &str, out: &mut BytesMut) -> Result<(), EncodeError> {
        self.append(reply, out)
    }

    fn encodings(&self) -> Option<Encodings> {
        let mut encodings = Encodings::one(self.encoding.clone());
        if let Some(sends) = &self.sends {
            encodings.writes = Encodings::one(sends.clone()).writes;
        }
        encodings.marked = self.policies.mark != ByteOrderMark::Keep;
        Some(encodings)
    }
}

impl<E> Mirror for Text<E> {
    type Other = Self;

    fn mirror(mut self) -> Self {
        self.sends = self.sends.take().map(|sends| replace(&mut self.encoding, sends));
        self
    }
}

#[cfg(test)]
mod tests {
    use wirework_core::{Codec, Frames, Framing, encode_frame};

    use super::*;
    use crate::framing::{Marked, Until};
    use crate::{Chunks, FramingExt, GBK, Lines, UTF_8};

    fn read(text: &Text, bytes: &[u8]) -> Result<String, String> {
        let mut text = text.clone();
        let frame = Frame::lent(bytes, &[]);
        let lent = text.view(frame, &mut String::from("left")).map(str::to_owned).map_err(|why| why.to_string());
        assert_eq!(text.own(frame).map_err(|why| why.to_string()), lent);
        assert_eq!(text.read(bytes).map(Cow::into_owned).map_err(|why| why.to_string()), lent);
        lent
    }

    fn sent(text: &Text, message: &str) -> Result<Vec<u8>, String> {
        let mut out = BytesMut::new();
        text.clone().encode(message, &mut out).map_err(|why| why.to_string())?;
        Ok(out.to_vec())
    }

    #[test]
    fn a_part_of_a_message_is_read_and_written_as_a_whole_one() {
        let text = Text::new(GBK).sends(UTF_8).require_mark();
        let mut out = BytesMut::from(&b"before"[..]);
        text.write("你", &mut out).unwrap();
        assert_eq!(out, "before\u{feff}你");
        let lacking = Text::new(UTF_8).sends(Encoding::US_ASCII);
        assert!(lacking.write("a你", &mut out).is_err());
        assert_eq!(out, "before\u{feff}你", "nothing of it");
        assert!(matches!(GBK.read(b"a"), Ok(Cow::Borrowed("a"))));
        assert!(matches!(GBK.read(b"\xc4\xe3"), Ok(Cow::Owned(text)) if text == "你"));
        assert_eq!(GBK.read(b"\xc4\xe3\xff").unwrap_err().to_string(), "not GBK at byte 2 of the message (FF)");
        assert!(GBK.write("a😀", &mut out).is_err());
        GBK.write("你", &mut out).unwrap();
        assert_eq!(out, ["before\u{feff}你".as_bytes(), b"\xc4\xe3"].concat());
    }

    #[test]
    fn a_mark_is_kept_stripped_or_required() {
        let missing = "the message does not begin with the byte-order mark that it must have";
        for (encoding, mark, a) in [
            (UTF_8, &b"\xef\xbb\xbf"[..], &b"a"[..]),
            (Encoding::UTF_16LE, b"\xff\xfe", b"a\0"),
            (Encoding::UTF_16BE, b"\xfe\xff", b"\0a"),
            (Encoding::UTF_32BE, b"\0\0\xfe\xff", b"\0\0\0a"),
            (Encoding::GB18030, b"\x84\x31\x95\x33", b"a"),
        ] {
            let (one, two) = ([mark, a].concat(), [mark, mark, a].concat());
            let kept = Text::new(encoding);
            assert_eq!(read(&kept, &one).as_deref(), Ok("\u{feff}a"), "{encoding}");
            assert_eq!(sent(&kept, "\u{feff}a").as_deref(), Ok(&*one));
            let stripped = Text::new(encoding).strip_mark();
            assert_eq!(read(&stripped, &one).as_deref(), Ok("a"), "{encoding}");
            assert_eq!(read(&stripped, a).as_deref(), Ok("a"));
            assert_eq!(read(&stripped, &two).as_deref(), Ok("\u{feff}a"), "only one");
            assert_eq!(sent(&stripped, "a").as_deref(), Ok(a));
            assert!(sent(&stripped, "\u{feff}a").unwrap_err().starts_with("the text begins with U+FEFF"));
            let required = Text::new(encoding).require_mark();
            assert_eq!(read(&required, &one).as_deref(), Ok("a"), "{encoding}");
            assert_eq!(read(&required, a), Err(missing.to_owned()));
            assert_eq!(read(&required, b""), Err(missing.to_owned()));
            assert_eq!(read(&required, mark).as_deref(), Ok(""));
            assert_eq!(sent(&required, "a").as_deref(), Ok(&*one));
            assert_eq!(sent(&required, "\u{feff}a").as_deref(), Ok(&*two));
        }
    }

    #[test]
    fn a_mark_of_another_encoding_changes_nothing() {
        let text = Text::new(Encoding::UTF_16LE).strip_mark();
        assert_eq!(read(&text, b"\xfe\xffa\0").as_deref(), Ok("\u{fffe}a"));
        assert_eq!(read(&Text::new(UTF_8).strip_mark().replace(), b"\xff\xfea").as_deref(), Ok("\u{fffd}\u{fffd}a"));
        assert_eq!(read(&Text::new(Encoding::ISO_8859_1).strip_mark(), b"\xef\xbb\xbfa").as_deref(), Ok("ï»¿a"));
        assert!(sent(&Text::new(Encoding::ISO_8859_1).require_mark(), "a").is_err());
    }

    #[test]
    fn marks_are_of_messages_and_not_of_chunks() {
        assert!(Chunks::new(8).text(Text::new(UTF_8).strip_mark()).compose().is_err());
        assert!(Lines::lf().text(Text::new(UTF_8).strip_mark()).compose().is_ok());
    }

    #[test]
    fn text_comes_in_one_encoding_and_goes_in_another() {
        let text = Text::new(GBK).sends(UTF_8);
        assert_eq!(read(&text, b"\xc4\xe3").as_deref(), Ok("你"));
        assert_eq!(sent(&text, "你😀").as_deref(), Ok("你😀".as_bytes()));
        let other = text.clone().mirror();
        assert_eq!(sent(&other, "你").as_deref(), Ok(&b"\xc4\xe3"[..]));
        assert_eq!(read(&other, "你".as_bytes()).as_deref(), Ok("你"));
        assert_eq!(other.mirror(), text);
        assert_eq!(Text::new(GBK).sends(GBK), Text::new(GBK));
        assert_ne!(Text::new(GBK).sends(UTF_8), Text::new(GBK));
    }

    #[test]
    fn what_ends_a_frame_is_written_in_the_encoding_of_its_direction() {
        let text = Text::new(Encoding::UTF_16LE).sends(GBK);
        fn both_ways<F: Framing + Clone + Send + 'static>(framing: F, text: Text, comes: &[u8], goes: &[u8]) {
            let (framing, mut format) = framing.text(text).compose().unwrap();
            let mut frames = Frames::new(framing.clone());
            frames.push(comes);
            let frame = frames.next().unwrap().unwrap();
            assert_eq!(format.own(frame).unwrap(), "倈|");
            let mut out = BytesMut::new();
            encode_frame(&mut framing.clone(), &mut format, "倈|", &mut out).unwrap();
            assert_eq!(out, goes);
        }
        both_ways(Until::new("，"), text.clone(), b"\x08P|\0\x0c\xff", b"\x82\x7c|\xa3\xac");
        both_ways(Marked::new("<", ">"), text.clone(), b"<\0\x08P|\0>\0", b"<\x82\x7c|>");
        both_ways(Until::new("，"), text.mirror().sends(UTF_8), b"\x82\x7c|\xa3\xac", "倈|，".as_bytes());
    }
}
