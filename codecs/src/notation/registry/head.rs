//! `head`: a head that declares the length of a body.

use super::declared::{self, AFTER, BLANK_BEFORE_COLON, HEADER, LAST_WORD, NONE, OF, OR, REQUIRED, WORD};
use super::{COUNTED_FRAME, Composed, Entry, Given, Kind, Opt, Part, Refusal, Sample, Takes, Value, framing};
use crate::combine::Head;

pub(in crate::notation) static ENTRY: Entry = Entry {
    name: "head",
    aliases: &[],
    kind: Kind::Combinator,
    summary: "A head in which a length is written as text, then a body of that length; both are the payload.",
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
        Opt::named("then", Takes::Text, "none", "what stands behind a body and does not belong to the payload"),
        Opt::flag("body only", "the payload is the body alone, and when it is sent its head is made"),
        Opt::named(
            "max",
            Takes::Size,
            "1MiB",
            "the most bytes of a body; more ends the stream before any of it is kept",
        ),
    ],
    samples: &[
        Sample::new(
            "head(until blank line, header Content-Length)",
            b"Content-Length: 2\r\n\r\n[]Host: a\r\n\r\n",
            &[b"Content-Length: 2\r\n\r\n[]", b"Host: a\r\n\r\n"],
        ),
        Sample::new("head(until blank line, header Content-Length, required)", b"Host: a\r\n\r\n", &[])
            .errors(&["the head does not say the header Content-Length"]),
        Sample::new(
            "head(until blank line, header Content-Length, body only)",
            b"Content-Length: 2\r\n\r\n[]",
            &[b"[]"],
        ),
        Sample::new(
            "head(until blank line, header Content-Length or l, blank before colon)",
            b"l: 2\r\n\r\n[]Content-Length : 2\r\n\r\n{}\r\n",
            &[b"l: 2\r\n\r\n[]", b"Content-Length : 2\r\n\r\n{}", b"\r\n"],
        ),
        Sample::new(
            "head(lines crlf, word 5 of set add, then CRLF)",
            b"set k 0 0 2\r\nhi\r\nget k\r\n",
            &[b"set k 0 0 2\r\nhi", b"get k\r\n"],
        ),
        Sample::new(
            "head(lines crlf, last word of PUB HPUB, then CRLF)",
            b"PUB a 2\r\nhi\r\nPING\r\n",
            &[b"PUB a 2\r\nhi", b"PING\r\n"],
        ),
        Sample::new(
            "head(lines crlf, after \"$\", none \"-1\", then CRLF)",
            b"$2\r\nhi\r\n$-1\r\n",
            &[b"$2\r\nhi", b"$-1\r\n"],
        ),
        Sample::new("head(lines crlf, after \"$\", max 4)", b"$5\r\nhello", &[])
            .errors(&["longer than 4 bytes (it claims 5)"]),
    ],
    build,
};

fn build(given: &Given) -> Result<Part, Refusal> {
    let head = Head::new(given.framing("head")?, declared::build(given)?);
    let head = head.then(given.bytes("then").unwrap_or_default());
    let head = given.limited(head, Head::max_len);
    framing(if given.flag("body only") { head.body_only() } else { head })
}

pub(in crate::notation) fn describe(head: &Head<Composed>) -> Given {
    let given = Given::of(&ENTRY).with("head", Value::Framing(head.framing.clone()));
    declared::describe(given, &head.declared)
        .with_bytes("then", &head.then)
        .with_flag("body only", head.body_only)
        .with_size("max", head.max, COUNTED_FRAME)
}
