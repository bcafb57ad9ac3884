//! A length as decimal digits of four bits each, two in a byte, the most significant first: `01 23` is 123.
//!
//! ISO 8583 over TCP, and payment terminals after ZVT.

use wirework_core::ComposeError;

use super::digits::{MOST_DIGITS, append};
use super::field::Read;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bcd {
    pub(crate) bytes: usize,
}

impl Bcd {
    pub(super) fn read(self, bytes: &[u8]) -> Read {
        let Some(field) = bytes.get(..self.bytes) else { return Read::More(self.bytes - bytes.len()) };
        let mut value = 0;
        for (i, byte) in field.iter().enumerate() {
            for digit in [byte >> 4, byte & 0x0f] {
                if digit > 9 {
                    return Read::malformed(i + 1, format!("{byte:02x} is not two decimal digits"));
                }
                match append(value, digit, 10) {
                    Some(longer) => value = longer,
                    None => return Read::malformed(self.bytes, "it is longer than 64 bits"),
                }
            }
        }
        Read::Value { value, width: self.bytes }
    }

    pub(super) fn write(self, mut value: u64, field: &mut [u8]) {
        for byte in field.iter_mut().rev() {
            let [pair, ..] = (value % 100).to_le_bytes();
            *byte = ((pair / 10) << 4) | (pair % 10);
            value /= 100;
        }
    }

    pub(super) fn most(self) -> u64 {
        let digits = u32::try_from(self.bytes.saturating_mul(2)).unwrap_or(u32::MAX);
        10_u64.checked_pow(digits).map_or(u64::MAX, |beyond| beyond - 1)
    }

    pub(super) fn validate(self) -> Result<(), ComposeError> {
        if (1..=MOST_DIGITS / 2).contains(&self.bytes) {
            return Ok(());
        }
        Err(ComposeError::new(format!("a length in BCD has 1 to {} bytes, not {}", MOST_DIGITS / 2, self.bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_width() {
        for (value, wire) in [
            (0, &b"\x00"[..]),
            (99, b"\x99"),
            (123, b"\x01\x23"),
            (9999, b"\x99\x99"),
            (123, b"\0\0\0\0\0\0\0\0\x01\x23"),
            (u64::MAX, b"\x18\x44\x67\x44\x07\x37\x09\x55\x16\x15"),
        ] {
            let bcd = Bcd { bytes: wire.len() };
            let mut field = vec![0xAA; wire.len()];
            bcd.write(value, &mut field);
            assert_eq!(field, wire);
            assert_eq!(bcd.read(wire), Read::Value { value, width: wire.len() });
            assert_eq!(bcd.read(&wire[1..]), Read::More(1));
            assert!(bcd.most() >= value);
        }
        assert_eq!(Bcd { bytes: 2 }.most(), 9999);
        assert_eq!(Bcd { bytes: 10 }.most(), u64::MAX);
    }

    #[test]
    fn what_is_no_digit_is_malformed() {
        for (wire, width) in [(b"\x1a\x00", 1), (b"\x00\xf1", 2)] {
            assert!(matches!(Bcd { bytes: 2 }.read(wire), Read::Malformed { width: at, .. } if at == width));
        }
        assert!(matches!(Bcd { bytes: 10 }.read(&[0x99; 10]), Read::Malformed { .. }));
        for bytes in [0, 11] {
            Bcd { bytes }.validate().unwrap_err();
        }
    }
}
