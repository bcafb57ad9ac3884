//! `length`: a length, and what it counts.

use super::{
    COUNTED_FRAME, Entry, Given, Kind, MAX_COUNTED, Opt, Part, Refusal, Sample, Takes, Value, framing, literal,
};
use crate::framing::length::{Bcd, Digits, Extent, Kind as FieldKind, Radix, Unsigned};
use crate::framing::{ByteOrder, Counts, LengthField, LengthPrefix, Special};

pub(in crate::notation) static ENTRY: Entry = Entry {
    name: "length",
    aliases: &[],
    kind: Kind::Framing,
    summary: "A length, then as many bytes as it says.",
    options: &[
        Opt::place(
            "field",
            Takes::Word,
            "how the length is written: in 1 to 8 bytes, `u8`, `u16be`, `u24le` to `u64be`; `varint` (LEB128); `ber`; \
             `bcd2` (as many bytes of two digits); `dec8`, `hex4` (as many digits, zeros in front; `dec8+spaces` with \
             spaces in front, `hex4+upper` with capital letters); `dec`, `hex` with `until`",
        ),
        Opt::named("until", Takes::Text, "none", "what ends the digits of a length `dec` or `hex`, which has as many as it needs"),
        Opt::named("at", Takes::Size, "0", "how many bytes stand in front of the length; the payload is then the whole frame, in which the length is filled in when it is sent"),
        Opt::flag("inclusive", "the length counts all bytes of the frame, itself included"),
        Opt::flag("inclusive of the field", "the length counts itself and what stands behind it"),
        Opt::named("counted from", Takes::Size, "none", "the length counts from this byte of the frame on, the first being 0"),
        Opt::named("plus", Takes::Size, "0", "how many bytes stand behind what the length counts and belong to the payload, such as a check"),
        Opt::named("mask", Takes::Hex, "none", "only these bits of the field are the length, the others are yours; the payload is then the whole frame"),
        Opt::named("trailer", Takes::Text, "none", "what stands behind the payload and is not counted"),
        Opt::named(
            "special",
            Takes::Word,
            "none",
            "a value that is no length: `0=256` (it means this one, which counts what the length counts), `126:u16be` (a second \
             field follows), `255:refuse`; a second field that ends with a mark is written `126:dec-3A`",
        )
        .repeated(),
        Opt::flag("keep", "the payload is the whole frame, its length included"),
        MAX_COUNTED,
    ],
    samples: &[
        Sample::new("length u16be", b"\x00\x03ABC", &[b"ABC"]),
        Sample::new("length u16be at 4", b"\x00\x01\x00\x00\x00\x03ABC", &[b"\x00\x01\x00\x00\x00\x03ABC"]),
        Sample::new("length u32be inclusive", b"\x00\x00\x00\x07ABC", &[b"ABC"]),
        Sample::new("length u32be at 1 inclusive of the field", b"Q\x00\x00\x00\x06AB", &[b"Q\x00\x00\x00\x06AB"]),
        Sample::new("length u8 at 1 counted from 4", b"\x01\x02\xaa\xbbAB", &[b"\x01\x02\xaa\xbbAB"]),
        Sample::new("length u8 at 1 plus 2", b"\x01\x02AB\xc0\xc1", &[b"\x01\x02AB\xc0\xc1"]),
        Sample::new("length u16be mask 03FF", b"\xfc\x02AB", &[b"\xfc\x02AB"]),
        Sample::new("length u8 trailer \",\"", b"\x03ABC,", &[b"ABC"]),
        Sample::new("length varint", b"\x03ABC", &[b"ABC"]),
        Sample::new("length dec4", b"0003ABC", &[b"ABC"]),
        Sample::new("length dec4+spaces", b"   3ABC", &[b"ABC"]),
        Sample::new("length hex2+upper", b"0AABCDEFGHIJ", &[b"ABCDEFGHIJ"]),
        Sample::new("length dec until SP", b"3 ABC", &[b"ABC"]),
        Sample::new("length bcd2", b"\x00\x12ABCDEFGHIJKL", &[b"ABCDEFGHIJKL"]),
        Sample::new("length ber at 1", b"\x30\x02\x05\x00", &[b"\x30\x02\x05\x00"]),
        Sample::new("length u8 special 0=3 special 255:refuse", b"\x00ABC\x02AB", &[b"ABC", b"AB"]),
        Sample::new("length u8 special 126:u16be special 127:u64be", b"\x03ABC\x7e\x00\x7fAB", &[b"ABC"])
            .errors(&["the stream ended inside it, after 5 bytes"]),
        Sample::new("length hex4 inclusive special 0=4 keep", b"0006a\n0000", &[b"0006a\n", b"0000"]),
        Sample::new("length u8 keep", b"\x03ABC", &[b"\x03ABC"]),
        Sample::new("length u8 max 3", b"\x03ABC\x04ABCD", &[b"ABC"]).errors(&["longer than 3 bytes (it claims 4)"]),
    ],
    build,
};

