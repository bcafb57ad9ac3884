//! The encodings of the Encoding Standard, by way of `encoding_rs`.

mod decode;
mod encode;
mod one_way;
mod shape;
mod spellings;

use encoding_rs::{Encoding, ISO_2022_JP, REPLACEMENT};

pub(super) use decode::{as_utf8, decode};
pub(super) use encode::encode;
pub(super) use shape::{boundaries, longest, unfinished};
pub(super) use spellings::spellings;

/// Whether what a byte means depends on escape sequences somewhere before it.
pub(super) fn is_stateful(encoding: &'static Encoding) -> bool {
    encoding == ISO_2022_JP || encoding == REPLACEMENT
}
