//! `escape`: bytes that would be taken for marks.

use super::{Entry, Given, Kind, Opt, Part, Refusal, Sample, Takes, Value, layer, literal};
use crate::layer::{Escape, EscapeKind, Rule};

pub(in crate::notation) static ENTRY: Entry = Entry {
    name: "escape",
    aliases: &[],
    kind: Kind::Layer,
    summary: "Bytes that would be taken for marks are written as others.",
    options: &[
        Opt::place(
            "pair",
            Takes::Word,
            "a byte and the two that stand for it, such as `7E:7D02`; with `xor`, the escape byte",
        )
        .optional("none")
        .repeated(),
        Opt::named(
            "xor",
            Takes::Hex,
            "none",
            "an escaped byte is exclusive-ored with this one, and stands behind the escape byte",
        ),
        Opt::named("of", Takes::Words, "none", "the bytes that `xor` escapes, besides the escape byte itself"),
        Opt::named("double", Takes::Hex, "none", "this byte is written twice"),
        Opt::flag("dots", "a dot at the start of a line is written twice; lines end with CR LF"),
        Opt::flag("cobs", "consistent overhead byte stuffing: the escaped payload has no zero byte"),
        Opt::named("but last", Takes::Size, "0", "how many bytes at the end of the payload stand as they are"),
    ],
    samples: &[
        Sample::new("marked 7E shared | escape 7E:7D02 7D:7D01", b"\x7e0\x7d\x02A\x7e", &[b"0\x7eA"]),
        Sample::new("marked 7E shared | escape 7D xor 20 of 7E", b"\x7e0\x7d\x5eA\x7e", &[b"0\x7eA"]),
        Sample::new("marked 1002 1003 | escape double 10", b"\x10\x02A\x10\x10B\x10\x03", &[b"A\x10B"]),
        Sample::new(
            "marked 1002 1003 doubled 10 plus 1 | escape double 10 but last 3 | check lrc after 1003",
            b"\x10\x02\x08\x09\x06\x00\x10\x10\x04\x03\x10\x03\xd2",
            &[b"\x08\x09\x06\x00\x10\x04\x03"],
        ),
        Sample::new("until line \".\" | escape dots", b"..a\r\nb\r\n.\r\n", &[b".a\r\nb\r\n"]),
        Sample::new("until 00 | escape cobs", b"\x03AB\x02C\x00", &[b"AB\x00C"]),
    ],
    build,
};

fn build(given: &Given) -> Result<Part, Refusal> {
    let pairs: Vec<&str> = given.all("pair").filter_map(Value::as_word).collect();
    let forms = [!pairs.is_empty(), given.flag("double"), given.flag("dots"), given.flag("cobs")];
    if forms.iter().filter(|form| **form).count() != 1 {
        return Err(Refusal::new(
            "`escape` is one of: pairs such as `7E:7D02 7D:7D01`; `7D xor 20 of 7E`; `double 10`; `dots`; `cobs`",
        ));
    }
    let escape = if given.flag("dots") {
        Escape::dots()
    } else if given.flag("cobs") {
        Escape::cobs()
    } else if let Some(double) = given.byte("double")? {
        Escape::doubling(double)
    } else if let Some(mask) = given.byte("xor")? {
        let [escape] = pairs.as_slice() else {
            return Err(Refusal::of("pair", "`xor` has one escape byte, such as `7D xor 20 of 7E`"));
        };
        let of = given.words("of").iter().map(|word| byte("of", word));
        Escape::xor(byte("pair", escape)?, mask, of.collect::<Result<Vec<_>, _>>()?)
    } else {
        Escape::table(pairs.into_iter().map(pair).collect::<Result<Vec<_>, _>>()?)
    };
    layer(escape.but_last(given.size("but last").unwrap_or_default()))
}

fn byte(option: &'static str, word: &str) -> Result<u8, Refusal> {
    match literal::bytes(word).as_deref() {
        Some([byte]) => Ok(*byte),
        _ => Err(Refusal::of(option, format!("`{word}` is no byte; write it as `7D`"))),
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

pub(in crate::notation) fn describe(escape: &Escape) -> Given {
    let given = match &escape.kind {
        EscapeKind::Dots => Given::of(&ENTRY).with_flag("dots", true),
        EscapeKind::Cobs => Given::of(&ENTRY).with_flag("cobs", true),
        EscapeKind::Substitution(substitution) => describe_rule(&substitution.rule),
    };
    given.with_size("but last", escape.but_last, 0)
}

fn describe_rule(rule: &Rule) -> Given {
    let given = Given::of(&ENTRY);
    match rule {
        Rule::Table(pairs) => match pairs.as_slice() {
            [(byte, double)] if double == &[*byte, *byte] => given.with("double", Value::Bytes(vec![*byte])),
            pairs => pairs.iter().fold(given, |given, (byte, stands_for)| {
                let pair = format!("{}:{}", literal::plain_hex(&[*byte]), literal::plain_hex(stands_for));
                given.with("pair", Value::Word(pair))
            }),
        },
        Rule::Xor { escape, mask, bytes } => {
            let of: Vec<String> = bytes.iter().map(|byte| literal::plain_hex(&[*byte])).collect();
            given
                .with("pair", Value::Word(literal::plain_hex(&[*escape])))
                .with("xor", Value::Bytes(vec![*mask]))
                .with_if("of", (!of.is_empty()).then_some(Value::Words(of)))
        }
    }
}
