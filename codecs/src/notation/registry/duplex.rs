//! `duplex`: one framing in, another out.

use super::{Composed, Entry, Given, Kind, Opt, Sample, Takes, Value, framing};
use crate::combine::Duplex;

pub(in crate::notation) static ENTRY: Entry = Entry {
    name: "duplex",
    aliases: &[],
    kind: Kind::Combinator,
    summary: "What comes has one framing and what leaves another.",
    options: &[
        Opt::place("in", Takes::Framing, "the framing of what comes"),
        Opt::place("out", Takes::Framing, "the framing of what leaves"),
    ],
    samples: &[Sample::new("duplex(lines, length u8)", b"hi\n", &[b"hi"])],
    build: |given| framing(Duplex::new(given.framing("in")?, given.framing("out")?)),
};

pub(in crate::notation) fn describe(duplex: &Duplex<Composed, Composed>) -> Given {
    let (reads, writes) = match duplex.swapped {
        false => (&duplex.reads, &duplex.writes),
        true => (&duplex.writes, &duplex.reads),
    };
    Given::of(&ENTRY).with("in", Value::Framing(reads.clone())).with("out", Value::Framing(writes.clone()))
}
