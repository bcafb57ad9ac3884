//! A length as ASN.1 writes it: one byte up to 127, else the number of the bytes that follow, and these.
//!
//! ```text
//! 05              5
//! 81 C8           200
//! 82 01 2C        300
//! ```
//!
//! ITU-T X.690, 8.1.3. The indefinite form (`80`) does not say a length, and is malformed. Forms that are longer than they
//! need to be are read, as BER allows, and never written, as DER asks.

use super::field::Read;

/// The first byte, and 64 bits.
pub(super) const WIDEST: usize = 9;

const LONG: u8 = 0x80;

pub(super) fn read(bytes: &[u8]) -> Read {
    let Some((first, behind)) = bytes.split_first() else { return Read::More(1) };
    let count = usize::from(first & !LONG);
    if first & LONG == 0 {
        return Read::Value { value: count as u64, width: 1 };
    }
    if count == 0 {
        return Read::malformed(1, "it is the indefinite form, which says no length");
    }
    if count >= WIDEST {
        return Read::malformed(1, "it is longer than 64 bits");
    }
    match behind.get(..count) {
        Some(number) => {
            let value = number.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
            Read::Value { value, width: 1 + count }
        }
        None => Read::More(count - behind.len()),
    }
}

pub(super) fn width_of(value: u64) -> usize {
    if value < u64::from(LONG) { 1 } else { 1 + significant(value) }
}

pub(super) fn write(value: u64, field: &mut [u8]) {
    let long = field.len() > 1;
    for (byte, new) in field.iter_mut().rev().zip(value.to_le_bytes()) {
        *byte = new;
    }
    if let (true, Some((first, number))) = (long, field.split_first_mut()) {
        *first = LONG | u8::try_from(number.len()).unwrap_or(0);
    }
}

/// How many bytes a number takes without zeros in front.
fn significant(value: u64) -> usize {
    (1..8).find(|bytes| value >> (8 * bytes) == 0).unwrap_or(8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_width() {
        for (value, wire) in [
            (0, &b"\x00"[..]),
            (127, b"\x7f"),
            (128, b"\x81\x80"),
            (200, b"\x81\xc8"),
            (300, b"\x82\x01\x2c"),
            (0x0102_0304, b"\x84\x01\x02\x03\x04"),
            (u64::MAX, b"\x88\xff\xff\xff\xff\xff\xff\xff\xff"),
        ] {
            let mut field = vec![0xAA; width_of(value)];
            write(value, &mut field);
            assert_eq!(field, wire);
            assert_eq!(read(wire), Read::Value { value, width: wire.len() });
            for cut in 1..wire.len() {
                assert_eq!(read(&wire[..cut]), Read::More(wire.len() - cut));
            }
        }
        assert_eq!(read(b""), Read::More(1));
    }

    #[test]
    fn no_length_and_too_long_a_length_are_malformed_and_zeros_in_front_are_not() {
        for first in [0x80, 0x89, 0xff] {
            assert!(matches!(read(&[first]), Read::Malformed { width: 1, .. }), "{first:x}");
        }
        assert_eq!(read(b"\x84\0\0\0\x05"), Read::Value { value: 5, width: 5 });
    }
}
