//! What the payload of a frame means.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use crate::{EncodeError, Encodings, FormatError, Framing};

/// What one frame means: from a payload to a message and back.
///
/// A message is *lent* where that is enough ([`view`](Format::view): a `&str` straight out of the read buffer) and
/// *owned* where it must outlive the buffer ([`own`](Format::own): a `String`). An error concerns this one message; the
/// frame boundary is never lost by it.
///
/// | format | `Message<'a>` | `Owned` | `Reply` |
/// |---|---|---|---|
/// | [`Raw`] | `&'a [u8]` | `Bytes` | `[u8]` |
/// | text | `&'a str` | `String` | `str` |
/// | JSON | `In` | `In` | `Out` |
pub trait Format: Clone + Send + 'static {
    /// A message that came in, lent.
    type Message<'a>;
    /// A message that came in, owned.
    type Owned: Send + 'static;
    /// What is written back.
    type Reply: ?Sized;

    /// Lends the message that a frame holds. `scratch` is there for what must be rewritten; what it held is overwritten.
    fn view<'a>(&mut self, frame: Frame<'a>, scratch: &'a mut String) -> Result<Self::Message<'a>, FormatError>;

    /// Gives the message that a frame holds.
    fn own(&mut self, frame: Frame<'_>) -> Result<Self::Owned, FormatError>;

    /// Appends the payload that says `reply` to `out`. On an error the caller drops what was written.
    fn encode(&mut self, reply: &Self::Reply, out: &mut BytesMut) -> Result<(), EncodeError>;

    /// The encodings of the text in the payload, where it is text: the framing is told, so that it cuts between characters.
    fn encodings(&self) -> Option<Encodings> {
        None
    }

    /// Learns what `read`, which reads what the other end sends, has seen: told after each message that came and was none of the
    /// bad, and before the next is sent. A message may say in which encoding the answers are to be. The halves of a connection
    /// that was split are not told of each other.
    #[inline]
    fn follow(&mut self, read: &Self) {
        let _ = read;
    }
}

/// A format that has another side: what one end sends is what the other receives.
pub trait Mirror {
    /// The other side.
    type Other;

    /// The codec or format for the other end of the connection.
    fn mirror(self) -> Self::Other;
}

/// Most framings are the same from both ends.
impl<F: Framing> Mirror for F {
    type Other = Self;

    fn mirror(mut self) -> Self {
        self.swap_sides();
        self
    }
}

/// The payload of one whole frame.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    bytes: &'a [u8],
    parts: &'a [Range<usize>],
    owner: Option<&'a Bytes>,
}

impl<'a> Frame<'a> {
    /// A payload in a buffer that somebody else holds.
    #[inline]
    pub fn lent(bytes: &'a [u8], parts: &'a [Range<usize>]) -> Self {
        Self { bytes, parts, owner: None }
    }

    /// A payload within `owner`, which [`to_bytes`](Frame::to_bytes) can share.
    #[inline]
    pub fn shared(bytes: &'a [u8], owner: &'a Bytes, parts: &'a [Range<usize>]) -> Self {
        Self { bytes, parts, owner: Some(owner) }
    }

    /// The payload.
    #[inline]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The parts of the payload that the framing knows of, see [`Framing::parts`](crate::Framing::parts).
    #[inline]
    pub fn parts(&self) -> &'a [Range<usize>] {
        self.parts
    }

    /// The payload, owned. A large one shares the buffer, where that can be; one of up to 256 bytes is copied, which takes
    /// less time than counting who shares the buffer, and does not keep all of it in memory for a few bytes.
    #[inline]
    pub fn to_bytes(&self) -> Bytes {
        match self.owner {
            Some(owner) if self.bytes.len() > Self::COPIED => owner.slice_ref(self.bytes),
            _ => Bytes::copy_from_slice(self.bytes),
        }
    }

    /// Where a copy and a share cost about the same: for frames that are kept, between 128 and 256 bytes; for those that are
    /// dropped at once, between 512 and 1024.
    const COPIED: usize = 256;
}

/// The format of a framing that is given none: messages are the bytes of the payload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Raw;

impl Format for Raw {
    type Message<'a> = &'a [u8];
    type Owned = Bytes;
    type Reply = [u8];

    fn view<'a>(&mut self, frame: Frame<'a>, _scratch: &'a mut String) -> Result<&'a [u8], FormatError> {
        Ok(frame.bytes())
    }

    fn own(&mut self, frame: Frame<'_>) -> Result<Bytes, FormatError> {
        Ok(frame.to_bytes())
    }

    fn encode(&mut self, reply: &[u8], out: &mut BytesMut) -> Result<(), EncodeError> {
        out.extend_from_slice(reply);
        Ok(())
    }
}

impl Mirror for Raw {
    type Other = Self;

    fn mirror(self) -> Self {
        self
    }
}

/// Whatever can be sent where a codec sends `T`: for text (`T` is `str`) a `&str`, a `String`, a `Cow`; for bytes
/// (`[u8]`) a slice, an array, a `Vec`, a `Bytes`; for anything else a `T` or a `&T`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent: this codec sends `{T}`",
    label = "this is a `{Self}`",
    note = "where a codec sends `str`, give `&str`, `String` or `Cow<str>`; where it sends `[u8]`, give `&[u8]`, `Vec<u8>` or `Bytes`; where it sends another type, give that type or a reference to it",
    note = "a handler may return such a value, an `Option` of it (`None`: no reply), or a `Result` of either (`Err`: the conversation ends)"
)]
pub trait AsReply<T: ?Sized> {
    /// What is to be encoded.
    fn as_reply(&self) -> &T;
}

impl<T> AsReply<T> for T {
    fn as_reply(&self) -> &T {
        self
    }
}

impl<T> AsReply<T> for &T {
    fn as_reply(&self) -> &T {
        self
    }
}

macro_rules! as_reply {
    ($target:ty: $($source:ty),* $(,)?) => {$(
        impl AsReply<$target> for $source {
            fn as_reply(&self) -> &$target {
                self.as_ref()
            }
        }
    )*};
}

as_reply!(str: &str, String, &String, Cow<'_, str>, Box<str>, Arc<str>);
as_reply!([u8]: &[u8], Vec<u8>, &Vec<u8>, Bytes, &Bytes, BytesMut, Cow<'_, [u8]>, Box<[u8]>, Arc<[u8]>, &str, String);

impl<const N: usize> AsReply<[u8]> for [u8; N] {
    fn as_reply(&self) -> &[u8] {
        self
    }
}

impl<const N: usize> AsReply<[u8]> for &[u8; N] {
    fn as_reply(&self) -> &[u8] {
        *self
    }
}
