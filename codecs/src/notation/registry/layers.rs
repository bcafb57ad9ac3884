//! Layers: what rewrites a payload inside its frame.

use crate::composed::AnyLayer;
use crate::framing::ByteOrder;
use crate::layer::{Algorithm, Check, Constant, Escape, EscapeKind, Form, OnFailure, Over, Pad, Place, Rule, UpTo};
use crate::notation::entry::{Entry, Kind, Sample};
use crate::notation::given::{Given, Refusal};
use crate::notation::literal;
use crate::notation::option::{Opt, Takes, Value};
use crate::notation::part::Part;

pub(super) const ALL: &[&Entry] = &[&ESCAPE, &CHECK, &CONSTANT, &PAD];

static ESCAPE: Entry = Entry {
    name: "escape",
    aliases: &[],
    kind: Kind::Layer,
    summary: "Bytes that would be taken for marks are written as others.",
    options: &[
        Opt::place(
            "pair",
            Takes::Word,
            "a byte and the two that stand for it, such as `7E:7D02`; or the escape byte of `xor`",
        )
        .optional("none")
        .repeated(),
        Opt::named("xor", Takes::Hex, "none", "an escaped byte is exclusive-ored with this one"),
        Opt::named("of", Takes::Words, "none", "which bytes `xor` escapes"),
        Opt::named("double", Takes::Hex, "none", "this byte is written twice"),
        Opt::flag("dots", "a dot at the start of a line is written twice"),
        Opt::flag("cobs", "consistent overhead byte stuffing: no byte is zero"),
    ],
    samples: &[
        Sample::new("marked 7E shared | escape 7E:7D02 7D:7D01", b"\x7e0\x7d\x02A\x7e", &[b"0\x7eA"]),
        Sample::new("marked 7E shared | escape 7D xor 20 of 7E", b"\x7e0\x7d\x5eA\x7e", &[b"0\x7eA"]),
        Sample::new("marked 1002 1003 | escape double 10", b"\x10\x02A\x10\x10B\x10\x03", &[b"A\x10B"]),
        Sample::new("until line \".\" | escape dots", b"..a\r\nb\r\n.\r\n", &[b".a\r\nb\r\n"]),
        Sample::new("until 00 | escape cobs", b"\x03AB\x02C\x00", &[b"AB\x00C"]),
    ],
    build: escape,
};

fn escape(given: &Given) -> Result<Part, Refusal> {
    let pairs: Vec<&str> = given.all("pair").filter_map(Value::as_word).collect();
    let forms = [!pairs.is_empty(), given.flag("double"), given.flag("dots"), given.flag("cobs")];
    if forms.iter().filter(|form| **form).count() != 1 {
        let why = "`escape` is one of: pairs such as `7E:7D02 7D:7D01`; `7D xor 20 of 7E`; `double 10`; `dots`; `cobs`";
        return Err(Refusal { option: None, why: why.to_owned() });
    }
    let escape = if given.flag("dots") {
        Escape::dots()
    } else if given.flag("cobs") {
        Escape::cobs()
    } else if let Some(double) = given.bytes("double") {
        Escape::doubling(one_byte("double", double)?)
    } else if let Some(xor) = given.bytes("xor") {
        let [escape] = pairs.as_slice() else {
            return Err(Refusal::of("pair", "`xor` has one escape byte, such as `7D xor 20`"));
        };
        let bytes = |word: &str| literal::bytes(word).unwrap_or_default();
        let of = given.words("of").unwrap_or_default().iter().map(|word| one_byte("of", &bytes(word)));
        Escape::xor(one_byte("pair", &bytes(escape))?, one_byte("xor", xor)?, of.collect::<Result<Vec<_>, _>>()?)
    } else {
        Escape::table(pairs.into_iter().map(pair).collect::<Result<Vec<_>, _>>()?)
    };
    layer(escape)
}

fn one_byte(option: &'static str, bytes: &[u8]) -> Result<u8, Refusal> {
    match bytes {
        [byte] => Ok(*byte),
        _ => Err(Refusal::of(option, format!("`{option}` takes one byte, such as `7D`"))),
    }
}

fn pair(word: &str) -> Result<(u8, [u8; 2]), Refusal> {
    let pair =
        word.split_once(':').and_then(|(byte, stands_for)| Some((literal::hex(byte)?, literal::hex(stands_for)?)));
    match pair.as_ref().map(|(byte, stands_for)| (byte.as_slice(), stands_for.as_slice())) {
        Some(([byte], [first, second])) => Ok((*byte, [*first, *second])),
        _ => Err(Refusal::of(
            "pair",
            format!("`{word}` is no pair; write a byte and the two that stand for it, such as `7E:7D02`"),
        )),
    }
}

