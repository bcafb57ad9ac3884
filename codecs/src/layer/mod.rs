//! What rewrites payloads inside their frames, and back.

mod check;
mod constant;
mod escape;
mod pad;

pub use check::{Check, Crc, OnFailure, UnknownCrc};
pub use constant::Constant;
pub use escape::Escape;
pub use pad::Pad;

use std::fmt;

/// Bytes as people write them: `7D 03`.
struct Hex<'a>(&'a [u8]);

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
mod tests_support;
