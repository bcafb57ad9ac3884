//! A length of 4 bytes, beside the `LengthDelimitedCodec` of tokio-util 0.7.20, which gives a `BytesMut` that shares its
//! buffer.
//!
//! | row | a frame is |
//! |---|---|
//! | `Bytes` | owned, a copy up to 256 bytes, beyond that sharing the read buffer |
//! | lent | `&[u8]`, until the next one |
//!
//! The rows `u32 by hand` are the same again, beside a framing that was written by hand for nothing else, driven as ours
//! is: what it costs that one type knows all kinds of lengths.

use bytes::BytesMut;
use tokio_util::codec::LengthDelimitedCodec;
use wirework::LengthPrefix;
use wirework::core::COUNTED_FRAME;
use wirework::core::{EncodeError, FrameError, Framing, Input, Step};

use crate::group::{Contender, Group, Ours, SIZES, text};
use crate::lent::{Lend, lent};
use crate::read::{pushed, tokio_util};

pub(crate) const GROUPS: [Group; 3] = [
    Group {
        name: "u32 prefix",
        sizes: SIZES,
        payload: text,
        write,
        theirs: Contender { name: "LengthDelimitedCodec", read: |wire| tokio_util(LengthDelimitedCodec::new(), wire) },
        ours: &[
            Ours { contender: OWNED, target: |size| (size <= 256).then_some(0.6) },
            Ours { contender: LENT, target: |size| (size <= 256).then_some(0.3) },
        ],
    },
    Group {
        name: "u32 by hand",
        sizes: SIZES,
        payload: text,
        write,
        theirs: Contender { name: "by hand", read: |wire| pushed(ByHand, wire, |frame| frame.to_bytes()) },
        ours: &[Ours { contender: OWNED, target: |_| Some(1.05) }],
    },
    Group {
        name: "u32 by hand",
        sizes: SIZES,
        payload: text,
        write,
        theirs: Contender { name: "by hand", read: |wire| lent(ByHand, wire, Lend) },
        ours: &[Ours { contender: LENT, target: |_| Some(1.05) }],
    },
];

pub(crate) const OWNED: Contender =
    Contender { name: "Bytes", read: |wire| pushed(LengthPrefix::u32_be(), wire, |frame| frame.to_bytes()) };

pub(crate) const LENT: Contender = Contender { name: "lent", read: |wire| lent(LengthPrefix::u32_be(), wire, Lend) };

pub(crate) fn write(wire: &mut Vec<u8>, payload: &[u8]) {
    wire.extend_from_slice(&u32::try_from(payload.len()).unwrap().to_be_bytes());
    wire.extend_from_slice(payload);
}

/// A big-endian length of 4 bytes, and no other.
struct ByHand;

impl Framing for ByHand {
    #[inline]
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        let Some(field) = input.bytes.first_chunk::<4>() else { return Ok(Step::More(4 - input.bytes.len())) };
        let len = u32::from_be_bytes(*field) as usize;
        if len > COUNTED_FRAME {
            return Err(FrameError::TooLong { claimed: Some(len as u64), max: COUNTED_FRAME });
        }
        let end = 4 + len;
        if input.bytes.len() < end {
            return Ok(Step::More(end - input.bytes.len()));
        }
        Ok(Step::Frame { span: 4..end, advance: end })
    }

    fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        let len = out.len() - start - 4;
        match u32::try_from(len) {
            Ok(field) if len <= COUNTED_FRAME => {
                out[start..start + 4].copy_from_slice(&field.to_be_bytes());
                Ok(())
            }
            _ => Err(EncodeError::TooLong { len, max: COUNTED_FRAME as u64 }),
        }
    }

    fn header_len(&self) -> usize {
        4
    }

    fn max_len(&self) -> usize {
        4 + COUNTED_FRAME
    }
}
