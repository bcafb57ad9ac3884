//! A length, then that many bytes.

use std::ops::Range;

use bytes::BytesMut;
use wirework_core::{COUNTED_FRAME, ComposeError, EncodeError, FrameError, Framing, Input, Plain, Step};

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
    pub(crate) shape: Shape,
    pub(super) quick: Quick,
    in_payload: bool,
    /// Header and body of the frame just yielded.
    pub(super) parts: [Range<usize>; 2],
}

/// All that is to be known of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) field: LengthField,
    pub(crate) at: usize,
    pub(crate) kept: bool,
    pub(crate) counts: Counts,
    pub(crate) plus: usize,
    pub(crate) trailer: Vec<u8>,
    pub(crate) specials: Specials,
    pub(crate) max: usize,
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
            max: COUNTED_FRAME,
        };
        Self { quick: Quick::of(&shape), in_payload: shape.is_in_payload(), shape, parts: [0..0, 0..0] }
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

    /// The message is given whole, with its length, also when that stands at the start: what is sent begins with room for it.
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
        self.in_payload = self.shape.is_in_payload();
        self
    }
}

impl Shape {
    /// Whether the length stands in a header that belongs to the payload.
    pub(crate) fn is_in_payload(&self) -> bool {
        self.at > 0 || self.kept || self.field.is_masked()
    }

    /// The most bytes that the length takes, with a second field if one may follow.
    pub(super) fn widest(&self) -> usize {
        let second = self.specials.seconds().map(|(_, second)| second.widest()).max().unwrap_or(0);
        self.field.widest().saturating_add(second)
    }
}

impl Framing for LengthPrefix {
    #[inline(always)]
    fn glance(&self, bytes: &[u8]) -> Option<Plain> {
        let span = self.quick.behind_u32_be(bytes)?;
        Some(Plain { advance: span.end, span })
    }

    #[inline]
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        match self.glance(input.bytes) {
            Some(Plain { span, advance }) => Ok(Step::Frame { span, advance }),
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

    fn filled_in(&mut self, payload: &[u8]) -> Result<Option<Range<usize>>, EncodeError> {
        if !self.shape.is_in_payload() {
            return Ok(None);
        }
        self.shape.head_of(payload).map(|head| Some(self.shape.at..head))
    }

    fn takes_any_byte(&self) -> bool {
        true
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
        if self.in_payload { &self.parts } else { &[] }
    }

    fn validate(&self) -> Result<(), ComposeError> {
        self.shape.validate()
    }
}

#[cfg(test)]
mod tests {
    use wirework_core::{Frames, Raw, encode_frame};

    use super::*;
    use crate::FramingExt;
    use crate::layer::{Check, Constant};
    use crate::notation::Composed;

    /// `wire` holds one frame with this payload, which is sent like this.
    #[track_caller]
    fn both_ways(mut framing: LengthPrefix, wire: &[u8], payload: &[u8]) {
        framing.validate().unwrap();
        let mut frames = Frames::new(framing.clone());
        frames.push(wire);
        assert_eq!(frames.next().unwrap().unwrap().bytes(), payload, "{framing:?}");
        assert!(frames.pending().is_empty(), "{framing:?}");
        let mut out = BytesMut::from(&b"before"[..]);
        encode_frame(&mut framing, &mut Raw, payload, &mut out).unwrap();
        assert_eq!(&out[6..], wire, "{framing:?}");
    }

    fn sent(mut framing: LengthPrefix, payload: &[u8]) -> Result<BytesMut, EncodeError> {
        let mut out = BytesMut::new();
        let done = encode_frame(&mut framing, &mut Raw, payload, &mut out);
        assert!(done.is_ok() || out.is_empty(), "something was written, and refused");
        done.map(|()| out)
    }

    #[test]
    fn the_pictures() {
        let header = b"\x00\x01\x00\x00\x00\x03ABC";
        for (framing, wire, payload) in [
            (LengthPrefix::u16_be(), &b"\x00\x03ABC"[..], &b"ABC"[..]),
            (LengthPrefix::u16_le(), b"\x03\x00ABC", b"ABC"),
            (LengthPrefix::varint(), b"\x03ABC", b"ABC"),
            (LengthPrefix::decimal(4), b"0003ABC", b"ABC"),
            (LengthPrefix::netstring(), b"3:ABC,", b"ABC"),
            (LengthPrefix::u16_be().counts(Counts::Whole), b"\x00\x05ABC", b"ABC"),
            (LengthPrefix::u16_be().plus(1), b"\x00\x02ABC", b"ABC"),
            (LengthPrefix::u16_be().at(4), header, header),
            (LengthPrefix::u16_be().mask(0x0fff), b"\xa0\x03ABC", b"\xa0\x03ABC"),
            (LengthPrefix::varint().at(1), b"\x30\x03ABC", b"\x30\x03ABC"),
            (LengthPrefix::u8().keep(), b"\x03ABC", b"\x03ABC"),
            (LengthPrefix::u24_le(), b"\x03\x00\x00ABC", b"ABC"),
            (LengthPrefix::u64_be(), b"\0\0\0\0\0\0\0\x03ABC", b"ABC"),
            (LengthPrefix::hex(4).uppercase(), b"000CABCDEFGHIJKL", b"ABCDEFGHIJKL"),
            (LengthPrefix::decimal(4).space_padded(), b"   3ABC", b"ABC"),
        ] {
            both_ways(framing, wire, payload);
        }
    }

