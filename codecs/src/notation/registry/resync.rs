//! `resync`: what becomes of damage.

use super::{Composed, Entry, Given, Kind, Opt, Part, Refusal, Sample, Takes, Value};
use crate::combine::{Policy, Resync};

pub(in crate::notation) static ENTRY: Entry = Entry {
    name: "resync",
    aliases: &[],
    kind: Kind::Resync,
    summary: "What would end the stream is one bad frame, and the stream goes on. It stands behind all that may fail.",
    options: &[
        Opt::named("delimiter", Takes::Text, "none", "it goes on behind the next of these"),
        Opt::named("mark", Takes::Hex, "none", "it goes on at the next of these"),
        Opt::flag("check", "it goes on at the next byte where a whole frame stands whose check holds"),
        Opt::named("gap", Takes::Duration, "none", "it goes on when nothing has come for this long"),
        Opt::named(
            "bytes",
            Takes::Size,
            "64KiB",
            "how many bytes may be passed over until a good frame comes; otherwise the stream ends (default under \
             `check`: 4KiB)",
        ),
        Opt::named("failures", Takes::Size, "16", "how many bad frames may come until a good one does"),
    ],
    samples: &[
        Sample::new("lines max 4 | resync delimiter LF", b"ABCDEFGH\nAB\n", &[b"AB"]).errors(&["longer than 4 bytes"]),
        Sample::new("marked 3C 3E | resync mark 3C", b"ab<hi>", &[b"hi"])
            .errors(&["61 stands where a frame must begin with 3C"]),
        Sample::new("length u8 | check xor8 | resync check", b"\x02A\x7f\x02BB", &[b"B"])
            .errors(&["the xor8 check fails: 41 expected, 7F found"]),
        Sample::new("length u8 max 9 | resync gap 50ms", b"\xffAB", &[])
            .errors(&["longer than 9 bytes (it claims 255)"]),
        Sample::new("lines max 2 | resync delimiter LF bytes 4", b"ABCDEFGH\nAB\n", &[])
            .errors(&["longer than 2 bytes", "more than 4 bytes of damage since the last good frame"]),
        Sample::new("lines max 2 | resync delimiter LF failures 1", b"ABCD\nABCD\nAB\n", &[]).errors(&[
            "longer than 2 bytes",
            "damaged more than 1 times since the last good frame: longer than 2 bytes",
        ]),
    ],
    build,
};

/// How a framing, which stands in front, recovers from damage.
#[derive(Clone, Debug)]
pub(in crate::notation) struct Recovery(Given);

fn build(given: &Given) -> Result<Part, Refusal> {
    let places = ["delimiter", "mark", "check", "gap"].iter().filter(|place| given.flag(place));
    match places.count() {
        1 => Ok(Part::Resync(Recovery(given.clone()))),
        _ => Err(Refusal::new("`resync` goes on at one place: `delimiter BYTES`, `mark BYTES`, `check` or `gap TIME`")),
    }
}

impl Recovery {
    pub(in crate::notation) fn of(self, framing: Composed) -> Composed {
        let Self(given) = self;
        let mut resync = if let Some(delimiter) = given.bytes("delimiter") {
            Resync::delimiter(framing, delimiter)
        } else if let Some(mark) = given.bytes("mark") {
            Resync::mark(framing, mark)
        } else if let Some(gap) = given.duration("gap") {
            Resync::gap(framing, gap)
        } else {
            Resync::check(framing)
        };
        resync.budget.bytes = given.size("bytes").or(resync.budget.bytes);
        resync.budget.failures = given.size("failures").unwrap_or(resync.budget.failures);
        resync.into()
    }
}

/// What the notation says of a recovery; the framing in front of it is described by itself.
pub(in crate::notation) fn describe(resync: &Resync<Composed>) -> Given {
    let given = Given::of(&ENTRY);
    let given = match &resync.policy {
        Policy::Delimiter(delimiter) => given.with("delimiter", Value::Bytes(delimiter.bytes.clone())),
        Policy::Mark(mark) => given.with("mark", Value::Bytes(mark.clone())),
        Policy::Check => given.with_flag("check", true),
        Policy::Gap(gap) => given.with("gap", Value::Duration(*gap)),
    };
    given.with_if("bytes", resync.budget.bytes.map(|bytes| Value::Size(bytes as u64))).with_size(
        "failures",
        resync.budget.failures,
        16,
    )
}
