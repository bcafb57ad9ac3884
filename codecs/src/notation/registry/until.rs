//! `until`: frames that end with a terminator.

use super::{Entry, Given, Kind, MAX_SEARCHED, Opt, Part, Refusal, SEARCHED_FRAME, Sample, Takes, Value, framing};
use crate::framing::{Delimiter, LastPiece, Until};

pub(in crate::notation) static ENTRY: Entry = Entry {
    name: "until",
    aliases: &[],
    kind: Kind::Framing,
    summary: "A frame ends with a terminator.",
    options: &[
        Opt::place("terminator", Takes::Delimiter, "what ends a frame").optional("none"),
        Opt::named(
            "or",
            Takes::Delimiter,
            "none",
            "what ends a frame too; the first terminator is the one that is sent",
        )
        .repeated(),
        Opt::named(
            "line",
            Takes::Delimiter,
            "none",
            "a line that is this alone ends a frame, whose payload is the lines before it; lines end with CR LF",
        ),
        Opt::flag(
            "blank line",
            "an empty line ends a frame, whose payload is the lines before it; lines end with CR LF",
        ),
        Opt::flag("keep", "the terminator belongs to the payload"),
        Opt::named(
            "plus",
            Takes::Size,
            "0",
            "how many bytes stand behind the terminator; the payload holds it and them",
        ),
        DOUBLED,
        LAST,
        MAX_SEARCHED,
    ],
    samples: &[
        Sample::new("until \"|\"", b"ab|c|", &[b"ab", b"c"]),
        Sample::new("until \"|\" | gbk", b"\x82||a|", &[b"\x82|", b"a"]),
        Sample::new("until \"|\" | utf-16be", b"\x4f\x7c\x00|", &[b"\x4f\x7c"]),
        Sample::new("until A3AC | gbk", b"\xba\xc3\xa3\xac", &[b"\xba\xc3"]),
        Sample::new("until \"|\" or \";\"", b"ab;c|", &[b"ab", b"c"]),
        Sample::new("until CRLF keep", b"ab\r\n", &[b"ab\r\n"]),
        Sample::new("until \"#\" plus 2 | check sum8 as lower-hex after \"#\"", b"OK#9a", &[b"OK"]),
        Sample::new("until 1003 doubled 10 plus 1", b"A\x10\x10\x03\x10\x03\x99", &[b"A\x10\x10\x03\x10\x03\x99"]),
        Sample::new("until blank line", b"a: 1\r\nb: 2\r\n\r\n", &[b"a: 1\r\nb: 2\r\n"]),
        Sample::new("until line \".\"", b"one\r\ntwo\r\n.\r\n", &[b"one\r\ntwo\r\n"]),
        Sample::new("until \"|\" last give", b"ab|c", &[b"ab", b"c"]),
        Sample::new("until \"|\" last drop", b"ab|c", &[b"ab"]),
        Sample::new("until \"|\" max 2", b"ab|abc|", &[b"ab"]).errors(&["longer than 2 bytes"]),
    ],
    build,
};

pub(super) const DOUBLED: Opt = Opt::named(
    "doubled",
    Takes::Hex,
    "none",
    "this byte is written twice in front of what ends a frame, by a layer that cannot say so itself",
);

pub(super) const LAST: Opt = Opt::named(
    "last",
    Takes::Choice(&["refuse", "give", "drop"]),
    "refuse",
    "a last piece that the stream ends without ending is an error, is given as a frame, or is dropped",
);

fn build(given: &Given) -> Result<Part, Refusal> {
    let blank = given.flag("blank line").then(|| Delimiter::from(""));
    let line = given.delimiter("line").cloned().or(blank);
    let first = match (given.delimiter("terminator"), line) {
        (Some(first), None) => Until::new(first.clone()),
        (None, Some(_)) if given.flag("line") && given.flag("blank line") => {
            return Err(Refusal::of("line", "a frame ends with one line; write `line` or `blank line`"));
        }
        (None, Some(line)) => Until::line(line),
        (Some(_), Some(_)) => {
            return Err(Refusal::of("terminator", "a frame ends with a terminator or with a line; write one of them"));
        }
        (None, None) => {
            return Err(Refusal::new("`until` needs what ends a frame, such as `until \"|\"` or `until blank line`"));
        }
    };
    let until = given.all("or").fold(first, |until, or| match or {
        Value::Delimiter(delimiter) => until.or(delimiter.clone()),
        _ => until,
    });
    let until = if given.flag("keep") { until.keep() } else { until };
    let until = until.plus(given.size("plus").unwrap_or_default());
    let until = match given.byte("doubled")? {
        Some(byte) => until.doubled(byte),
        None => until,
    };
    framing(given.limited(last(given, until), Until::max_len))
}

pub(super) fn last(given: &Given, until: Until) -> Until {
    match given.word("last") {
        Some("give") => until.last(LastPiece::Give),
        Some("drop") => until.last(LastPiece::Drop),
        _ => until,
    }
}

pub(super) fn describe_last(given: Given, until: &Until) -> Given {
    match until.last {
        LastPiece::Refuse => given,
        LastPiece::Give => given.with("last", Value::Word("give".to_owned())),
        LastPiece::Drop => given.with("last", Value::Word("drop".to_owned())),
    }
}

pub(in crate::notation) fn describe(until: &Until) -> Given {
    let mut given = Given::of(&ENTRY);
    for (n, end) in until.ends.iter().enumerate() {
        given = match (end.line_alone(), n) {
            (Some(line), _) => given.with_flag("blank line", line.is_empty()).with_delimiter("line", line),
            (None, 0) => given.with("terminator", Value::Delimiter(end.delimiter.clone())),
            (None, _) => given.with("or", Value::Delimiter(end.delimiter.clone())),
        };
    }
    let given = given.with_flag("keep", until.keep && until.plus == 0).with_size("plus", until.plus, 0);
    let given = given.with_if("doubled", until.doubled.map(|byte| Value::Bytes(vec![byte])));
    let given = describe_last(given, until);
    given.with_size("max", until.max, SEARCHED_FRAME)
}
