//! What rewrites payloads inside their frames, and back.

mod check;
mod constant;
mod escape;
mod pad;

pub(crate) use check::{Algorithm, Form, Over};
pub use check::{Check, Crc, OnFailure, UnknownCrc};
pub use constant::Constant;
pub(crate) use constant::Place;
pub use escape::Escape;
pub(crate) use escape::{Kind as EscapeKind, Rule};
pub use pad::Pad;
pub(crate) use pad::UpTo;

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
