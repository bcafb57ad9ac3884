//! `lines`: frames that end with a line end.

use super::until::{LAST, describe_last, last};
use super::{Entry, Given, Kind, MAX_SEARCHED, Opt, SEARCHED_FRAME, Sample, Takes, Value, framing};
use crate::framing::{Lines, Until};

pub(in crate::notation) static ENTRY: Entry = Entry {
    name: "lines",
    aliases: &["line"],
    kind: Kind::Framing,
    summary: "A frame ends with a line end.",
    options: &[
        Opt::place(
            "end",
            Takes::Choice(&["any", "lf", "crlf"]),
            "what ends a line: LF, CR LF, or `any` of both, of which LF is sent",
        )
        .optional("any"),
        LAST,
        MAX_SEARCHED,
    ],
    samples: &[
        Sample::new("lines", b"a\nb\r\n", &[b"a", b"b"]),
        Sample::new("lines lf", b"a\nb\r\n", &[b"a", b"b\r"]),
        Sample::new("lines crlf", b"a\nb\r\n", &[b"a\nb"]),
        Sample::new("lines", b"a\nb", &[b"a"]).errors(&["the stream ended inside it, after 1 bytes"]),
        Sample::new("lines last give", b"a\nb", &[b"a", b"b"]),
        Sample::new("lines last drop", b"a\nb", &[b"a"]),
        Sample::new("lines max 3", b"abc\nabcd\n", &[b"abc"]).errors(&["longer than 3 bytes"]),
    ],
    build: |given| {
        let lines = match given.word("end") {
            Some("lf") => Lines::lf(),
            Some("crlf") => Lines::crlf(),
            _ => Lines::any(),
        };
        framing(given.limited(last(given, lines), Until::max_len))
    },
};

/// What the notation says of terminators that are line ends.
pub(in crate::notation) fn describe(until: &Until) -> Option<Given> {
    let lines = [("any", Lines::any()), ("lf", Lines::lf()), ("crlf", Lines::crlf())];
    let (end, _) = lines
        .iter()
        .find(|(_, lines)| !until.keep && until.plus == 0 && until.doubled.is_none() && lines.ends == until.ends)?;
    let end = (*end != "any").then(|| Value::Word((*end).to_owned()));
    let given = describe_last(Given::of(&ENTRY).with_if("end", end), until);
    Some(given.with_size("max", until.max, SEARCHED_FRAME))
}
