//! `netstring`: a length in decimal, a colon, the payload, a comma.

use super::{COUNTED_FRAME, Entry, Given, Kind, MAX_COUNTED, Sample, framing};
use crate::framing::LengthPrefix;

pub(in crate::notation) static ENTRY: Entry = Entry {
    name: "netstring",
    aliases: &[],
    kind: Kind::Framing,
    summary: "A netstring: the length in decimal, a colon, the payload, a comma.",
    options: &[MAX_COUNTED],
    samples: &[
        Sample::new("netstring", b"3:ABC,0:,", &[b"ABC", b""]),
        Sample::new("netstring max 2", b"3:ABC,", &[]).errors(&["longer than 2 bytes (it claims 3)"]),
    ],
    build: |given| framing(given.limited(LengthPrefix::netstring(), LengthPrefix::max_len)),
};

/// What the notation says of a length that is a netstring's.
pub(in crate::notation) fn describe(prefix: &LengthPrefix) -> Option<Given> {
    let max = prefix.shape.max;
    (*prefix == LengthPrefix::netstring().max_len(max)).then(|| Given::of(&ENTRY).with_size("max", max, COUNTED_FRAME))
}