    #[test]
    fn what_is_counted() {
        for (counts, length) in [(Counts::Body, 3), (Counts::Whole, 6), (Counts::Field, 5), (Counts::From(4), 2)] {
            let wire = [&[b'P', 0, length][..], b"ABC"].concat();
            both_ways(LengthPrefix::u16_be().at(1).counts(counts), &wire, &wire);
        }
    }

    #[test]
    fn special_values() {
        let body = [b'x'; 256];
        let web_socket = LengthPrefix::u8()
            .special(126, Special::Then(LengthField::u16_be()))
            .special(127, Special::Then(LengthField::u64_be()));
        let long = vec![b'x'; 0x1_0000];
        for (framing, header, body) in [
            (LengthPrefix::u8().special(0, Special::Length(256)), &b"\0"[..], &body[..]),
            (web_socket.clone(), b"\x7d", &body[..125]),
            (web_socket.clone(), b"\x7e\x00\x7e", &body[..126]),
            (web_socket.clone(), b"\x7e\xff\xff", &long[1..]),
            (web_socket, b"\x7f\0\0\0\0\0\x01\0\0", &long),
        ] {
            both_ways(framing, &[header, body].concat(), body);
        }
        let reserved = LengthPrefix::u8().special(0, Special::Refuse);
        let refused = sent(reserved.clone(), b"").unwrap_err();
        assert_eq!(refused.to_string(), "no length says 0 bytes: its value is a special one");
        let mut frames = Frames::new(reserved);
        frames.push(b"\0");
        assert!(frames.next().unwrap_err().to_string().ends_with("the length 00 (\"\\x00\"): this value is reserved"));
    }

    #[test]
    fn a_length_inside_a_callers_header_is_filled_in() {
        assert_eq!(sent(LengthPrefix::u16_be().at(1), b"P\xff\xffbody").unwrap(), &b"P\0\x04body"[..]);
        let error = sent(LengthPrefix::u16_be().at(1), b"P\0").unwrap_err();
        assert!(matches!(error, EncodeError::Incomplete(_)), "{error}");
    }

    #[test]
    fn what_a_layer_adds_is_not_taken_for_the_callers_header() {
        for prefix in [LengthPrefix::u8().at(1), LengthPrefix::varint().at(1), LengthPrefix::u16_be().keep()] {
            let mut typed = prefix.clone().layer(Check::xor8());
            let mut composed = Composed::from(prefix.clone()).layer(Check::xor8()).unwrap();
            for refused in [
                encode_frame(&mut typed, &mut Raw, &b"P"[..], &mut BytesMut::new()),
                encode_frame(&mut composed, &mut Raw, &b"P"[..], &mut BytesMut::new()),
            ] {
                assert!(matches!(refused, Err(EncodeError::Incomplete(_))), "{refused:?}: {prefix:?}");
            }
        }
        // What it puts before them is.
        let (prefix, magic) = (LengthPrefix::u8().at(2), Constant::before(b"\xaa\x55"));
        let composed = Composed::from(prefix.clone()).layer(Check::xor8()).unwrap().layer(magic.clone()).unwrap();
        let mut out = [BytesMut::new(), BytesMut::new()];
        encode_frame(&mut prefix.layer(Check::xor8()).layer(magic), &mut Raw, &b"\xff"[..], &mut out[0]).unwrap();
        encode_frame(&mut composed.clone(), &mut Raw, &b"\xff"[..], &mut out[1]).unwrap();
        assert_eq!(out, [&b"\xaa\x55\x01\xfe"[..]; 2]);
    }

    #[test]
    fn a_header_becomes_longer_and_shorter_with_its_length() {
        let body = [b'x'; 200];
        let varint = LengthPrefix::varint().at(1);
        let longer = sent(varint.clone(), &[b"P\0", &body[..]].concat()).unwrap();
        assert_eq!(longer, [b"P\xc8\x01", &body[..]].concat());
        let shorter = sent(varint.clone().trailer(b"!"), b"P\xc8\x01body").unwrap();
        assert_eq!(shorter, &b"P\x04body!"[..]);
        let text = LengthPrefix::decimal_until(b":").at(1).counts(Counts::Whole);
        assert_eq!(sent(text.clone(), b"P0:1234567").unwrap(), &b"P11:1234567"[..], "its own width is counted");
        assert_eq!(sent(text, b"P0:123456").unwrap(), &b"P9:123456"[..]);
        for header in [&b"P\x80"[..], b"P", b"", &[0x80; 12]] {
            let error = sent(varint.clone(), header).unwrap_err();
            assert!(matches!(error, EncodeError::Incomplete(_)), "{error}");
        }
    }

