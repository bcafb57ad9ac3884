//! A length, then that many bytes.

use std::ops::Range;

use bytes::BytesMut;
use wirework_core::{ComposeError, EncodeError, FrameError, Framing, Input, Limits, Step};

use super::Counts;
use super::field::LengthField;
use super::quick::Quick;
use super::special::{Special, Specials};

/// A length, then that many bytes.
///
/// ```text
/// LengthPrefix::u16_be()                          [00 03] 41 42 43                  →   41 42 43
/// LengthPrefix::u16_le()                          [03 00] 41 42 43                  →   41 42 43
/// LengthPrefix::varint()                          [03] 41 42 43                     →   41 42 43
/// LengthPrefix::decimal(4)                        [30 30 30 33] 41 42 43            →   41 42 43
/// LengthPrefix::netstring()                       [33 3A] 41 42 43 2C               →   41 42 43
/// LengthPrefix::u16_be().counts(Counts::Whole)    [00 05] 41 42 43                  →   41 42 43
/// LengthPrefix::u16_be().plus(1)                  [00 02] 41 42 43                  →   41 42 43
/// LengthPrefix::u16_be().at(4)                    00 01 00 00 [00 03] 41 42 43      →   00 01 00 00 00 03 41 42 43
/// LengthPrefix::u16_be().mask(0x0fff)             [A0 03] 41 42 43                  →   A0 03 41 42 43
/// LengthPrefix::varint().at(1)                    30 [03] 41 42 43                  →   30 03 41 42 43
/// ```
///
/// The kinds of fields are those of [`LengthField`].
///
/// Behind an offset, or among bits that mean something else, the length stands inside the protocol's own header, which the
/// message needs: there the payload is the whole frame, and its [parts](Framing::parts) are the header, up to the end of the
/// length, and the body. When such a message is sent, its header is the caller's and the length in it is filled in, which
/// may make a field of variable width longer or shorter. Any length may stand there before; one that is right already stays
/// as it is.
///
/// A length beyond [`max_len`](LengthPrefix::max_len) loses the stream at once; nothing is ever reserved because of a
/// length that a peer has written. So does one that is malformed, or that counts bytes of its own header and is smaller than
/// these. Where a length can be written in several ways the shortest is sent, and all are read.
#[derive(Clone, Debug)]
pub struct LengthPrefix {
    pub(super) shape: Shape,
    quick: Quick,
    /// Header and body of the frame just yielded.
    pub(super) parts: [Range<usize>; 2],
}

/// All that is to be known of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(super) field: LengthField,
    pub(super) at: usize,
    pub(super) kept: bool,
    pub(super) counts: Counts,
    pub(super) plus: usize,
    pub(super) trailer: Vec<u8>,
    pub(super) specials: Specials,
    pub(super) max: usize,
}

/// Compares how they are put together.
impl PartialEq for LengthPrefix {
    fn eq(&self, other: &Self) -> bool {
        self.shape == other.shape
    }
}

impl Eq for LengthPrefix {}

impl LengthPrefix {
    /// A length that is written like this.
    pub fn new(field: LengthField) -> Self {
        let shape = Shape {
            field,
            at: 0,
            kept: false,
            counts: Counts::Body,
            plus: 0,
            trailer: Vec::new(),
            specials: Specials::default(),
            max: Limits::COUNTED_FRAME,
        };
        Self { quick: Quick::of(&shape), shape, parts: [0..0, 0..0] }
    }

    /// [Netstrings](https://cr.yp.to/proto/netstrings.txt): decimal digits up to a colon, and a comma at the end.
    pub fn netstring() -> Self {
        Self::decimal_until(b":").trailer(b",")
    }

    /// The length stands behind `offset` other bytes, which belong to the message: it is given whole.
    pub fn at(self, offset: usize) -> Self {
        self.with(|shape| shape.at = offset)
    }

    /// Only these bits of a binary number are the length, shifted down: `0x0ff0` takes `12` out of `F1 23`. The others are
    /// the caller's, so that the message is given whole.
    pub fn mask(self, bits: u64) -> Self {
        self.with(|shape| shape.field.mask(bits))
    }

    /// The message is given whole, with its length, also when that stands at the start.
    pub fn keep(self) -> Self {
        self.with(|shape| shape.kept = true)
    }

    /// What the length counts. Default: [`Counts::Body`].
    pub fn counts(self, counts: Counts) -> Self {
        self.with(|shape| shape.counts = counts)
    }

    /// This many more bytes stand behind what is counted, such as those of a check. They belong to the payload.
    pub fn plus(self, bytes: usize) -> Self {
        self.with(|shape| shape.plus = bytes)
    }

    /// These bytes stand behind it all, neither counted nor part of the payload. Others there lose the stream.
    pub fn trailer(self, trailer: impl AsRef<[u8]>) -> Self {
        self.with(|shape| shape.trailer = trailer.as_ref().to_vec())
    }

    /// This value of the field is no length, but means something else.
    pub fn special(self, value: u64, meaning: Special) -> Self {
        self.with(|shape| shape.specials.0.push((value, meaning)))
    }

    /// The most bytes that may stand behind the length, whatever that counts; a [`trailer`](Self::trailer) comes on top.
    /// Default: 1 MiB.
    pub fn max_len(self, max: usize) -> Self {
        self.with(|shape| shape.max = max)
    }

    /// Digits are padded with spaces in front, not with zeros, as in [`LengthField::space_padded`].
    pub fn space_padded(self) -> Self {
        self.with(|shape| shape.field = shape.field.clone().space_padded())
    }

