//! What payloads mean, and the fields of a record.

mod field;
#[cfg(feature = "json")]
mod json;
mod mark;
mod parts;
mod record;
mod text;

pub use field::Field;
#[cfg(feature = "json")]
pub use json::Json;
pub use mark::ByteOrderMark;
pub use parts::{InParts, Parts};
pub use record::Record;
pub use text::{IntoText, Text};
