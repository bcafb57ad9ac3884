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

use wirework_core::{DecodePolicy, TextEncoding, TextKept};

/// What becomes of text beside which a layer writes `bytes`.
fn kept_beside(bytes: &[u8], encoding: &dyn TextEncoding) -> TextKept {
    match encoding.decode(bytes, DecodePolicy::Strict, &mut String::new()) {
        Ok(()) => TextKept::Whole,
        Err(_) => TextKept::Within,
    }
}

#[cfg(test)]
mod tests_support;