fn build(given: &Given) -> Result<Part, Refusal> {
    let word = given.word("field").unwrap_or_default();
    let field = match given.bytes("until") {
        Some(until) => digits_until(word, until),
        None => field(word),
    };
    let mut prefix = LengthPrefix::new(field.ok_or_else(|| {
        Refusal::of("field", format!("`{word}` is no kind of length; there are, for example, `u16be`, `u32le`, `varint`, `dec8`, `ber`, and `dec until \":\"`"))
    })?);
    let counts = [
        given.flag("inclusive").then_some(Counts::Whole),
        given.flag("inclusive of the field").then_some(Counts::Field),
        given.size("counted from").map(Counts::From),
    ];
    let mut counts = counts.into_iter().flatten();
    if let Some(first) = counts.next() {
        prefix = prefix.counts(first);
    }
    if counts.next().is_some() {
        return Err(Refusal::new(
            "a length counts one thing: write one of `inclusive`, `inclusive of the field` and `counted from N`",
        ));
    }
    for special in given.all("special").filter_map(Value::as_word) {
        let (value, meaning) = self::special(special).ok_or_else(|| {
            Refusal::of("special", format!("`{special}` is none of `0=256`, `126:u16be` and `255:refuse`"))
        })?;
        prefix = prefix.special(value, meaning);
    }
    if let Some(mask) = given.bytes("mask") {
        let bits = mask.iter().try_fold(0u64, |bits, byte| Some(bits.checked_mul(256)? | u64::from(*byte)));
        prefix = prefix.mask(bits.ok_or_else(|| Refusal::of("mask", "a mask has at most 8 bytes"))?);
    }
    if let Some(trailer) = given.bytes("trailer") {
        prefix = prefix.trailer(trailer);
    }
    if given.flag("keep") {
        prefix = prefix.keep();
    }
    prefix = prefix.at(given.size("at").unwrap_or_default()).plus(given.size("plus").unwrap_or_default());
    framing(given.limited(prefix, LengthPrefix::max_len))
}

/// The kind of field that a word such as `u16be` names.
fn field(word: &str) -> Option<LengthField> {
    let (word, pad) = word.split_once('+').map_or((word, None), |(word, pad)| (word, Some(pad)));
    let field = match word {
        "u8" => LengthField::u8(),
        "varint" => LengthField::varint(),
        "ber" => LengthField::ber(),
        _ => kind_and_width(word).or_else(|| {
            let (word, mark) = word.split_once('-')?;
            digits_until(word, &literal::hex(mark)?)
        })?,
    };
    match pad {
        None => Some(field),
        Some("spaces") => Some(field.space_padded()),
        Some("upper") => Some(field.uppercase()),
        Some("spaces+upper") => Some(field.space_padded().uppercase()),
        Some(_) => None,
    }
}

fn kind_and_width(word: &str) -> Option<LengthField> {
    let width =
        |digits: &str| digits.parse::<usize>().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()));
    if let Some(unsigned) = word.strip_prefix('u') {
        let (bits, order) = match (unsigned.strip_suffix("be"), unsigned.strip_suffix("le")) {
            (Some(bits), _) => (bits, ByteOrder::Big),
            (_, bits) => (bits?, ByteOrder::Little),
        };
        let bits = width(bits).filter(|bits| bits % 8 == 0)?;
        return Some(LengthField::unsigned(bits / 8, order));
    }
    let (kind, digits) = word.split_at_checked(3)?;
    match kind {
        "dec" => width(digits).map(LengthField::decimal),
        "hex" => width(digits).map(LengthField::hex),
        "bcd" => width(digits).map(LengthField::bcd),
        _ => None,
    }
}

