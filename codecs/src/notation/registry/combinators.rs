//! Combinators: framings put together.

use wirework_core::Limits;

use crate::combine::{Begins, Declared, Duplex, First, Fold, Head, Pattern, Peek, Place, Switch, Which};
use crate::composed::Composed;
use crate::notation::entry::{Entry, Kind, Sample};
use crate::notation::given::{Given, Refusal};
use crate::notation::literal;
use crate::notation::option::{Key, KeyPart, Opt, Takes, Value};
use crate::notation::part::Part;

pub(super) const ALL: &[&Entry] = &[&HEAD, &FOLD, &PEEK, &FIRST, &SWITCH, &DUPLEX];

static HEAD: Entry = Entry {
    name: "head",
    aliases: &[],
    kind: Kind::Combinator,
    summary: "A head in which a length is written as text, then a body of that length.",
    options: &[
        Opt::place("head", Takes::Framing, "where the head ends"),
        Opt::named(
            "header",
            Takes::Word,
            "none",
            "the length is the value of this header line; without it there is no body",
        ),
        Opt::flag("required", "a head without the header is malformed"),
        Opt::named("word", Takes::Size, "none", "the length is this word of the line, counted from 1"),
        Opt::flag("last word", "the length is the last word of the line"),
        Opt::named("of", Takes::Words, "none", "the first words of lines that have a body"),
        Opt::named("after", Takes::Text, "none", "the length stands behind this mark"),
        Opt::named("none", Takes::Text, "none", "instead of a length this says that there is no body"),
        Opt::named("then", Takes::Text, "none", "what stands behind a body"),
        Opt::flag("body only", "the payload is the body, and its head is made when it is sent"),
        Opt::named("max", Takes::Size, "1MiB", "the most bytes of a body"),
    ],
    samples: &[
        Sample::new(
            "head(until blank line, header Content-Length)",
            b"Content-Length: 2\r\n\r\n[]",
            &[b"Content-Length: 2\r\n\r\n[]"],
        ),
        Sample::new(
            "head(until blank line, header Content-Length, body only)",
            b"Content-Length: 2\r\n\r\n[]",
            &[b"[]"],
        ),
        Sample::new(
            "head(lines crlf, last word of PUB HPUB, then CRLF)",
            b"PUB a 2\r\nhi\r\nPING\r\n",
            &[b"PUB a 2\r\nhi", b"PING\r\n"],
        ),
        Sample::new(
            "head(lines crlf, after $, none \"-1\", then CRLF)",
            b"$2\r\nhi\r\n$-1\r\n",
            &[b"$2\r\nhi", b"$-1\r\n"],
        ),
    ],
    build: head,
};

fn head(given: &Given) -> Result<Part, Refusal> {
    let places = [
        given.word("header").map(Declared::header),
        given.number("word").map(|number| Declared::word(usize::try_from(number).unwrap_or(usize::MAX), verbs(given))),
        given.flag("last word").then(|| Declared::last_word(verbs(given))),
        given.bytes("after").map(Declared::after),
    ];
    let mut places = places.into_iter().flatten();
    let (Some(mut declared), None) = (places.next(), places.next()) else {
        let why = "a head says its length in one place: `header NAME`, `word N of VERBS`, `last word of VERBS` or `after MARK`";
        return Err(Refusal { option: None, why: why.to_owned() });
    };
    if let Some(none) = given.bytes("none") {
        declared = declared.none(none);
    }
    if given.flag("required") {
        declared = declared.required();
    }
    let mut head = Head::new(framing(given, "head")?, declared);
    if let Some(bytes) = given.bytes("then") {
        head = head.then(bytes);
    }
    if let Some(max) = given.size("max") {
        head = head.max_len(max);
    }
    built(if given.flag("body only") { head.body_only() } else { head })
}

fn verbs(given: &Given) -> Vec<String> {
    given.words("of").unwrap_or_default().to_vec()
}

fn framing(given: &Given, name: &'static str) -> Result<Composed, Refusal> {
    given.framing(name).ok_or_else(|| Refusal::of(name, "a framing is missing"))
}

fn built(framing: impl Into<Composed>) -> Result<Part, Refusal> {
    Ok(Part::Framing(framing.into()))
}

