//! The way of a whole frame that a plain number in front of it delimits, as most are.

use super::field::Kind;
use super::prefix::Shape;
use super::unsigned::{ByteOrder, Unsigned};

/// What is worked out once, so that it takes a load, two comparisons and an addition to find the end of a frame.
#[derive(Clone, Debug)]
pub(super) struct Quick {
    /// The order, where there is a quick way.
    order: Option<ByteOrder>,
    /// How far eight bytes are shifted for those to be left that are the length.
    shift: u32,
    /// The least value that is no error, and how many more are none.
    low: u64,
    room: u64,
    /// Where a frame of that least value ends.
    least: u64,
    /// Where the payload begins.
    pub(super) head: usize,
}

impl Quick {
    pub(super) fn of(shape: &Shape) -> Self {
        Self::plain(shape).unwrap_or(Self { order: None, shift: 0, low: 0, room: 0, least: 0, head: 0 })
    }

    fn plain(shape: &Shape) -> Option<Self> {
        let Kind::Unsigned(Unsigned { bytes, order, mask: None }) = shape.field.kind else { return None };
        if shape.is_in_payload() || !shape.specials.0.is_empty() || !shape.trailer.is_empty() {
            return None;
        }
        let counted = shape.counts.begin(shape.at, bytes);
        let least = bytes.max(counted).checked_add(shape.plus)?;
        let room = bytes.saturating_add(shape.max).checked_sub(least)?;
        Some(Self {
            order: Some(order),
            shift: 64_u32.checked_sub(u32::try_from(bytes).ok()?.checked_mul(8)?).filter(|shift| *shift < 64)?,
            low: bytes.saturating_sub(counted) as u64,
            room: room as u64,
            least: least as u64,
            head: bytes,
        })
    }

    /// The end of the frame that `bytes` begin with, if it is there, whole and well.
    #[inline(always)]
    pub(super) fn end(&self, bytes: &[u8]) -> Option<usize> {
        let first = *bytes.first_chunk::<8>()?;
        let value = match self.order? {
            ByteOrder::Big => u64::from_be_bytes(first) >> (self.shift & 63),
            ByteOrder::Little => u64::from_le_bytes(first) << (self.shift & 63) >> (self.shift & 63),
        };
        let over = value.wrapping_sub(self.low);
        if over > self.room {
            return None;
        }
        let end = self.least.checked_add(over)?;
        if end > bytes.len() as u64 { None } else { usize::try_from(end).ok() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framing::length::read::Look;
    use crate::{Counts, LengthPrefix};

    #[test]
    fn the_quick_way_finds_what_the_other_finds() {
        let counts = [Counts::Body, Counts::Whole, Counts::Field, Counts::From(0), Counts::From(1), Counts::From(12)];
        for bytes in 1..=8 {
            for order in [ByteOrder::Big, ByteOrder::Little] {
                for (counts, plus) in counts.into_iter().flat_map(|counts| [(counts, 0), (counts, 3)]) {
                    let shape = LengthPrefix::unsigned(bytes, order).counts(counts).plus(plus).max_len(20).shape;
                    let quick = Quick::of(&shape);
                    assert!(quick.order.is_some());
                    for value in (0..40).chain([u64::MAX]) {
                        let mut wire = [0; 32];
                        shape.field.write(value, &mut wire[..bytes]);
                        for len in [8, 20, 32] {
                            let slow = match shape.look(&wire[..len]) {
                                Ok(Look::Frame { head, end }) if end <= len => {
                                    assert_eq!(head, quick.head);
                                    Some(end)
                                }
                                _ => None,
                            };
                            assert_eq!(quick.end(&wire[..len]), slow, "{shape:?} {value} {len}");
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
            LengthPrefix::u8().special(0, crate::Special::Refuse),
            LengthPrefix::unsigned(0, ByteOrder::Big),
            LengthPrefix::unsigned(9, ByteOrder::Big),
            LengthPrefix::varint(),
        ] {
            assert!(Quick::of(&prefix.shape).order.is_none(), "{prefix:?}");
        }
    }
}
