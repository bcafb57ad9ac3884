//! The encodings of the Encoding Standard, by way of `encoding_rs`.

mod decode;
mod encode;
mod one_way;
mod shape;
mod spellings;

use std::borrow::Cow;

use encoding_rs::{Encoding, ISO_2022_JP, REPLACEMENT, UTF_8};

pub(super) use decode::decode;
pub(super) use encode::encode;
pub(super) use shape::{boundaries, longest, unfinished};
pub(super) use spellings::spellings;

/// The bytes themselves, where they are the same text in UTF-8.
#[inline]
pub(super) fn as_utf8<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Option<&'a str> {
    if encoding != UTF_8 && !(encoding.is_ascii_compatible() && Encoding::ascii_valid_up_to(bytes) == bytes.len()) {
        return None;
    }
    match encoding.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(Cow::Borrowed(text)) => Some(text),
        _ => None,
    }
}

/// Whether what a byte means depends on escape sequences somewhere before it.
pub(super) fn is_stateful(encoding: &'static Encoding) -> bool {
    encoding == ISO_2022_JP || encoding == REPLACEMENT
}
