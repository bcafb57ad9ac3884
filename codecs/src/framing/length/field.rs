//! How a length is written, and what reading it comes to.

use std::borrow::Cow;

use wirework_core::ComposeError;

use super::bcd::Bcd;
use super::digits::{Digits, Extent, Radix};
use super::unsigned::{ByteOrder, Unsigned};
use super::{ber, varint};

/// How a length is written.
///
/// ```text
/// 300 as   u16_be()   01 2C          varint()             AC 02
///          u16_le()   2C 01          ber()                82 01 2C
///          bcd(2)     03 00          decimal(5)           30 30 33 30 30
///                                    decimal_until(b":")  33 30 30 3A
/// ```
///
/// [`LengthPrefix`](crate::LengthPrefix) has the same constructors; alone, a field is what a
/// [`Special::Then`](crate::framing::Special::Then) announces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LengthField {
    pub(crate) kind: Kind,
    /// What was asked for that this kind cannot do.
    misfit: Option<&'static str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Unsigned(Unsigned),
    Varint,
    Digits(Digits),
    Bcd(Bcd),
    Ber,
}

/// What the bytes of a field come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Read {
    Value {
        value: u64,
        /// How many bytes the field takes.
        width: usize,
    },
    /// The field lacks at least this many bytes.
    More(usize),
    Malformed {
        /// How many bytes it takes to see that.
        width: usize,
        why: Cow<'static, str>,
    },
}

impl Read {
    #[cold]
    pub(super) fn malformed(width: usize, why: impl Into<Cow<'static, str>>) -> Self {
        Self::Malformed { width, why: why.into() }
    }
}

impl LengthField {
    /// Pads with spaces in front, not with zeros: `decimal(4)` writes `20 20 31 32`. Zeros are read as well.
    pub fn space_padded(mut self) -> Self {
        match &mut self.kind {
            Kind::Digits(digits) => digits.space_padded = true,
            _ => self.misfit = Some("only digits can be padded with spaces; use decimal(width) or hex(width)"),
        }
        self
    }

    /// Writes `A` to `F`, not `a` to `f`. Either is read.
    pub fn uppercase(mut self) -> Self {
        match &mut self.kind {
            Kind::Digits(digits) if digits.radix == Radix::Hex => digits.uppercase = true,
            _ => self.misfit = Some("only hexadecimal digits can be in upper case; use hex(width)"),
        }
        self
    }

    pub(super) fn mask(&mut self, bits: u64) {
        match &mut self.kind {
            Kind::Unsigned(unsigned) => unsigned.mask = Some(bits),
            _ => self.misfit = Some("only a binary number has bits to spare; use a mask with u8(), u16_be() and so on"),
        }
    }

    pub(super) fn is_masked(&self) -> bool {
        matches!(self.kind, Kind::Unsigned(Unsigned { mask: Some(_), .. }))
    }

    pub(super) fn of(kind: Kind) -> Self {
        Self { kind, misfit: None }
    }

    pub(super) fn of_unsigned(bytes: usize, order: ByteOrder) -> Self {
        Self::of(Kind::Unsigned(Unsigned { bytes, order, mask: None }))
    }

    pub(super) fn of_digits(radix: Radix, extent: Extent) -> Self {
        Self::of(Kind::Digits(Digits { radix, extent, space_padded: false, uppercase: false }))
    }

    /// The number at the start of `bytes`.
    pub(super) fn read(&self, bytes: &[u8]) -> Read {
        match &self.kind {
            Kind::Unsigned(unsigned) => unsigned.read(bytes),
            Kind::Varint => varint::read(bytes),
            Kind::Digits(digits) => digits.read(bytes),
            Kind::Bcd(bcd) => bcd.read(bytes),
            Kind::Ber => ber::read(bytes),
        }
    }

    /// How many bytes the shortest form of `value` takes, if the field can say it.
    pub(crate) fn width_of(&self, value: u64) -> Option<usize> {
        match &self.kind {
            Kind::Unsigned(unsigned) => (value <= unsigned.most()).then_some(unsigned.bytes),
            Kind::Varint => Some(varint::width_of(value)),
            Kind::Digits(digits) => digits.width_of(value),
            Kind::Bcd(bcd) => (value <= bcd.most()).then_some(bcd.bytes),
            Kind::Ber => Some(ber::width_of(value)),
        }
    }

