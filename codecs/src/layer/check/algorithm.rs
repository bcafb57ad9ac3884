//! What a check computes.

use std::fmt;
use std::sync::Arc;

use super::Crc;

/// What a check computes.
#[derive(Clone)]
pub(crate) enum Algorithm {
    Xor8,
    Sum8,
    Lrc,
    Crc(Crc),
    Function { bytes: usize, function: Function },
}

/// A function of somebody's own.
pub(crate) type Function = Arc<dyn Fn(&[u8]) -> u64 + Send + Sync>;

impl Algorithm {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Xor8 => "xor8",
            Self::Sum8 => "sum8",
            Self::Lrc => "lrc",
            Self::Crc(crc) => crc.name(),
            Self::Function { .. } => "function",
        }
    }

    /// How many bytes its value takes.
    #[inline]
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Xor8 | Self::Sum8 | Self::Lrc => 1,
            Self::Crc(crc) => crc.bytes(),
            Self::Function { bytes, .. } => *bytes,
        }
    }

    /// The largest value that it has.
    #[inline]
    pub(super) fn max(&self) -> u64 {
        match self.bytes() {
            bytes @ 0..8 => (1 << (8 * bytes)) - 1,
            _ => u64::MAX,
        }
    }

    /// Its value of `data`.
    #[inline(always)] // into the one place where a check is verified
    pub(super) fn value(&self, data: &[u8]) -> u64 {
        match self {
            Self::Xor8 => u64::from(xor(data)),
            Self::Sum8 => u64::from(sum(data)),
            Self::Lrc => u64::from(sum(data).wrapping_neg()),
            Self::Crc(crc) => crc.checksum(data),
            Self::Function { function, .. } => function(data) & self.max(),
        }
    }
}

#[inline]
fn xor(data: &[u8]) -> u8 {
    fold(data, |all, bytes| all ^ bytes)
}

#[inline]
fn sum(data: &[u8]) -> u8 {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // Without the high bits nothing is carried from one byte to the next.
    fold(data, |all, bytes| ((all & !HIGH) + (bytes & !HIGH)) ^ ((all ^ bytes) & HIGH))
}

/// All bytes together, in any order: eight at once, with an operation on each of them to which 0 adds nothing.
///
/// The bytes behind the last eight are taken out of the last eight of all. One after the other they would take longer than
/// the rest of a short frame.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "fewer than 8 bytes are left")]
fn fold(data: &[u8], add: impl Fn(u64, u64) -> u64) -> u8 {
    let (words, rest) = data.as_chunks::<8>();
    let tail = match data.last_chunk::<8>() {
        Some(last) => u64::from_le_bytes(*last).unbounded_shr(u64::BITS - 8 * rest.len() as u32),
        None => rest.iter().fold(0, |tail, byte| tail << 8 | u64::from(*byte)),
    };
    let all = words.iter().fold(tail, |all, word| add(all, u64::from_le_bytes(*word)));
    let [all, ..] = [32, 16, 8].into_iter().fold(all, |all, half| add(all, all >> half)).to_le_bytes();
    all
}

/// Functions are equal when they are the same one.
impl PartialEq for Algorithm {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Crc(crc), Self::Crc(other)) => crc == other,
            (Self::Function { bytes, function }, Self::Function { bytes: other_bytes, function: other }) => {
                bytes == other_bytes && Arc::ptr_eq(function, other)
            }
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

impl fmt::Debug for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_at_once_come_to_what_one_by_one_do() {
        let data: Vec<u8> = (1..=80).map(|n: u8| n.wrapping_mul(37)).collect();
        for len in 0..=data.len() {
            let data = &data[..len];
            assert_eq!(xor(data), data.iter().fold(0, |all, byte| all ^ byte), "{len}");
            assert_eq!(sum(data), data.iter().fold(0_u8, |all, byte| all.wrapping_add(*byte)), "{len}");
        }
    }

    #[test]
    fn known_values() {
        assert_eq!(Algorithm::Xor8.value(b"\x12\x34\x56"), 0x70);
        assert_eq!(Algorithm::Sum8.value(b"\xff\x02\x03"), 0x04);
        // The example of "Modbus over Serial Line", appendix B: LRC of 02 07 is F7.
        assert_eq!(Algorithm::Lrc.value(b"\x02\x07"), 0xF7);
        assert_eq!(Algorithm::Lrc.value(b""), 0);
        let wide = Algorithm::Function { bytes: 3, function: Arc::new(|data| u64::MAX - data.len() as u64) };
        assert_eq!(wide.value(b"x"), 0xFF_FFFE);
    }
}
