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
    #[inline]
    pub(super) fn value(&self, data: &[u8]) -> u64 {
        match self {
            Self::Xor8 => u64::from(data.iter().fold(0, |all, byte| all ^ byte)),
            Self::Sum8 => u64::from(sum(data)),
            Self::Lrc => u64::from(sum(data).wrapping_neg()),
            Self::Crc(crc) => crc.checksum(data),
            Self::Function { function, .. } => function(data) & self.max(),
        }
    }
}

#[inline]
fn sum(data: &[u8]) -> u8 {
    data.iter().fold(0_u8, |all, byte| all.wrapping_add(*byte))
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