    /// Writes `value` over `field`, which has as many bytes as [`width_of`](Self::width_of) says.
    pub(crate) fn write(&self, value: u64, field: &mut [u8]) {
        match &self.kind {
            Kind::Unsigned(unsigned) => unsigned.write(value, field),
            Kind::Varint => varint::write(value, field),
            Kind::Digits(digits) => digits.write(value, field),
            Kind::Bcd(bcd) => bcd.write(value, field),
            Kind::Ber => ber::write(value, field),
        }
    }

    /// How many bytes it takes, if that is always the same.
    pub(super) fn fixed_width(&self) -> Option<usize> {
        let narrowest = self.narrowest();
        (narrowest == self.widest()).then_some(narrowest)
    }

    pub(super) fn narrowest(&self) -> usize {
        match &self.kind {
            Kind::Unsigned(unsigned) => unsigned.bytes,
            Kind::Varint | Kind::Ber => 1,
            Kind::Digits(digits) => digits.narrowest(),
            Kind::Bcd(bcd) => bcd.bytes,
        }
    }

    pub(super) fn widest(&self) -> usize {
        match &self.kind {
            Kind::Unsigned(unsigned) => unsigned.bytes,
            Kind::Varint => varint::WIDEST,
            Kind::Digits(digits) => digits.widest(),
            Kind::Bcd(bcd) => bcd.bytes,
            Kind::Ber => ber::WIDEST,
        }
    }

    /// The largest number that it can say.
    pub(super) fn most(&self) -> u64 {
        match &self.kind {
            Kind::Unsigned(unsigned) => unsigned.most(),
            Kind::Varint | Kind::Ber => u64::MAX,
            Kind::Digits(digits) => digits.most(),
            Kind::Bcd(bcd) => bcd.most(),
        }
    }

    pub(super) fn validate(&self) -> Result<(), ComposeError> {
        if let Some(misfit) = self.misfit {
            return Err(ComposeError::new(misfit));
        }
        match &self.kind {
            Kind::Unsigned(unsigned) => unsigned.validate(),
            Kind::Digits(digits) => digits.validate(),
            Kind::Bcd(bcd) => bcd.validate(),
            Kind::Varint | Kind::Ber => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pictures() {
        for (field, wire) in [
            (LengthField::u16_be(), &b"\x01\x2c"[..]),
            (LengthField::u16_le(), b"\x2c\x01"),
            (LengthField::varint(), b"\xac\x02"),
            (LengthField::ber(), b"\x82\x01\x2c"),
            (LengthField::bcd(2), b"\x03\x00"),
            (LengthField::decimal(5), b"00300"),
            (LengthField::decimal_until(b":"), b"300:"),
            (LengthField::hex(4), b"012c"),
            (LengthField::hex(4).uppercase(), b"012C"),
            (LengthField::hex_until(b"\r\n"), b"12c\r\n"),
            (LengthField::decimal(5).space_padded(), b"  300"),
            (LengthField::unsigned(5, ByteOrder::Little), b"\x2c\x01\0\0\0"),
        ] {
            let width = field.width_of(300).unwrap();
            let mut written = vec![0; width];
            field.write(300, &mut written);
            assert_eq!(written, wire, "{field:?}");
            assert_eq!(field.read(wire), Read::Value { value: 300, width }, "{field:?}");
            assert!((field.narrowest()..=field.widest()).contains(&width), "{field:?}");
            assert_eq!(field.read(b""), Read::More(field.narrowest()), "{field:?}");
            field.validate().unwrap();
        }
    }

    #[test]
    fn what_a_kind_cannot_do_is_refused() {
        let mut masked = LengthField::varint();
        masked.mask(1);
        for field in [masked, LengthField::bcd(2).space_padded(), LengthField::decimal(2).uppercase()] {
            field.validate().unwrap_err();
        }
    }
}
