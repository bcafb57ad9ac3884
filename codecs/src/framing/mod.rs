//! Where messages begin and end.

mod chunks;
mod from_fn;
pub(crate) mod length;
mod lines;

pub use chunks::Chunks;
pub use from_fn::{FromFn, from_fn};
pub use length::{ByteOrder, Counts, LengthField, LengthPrefix, Special};
pub use lines::{LastLine, LineEnd, Lines};
