//! How the value of a check is written.

use crate::framing::ByteOrder;

/// How the value of a check is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As bytes.
    Raw(ByteOrder),
    /// The same bytes as digits, two each.
    Hex { order: ByteOrder, upper: bool },
    /// As a number of this many digits.
    Decimal { width: usize },
}

impl Form {
    pub(super) fn is_text(self) -> bool {
        !matches!(self, Self::Raw(_))
    }

    /// How many bytes are taken by the value of a check of `bytes` bytes.
    #[inline]
    pub(super) fn width(self, bytes: usize) -> usize {
        match self {
            Self::Raw(_) => bytes,
            Self::Hex { .. } => bytes.saturating_mul(2),
            Self::Decimal { width } => width,
        }
    }

    /// The value that is written here, where it is one.
    #[inline]
    pub(super) fn read(self, written: &[u8]) -> Option<u64> {
        let raw = |value: u64, byte: u8| value << 8 | u64::from(byte);
        match self {
            Self::Raw(ByteOrder::Big) => Some(written.iter().fold(0, |value, byte| raw(value, *byte))),
            Self::Raw(ByteOrder::Little) => Some(written.iter().rev().fold(0, |value, byte| raw(value, *byte))),
            Self::Hex { .. } | Self::Decimal { .. } => self.read_text(written),
        }
    }

    fn read_text(self, written: &[u8]) -> Option<u64> {
        let hex = |value: u64, pair: &[u8]| {
            let mut pair = pair.iter().map(|digit| char::from(*digit).to_digit(16));
            Some(value << 8 | u64::from(pair.next()?? << 4 | pair.next()??))
        };
        match self {
            Self::Raw(_) => None,
            Self::Hex { order: ByteOrder::Big, .. } => written.chunks(2).try_fold(0, hex),
            Self::Hex { order: ByteOrder::Little, .. } => written.chunks(2).rev().try_fold(0, hex),
            Self::Decimal { .. } => written.iter().try_fold(0_u64, |value, digit| {
                value.checked_mul(10)?.checked_add(u64::from(char::from(*digit).to_digit(10)?))
            }),
        }
    }

    /// Writes `value` into `room`, which is [`width`](Form::width) bytes long.
    #[inline]
    pub(super) fn write(self, value: u64, room: &mut [u8]) {
        match self {
            Self::Raw(ByteOrder::Big) => {
                for (byte, shift) in room.iter_mut().rev().zip(0..8) {
                    *byte = byte_of(value, shift);
                }
            }
            Self::Raw(ByteOrder::Little) => {
                for (byte, shift) in room.iter_mut().zip(0..8) {
                    *byte = byte_of(value, shift);
                }
            }
            Self::Hex { order, upper } => {
                let digits = |pair: &mut [u8], byte: u8| {
                    for (digit, nibble) in pair.iter_mut().zip([byte >> 4, byte & 15]) {
                        *digit = match nibble {
                            0..10 => b'0' + nibble,
                            _ if upper => b'A' + nibble - 10,
                            _ => b'a' + nibble - 10,
                        };
                    }
                };
                let pairs = room.chunks_mut(2).zip(0..8);
                match order {
                    ByteOrder::Little => pairs.for_each(|(pair, shift)| digits(pair, byte_of(value, shift))),
                    ByteOrder::Big => {
                        room.chunks_mut(2)
                            .rev()
                            .zip(0..8)
                            .for_each(|(pair, shift)| digits(pair, byte_of(value, shift)));
                    }
                }
            }
            Self::Decimal { .. } => {
                let mut rest = value;
                for digit in room.iter_mut().rev() {
                    *digit = b'0' + byte_of(rest % 10, 0);
                    rest /= 10;
                }
            }
        }
    }
}

/// The byte of `value` that has this many less significant ones.
#[inline]
fn byte_of(value: u64, shift: usize) -> u8 {
    value.to_le_bytes().get(shift).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for (form, bytes, value, written) in [
            (Form::Raw(ByteOrder::Big), 2, 0x0A1B, &b"\x0a\x1b"[..]),
            (Form::Raw(ByteOrder::Little), 2, 0x0A1B, b"\x1b\x0a"),
            (Form::Raw(ByteOrder::Big), 8, u64::MAX - 1, b"\xff\xff\xff\xff\xff\xff\xff\xfe"),
            (Form::Hex { order: ByteOrder::Big, upper: true }, 2, 0x0A1B, b"0A1B"),
            (Form::Hex { order: ByteOrder::Little, upper: false }, 2, 0x0A1B, b"1b0a"),
            (Form::Decimal { width: 3 }, 1, 7, b"007"),
            (Form::Decimal { width: 20 }, 8, u64::MAX, b"18446744073709551615"),
        ] {
            let mut room = vec![0; form.width(bytes)];
            form.write(value, &mut room);
            assert_eq!(room, written, "{form:?}");
            assert_eq!(form.read(&room), Some(value), "{form:?}");
        }
    }

    #[test]
    fn what_is_no_number_is_none() {
        let hex = Form::Hex { order: ByteOrder::Big, upper: true };
        assert_eq!(hex.read(b"0a1B"), Some(0x0A1B), "digits of either case are read");
        for wrong in [&b"0g"[..], b"+1", b" 1", b"1"] {
            assert_eq!(hex.read(wrong), None);
        }
        let decimal = Form::Decimal { width: 3 };
        for wrong in [&b"0a1"[..], b"+01", b" 01", b"99999999999999999999"] {
            assert_eq!(decimal.read(wrong), None);
        }
    }
}
