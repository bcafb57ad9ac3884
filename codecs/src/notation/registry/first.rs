//! `first`: the first frame is framed in its own way.

use super::{Composed, Entry, Given, Kind, Opt, Sample, Takes, Value, framing};
use crate::combine::First;

pub(in crate::notation) static ENTRY: Entry = Entry {
    name: "first",
    aliases: &[],
    kind: Kind::Combinator,
    summary: "The first frame has one framing and all later ones another, in each direction.",
    options: &[
        Opt::place("first", Takes::Framing, "the framing of the first frame"),
        Opt::place("later", Takes::Framing, "the framing of all others"),
    ],
    samples: &[Sample::new("first(lines, length u8)", b"hi\n\x02AB\x01C", &[b"hi", b"AB", b"C"])],
    build: |given| framing(First::new(given.framing("first")?, given.framing("later")?)),
};

pub(in crate::notation) fn describe(first: &First<Composed, Composed>) -> Given {
    let given = Given::of(&ENTRY).with("first", Value::Framing(first.first.clone()));
    given.with("later", Value::Framing(first.then.clone()))
}
