//! Where messages begin and end.

mod chunks;
mod delimiter;
mod find_byte;
mod fixed;
mod from_fn;
mod idle_gap;
pub(crate) mod length;
mod lines;
mod marked;
mod rest;
mod search;
pub(crate) mod until;

pub use chunks::Chunks;
pub use delimiter::Delimiter;
pub use fixed::Fixed;
pub use from_fn::{FromFn, from_fn};
pub use idle_gap::IdleGap;
pub use length::{ByteOrder, Counts, LengthField, LengthPrefix, Special};
pub use lines::Lines;
pub use marked::Marked;
pub use rest::Rest;
pub use until::{LastPiece, Until};
