//! Frames that say how long they are.

use bytes::BytesMut;
use wirework_core::{EncodeError, FrameError, Framing, Input, Limits, Step};

/// A length, then that many bytes.
///
/// ```text
/// LengthPrefix::u16_be()                          [00 03] 41 42 43                  →   41 42 43
/// LengthPrefix::u16_le()                          [03 00] 41 42 43                  →   41 42 43
/// LengthPrefix::u16_be().counts(Counts::Whole)    [00 05] 41 42 43                  →   41 42 43
/// LengthPrefix::u16_be().at(4)                    00 01 00 00 [00 03] 41 42 43      →   00 01 00 00 00 03 41 42 43
/// ```
///
/// Behind an offset the length stands inside the protocol's own header, which the message needs: there the payload is the
/// whole frame. When such a message is sent, its header is the caller's and the length in it is filled in.
///
/// A length beyond [`max_len`](LengthPrefix::max_len) loses the stream at once; nothing is ever reserved because of a
/// length that a peer has written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LengthPrefix {
    width: Width,
    order: ByteOrder,
    at: usize,
    counts: Counts,
    max: usize,
}

/// The order of the bytes of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ByteOrder {
    /// The most significant byte first: network order.
    Big,
    /// The least significant byte first.
    Little,
}

/// What a length counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Counts {
    /// The bytes behind the length.
    #[default]
    Body,
    /// All bytes of the frame, with the length itself and what stands before it.
    Whole,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Width {
    One,
    Two,
    Three,
    Four,
    Eight,
}

impl LengthPrefix {
    /// A length of 1 byte.
    pub fn u8() -> Self {
        Self::new(Width::One, ByteOrder::Big)
    }

    /// A length of 2 bytes, most significant first.
    pub fn u16_be() -> Self {
        Self::new(Width::Two, ByteOrder::Big)
    }

    /// A length of 2 bytes, least significant first.
    pub fn u16_le() -> Self {
        Self::new(Width::Two, ByteOrder::Little)
    }

    /// A length of 3 bytes, most significant first.
    pub fn u24_be() -> Self {
        Self::new(Width::Three, ByteOrder::Big)
    }

    /// A length of 3 bytes, least significant first.
    pub fn u24_le() -> Self {
        Self::new(Width::Three, ByteOrder::Little)
    }

    /// A length of 4 bytes, most significant first.
    pub fn u32_be() -> Self {
        Self::new(Width::Four, ByteOrder::Big)
    }

    /// A length of 4 bytes, least significant first.
    pub fn u32_le() -> Self {
        Self::new(Width::Four, ByteOrder::Little)
    }

    /// A length of 8 bytes, most significant first.
    pub fn u64_be() -> Self {
        Self::new(Width::Eight, ByteOrder::Big)
    }

    /// A length of 8 bytes, least significant first.
    pub fn u64_le() -> Self {
        Self::new(Width::Eight, ByteOrder::Little)
    }

    fn new(width: Width, order: ByteOrder) -> Self {
        Self { width, order, at: 0, counts: Counts::Body, max: Limits::COUNTED_FRAME }
    }

    /// The length stands behind `offset` other bytes, which belong to the message: it is given whole.
    pub fn at(mut self, offset: usize) -> Self {
        self.at = offset;
        self
    }

    /// What the length counts. Default: [`Counts::Body`].
    pub fn counts(mut self, counts: Counts) -> Self {
        self.counts = counts;
        self
    }

    /// The most bytes that may stand behind the length, whatever that counts. Default: 1 MiB.
    pub fn max_len(mut self, max: usize) -> Self {
        self.max = max;
        self
    }

    /// How many bytes stand before the body.
    #[inline]
    fn head(&self) -> usize {
        self.at.saturating_add(self.width.bytes())
    }

    /// What the length counts besides the body.
    #[inline]
    fn counted_head(&self) -> u64 {
        match self.counts {
            Counts::Body => 0,
            Counts::Whole => self.head() as u64,
        }
    }

