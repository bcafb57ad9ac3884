//! Framings: where one message ends and the next begins.

use super::length;
use crate::Composed;
use crate::framing::until::Terminator;
use crate::framing::{Chunks, Fixed, IdleGap, LastPiece, Lines, Marked, Rest, Until};
use crate::notation::entry::{Entry, Kind, Sample};
use crate::notation::given::{Given, Refusal};
use crate::notation::option::{Opt, Takes, Value};
use crate::notation::part::Part;

pub(super) const ALL: &[&Entry] =
    &[&CHUNK, &REST, &UNTIL, &LINES, &length::LENGTH, &length::NETSTRING, &FIXED, &MARKED, &IDLE];

const LASTS: &[&str] = &["refuse", "give", "drop"];

static CHUNK: Entry = Entry {
    name: "chunk",
    aliases: &["chunks"],
    kind: Kind::Framing,
    summary: "No framing: whatever has come is a frame.",
    options: &[Opt::place("size", Takes::Size, "the most bytes of one frame")],
    samples: &[Sample::new("chunk 4", b"ABCDEF", &[b"ABCD", b"EF"])],
    build: |given| framing(Chunks::new(given.size("size").unwrap_or(1))),
};

static REST: Entry = Entry {
    name: "rest",
    aliases: &[],
    kind: Kind::Framing,
    summary: "All bytes up to the end of the stream are one frame.",
    options: &[MAX_SEARCHED],
    samples: &[Sample::new("rest", b"ABC\n", &[b"ABC\n"])],
    build: |given| framing(sized(given, Rest::new(), Rest::max_len)),
};

const MAX_SEARCHED: Opt = Opt::named("max", Takes::Size, "64KiB", "the most bytes of one payload");
const LAST: Opt = Opt::named("last", Takes::Choice(LASTS), "refuse", "what becomes of a last piece that does not end");

static UNTIL: Entry = Entry {
    name: "until",
    aliases: &[],
    kind: Kind::Framing,
    summary: "A frame ends with a terminator.",
    options: &[
        Opt::place("terminator", Takes::Text, "what ends a frame").optional("none"),
        Opt::named("or", Takes::Text, "none", "what else ends a frame; the first one is sent").repeated(),
        Opt::named("line", Takes::Text, "none", "a line that is this alone ends a frame, which is all lines before it"),
        Opt::flag("blank line", "an empty line ends a frame, which is all lines before it"),
        Opt::flag("keep", "the terminator belongs to the payload"),
        Opt::named(
            "plus",
            Takes::Size,
            "0",
            "how many bytes stand behind the terminator; the payload holds it and them",
        ),
        LAST,
        MAX_SEARCHED,
    ],
    samples: &[
        Sample::new("until \"|\"", b"ab|c|", &[b"ab", b"c"]),
        Sample::new("until \"|\" or \";\"", b"ab;c|", &[b"ab", b"c"]),
        Sample::new("until CRLF keep", b"ab\r\n", &[b"ab\r\n"]),
        Sample::new("until \"#\" plus 2 | check sum8 as lower-hex after \"#\"", b"OK#9a", &[b"OK"]),
        Sample::new("until blank line", b"a: 1\r\nb: 2\r\n\r\n", &[b"a: 1\r\nb: 2\r\n"]),
        Sample::new("until line \".\"", b"one\r\ntwo\r\n.\r\n", &[b"one\r\ntwo\r\n"]),
    ],
    build: until,
};

