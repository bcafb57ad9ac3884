//! `fixed`: every frame has the same length.

use super::{Entry, Given, Kind, Opt, Sample, Takes, Value, framing};
use crate::framing::Fixed;

pub(in crate::notation) static ENTRY: Entry = Entry {
    name: "fixed",
    aliases: &[],
    kind: Kind::Framing,
    summary: "Every frame has the same length.",
    options: &[Opt::place("size", Takes::Size, "the bytes of one frame")],
    samples: &[Sample::new("fixed 3", b"ABCDEF", &[b"ABC", b"DEF"])],
    build: |given| framing(Fixed::new(given.size("size").unwrap_or_default())),
};

pub(in crate::notation) fn describe(fixed: &Fixed) -> Given {
    Given::of(&ENTRY).with("size", Value::Size(fixed.len as u64))
}
