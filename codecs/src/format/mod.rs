//! What payloads mean.

#[cfg(feature = "json")]
mod json;
mod text;

#[cfg(feature = "json")]
pub use json::Json;
pub use text::{IntoText, Text};