static CHECK: Entry = Entry {
    name: "check",
    aliases: &[],
    kind: Kind::Layer,
    summary: "A check value stands behind the payload.",
    options: &[
        Opt::place(
            "algorithm",
            Takes::Word,
            "`xor8`, `sum8`, `lrc`, or a CRC of 8, 16 or 32 bits by its name, such as `crc-16/modbus`",
        ),
        Opt::named("over", Takes::Size, "0", "the first byte of the payload that is covered"),
        Opt::named("over frame from", Takes::Size, "none", "the first byte of the whole frame that is covered"),
        Opt::flag("little", "the value is written with its least significant byte first"),
        Opt::named(
            "as",
            Takes::Word,
            "bytes",
            "how the value is written: `bytes`, `hex`, `lower-hex`, `dec3` (as many digits)",
        ),
        Opt::named("after", Takes::Text, "none", "the mark behind which the value stands, which is not covered"),
        Opt::flag("drop", "a frame whose check fails is left out"),
        Opt::flag("close", "a frame whose check fails ends the stream"),
    ],
    samples: &[
        Sample::new("lines | check xor8 as hex after *", b"AB*03\n", &[b"AB"]),
        Sample::new("length u8 | check sum8", b"\x03AB\x83", &[b"AB"]),
        Sample::new("length u8 | check lrc", b"\x03AB\x7d", &[b"AB"]),
        Sample::new("fixed 4 | check crc-16/modbus little", b"AB\xb1\xd1", &[b"AB"]),
        Sample::new("length u8 | check xor8 over frame from 0", b"\x03AB\x00", &[b"AB"]),
    ],
    build: check,
};

fn check(given: &Given) -> Result<Part, Refusal> {
    let mut check = match given.word("algorithm").unwrap_or_default() {
        "xor8" => Check::xor8(),
        "sum8" => Check::sum8(),
        "lrc" => Check::lrc(),
        crc => Check::crc(crc).map_err(|unknown| Refusal::of("algorithm", unknown))?,
    };
    if let Some(from) = given.size("over") {
        check = check.over(from);
    }
    if let Some(from) = given.size("over frame from") {
        check = check.over_frame(from);
    }
    if given.flag("little") {
        check = check.little_endian();
    }
    check = match given.word("as") {
        None | Some("bytes") => check,
        Some("hex") => check.as_hex(),
        Some("lower-hex") => check.as_hex_lower(),
        Some(dec) => match dec.strip_prefix("dec").and_then(|width| width.parse().ok()) {
            Some(width) => check.as_decimal(width),
            None => {
                return Err(Refusal::of("as", format!("`{dec}` is none of `bytes`, `hex`, `lower-hex` and `dec3`")));
            }
        },
    };
    if let Some(mark) = given.bytes("after") {
        check = check.behind(mark);
    }
    match (given.flag("drop"), given.flag("close")) {
        (true, true) => Err(Refusal::of("close", "a frame is either dropped or closes; write one of them")),
        (true, false) => layer(check.on_failure(OnFailure::Drop)),
        (false, true) => layer(check.on_failure(OnFailure::Close)),
        (false, false) => layer(check),
    }
}

static CONSTANT: Entry = Entry {
    name: "constant",
    aliases: &[],
    kind: Kind::Layer,
    summary: "Fixed bytes stand in front of the payload, or behind it.",
    options: &[Opt::place("bytes", Takes::Hex, "the bytes"), Opt::flag("at end", "they stand behind the payload")],
    samples: &[
        Sample::new("length u8 | constant 0102", b"\x04\x01\x02AB", &[b"AB"]),
        Sample::new("length u8 | constant FF at end", b"\x03AB\xff", &[b"AB"]),
    ],
    build: |given| {
        let bytes = given.bytes("bytes").unwrap_or_default();
        layer(if given.flag("at end") { Constant::after(bytes) } else { Constant::before(bytes) })
    },
};

