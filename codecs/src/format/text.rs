//! Payloads that are text.

use bytes::BytesMut;
use wirework_core::{
    DecodePolicy, EncodeError, EncodePolicy, Encodings, Format, FormatError, Frame, Mirror, TextEncoding,
};

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
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text<E = Encoding> {
    pub(crate) encoding: E,
    pub(crate) decode: DecodePolicy,
    pub(crate) encode: EncodePolicy,
}

impl<E: TextEncoding> Text<E> {
    /// Strict text: what is malformed is a bad message, what the encoding lacks cannot be sent.
    pub fn new(encoding: E) -> Self {
        Self { encoding, decode: DecodePolicy::Strict, encode: EncodePolicy::Error }
    }

    /// What happens to malformed bytes that come in.
    pub fn on_malformed(mut self, policy: DecodePolicy) -> Self {
        self.decode = policy;
        self
    }

    /// What happens to characters going out that the encoding lacks.
    pub fn on_unmappable(mut self, policy: EncodePolicy) -> Self {
        self.encode = policy;
        self
    }

    /// Malformed sequences become U+FFFD �.
    pub fn replace(self) -> Self {
        self.on_malformed(DecodePolicy::Replace)
    }

    /// The bytes of malformed sequences become `\xNN`; for a log, see [`Escaped`](crate::Escaped).
    pub fn escape(self) -> Self {
        self.on_malformed(DecodePolicy::Escape)
    }

    /// Characters that the encoding lacks become `?`.
    pub fn substitute(self) -> Self {
        self.on_unmappable(EncodePolicy::Substitute)
    }
}

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
        if let Some(text) = self.encoding.as_utf8(frame.bytes()) {
            return Ok(text);
        }
        scratch.clear();
        self.encoding.decode(frame.bytes(), self.decode, scratch)?;
        Ok(scratch)
    }

    #[inline]
    fn own(&mut self, frame: Frame<'_>) -> Result<String, FormatError> {
        if let Some(text) = self.encoding.as_utf8(frame.bytes()) {
            return Ok(text.to_owned());
        }
        let mut text = String::new();
        self.encoding.decode(frame.bytes(), self.decode, &mut text)?;
        Ok(text)
    }

    fn encode(&mut self, reply: &str, out: &mut BytesMut) -> Result<(), EncodeError> {
        self.encoding.encode(reply, self.encode, out)
    }

    fn encodings(&self) -> Option<Encodings> {
        Some(Encodings::one(self.encoding.clone()))
    }
}

impl<E> Mirror for Text<E> {
    type Other = Self;

    fn mirror(self) -> Self {
        self
    }
}
