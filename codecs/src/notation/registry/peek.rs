//! `peek`: the first bytes choose.

use super::{Composed, Entry, Given, Kind, On, Opt, Part, Refusal, Sample, Takes, Value, framing};
use crate::combine::{Pattern, Peek};

pub(in crate::notation) static ENTRY: Entry = Entry {
    name: "peek",
    aliases: &[],
    kind: Kind::Combinator,
    summary: "The first bytes of a frame say which framing it has.",
    options: &[Opt::place(
        "cases",
        Takes::Cases,
        "what a frame begins with, and its framing; a pattern is bytes, which `any case` lets match letters of either \
         case, `digit`, or a range such as `80..FF`; without `else` any other frame ends the stream",
    )],
    samples: &[
        Sample::new("peek {digit: length dec until SP, else lines}", b"3 a\nb<1>c\n", &[b"a\nb", b"<1>c"]),
        Sample::new(
            "peek {\"GET \" any case: lines, 80..FF: fixed 3}",
            b"get a\n\x81\x02\x03",
            &[b"get a", b"\x81\x02\x03"],
        ),
    ],
    build,
};

fn build(given: &Given) -> Result<Part, Refusal> {
    let mut peek = Peek::new();
    for (on, case) in given.cases("cases") {
        peek = match on {
            On::Else if peek.otherwise.is_some() => return Err(Refusal::of("cases", "`else` stands here twice")),
            On::Else => peek.otherwise(case.clone()),
            On::Pattern { pattern, for_good: false } => peek.on(pattern.clone(), case.clone()),
            On::Pattern { for_good: true, .. } => {
                return Err(Refusal::of("cases", "`for good` belongs to `switch`; a `peek` looks at every frame"));
            }
        };
    }
    framing(peek)
}

pub(in crate::notation) fn describe(peek: &Peek<Composed>) -> Given {
    let on = |pattern: &Pattern| On::Pattern { pattern: pattern.clone(), for_good: false };
    let cases = peek.branches.iter().map(|(pattern, case)| (on(pattern), case.clone()));
    let otherwise = peek.otherwise.iter().map(|case| (On::Else, case.clone()));
    Given::of(&ENTRY).with("cases", Value::Cases(cases.chain(otherwise).collect()))
}
