//! `fold`: a head that says how many items follow.

use super::declared::{self, AFTER, BLANK_BEFORE_COLON, HEADER, LAST_WORD, NONE, OF, OR, REQUIRED, WORD};
use super::{COUNTED_FRAME, Composed, Entry, Given, Kind, Opt, Part, Refusal, Sample, Takes, Value, framing};
use crate::combine::Fold;

const MOST_ITEMS: usize = 65_536;

pub(in crate::notation) static ENTRY: Entry = Entry {
    name: "fold",
    aliases: &[],
    kind: Kind::Combinator,
    summary: "A head that says how many items follow, and the items: one message, each item a part of it.",
    options: &[
        Opt::place("head", Takes::Framing, "where the head ends"),
        HEADER,
        OR,
        BLANK_BEFORE_COLON,
        WORD,
        LAST_WORD,
        OF,
        AFTER,
        NONE,
        REQUIRED,
        Opt::place("item", Takes::Framing, "where an item ends"),
        Opt::named("max", Takes::Size, "1MiB", "the most bytes of the whole message; more ends the stream"),
        Opt::named("max items", Takes::Size, "65536", "the most items of a message; more end the stream"),
    ],
    samples: &[
        Sample::new(
            "fold(lines crlf, after \"*\", head(lines crlf, after \"$\", then CRLF))",
            b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n",
            &[b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"],
        ),
        Sample::new("fold(lines, last word of LIST, lines)", b"LIST 2\na\nb\nQUIT\n", &[b"LIST 2\na\nb\n", b"QUIT\n"]),
        Sample::new(
            "fold(until blank line, header Items, length u8)",
            b"Items: 2\r\n\r\n\x01A\x01B",
            &[b"Items: 2\r\n\r\n\x01A\x01B"],
        ),
        Sample::new(
            "fold(until blank line, header Items or i, blank before colon, length u8)",
            b"i : 2\r\n\r\n\x01A\x01B",
            &[b"i : 2\r\n\r\n\x01A\x01B"],
        ),
        Sample::new("fold(lines, word 2 of LIST, lines, max items 1)", b"LIST 2\na\nb\n", &[])
            .errors(&["the head declares 2 items, more than the 1 that a message may have"]),
        Sample::new("fold(lines, after \"*\", lines, none \"-1\", required, max 4)", b"*-1\n*1\nabc\n", &[b"*-1\n"])
            .errors(&["longer than 4 bytes"]),
    ],
    build,
};

fn build(given: &Given) -> Result<Part, Refusal> {
    let fold = Fold::new(given.framing("head")?, declared::build(given)?, given.framing("item")?);
    framing(given.limited(fold, Fold::max_len).max_items(given.size("max items").unwrap_or(MOST_ITEMS)))
}

pub(in crate::notation) fn describe(fold: &Fold<Composed, Composed>) -> Given {
    let given = Given::of(&ENTRY).with("head", Value::Framing(fold.head.clone()));
    declared::describe(given, &fold.count)
        .with("item", Value::Framing(fold.item.clone()))
        .with_size("max", fold.max, COUNTED_FRAME)
        .with_size("max items", fold.max_items, MOST_ITEMS)
}