    /// A claim beyond the limit, both as the length counts.
    #[cold]
    fn too_long(&self, claimed: u64) -> FrameError {
        let head = usize::try_from(self.counted_head()).unwrap_or(usize::MAX);
        FrameError::TooLong { claimed: Some(claimed), max: self.max.saturating_add(head) }
    }

    /// The number that a length field holds, if it is all there.
    #[inline]
    fn read(&self, field: &[u8]) -> Option<u64> {
        let big = self.order == ByteOrder::Big;
        Some(match self.width {
            Width::One => u64::from(*field.first()?),
            Width::Two => {
                let bytes = *field.first_chunk::<2>()?;
                u64::from(if big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
            }
            Width::Three => {
                let [a, b, c] = *field.first_chunk::<3>()?;
                u64::from(if big { u32::from_be_bytes([0, a, b, c]) } else { u32::from_le_bytes([a, b, c, 0]) })
            }
            Width::Four => {
                let bytes = *field.first_chunk::<4>()?;
                u64::from(if big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
            }
            Width::Eight => {
                let bytes = *field.first_chunk::<8>()?;
                if big { u64::from_be_bytes(bytes) } else { u64::from_le_bytes(bytes) }
            }
        })
    }
}

impl Width {
    #[inline]
    fn bytes(self) -> usize {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Three => 3,
            Self::Four => 4,
            Self::Eight => 8,
        }
    }

    fn max(self) -> u64 {
        match self {
            Self::One => u64::from(u8::MAX),
            Self::Two => u64::from(u16::MAX),
            Self::Three => (1 << 24) - 1,
            Self::Four => u64::from(u32::MAX),
            Self::Eight => u64::MAX,
        }
    }
}

impl Framing for LengthPrefix {
    #[inline]
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        let head = self.head();
        let Some(counted) = input.bytes.get(self.at..).and_then(|field| self.read(field)) else {
            return Ok(Step::More(head - input.bytes.len()));
        };
        let Some(body) = counted.checked_sub(self.counted_head()) else {
            return Err(FrameError::malformed(format!(
                "a length of {counted} is too small: it counts the {head} bytes of its own header"
            )));
        };
        let len = match usize::try_from(body) {
            Ok(len) if len <= self.max => len,
            _ => return Err(self.too_long(counted)),
        };
        let Some(end) = head.checked_add(len) else { return Err(self.too_long(counted)) };
        if input.bytes.len() < end {
            return Ok(Step::More(end - input.bytes.len()));
        }
        let start = if self.at == 0 { head } else { 0 };
        Ok(Step::Frame { span: start..end, advance: end })
    }

    fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        let head = self.head();
        let Some(len) = out.len().checked_sub(start.saturating_add(head)) else {
            return Err(EncodeError::Incomplete(
                format!("the message lacks its header: {head} bytes, with room for the length at byte {}", self.at)
                    .into(),
            ));
        };
        let Some(sayable) = self.width.max().checked_sub(self.counted_head()) else {
            return Err(EncodeError::TooLong { len: out.len() - start, max: self.width.max() });
        };
        let body_max = sayable.min(self.max as u64);
        if len as u64 > body_max {
            return Err(EncodeError::TooLong { len, max: body_max });
        }
        let counted = len as u64 + self.counted_head();
        let width = self.width.bytes();
        let field = out.get_mut(start + self.at..start + head).unwrap_or_default();
        match self.order {
            ByteOrder::Big => field.copy_from_slice(counted.to_be_bytes().get(8 - width..).unwrap_or_default()),
            ByteOrder::Little => field.copy_from_slice(counted.to_le_bytes().get(..width).unwrap_or_default()),
        }
        Ok(())
    }

    fn header_len(&self) -> usize {
        if self.at == 0 { self.width.bytes() } else { 0 }
    }

    fn fills_in(&self) -> bool {
        self.at > 0
    }

    fn filled_header_len(&self) -> usize {
        if self.at == 0 { 0 } else { self.head() }
    }

    fn takes_any_byte(&self) -> bool {
        true
    }

    fn max_len(&self) -> usize {
        self.head().saturating_add(self.max)
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