    /// Hexadecimal digits are written in upper case, as in [`LengthField::uppercase`].
    pub fn uppercase(self) -> Self {
        self.with(|shape| shape.field = shape.field.clone().uppercase())
    }

    fn with(mut self, change: impl FnOnce(&mut Shape)) -> Self {
        change(&mut self.shape);
        self.quick = Quick::of(&self.shape);
        self
    }
}

impl Shape {
    /// Whether the length stands in a header that belongs to the payload.
    pub(super) fn is_in_payload(&self) -> bool {
        self.at > 0 || self.kept || self.field.is_masked()
    }

    /// The most bytes that the length takes, with a second field if one may follow.
    pub(super) fn widest(&self) -> usize {
        let second = self.specials.seconds().map(|(_, second)| second.widest()).max().unwrap_or(0);
        self.field.widest().saturating_add(second)
    }
}

impl Framing for LengthPrefix {
    #[inline]
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        match self.quick.end(input.bytes) {
            Some(end) => Ok(Step::Frame { span: self.quick.head..end, advance: end }),
            None => self.split_any(input.bytes),
        }
    }

    fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        if self.shape.is_in_payload() {
            self.shape.fill_in(out, start)?;
        } else {
            self.shape.put_in_front(out, start, self.header_len())?;
        }
        out.extend_from_slice(&self.shape.trailer);
        Ok(())
    }

    fn header_len(&self) -> usize {
        if self.shape.is_in_payload() { 0 } else { self.shape.widest() }
    }

    fn trailer_len(&self) -> usize {
        self.shape.trailer.len()
    }

    fn fills_in(&self) -> bool {
        self.shape.is_in_payload()
    }

    fn max_len(&self) -> usize {
        let header = self.shape.at.saturating_add(self.shape.widest());
        header.saturating_add(self.shape.max).saturating_add(self.shape.trailer.len())
    }

    #[inline]
    fn parts(&self) -> &[Range<usize>] {
        if self.shape.is_in_payload() { &self.parts } else { &[] }
    }

    fn validate(&self) -> Result<(), ComposeError> {
        self.shape.validate()
    }
}

#[cfg(test)]
mod tests {
    use wirework_core::{Frames, Raw, encode_frame};

    use super::*;

    #[test]
    fn the_pictures() {
        let header = b"\x00\x01\x00\x00\x00\x03ABC";
        for (mut framing, wire, payload) in [
            (LengthPrefix::u16_be(), &b"\x00\x03ABC"[..], &b"ABC"[..]),
            (LengthPrefix::u16_le(), b"\x03\x00ABC", b"ABC"),
            (LengthPrefix::u16_be().counts(Counts::Whole), b"\x00\x05ABC", b"ABC"),
            (LengthPrefix::u16_be().at(4), header, header),
            (LengthPrefix::u24_le(), b"\x03\x00\x00ABC", b"ABC"),
            (LengthPrefix::u64_be(), b"\0\0\0\0\0\0\0\x03ABC", b"ABC"),
        ] {
            let mut frames = Frames::new(framing.clone());
            frames.push(wire);
            assert_eq!(frames.next().unwrap().unwrap().bytes(), payload, "{framing:?}");
            let mut out = BytesMut::new();
            encode_frame(&mut framing, &mut Raw, payload, &mut out).unwrap();
            assert_eq!(out, wire, "{framing:?}");
        }
    }

    #[test]
    fn a_length_inside_a_callers_header_is_filled_in() {
        let mut out = BytesMut::new();
        encode_frame(&mut LengthPrefix::u16_be().at(1), &mut Raw, b"P\xff\xffbody", &mut out).unwrap();
        assert_eq!(&out[..], b"P\0\x04body");
        let error = encode_frame(&mut LengthPrefix::u16_be().at(1), &mut Raw, b"P\0", &mut out).unwrap_err();
        assert!(matches!(error, EncodeError::Incomplete(_)), "{error}");
        assert_eq!(out.len(), 7, "nothing of it was written");
    }

    #[test]
    fn a_claim_beyond_the_limit_ends_the_stream_before_anything_is_held() {
        let mut frames = Frames::new(LengthPrefix::u64_be());
        frames.push(&u64::MAX.to_be_bytes());
        let error = frames.next().unwrap_err();
        assert!(error.is_fatal() && error.to_string().contains("it claims 18446744073709551615"), "{error}");
        assert_eq!(frames.capacity(), 0);
    }

    #[test]
    fn a_length_that_does_not_cover_its_own_header_is_malformed() {
        let mut frames = Frames::new(LengthPrefix::u32_be().counts(Counts::Whole));
        frames.push(&[0, 0, 0, 3]);
        assert!(frames.next().unwrap_err().to_string().contains("a length of 3 is too small"));
    }

    #[test]
    fn what_the_field_or_the_limit_cannot_say_is_refused() {
        let mut short = LengthPrefix::u8().at(300).counts(Counts::Whole);
        let error = encode_frame(&mut short, &mut Raw, &[0; 301], &mut BytesMut::new()).unwrap_err();
        assert!(
            matches!(error, EncodeError::TooLong { .. }),
            "the header alone is longer than a byte can say: {error}"
        );
        for (mut framing, len) in [(LengthPrefix::u8(), 256), (LengthPrefix::u32_be().max_len(4), 5)] {
            let mut out = BytesMut::new();
            let error = encode_frame(&mut framing, &mut Raw, &vec![0; len], &mut out).unwrap_err();
            assert!(matches!(error, EncodeError::TooLong { .. }) && out.is_empty(), "{error}");
            encode_frame(&mut framing, &mut Raw, &vec![0; len - 1], &mut out).unwrap();
        }
    }
}
