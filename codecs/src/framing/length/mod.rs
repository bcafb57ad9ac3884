//! Frames that say how long they are.

mod bcd;
mod ber;
mod constructors;
mod counts;
mod digits;
mod field;
mod prefix;
mod quick;
mod read;
mod special;
mod unsigned;
mod validate;
mod varint;
mod write;

pub use counts::Counts;
pub use field::LengthField;
pub(crate) use {digits::{Digits, Extent, Radix}, bcd::Bcd, field::Kind, unsigned::Unsigned};
pub use prefix::LengthPrefix;
pub use special::Special;
pub use unsigned::ByteOrder;
