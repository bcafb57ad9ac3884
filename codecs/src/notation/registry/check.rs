//! `check`: a value that says whether a payload is whole.

use super::{Entry, Given, Kind, Opt, Part, Refusal, Sample, Takes, Value, layer};
use crate::framing::ByteOrder;
use crate::layer::{Algorithm, Check, Form, OnFailure, Over};
use crate::near::nearest;

pub(in crate::notation) static ENTRY: Entry = Entry {
    name: "check",
    aliases: &[],
    kind: Kind::Layer,
    summary: "A check value stands behind the payload and is taken off. A frame whose check fails is bad, and the stream goes on.",
    options: &[
        Opt::place(
            "algorithm",
            Takes::Word,
            "`xor8`; `sum8`; `lrc` (the sum and the value make 0); or a CRC of 8, 16 or 32 bits by its name in the `crc` crate's \
             catalogue, such as `crc-16/modbus`",
        ),
        Opt::named("over", Takes::Size, "0", "the first byte of the payload that is covered, counted from 0"),
        Opt::named(
            "over frame from",
            Takes::Size,
            "none",
            "the first byte of the whole frame, length and marks included, that is covered",
        ),
        Opt::flag("little", "the value is written with its least significant byte first"),
        Opt::named(
            "as",
            Takes::Word,
            "bytes",
            "how the value is written: `bytes`; in hexadecimal, `hex` or `lower-hex`; or in as many decimal digits, `dec3`",
        ),
        Opt::named("after", Takes::Text, "none", "the mark between payload and value, which belongs to neither"),
        Opt::flag("drop", "a frame whose check fails is left out without a word"),
        Opt::flag("close", "a frame whose check fails ends the stream"),
    ],
    samples: &[
        Sample::new("lines | check xor8 as hex after *", b"AB*03\n", &[b"AB"]),
        Sample::new("length u8 | check sum8", b"\x03AB\x83", &[b"AB"]),
        Sample::new("length u8 | check lrc", b"\x03AB\x7d", &[b"AB"]),
        Sample::new("fixed 4 | check crc-16/modbus little", b"AB\xb1\xd1", &[b"AB"]),
        Sample::new("length u8 | check sum8 over 1", b"\x03AB\x42", &[b"AB"]),
        Sample::new("length u8 | check xor8 over frame from 0", b"\x03AB\x00", &[b"AB"]),
        Sample::new("length u8 | check sum8", b"\x03AB\x80\x02A\x41", &[b"A"])
            .errors(&["the sum8 check fails: 83 expected, 80 found"]),
        Sample::new("length u8 | check sum8 drop", b"\x03AB\x80\x02A\x41", &[b"A"]),
        Sample::new("length u8 | check sum8 close", b"\x03AB\x80\x02A\x41", &[])
            .errors(&["the sum8 check fails: 83 expected, 80 found"]),
    ],
    build,
};

fn build(given: &Given) -> Result<Part, Refusal> {
    let mut check = match given.word("algorithm").unwrap_or_default() {
        "xor8" => Check::xor8(),
        "sum8" => Check::sum8(),
        "lrc" => Check::lrc(),
        other => Check::crc(other).map_err(|unknown| match nearest(other, ["xor8", "sum8", "lrc"]) {
            Some(nearest) => {
                Refusal::of("algorithm", format!("no check is called `{other}`; did you mean `{nearest}`?"))
            }
            None => Refusal::of("algorithm", unknown),
        })?,
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

pub(in crate::notation) fn describe(check: &Check) -> Given {
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
    let given = Given::of(&ENTRY).with("algorithm", Value::Word(algorithm));
    let given = match check.over {
        Over::Payload(from) => given.with_size("over", from, 0),
        Over::Frame(from) => given.with("over frame from", Value::Size(from as u64)),
    };
    given
        .with_flag("little", little)
        .with_if("as", form.map(Value::Word))
        .with_bytes("after", &check.mark)
        .with_flag("drop", check.on_failure == OnFailure::Drop)
        .with_flag("close", check.on_failure == OnFailure::Close)
}