static PAD: Entry = Entry {
    name: "pad",
    aliases: &[],
    kind: Kind::Layer,
    summary: "The payload is filled up at its end.",
    options: &[
        Opt::named("to", Takes::Size, "none", "up to this many bytes"),
        Opt::named("multiple", Takes::Size, "none", "up to a multiple of this many bytes"),
        Opt::named("with", Takes::Hex, "none", "the byte that it is filled up with").needed(),
    ],
    samples: &[
        Sample::new("fixed 5 | pad to 5 with SP", b"AB   ", &[b"AB"]),
        Sample::new("length u8 | pad multiple 4 with 00", b"\x04AB\x00\x00", &[b"AB"]),
    ],
    build: |given| {
        let with = one_byte("with", given.bytes("with").unwrap_or_default())?;
        match (given.size("to"), given.size("multiple")) {
            (Some(to), None) => layer(Pad::to(to, with)),
            (None, Some(multiple)) => layer(Pad::multiple_of(multiple, with)),
            _ => {
                let why = "`pad` fills up `to N` bytes or to a `multiple N` of bytes; write one of them".to_owned();
                Err(Refusal { option: None, why })
            }
        }
    },
};

fn layer(layer: impl Into<AnyLayer>) -> Result<Part, Refusal> {
    Ok(Part::Layer(layer.into()))
}

/// What the notation says of a layer.
pub(in crate::notation) fn describe(layer: &AnyLayer) -> (&'static Entry, Given) {
    match layer {
        AnyLayer::Escape(escape) => (&ESCAPE, describe_escape(escape)),
        AnyLayer::Check(check) => (&CHECK, describe_check(check)),
        AnyLayer::Constant(constant) => {
            let given = Given::new().with("bytes", Value::Bytes(constant.bytes.to_vec()));
            (&CONSTANT, given.with_flag("at end", constant.place == Place::After))
        }
        AnyLayer::Pad(pad) => {
            let (name, bytes) = match pad.upto {
                UpTo::Length(bytes) => ("to", bytes),
                UpTo::MultipleOf(bytes) => ("multiple", bytes),
            };
            (&PAD, Given::new().with(name, Value::Size(bytes as u64)).with("with", Value::Bytes(vec![pad.byte])))
        }
    }
}

fn describe_escape(escape: &Escape) -> Given {
    let word = |bytes: &[u8]| Value::Word(literal::plain_hex(bytes));
    let substitution = match &escape.0 {
        EscapeKind::Dots => return Given::new().with_flag("dots", true),
        EscapeKind::Cobs => return Given::new().with_flag("cobs", true),
        EscapeKind::Substitution(substitution) => substitution,
    };
    match &substitution.rule {
        Rule::Table(pairs) => match pairs.as_slice() {
            [(byte, double)] if double == &[*byte, *byte] => Given::new().with("double", Value::Bytes(vec![*byte])),
            pairs => pairs.iter().fold(Given::new(), |given, (byte, stands_for)| {
                let pair = format!("{}:{}", literal::plain_hex(&[*byte]), literal::plain_hex(stands_for));
                given.with("pair", Value::Word(pair))
            }),
        },
        Rule::Xor { escape, mask, bytes } => {
            let of: Vec<String> = bytes.iter().map(|byte| literal::plain_hex(&[*byte])).collect();
            Given::new()
                .with("pair", word(&[*escape]))
                .with("xor", Value::Bytes(vec![*mask]))
                .with_if("of", (!of.is_empty()).then_some(Value::Words(of)))
        }
    }
}

fn describe_check(check: &Check) -> Given {
    let algorithm = match &check.algorithm {
        Algorithm::Function { .. } => "(a function)".to_owned(),
        known => known.name().to_ascii_lowercase(),
    };
    let (little, form) = match check.form {
        Form::Raw(order) => (order == ByteOrder::Little, None),
        Form::Hex { order, upper } => {
            (order == ByteOrder::Little, Some(if upper { "hex".to_owned() } else { "lower-hex".to_owned() }))
        }
        Form::Decimal { width } => (false, Some(format!("dec{width}"))),
    };
    let given = Given::new().with("algorithm", Value::Word(algorithm));
    let given = match check.over {
        Over::Payload(from) => given.with_size("over", from, 0),
        Over::Frame(from) => given.with("over frame from", Value::Size(from as u64)),
    };
    given
        .with_flag("little", little)
        .with_if("as", form.map(Value::Word))
        .with_if("after", (!check.mark.is_empty()).then(|| Value::Bytes(check.mark.to_vec())))
        .with_flag("drop", check.on_failure == OnFailure::Drop)
        .with_flag("close", check.on_failure == OnFailure::Close)
}