static FOLD: Entry = Entry {
    name: "fold",
    aliases: &[],
    kind: Kind::Combinator,
    summary: "A head that says how many items follow, and the items: one message, each item a part of it.",
    options: &[
        Opt::place("head", Takes::Framing, "where the head ends"),
        Opt::named("after", Takes::Text, "none", "the number of items stands behind this mark").needed(),
        Opt::place("item", Takes::Framing, "where an item ends"),
        Opt::named("max", Takes::Size, "1MiB", "the most bytes of the whole message"),
        Opt::named("max items", Takes::Size, "65536", "the most items of a message"),
    ],
    samples: &[Sample::new(
        "fold(lines crlf, after *, head(lines crlf, after $, then CRLF))",
        b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n",
        &[b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"],
    )],
    build: |given| {
        let count = Declared::after(given.bytes("after").unwrap_or_default());
        let mut fold = Fold::new(framing(given, "head")?, count, framing(given, "item")?);
        if let Some(max) = given.size("max") {
            fold = fold.max_len(max);
        }
        if let Some(max) = given.size("max items") {
            fold = fold.max_items(max);
        }
        built(fold)
    },
};

static PEEK: Entry = Entry {
    name: "peek",
    aliases: &[],
    kind: Kind::Combinator,
    summary: "The first bytes of a frame say which framing it has.",
    options: &[Opt::place("cases", Takes::Cases, "a pattern is bytes, or `digit`")],
    samples: &[Sample::new("peek {digit: length dec until SP, else lines}", b"3 a\nb<1>c\n", &[b"a\nb", b"<1>c"])],
    build: |given| {
        let mut peek = Peek::new();
        for (key, case) in given.cases("cases") {
            peek = match key.0.as_slice() {
                [] => peek.otherwise(case.clone()),
                _ => peek.on(pattern(&key.0)?, case.clone()),
            };
        }
        built(peek)
    },
};

static FIRST: Entry = Entry {
    name: "first",
    aliases: &[],
    kind: Kind::Combinator,
    summary: "The first frame has one framing, all later ones another.",
    options: &[
        Opt::place("first", Takes::Framing, "the framing of the first frame"),
        Opt::place("later", Takes::Framing, "the framing of all others"),
    ],
    samples: &[Sample::new("first(lines, length u8)", b"hi\n\x02AB\x01C", &[b"hi", b"AB", b"C"])],
    build: |given| built(First::new(framing(given, "first")?, framing(given, "later")?)),
};

static SWITCH: Entry = Entry {
    name: "switch",
    aliases: &[],
    kind: Kind::Combinator,
    summary: "A frame that begins in a certain way changes the framing, of the next frame or of all later ones.",
    options: &[
        Opt::place("framing", Takes::Framing, "the framing to begin with"),
        Opt::place(
            "cases",
            Takes::Cases,
            "a pattern is what a frame begins with; `for good` behind it never goes back",
        ),
    ],
    samples: &[Sample::new(
        "switch(lines crlf) {\"DATA\": until line \".\"}",
        b"DATA\r\nhi\r\n.\r\nQUIT\r\n",
        &[b"DATA", b"hi\r\n", b"QUIT"],
    )],
    build: |given| {
        let mut switch = Switch::new(framing(given, "framing")?);
        for (Key(key), case) in given.cases("cases") {
            let good = [KeyPart::Word("for".to_owned()), KeyPart::Word("good".to_owned())];
            switch = match key.strip_suffix(&good) {
                Some(key) => switch.for_good(pattern(key)?, case.clone()),
                None => switch.once(pattern(key)?, case.clone()),
            };
        }
        built(switch)
    },
};

static DUPLEX: Entry = Entry {
    name: "duplex",
    aliases: &[],
    kind: Kind::Combinator,
    summary: "What comes has one framing, what leaves another.",
    options: &[
        Opt::place("in", Takes::Framing, "the framing of what comes"),
        Opt::place("out", Takes::Framing, "the framing of what leaves"),
    ],
    samples: &[Sample::new("duplex(lines, length u8)", b"hi\n", &[b"hi"])],
    build: |given| built(Duplex::new(framing(given, "in")?, framing(given, "out")?)),
};

/// The pattern that a case has in front of its colon: bytes, `digit`, or a range such as `80..FF`; and `any case`.
fn pattern(key: &[KeyPart]) -> Result<Pattern, Refusal> {
    let any_case = [KeyPart::Word("any".to_owned()), KeyPart::Word("case".to_owned())];
    if let Some(key) = key.strip_suffix(&any_case) {
        return Ok(pattern(key)?.ignore_case());
    }
    let found = match key {
        [KeyPart::Bytes(bytes)] => Some(Pattern::bytes(bytes)),
        [KeyPart::Word(word)] if word == "digit" => Some(Pattern::digit()),
        [KeyPart::Word(word)] => range(word),
        _ => None,
    };
    found.ok_or_else(|| {
        let key = Key(key.to_vec()).print();
        Refusal::of(
            "cases",
            format!(
                "`{key}` is no pattern; write bytes such as `*` or `\"GET \"`, `digit`, or a range such as `80..FF`"
            ),
        )
    })
}

fn range(word: &str) -> Option<Pattern> {
    let (first, last) = word.split_once("..")?;
    match (literal::hex(first)?.as_slice(), literal::hex(last)?.as_slice()) {
        ([first], [last]) => Some(Pattern::range(*first..=*last)),
        _ => None,
    }
}

/// What the notation says of the combinators.
pub(in crate::notation) mod describe {
    use super::{
        Begins, Composed, DUPLEX, Declared, Duplex, Entry, FIRST, FOLD, First, Fold, Given, HEAD, Head, Key, KeyPart,
        Limits, PEEK, Pattern, Peek, Place, SWITCH, Switch, Value, Which, literal,
    };

    type Described = (&'static Entry, Given);

    fn framing(framing: &Composed) -> Value {
        Value::Framing(framing.clone())
    }

    pub(in crate::notation) fn head(head: &Head<Composed>) -> Described {
        let given = declared(Given::new().with("head", framing(&head.framing)), &head.declared);
        let given = given
            .with_if("then", (!head.then.is_empty()).then(|| Value::Bytes(head.then.to_vec())))
            .with_flag("body only", head.body_only)
            .with_size("max", head.max, Limits::COUNTED_FRAME);
        (&HEAD, given)
    }

    fn declared(given: Given, declared: &Declared) -> Given {
        let words = |words: &[String]| Value::Words(words.to_vec());
        let given = match &declared.place {
            Place::Header(name) => given.with("header", Value::Word(name.to_string())),
            Place::Word(Which::Nth(number), verbs) => {
                given.with("word", Value::Size(*number as u64)).with("of", words(verbs))
            }
            Place::Word(Which::Last, verbs) => given.with_flag("last word", true).with("of", words(verbs)),
            Place::After(mark) => given.with("after", Value::Bytes(mark.to_vec())),
            Place::Function(_) => given.with("header", Value::Word("(a function)".to_owned())),
        };
        given
            .with_if("none", declared.none.as_ref().map(|none| Value::Bytes(none.to_vec())))
            .with_flag("required", declared.required)
    }

    pub(in crate::notation) fn fold(fold: &Fold<Composed, Composed>) -> Described {
        let given = declared(Given::new().with("head", framing(&fold.head)), &fold.count)
            .with("item", framing(&fold.item))
            .with_size("max", fold.max, Limits::COUNTED_FRAME)
            .with_size("max items", fold.max_items, 65_536);
        (&FOLD, given)
    }

    pub(in crate::notation) fn peek(peek: &Peek<Composed>) -> Described {
        let cases = peek.branches.iter().map(|(pattern, case)| (key(pattern), case.clone()));
        let otherwise = peek.otherwise.iter().map(|case| (Key::default(), case.clone()));
        (&PEEK, Given::new().with("cases", Value::Cases(cases.chain(otherwise).collect())))
    }

    pub(in crate::notation) fn first(first: &First<Composed, Composed>) -> Described {
        (&FIRST, Given::new().with("first", framing(&first.first)).with("later", framing(&first.then)))
    }

    pub(in crate::notation) fn duplex(duplex: &Duplex<Composed, Composed>) -> Described {
        let (reads, writes) = match duplex.swapped {
            false => (&duplex.reads, &duplex.writes),
            true => (&duplex.writes, &duplex.reads),
        };
        (&DUPLEX, Given::new().with("in", framing(reads)).with("out", framing(writes)))
    }

    pub(in crate::notation) fn switch(switch: &Switch<Composed>) -> Described {
        let word = |word: &str| KeyPart::Word(word.to_owned());
        let cases = switch.cases.iter().map(|case| {
            let mut key = key(&case.pattern);
            if !case.once {
                key.0.extend([word("for"), word("good")]);
            }
            (key, case.framing.clone())
        });
        (&SWITCH, Given::new().with("framing", framing(&switch.base)).with("cases", Value::Cases(cases.collect())))
    }

    /// How a pattern is written.
    pub(in crate::notation) fn key(pattern: &Pattern) -> Key {
        let word = |word: &str| KeyPart::Word(word.to_owned());
        let mut key = match &pattern.begins {
            Begins::With(bytes) => vec![KeyPart::Bytes(bytes.clone())],
            Begins::Within(range) if *range == (b'0'..=b'9') => vec![word("digit")],
            Begins::Within(range) => {
                let hex = |byte: &u8| literal::plain_hex(&[*byte]);
                vec![KeyPart::Word(format!("{}..{}", hex(range.start()), hex(range.end())))]
            }
        };
        if pattern.ignore_case {
            key.extend([word("any"), word("case")]);
        }
        Key(key)
    }
}
