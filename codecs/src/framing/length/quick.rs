//! The way of a whole frame that a plain number in front of it delimits, as most are.

use std::ops::Range;

use super::field::Kind;
use super::prefix::Shape;
use super::unsigned::{ByteOrder, Unsigned};

/// What is worked out once, so that little is left to do for a frame.
#[derive(Clone, Debug)]
pub(super) struct Quick {
    /// Below this a big-endian number of 4 bytes at the start is the length of a body: 0 where that is not how frames are.
    /// This is what is most common, and one comparison tells both.
    u32_be_below: usize,
    number: Option<Number>,
}

/// Any plain number.
#[derive(Clone, Debug)]
pub(super) struct Number {
    order: ByteOrder,
    /// How far eight bytes are shifted for those to be left that are the length.
    shift: u32,
    /// The least value that is no error, and how many more are none.
    low: u64,
    room: u64,
    /// Where a frame of that least value ends.
    least: u64,
    /// Where the payload begins.
    head: usize,
}

impl Quick {
    pub(super) fn of(shape: &Shape) -> Self {
        let number = Number::of(shape);
        let u32_be = matches!(number, Some(Number { order: ByteOrder::Big, head: 4, low: 0, least: 4, .. }));
        Self { u32_be_below: if u32_be { shape.max.saturating_add(1) } else { 0 }, number }
    }

    /// The payload of the frame that `bytes` begin with, if that has a big-endian number of 4 bytes in front and is there,
    /// whole and well.
    #[inline(always)]
    pub(super) fn behind_u32_be(&self, bytes: &[u8]) -> Option<Range<usize>> {
        let len = usize::try_from(u32::from_be_bytes(*bytes.first_chunk()?)).ok()?;
        if len >= self.u32_be_below {
            return None;
        }
        let end = len.checked_add(4)?;
        if end > bytes.len() { None } else { Some(4..end) }
    }

    /// The payload of the frame that `bytes` begin with, if that has a plain number in front and is there, whole and well.
    #[inline]
    pub(super) fn behind_number(&self, bytes: &[u8]) -> Option<Range<usize>> {
        self.number.as_ref()?.payload(bytes)
    }
}

impl Number {
    fn of(shape: &Shape) -> Option<Self> {
        let Kind::Unsigned(Unsigned { bytes, order, mask: None }) = shape.field.kind else { return None };
        if shape.is_in_payload() || !shape.specials.0.is_empty() || !shape.trailer.is_empty() {
            return None;
        }
        let counted = shape.counts.begin(shape.at, bytes);
        let least = bytes.max(counted).checked_add(shape.plus)?;
        let room = bytes.saturating_add(shape.max).checked_sub(least)?;
        Some(Self {
            order,
            shift: 64_u32.checked_sub(u32::try_from(bytes).ok()?.checked_mul(8)?).filter(|shift| *shift < 64)?,
            low: bytes.saturating_sub(counted) as u64,
            room: room as u64,
            least: least as u64,
            head: bytes,
        })
    }

    #[inline]
    fn payload(&self, bytes: &[u8]) -> Option<Range<usize>> {
        // Fewer bytes than that go the other way, which takes longer and finds the same.
        let first = *bytes.first_chunk::<8>()?;
        let value = match self.order {
            ByteOrder::Big => u64::from_be_bytes(first) >> (self.shift & 63),
            ByteOrder::Little => u64::from_le_bytes(first) << (self.shift & 63) >> (self.shift & 63),
        };
        let over = value.wrapping_sub(self.low);
        if over > self.room {
            return None;
        }
        let end = self.least.checked_add(over)?;
        if end > bytes.len() as u64 { None } else { Some(self.head..usize::try_from(end).ok()?) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LengthPrefix;
    use crate::framing::Counts;
    use crate::framing::length::read::Look;

    #[test]
    fn the_quick_way_finds_what_the_other_finds() {
        let counts = [Counts::Body, Counts::Whole, Counts::Field, Counts::From(0), Counts::From(1), Counts::From(12)];
        for bytes in 1..=8 {
            for order in [ByteOrder::Big, ByteOrder::Little] {
                for (counts, plus) in counts.into_iter().flat_map(|counts| [(counts, 0), (counts, 3)]) {
                    let shape = LengthPrefix::unsigned(bytes, order).counts(counts).plus(plus).max_len(20).shape;
                    let quick = Quick::of(&shape);
                    assert!(quick.number.is_some());
                    for value in (0..40).chain([u64::MAX]) {
                        let mut wire = [0; 32];
                        shape.field.write(value, &mut wire[..bytes]);
                        for len in [8, 20, 32] {
                            let slow = match shape.look(&wire[..len]) {
                                Ok(Look::Frame { head, end }) if end <= len => Some(head..end),
                                _ => None,
                            };
                            assert_eq!(quick.behind_number(&wire[..len]), slow, "{shape:?} {value} {len}");
                            if quick.u32_be_below > 0 {
                                assert_eq!(quick.behind_u32_be(&wire[..len]), slow, "{value} {len}");
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_not_plain_has_no_quick_way() {
        for prefix in [
            LengthPrefix::u8().at(1),
            LengthPrefix::u8().keep(),
            LengthPrefix::u8().mask(0x7f),
            LengthPrefix::u8().trailer(b"!"),
            LengthPrefix::u8().special(0, crate::framing::Special::Refuse),
            LengthPrefix::unsigned(0, ByteOrder::Big),
            LengthPrefix::unsigned(9, ByteOrder::Big),
            LengthPrefix::varint(),
        ] {
            let quick = Quick::of(&prefix.shape);
            assert!(quick.number.is_none() && quick.u32_be_below == 0, "{prefix:?}");
        }
    }
}
