//! What payloads mean.

#[cfg(feature = "json")]
mod json;
mod parts;
mod text;

#[cfg(feature = "json")]
pub use json::Json;
pub use parts::{InParts, Parts};
pub use text::{IntoText, Text};