fn until(given: &Given) -> Result<Part, Refusal> {
    let first = given.bytes("terminator");
    let line = given.bytes("line").or(given.flag("blank line").then_some(&[]));
    let until = match (first, line) {
        (Some(_), Some(_)) => {
            return Err(Refusal::of("terminator", "a frame ends with a terminator or with a line; write one of them"));
        }
        (None, Some(line)) => Until::line(line),
        (Some(first), None) => given.all("or").fold(Until::new(first), |until, or| match or {
            Value::Bytes(bytes) => until.or(bytes),
            _ => until,
        }),
        (None, None) => {
            let why = "`until` needs what ends a frame, such as `until \"|\"` or `until blank line`".to_owned();
            return Err(Refusal { option: None, why });
        }
    };
    let until = if given.flag("keep") { until.keep() } else { until };
    let until = until.plus(given.size("plus").unwrap_or_default());
    framing(sized(given, last(given, until), Until::max_len))
}

fn last(given: &Given, until: Until) -> Until {
    match given.word("last") {
        Some("give") => until.last(LastPiece::Give),
        Some("drop") => until.last(LastPiece::Drop),
        _ => until,
    }
}

static LINES: Entry = Entry {
    name: "lines",
    aliases: &["line"],
    kind: Kind::Framing,
    summary: "A frame ends with a line end: LF (`lf`), CR LF (`crlf`), or either (`any`, which sends LF).",
    options: &[
        Opt::place("end", Takes::Choice(&["any", "lf", "crlf"]), "what ends a line").optional("any"),
        LAST,
        MAX_SEARCHED,
    ],
    samples: &[
        Sample::new("lines", b"a\nb\r\n", &[b"a", b"b"]),
        Sample::new("lines lf", b"a\nb\r\n", &[b"a", b"b\r"]),
        Sample::new("lines crlf", b"a\nb\r\n", &[b"a\nb"]),
    ],
    build: |given| {
        let lines = match given.word("end") {
            Some("lf") => Lines::lf(),
            Some("crlf") => Lines::crlf(),
            _ => Lines::any(),
        };
        framing(sized(given, last(given, lines), Until::max_len))
    },
};

static FIXED: Entry = Entry {
    name: "fixed",
    aliases: &[],
    kind: Kind::Framing,
    summary: "Every frame has the same length.",
    options: &[Opt::place("size", Takes::Size, "the bytes of one frame")],
    samples: &[Sample::new("fixed 3", b"ABCDEF", &[b"ABC", b"DEF"])],
    build: |given| framing(Fixed::new(given.size("size").unwrap_or_default())),
};

static MARKED: Entry = Entry {
    name: "marked",
    aliases: &[],
    kind: Kind::Framing,
    summary: "A frame stands between a begin mark and an end mark.",
    options: &[
        Opt::place("begin", Takes::Hex, "what stands in front of a payload"),
        Opt::place("end", Takes::Hex, "what stands behind it").optional("none"),
        Opt::flag("shared", "one mark is both, and the end of one frame may be the begin of the next"),
        Opt::named("plus", Takes::Size, "0", "how many bytes stand behind the end mark; the payload holds it and them"),
        MAX_SEARCHED,
    ],
    samples: &[
        Sample::new("marked 0B 1C0D", b"\x0bMSH\x1c\r", &[b"MSH"]),
        Sample::new("marked 7E shared", b"\x7eAB\x7e\x7eC\x7e", &[b"AB", b"C"]),
        Sample::new("marked STX ETX plus 1 | check xor8 | constant ETX at end", b"\x02AB\x03\x00", &[b"AB"]),
    ],
    build: |given| {
        let begin = given.bytes("begin").unwrap_or_default();
        let marked = match (given.bytes("end"), given.flag("shared")) {
            (None, true) => Marked::shared(begin),
            (Some(end), false) => Marked::new(begin, end),
            (Some(_), true) => return Err(Refusal::of("end", "a shared mark is both; leave the second one out")),
            (None, false) => {
                return Err(Refusal::of("begin", "write the end mark too, or `shared` if one mark is both"));
            }
        };
        let marked = marked.plus(given.size("plus").unwrap_or_default());
        framing(sized(given, marked, Marked::max_len))
    },
};

