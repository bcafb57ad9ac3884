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

#[cfg(test)]
mod tests_support;
