//! Bytes as people write them.

use std::fmt;

/// Bytes in hexadecimal, as errors quote them: `7E 02`.
#[derive(Clone, Copy, Debug)]
pub struct Hex<'a>(pub &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, byte) in self.0.iter().enumerate() {
            let space = if place == 0 { "" } else { " " };
            write!(f, "{space}{byte:02X}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_digits_a_byte() {
        assert_eq!(Hex(b"\r\n~").to_string(), "0D 0A 7E");
        assert_eq!(Hex(b"").to_string(), "");
    }
}