    #[test]
    fn what_is_right_already_stays_as_it_is() {
        let longest = LengthPrefix::u8().at(1).special(126, Special::Then(LengthField::u16_be()));
        for (framing, wire) in [
            (LengthPrefix::varint().at(1), &b"P\x84\x80\x00body"[..]),
            (LengthPrefix::ber().at(1), b"P\x82\x00\x04body"),
            (LengthPrefix::decimal_until(b":").keep(), b"004:body"),
            (longest, b"P\x7e\x00\x04body"),
        ] {
            both_ways(framing, wire, wire);
        }
    }

    #[test]
    fn bits_that_are_no_length_are_the_callers() {
        let flags = LengthPrefix::u8().mask(0x7f).special(126, Special::Then(LengthField::u16_be()));
        assert_eq!(sent(flags.clone(), b"\x80body").unwrap(), &b"\x84body"[..]);
        let long = sent(flags.clone(), &[&b"\x80"[..], &[b'x'; 200]].concat()).unwrap();
        assert_eq!(long[..4], *b"\xfe\x00\xc8x");
        assert_eq!(sent(flags, b"\xfe\xff\xffbody").unwrap(), &b"\x84body"[..]);
    }

    #[test]
    fn the_parts_are_header_and_body() {
        let mut frames = Frames::new(LengthPrefix::u8().at(1).plus(1).trailer(b"!"));
        frames.push(b"P\x02abc!");
        assert_eq!(frames.next().unwrap().unwrap().parts(), [0..2, 2..5]);
        let mut front = Frames::new(LengthPrefix::varint());
        front.push(b"\x01a");
        assert_eq!(front.next().unwrap().unwrap().parts(), []);
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
    fn an_error_names_the_bytes_of_the_length() {
        let whole = LengthPrefix::u32_be().counts(Counts::Whole);
        let then = LengthPrefix::u8().special(126, Special::Then(LengthField::varint()));
        for (framing, wire, why) in [
            (whole, &b"\0\0\0\x03"[..], "a length of 3 is too small: it counts the 4 bytes of its own header"),
            (LengthPrefix::u8().at(1).counts(Counts::Whole).plus(9), b"P\x01123456789", "the length 01 (\"\\x01\")"),
            (LengthPrefix::decimal(4).at(2), b"xx+123", "the length 2B (\"+\"): \"+\" is no decimal digit"),
            (LengthPrefix::decimal_until(b":"), b"12a", "12a\"): \"a\" is no decimal digit, and not \":\""),
            (LengthPrefix::ber(), b"\x80", "the length 80 (\"\\x80\"): it is the indefinite form"),
            (then, b"\x7e\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "the length 7E FF FF FF FF FF FF FF FF FF FF"),
            (LengthPrefix::netstring(), b"1:ab", "62 (\"b\") stands where 2C (\",\") must end it"),
        ] {
            let mut frames = Frames::new(framing.clone());
            frames.push(wire);
            let error = frames.next().unwrap_err();
            assert!(error.is_fatal() && error.to_string().contains(why), "{framing:?}: {error}");
        }
    }

    #[test]
    fn what_the_field_or_the_limit_cannot_say_is_refused() {
        let error = sent(LengthPrefix::u8().at(300).counts(Counts::Whole), &[0; 301]).unwrap_err();
        assert!(
            matches!(error, EncodeError::TooLong { .. }),
            "the header alone is longer than a byte can say: {error}"
        );
        for (framing, most) in [
            (LengthPrefix::u8(), 255),
            (LengthPrefix::u8().counts(Counts::Whole), 254),
            (LengthPrefix::u8().plus(2), 257),
            (LengthPrefix::u8().special(255, Special::Refuse), 254),
            (LengthPrefix::decimal(2), 99),
            (LengthPrefix::bcd(1), 99),
            (LengthPrefix::u8().counts(Counts::From(5)), 259),
            (LengthPrefix::u32_be().max_len(4), 4),
            (LengthPrefix::varint().max_len(4), 4),
        ] {
            let error = sent(framing.clone(), &vec![0; most + 1]).unwrap_err();
            let EncodeError::TooLong { max, .. } = error else { panic!("{framing:?}: {error}") };
            assert_eq!(max, most as u64, "{framing:?}");
            sent(framing, &vec![0; most]).unwrap();
        }
        let whole = LengthPrefix::u8().counts(Counts::Whole);
        for framing in [LengthPrefix::u8().plus(2), whole.plus(2), LengthPrefix::u8().counts(Counts::From(3))] {
            assert!(matches!(sent(framing, b"x").unwrap_err(), EncodeError::Incomplete(_)));
        }
    }

    #[test]
    fn equal_is_what_is_put_together_equally() {
        let mut used = LengthPrefix::u8().at(1);
        used.split(Input { bytes: b"P\0", tail: wirework_core::Tail::Open }).unwrap();
        assert_eq!(used, LengthPrefix::u8().at(1));
        assert_ne!(used, LengthPrefix::u8().at(2));
    }
}
