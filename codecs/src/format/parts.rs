//! Payloads in the parts that their framing knows of.

use std::ops::{Deref, Range};

use bytes::{Bytes, BytesMut};
use wirework_core::{EncodeError, Format, FormatError, Frame, Mirror};

/// A message is the parts of its payload: those that the framing knows of, such as head and body.
///
/// ```text
/// Head::new(lines, Declared::last_word(["PUB"])).then("\r\n")    PUB a 5 CR LF hello CR LF    →   PUB a 5, hello
/// ```
///
/// Lent it is [`Parts`], owned [`OwnedParts`]. What is sent is the whole payload, as bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InParts;

/// The parts of one payload, lent.
///
/// A framing that knows of no parts gives none, not one: [`whole`](Parts::whole) is there in any case.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    whole: &'a [u8],
    places: &'a [Range<usize>],
}

impl<'a> Parts<'a> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The `index`-th part, counted from 0, if there are as many.
    pub fn get(&self, index: usize) -> Option<&'a [u8]> {
        self.places.get(index).map(|place| part(self.whole, place))
    }

    /// One after the other.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &'a [u8]> + ExactSizeIterator + use<'a> {
        let whole = self.whole;
        self.places.iter().map(move |place| part(whole, place))
    }

    /// The whole payload, with what is between the parts.
    pub fn whole(&self) -> &'a [u8] {
        self.whole
    }
}

/// The parts of one payload, owned: a slice of them. As [`Parts`], it may be empty.
///
/// ```
/// # use wirework_codecs::combine::{Declared, Head};
/// # use wirework_codecs::{FramingExt, Lines};
/// # use wirework_core::{Codec, Format, Frame};
/// # let nats = Head::new(Lines::crlf(), Declared::last_word(["PUB"]));
/// # let (_, mut format) = nats.in_parts().compose()?;
/// # let message = format.own(Frame::lent(b"PING", &[]))?;
/// match &message[..] {
///     [head, body] => println!("{head:?} with {} bytes", body.len()),
///     _ => println!("{:?}", message.whole()),
/// }
/// # assert_eq!(*message.whole(), "PING");
/// # Ok::<(), wirework_core::BoxError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedParts {
    whole: Bytes,
    parts: Vec<Bytes>,
}

impl OwnedParts {
    /// The whole payload, with what is between the parts.
    pub fn whole(&self) -> &Bytes {
        &self.whole
    }
}

impl Deref for OwnedParts {
    type Target = [Bytes];

    fn deref(&self) -> &[Bytes] {
        &self.parts
    }
}

/// A part that a framing of one's own puts outside of the payload is empty.
fn part<'a>(whole: &'a [u8], place: &Range<usize>) -> &'a [u8] {
    whole.get(place.clone()).unwrap_or_default()
}

impl Format for InParts {
    type Message<'a> = Parts<'a>;
    type Owned = OwnedParts;
    type Reply = [u8];

    #[inline]
    fn view<'a>(&mut self, frame: Frame<'a>, _scratch: &'a mut String) -> Result<Parts<'a>, FormatError> {
        Ok(Parts { whole: frame.bytes(), places: frame.parts() })
    }

    /// All parts share one copy of a payload that had to be copied. Of one that shares the buffer it was read into, small
    /// parts are copied for themselves, as small payloads are.
    fn own(&mut self, frame: Frame<'_>) -> Result<OwnedParts, FormatError> {
        let whole = frame.to_bytes();
        let is_copy = whole.as_ptr() != frame.bytes().as_ptr();
        let parts = frame.parts().iter().map(|place| match part(&whole, place) {
            part if is_copy => whole.slice_ref(part),
            part => Frame::shared(part, &whole, &[]).to_bytes(),
        });
        Ok(OwnedParts { parts: parts.collect(), whole })
    }

    fn encode(&mut self, reply: &[u8], out: &mut BytesMut) -> Result<(), EncodeError> {
        out.extend_from_slice(reply);
        Ok(())
    }
}

impl Mirror for InParts {
    type Other = Self;

    fn mirror(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lent_and_owned_are_the_same_parts() {
        let places = [0..3, 5..9, 9..9, 4..99];
        let parts = InParts.view(Frame::lent(b"PUB, body", &places), &mut String::new()).map(|parts| {
            assert_eq!((parts.len(), parts.is_empty(), parts.whole()), (4, false, &b"PUB, body"[..]));
            assert_eq!((parts.get(1), parts.get(4)), (Some(&b"body"[..]), None));
            parts.iter().map(<[u8]>::to_vec).collect::<Vec<_>>()
        });
        let parts = parts.unwrap();
        assert_eq!(parts, [&b"PUB"[..], b"body", b"", b""]);
        let owned = InParts.own(Frame::lent(b"PUB, body", &places)).unwrap();
        assert_eq!(owned[..], parts[..]);
        assert_eq!(owned.whole(), "PUB, body");
        let owned = InParts.own(Frame::lent(b"PUB", &[])).unwrap();
        assert!(owned.is_empty());
        assert_eq!(owned.whole(), "PUB");
    }

    #[test]
    fn parts_share_where_that_pays() {
        let buffer = Bytes::from(vec![b'x'; 2000]);
        let places = [0..1000, 1000..1010];
        let parts = InParts.own(Frame::shared(&buffer, &buffer, &places)).unwrap();
        assert_eq!(parts[0].as_ptr(), buffer.as_ptr(), "a large one shares the buffer");
        assert!(!buffer.as_ptr_range().contains(&parts[1].as_ptr()), "a small one does not keep it");
        let parts = InParts.own(Frame::lent(&buffer, &places)).unwrap();
        assert_eq!(parts[1].as_ptr(), parts[0].as_ptr_range().end, "both share what had to be copied");
    }
}
