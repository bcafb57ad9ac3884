//! A length in LEB128: seven bits a byte, the lowest first, and a top bit that says that more follow.
//!
//! ```text
//! 05         5
//! AC 02      300     010 1100, then 000 0010
//! ```
//!
//! [MQTT 5.0, 1.5.5](https://docs.oasis-open.org/mqtt/mqtt/v5.0/os/mqtt-v5.0-os.html#_Toc3901011),
//! [Protocol Buffers](https://protobuf.dev/programming-guides/encoding/#varints). Forms that are longer than they need to be
//! are read, and never written.

use super::field::Read;

/// What 64 bits take.
pub(super) const WIDEST: usize = 10;

pub(super) fn read(bytes: &[u8]) -> Read {
    let mut value = 0;
    for (i, byte) in bytes.iter().take(WIDEST).enumerate() {
        // The tenth byte has room for the 64th bit, and nothing else.
        if i + 1 == WIDEST && *byte > 1 {
            return Read::malformed(WIDEST, "it does not end within 64 bits");
        }
        value |= u64::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            return Read::Value { value, width: i + 1 };
        }
    }
    Read::More(1)
}

pub(super) fn width_of(value: u64) -> usize {
    (1..WIDEST).find(|width| value >> (7 * width) == 0).unwrap_or(WIDEST)
}

pub(super) fn write(mut value: u64, field: &mut [u8]) {
    for byte in field {
        let [low, ..] = value.to_le_bytes();
        value >>= 7;
        *byte = low & 0x7f | if value > 0 { 0x80 } else { 0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_width() {
        for (value, wire) in [
            (0, &b"\x00"[..]),
            (5, b"\x05"),
            (127, b"\x7f"),
            (128, b"\x80\x01"),
            (300, b"\xac\x02"),
            (268_435_455, b"\xff\xff\xff\x7f"),
            (u64::MAX, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
        ] {
            let mut field = vec![0; width_of(value)];
            write(value, &mut field);
            assert_eq!(field, wire);
            assert_eq!(read(wire), Read::Value { value, width: wire.len() });
            for cut in 0..wire.len() {
                assert_eq!(read(&wire[..cut]), Read::More(1));
            }
        }
        for bits in 0..64 {
            assert_eq!(width_of(1 << bits), bits / 7 + 1);
        }
    }

    #[test]
    fn more_than_64_bits_are_malformed_and_zeros_at_the_end_are_not() {
        for tenth in [0x02, 0x7f, 0x80, 0xff] {
            let wire = [&[0x80; 9][..], &[tenth]].concat();
            assert!(matches!(read(&wire), Read::Malformed { width: 10, .. }), "{tenth:x}");
        }
        assert_eq!(read(b"\x85\x80\x00"), Read::Value { value: 5, width: 3 });
    }
}
