//! Payloads and wires put together of what a framing looks out for.

use std::ops::Range;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Short strings of these: the delimiters, marks and patterns of a framing, halves of them, and bytes between.
pub fn of(pieces: &[&[u8]]) -> impl Strategy<Value = Vec<u8>> + Clone + use<> {
    strung(pieces, 0..10)
}

/// Strings of so many of these.
pub fn strung(pieces: &[&[u8]], count: Range<usize>) -> impl Strategy<Value = Vec<u8>> + Clone + use<> {
    let pieces: Vec<Vec<u8>> = pieces.iter().map(|piece| piece.to_vec()).collect();
    vec(select(pieces), count).prop_map(|pieces| pieces.concat())
}
