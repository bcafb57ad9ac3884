//! `marked`: frames between marks.

use super::until::DOUBLED;
use super::{Entry, Given, Kind, MAX_SEARCHED, Opt, Part, Refusal, SEARCHED_FRAME, Sample, Takes, Value, framing};
use crate::framing::{Delimiter, Marked};

pub(in crate::notation) static ENTRY: Entry = Entry {
    name: "marked",
    aliases: &[],
    kind: Kind::Framing,
    summary: "A frame stands between a begin mark and an end mark.",
    options: &[
        Opt::place("begin", Takes::Delimiter, "what stands in front of a payload"),
        Opt::place("end", Takes::Delimiter, "what stands behind it").optional("none"),
        Opt::flag("shared", "one mark is both, and the one that ends a frame may begin the next"),
        Opt::named("plus", Takes::Size, "0", "how many bytes stand behind the end mark; the payload holds it and them"),
        DOUBLED,
        MAX_SEARCHED,
    ],
    samples: &[
        Sample::new("marked 0B 1C0D", b"\x0bMSH\x1c\r", &[b"MSH"]),
        Sample::new("marked 7E shared", b"\x7eAB\x7e\x7eC\x7eD\x7e", &[b"AB", b"C", b"D"]),
        Sample::new("marked STX ETX plus 1 | check xor8 | constant ETX at end", b"\x02AB\x03\x00", &[b"AB"]),
        Sample::new(
            "marked STX 1003 doubled 10 plus 1 | check xor8 | constant 1003 at end | escape double 10",
            b"\x02A\x10\x10\x10\x03R",
            &[b"A\x10"],
        ),
        Sample::new("marked STX ETX max 3", b"\x02ABC\x03\x02ABCD\x03", &[b"ABC"]).errors(&["longer than 3 bytes"]),
    ],
    build,
};

fn build(given: &Given) -> Result<Part, Refusal> {
    let begin = given.delimiter("begin").cloned().unwrap_or_else(|| Delimiter::from(""));
    let marked = match (given.delimiter("end").cloned(), given.flag("shared")) {
        (None, true) => Marked::shared(begin),
        (Some(end), false) => Marked::new(begin, end),
        (Some(_), true) => return Err(Refusal::of("end", "a shared mark is both; leave the second one out")),
        (None, false) => return Err(Refusal::of("begin", "write the end mark too, or `shared` if one mark is both")),
    };
    let marked = marked.plus(given.size("plus").unwrap_or_default());
    let marked = match given.byte("doubled")? {
        Some(byte) => marked.doubled(byte),
        None => marked,
    };
    framing(given.limited(marked, Marked::max_len))
}

pub(in crate::notation) fn describe(marked: &Marked) -> Given {
    let [begin, end] = &*marked.named;
    let given = Given::of(&ENTRY).with("begin", Value::Delimiter(begin.clone()));
    let given = match marked.shared {
        true => given.with_flag("shared", true),
        false => given.with("end", Value::Delimiter(end.clone())),
    };
    let given = given.with_size("plus", marked.plus, 0);
    let given = given.with_if("doubled", marked.doubled.map(|byte| Value::Bytes(vec![byte])));
    given.with_size("max", marked.max, SEARCHED_FRAME)
}