fn digits_until(word: &str, mark: &[u8]) -> Option<LengthField> {
    let (word, upper) = word.split_once('+').map_or((word, false), |(word, pad)| (word, pad == "upper"));
    let field = match word {
        "dec" => LengthField::decimal_until(mark),
        "hex" => LengthField::hex_until(mark),
        _ => return None,
    };
    Some(if upper { field.uppercase() } else { field })
}

fn special(word: &str) -> Option<(u64, Special)> {
    if let Some((value, length)) = word.split_once('=') {
        return Some((value.parse().ok()?, Special::Length(length.parse().ok()?)));
    }
    let (value, meaning) = word.split_once(':')?;
    let meaning = if meaning == "refuse" { Special::Refuse } else { Special::Then(field(meaning)?) };
    Some((value.parse().ok()?, meaning))
}

pub(in crate::notation) fn describe(prefix: &LengthPrefix) -> Given {
    let shape = &prefix.shape;
    let (word, until) = print_field(&shape.field);
    let mask = match &shape.field.kind {
        FieldKind::Unsigned(Unsigned { mask: Some(mask), bytes, .. }) => {
            mask.to_be_bytes().get(8usize.saturating_sub(*bytes)..).map(<[u8]>::to_vec)
        }
        _ => None,
    };
    let mut given = Given::of(&ENTRY)
        .with("field", Value::Word(word))
        .with_if("until", until.map(|mark| Value::Bytes(mark.to_vec())))
        .with_size("at", shape.at, 0)
        .with_flag("inclusive", shape.counts == Counts::Whole)
        .with_flag("inclusive of the field", shape.counts == Counts::Field)
        .with_if(
            "counted from",
            match shape.counts {
                Counts::From(first) => Some(Value::Size(first as u64)),
                Counts::Body | Counts::Whole | Counts::Field => None,
            },
        )
        .with_size("plus", shape.plus, 0)
        .with_if("mask", mask.map(Value::Bytes))
        .with_bytes("trailer", &shape.trailer);
    for (value, meaning) in &shape.specials.0 {
        let word = match meaning {
            Special::Length(length) => format!("{value}={length}"),
            Special::Refuse => format!("{value}:refuse"),
            Special::Then(field) => match print_field(field) {
                (word, None) => format!("{value}:{word}"),
                (word, Some(mark)) => {
                    let (kind, pad) = word.split_at(3.min(word.len()));
                    format!("{value}:{kind}-{}{pad}", literal::plain_hex(mark))
                }
            },
        };
        given = given.with("special", Value::Word(word));
    }
    given.with_flag("keep", shape.kept).with_size("max", shape.max, COUNTED_FRAME)
}

/// The word for a field, and the mark that ends it, if one does.
fn print_field(field: &LengthField) -> (String, Option<&[u8]>) {
    match &field.kind {
        FieldKind::Unsigned(Unsigned { bytes: 1, order: ByteOrder::Big, .. }) => ("u8".to_owned(), None),
        FieldKind::Unsigned(Unsigned { bytes, order: ByteOrder::Big, .. }) => (format!("u{}be", 8 * bytes), None),
        FieldKind::Unsigned(Unsigned { bytes, order: ByteOrder::Little, .. }) => (format!("u{}le", 8 * bytes), None),
        FieldKind::Varint => ("varint".to_owned(), None),
        FieldKind::Ber => ("ber".to_owned(), None),
        FieldKind::Bcd(Bcd { bytes }) => (format!("bcd{bytes}"), None),
        FieldKind::Digits(Digits { radix, extent, space_padded, uppercase }) => {
            let kind = if *radix == Radix::Hex { "hex" } else { "dec" };
            let spaces = if *space_padded { "+spaces" } else { "" };
            let upper = if *uppercase { "+upper" } else { "" };
            match extent {
                Extent::Width(width) => (format!("{kind}{width}{spaces}{upper}"), None),
                Extent::Until(mark) => (format!("{kind}{spaces}{upper}"), Some(mark)),
            }
        }
    }
}