static IDLE: Entry = Entry {
    name: "idle",
    aliases: &[],
    kind: Kind::Framing,
    summary: "A frame ends when nothing has come for a while.",
    options: &[Opt::place("silence", Takes::Duration, "how long the line is silent behind a frame"), MAX_SEARCHED],
    samples: &[Sample::new("idle 50ms", b"ABC", &[b"ABC"])],
    build: |given| {
        let idle = IdleGap::new(given.duration("silence").unwrap_or_default());
        framing(sized(given, idle, IdleGap::max_len))
    },
};

fn framing(framing: impl Into<Composed>) -> Result<Part, Refusal> {
    Ok(Part::Framing(framing.into()))
}

pub(super) fn sized<F>(given: &Given, framing: F, max_len: fn(F, usize) -> F) -> F {
    match given.size("max") {
        Some(max) => max_len(framing, max),
        None => framing,
    }
}

/// What the notation says of the framings whose options stand here.
pub(in crate::notation) mod describe {
    use super::{CHUNK, FIXED, IDLE, LINES, MARKED, REST, UNTIL};
    use super::{Chunks, Entry, Fixed, Given, IdleGap, LastPiece, Lines, Marked, Rest, Terminator, Until, Value};
    use wirework_core::Limits;

    type Described = (&'static Entry, Given);

    fn max(given: Given, max: usize) -> Given {
        given.with_size("max", max, Limits::SEARCHED_FRAME)
    }

    pub(in crate::notation) fn chunks(chunks: &Chunks) -> Described {
        (&CHUNK, Given::new().with("size", Value::Size(chunks.max as u64)))
    }

    pub(in crate::notation) fn rest(rest: &Rest) -> Described {
        (&REST, max(Given::new(), rest.max))
    }

    pub(in crate::notation) fn until(until: &Until) -> Described {
        let last = match until.last {
            LastPiece::Refuse => None,
            LastPiece::Give => Some(Value::Word("give".to_owned())),
            LastPiece::Drop => Some(Value::Word("drop".to_owned())),
        };
        let lines = [("any", Lines::any()), ("lf", Lines::lf()), ("crlf", Lines::crlf())];
        if let Some((end, _)) = lines.iter().find(|(_, lines)| !until.keep && lines.terminators == until.terminators) {
            let end = (*end != "any").then(|| Value::Word((*end).to_owned()));
            return (&LINES, max(Given::new().with_if("end", end).with_if("last", last), until.max));
        }
        let mut given = Given::new();
        for (n, terminator) in until.terminators.list().iter().enumerate() {
            given = match terminator {
                Terminator { whole_line: true, bytes } => {
                    let line = bytes.strip_suffix(b"\r\n").unwrap_or(bytes);
                    given
                        .with_flag("blank line", line.is_empty())
                        .with_if("line", (!line.is_empty()).then(|| Value::Bytes(line.to_vec())))
                }
                Terminator { bytes, .. } => {
                    given.with(if n == 0 { "terminator" } else { "or" }, Value::Bytes(bytes.clone()))
                }
            };
        }
        (
            &UNTIL,
            max(
                given
                    .with_flag("keep", until.keep && until.plus == 0)
                    .with_size("plus", until.plus, 0)
                    .with_if("last", last),
                until.max,
            ),
        )
    }

    pub(in crate::notation) fn fixed(fixed: &Fixed) -> Described {
        (&FIXED, Given::new().with("size", Value::Size(fixed.len as u64)))
    }

    pub(in crate::notation) fn marked(marked: &Marked) -> Described {
        let given = Given::new().with("begin", Value::Bytes(marked.begin.to_vec()));
        let given = match marked.shared {
            true => given.with_flag("shared", true),
            false => given.with("end", Value::Bytes(marked.end.first().to_vec())),
        };
        (&MARKED, max(given.with_size("plus", marked.plus, 0), marked.max))
    }

    pub(in crate::notation) fn idle(idle: &IdleGap) -> Described {
        (&IDLE, max(Given::new().with("silence", Value::Duration(idle.gap)), idle.max))
    }
}
