//! `switch`: a frame changes the framing of those behind it.

use super::{Composed, Entry, Given, Kind, On, Opt, Part, Refusal, Sample, Takes, Value, framing};
use crate::combine::Switch;

pub(in crate::notation) static ENTRY: Entry = Entry {
    name: "switch",
    aliases: &[],
    kind: Kind::Combinator,
    summary: "A frame that begins in a certain way changes the framing of the next one, or of all later ones.",
    options: &[
        Opt::place("framing", Takes::Framing, "the framing to begin with"),
        Opt::place(
            "cases",
            Takes::Cases,
            "what a payload begins with, as in `peek`, and the framing of the frame behind it; with `for good` behind the \
             pattern, of all frames behind it",
        ),
    ],
    samples: &[
        Sample::new(
            "switch(lines crlf) {\"DATA\": until line \".\"}",
            b"DATA\r\nhi\r\n.\r\nQUIT\r\n",
            &[b"DATA", b"hi\r\n", b"QUIT"],
        ),
        Sample::new(
            "switch(lines) {\"BINARY\" any case for good: length u8}",
            b"hi\nbinary\n\x02AB\x01\n",
            &[b"hi", b"binary", b"AB", b"\n"],
        ),
    ],
    build,
};

fn build(given: &Given) -> Result<Part, Refusal> {
    let mut switch = Switch::new(given.framing("framing")?);
    for (on, case) in given.cases("cases") {
        switch = match on {
            On::Pattern { pattern, for_good: false } => switch.once(pattern.clone(), case.clone()),
            On::Pattern { pattern, for_good: true } => switch.for_good(pattern.clone(), case.clone()),
            On::Else => {
                return Err(Refusal::of("cases", "a `switch` has no `else`: behind any other frame nothing changes"));
            }
        };
    }
    framing(switch)
}

pub(in crate::notation) fn describe(switch: &Switch<Composed>) -> Given {
    let cases = switch
        .cases
        .iter()
        .map(|case| (On::Pattern { pattern: case.pattern.clone(), for_good: !case.once }, case.framing.clone()));
    let given = Given::of(&ENTRY).with("framing", Value::Framing(switch.base.clone()));
    given.with("cases", Value::Cases(cases.collect()))
}
