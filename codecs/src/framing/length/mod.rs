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
pub use prefix::LengthPrefix;
pub use special::Special;
pub use unsigned::ByteOrder;
pub(crate) use {
    bcd::Bcd,
    digits::{Digits, Extent, Radix},
    field::Kind,
    unsigned::Unsigned,
};
