//! Numbers as decimal digits.

/// The most digits that 64 bits need.
const LONGEST: usize = 20;

/// The number that these digits say: at least one, at most 20, and nothing else. Leading zeros are as good as none.
pub(super) fn parse(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > LONGEST {
        return None;
    }
    text.iter().try_fold(0_u64, |value, byte| {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10)?;
        value.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

/// A number as the digits that say it.
pub(super) struct Digits {
    buffer: [u8; LONGEST],
    start: usize,
}

impl Digits {
    pub(super) fn of(mut value: u64) -> Self {
        let mut digits = Self { buffer: [b'0'; LONGEST], start: LONGEST };
        for place in digits.buffer.iter_mut().rev() {
            *place = b'0' + u8::try_from(value % 10).unwrap_or_default();
            digits.start -= 1;
            value /= 10;
            if value == 0 {
                break;
            }
        }
        digits
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for value in [0, 1, 9, 10, 1024, u64::MAX] {
            assert_eq!(Digits::of(value).as_bytes(), value.to_string().as_bytes());
            assert_eq!(parse(Digits::of(value).as_bytes()), Some(value));
        }
    }

    #[test]
    fn only_digits_and_not_too_many() {
        assert_eq!(parse(b"00000000000000000005"), Some(5));
        for text in ["", "+5", "-1", " 5", "5 ", "5a", "0x5", "000000000000000000005", "18446744073709551616"] {
            assert_eq!(parse(text.as_bytes()), None, "{text:?}");
        }
    }
}
