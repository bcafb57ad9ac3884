//! `chunk`: no framing.

use super::{Entry, Given, Kind, Opt, Sample, Takes, Value, framing};
use crate::framing::Chunks;

pub(in crate::notation) static ENTRY: Entry = Entry {
    name: "chunk",
    aliases: &["chunks"],
    kind: Kind::Framing,
    summary: "No framing: whatever has come is a frame.",
    options: &[Opt::place("size", Takes::Size, "the most bytes of one frame")],
    samples: &[Sample::new("chunk 4", b"ABCDEF", &[b"ABCD", b"EF"])],
    build: |given| framing(Chunks::new(given.size("size").unwrap_or_default())),
};

pub(in crate::notation) fn describe(chunks: &Chunks) -> Given {
    Given::of(&ENTRY).with("size", Value::Size(chunks.max as u64))
}
