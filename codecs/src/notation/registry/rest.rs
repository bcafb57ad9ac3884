//! `rest`: one frame, up to the end of the stream.

use super::{Entry, Given, Kind, MAX_SEARCHED, SEARCHED_FRAME, Sample, framing};
use crate::framing::Rest;

pub(in crate::notation) static ENTRY: Entry = Entry {
    name: "rest",
    aliases: &[],
    kind: Kind::Framing,
    summary: "All bytes up to the end of the stream are one frame.",
    options: &[MAX_SEARCHED],
    samples: &[
        Sample::new("rest", b"ABC\n", &[b"ABC\n"]),
        Sample::new("rest max 3", b"ABC\n", &[]).errors(&["longer than 3 bytes"]),
    ],
    build: |given| framing(given.limited(Rest::new(), Rest::max_len)),
};

pub(in crate::notation) fn describe(rest: &Rest) -> Given {
    Given::of(&ENTRY).with_size("max", rest.max, SEARCHED_FRAME)
}
