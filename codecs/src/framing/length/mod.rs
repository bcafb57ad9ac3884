//! Frames that say how long they are.

pub(crate) mod bcd;
mod ber;
mod constructors;
mod counts;
pub(crate) mod digits;
pub(crate) mod field;
pub(crate) mod prefix;
mod quick;
mod read;
pub(crate) mod special;
pub(crate) mod unsigned;
mod validate;
mod varint;
mod write;

pub use counts::Counts;
pub use field::LengthField;
pub use prefix::LengthPrefix;
pub use special::Special;
pub use unsigned::ByteOrder;
pub(crate) use {
    bcd::Bcd,
    digits::{Digits, Extent, Radix},
    field::Kind,
    unsigned::Unsigned,
};
