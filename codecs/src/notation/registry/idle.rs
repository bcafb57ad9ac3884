//! `idle`: a frame ends with a silence.

use super::{Entry, Given, Kind, MAX_SEARCHED, Opt, SEARCHED_FRAME, Sample, Takes, Value, framing};
use crate::framing::IdleGap;

pub(in crate::notation) static ENTRY: Entry = Entry {
    name: "idle",
    aliases: &[],
    kind: Kind::Framing,
    summary: "A frame ends when nothing has come for a while. Who sends must be silent as long behind each.",
    options: &[Opt::place("silence", Takes::Duration, "how long nothing comes behind a frame"), MAX_SEARCHED],
    samples: &[
        Sample::new("idle 50ms", b"ABC", &[b"ABC"]),
        Sample::new("idle 50ms max 2", b"ABC", &[]).errors(&["longer than 2 bytes"]),
    ],
    build: |given| {
        framing(given.limited(IdleGap::new(given.duration("silence").unwrap_or_default()), IdleGap::max_len))
    },
};

pub(in crate::notation) fn describe(idle: &IdleGap) -> Given {
    let given = Given::of(&ENTRY).with("silence", Value::Duration(idle.gap));
    given.with_size("max", idle.max, SEARCHED_FRAME)
}
