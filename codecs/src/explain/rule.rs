//! The rule of a framing and its layers, in words.

use super::cases::Case;
use crate::combine::{Declared, Place, Which};
use crate::composed::{AnyLayer, Base};
use crate::framing::length::{Bcd, Digits, Extent, Kind, Radix, Unsigned};
use crate::framing::{ByteOrder, Counts, Delimiter, LengthField, LengthPrefix, Special, Until};
use crate::layer::{Check, Escape, EscapeKind, Form, Over, Place as Where, Rule, UpTo};
use crate::notation::{print_bytes, print_delimiter, print_duration};

/// One sentence, such as `Every frame has 4 bytes; behind the payload stands its xor8.`
pub(super) fn of(case: &Case) -> String {
    let layers = case.framing.layers().iter().map(layer);
    let clauses = std::iter::once(framing(case.framing.base(), "a frame")).chain(layers);
    let damage = (!case.damage.is_empty()).then(|| case.damage.clone());
    let rule = clauses.chain(damage).collect::<Vec<_>>().join("; ");
    let when = if case.when.is_empty() { String::new() } else { format!("{}: ", upper(&case.when)) };
    let sentence = format!("{when}{}.", if when.is_empty() { upper(&rule) } else { rule });
    // The words of a head are the user's.
    sentence.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

fn upper(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect()
}

fn bytes(number: usize) -> String {
    format!("{number} byte{}", if number == 1 { "" } else { "s" })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(" ")
}

/// What is said of `what`, which is a frame, a head or an item.
fn framing(base: &Base, what: &str) -> String {
    match base {
        Base::Chunks(chunks) => format!("{what} is whatever has come, but at most {}", bytes(chunks.max)),
        Base::Rest(_) => format!("{what} is all that comes, up to the end of the stream"),
        Base::Until(until) => format!("{what} ends with {}", terminators(until)),
        Base::Length(prefix) if what == "a frame" => length(prefix),
        Base::Length(prefix) => format!("of {what} {}", length(prefix)),
        Base::Fixed(fixed) => format!("{what} has {}", bytes(fixed.len)),
        Base::Marked(marked) => {
            let [begin, end] = marked.named.each_ref().map(|mark| match mark {
                Delimiter::Text(text) if !text.is_ascii() => print_delimiter(mark),
                mark => hex(mark.bytes()),
            });
            match marked.shared {
                true => format!("{what} stands between two marks {begin}, and may share them with its neighbours"),
                false => format!("{what} begins with {begin} and ends with {end}"),
            }
        }
        Base::IdleGap(idle) => format!("{what} ends when nothing has come for {}", print_duration(idle.gap)),
        Base::Head(head) => {
            let then = match head.then.is_empty() {
                true => String::new(),
                false => format!(", behind which stands {}", print_bytes(&head.then)),
            };
            let (ends, said) = (framing(head.framing.base(), "the head"), declared(&head.declared));
            format!("{what} has a head and a body: {ends} and says {said} how many bytes the body has{then}")
        }
        Base::Fold(fold) => {
            let (ends, said) = (framing(fold.head.base(), "the head"), declared(&fold.count));
            let item = framing(fold.item.base(), "an item");
            format!("{what} has a head and items: {ends} and says {said} how many items follow; {item}")
        }
        // These are drawn by what is in them.
        Base::Peek(_) => format!("of {what} the first bytes say how it is framed"),
        Base::First(_) => format!("of {what} it matters whether it is the first"),
        Base::Duplex(_) => format!("of {what} it matters whether it comes or leaves"),
        Base::Switch(_) => format!("of {what} it matters what came before"),
        Base::Resync(resync) => framing(resync.framing.base(), what),
    }
}

fn terminators(until: &Until) -> String {
    let ends = until.ends.iter().map(|end| match end.line_alone() {
        None => print(&end.delimiter),
        Some(line) if line.is_empty() => "an empty line".to_owned(),
        Some(line) => format!("a line that is {} alone", print(&line)),
    });
    let ends = ends.collect::<Vec<_>>().join(" or ");
    let keep = if until.keep { ", which belongs to the payload" } else { "" };
    format!("{ends}{keep}")
}

/// Bytes that have a name are called by it.
fn print(delimiter: &Delimiter) -> String {
    match delimiter {
        Delimiter::Text(_) => print_delimiter(delimiter),
        Delimiter::Bytes(bytes) => print_bytes(bytes),
    }
}

fn length(prefix: &LengthPrefix) -> String {
    let shape = &prefix.shape;
    let behind = if shape.at == 0 { String::new() } else { format!(" behind {} of header", bytes(shape.at)) };
    let counts = match shape.counts {
        Counts::Body => "the bytes behind it".to_owned(),
        Counts::Whole => "the whole frame".to_owned(),
        Counts::Field => "itself and the bytes behind it".to_owned(),
        Counts::From(first) => format!("the bytes from byte {first} on"),
    };
    let plus = if shape.plus == 0 { String::new() } else { format!(", but for the last {}", bytes(shape.plus)) };
    let trailer = match shape.trailer.is_empty() {
        true => String::new(),
        false => format!(", behind which stands {}", print_bytes(&shape.trailer)),
    };
    let specials: String = shape.specials.0.iter().map(|(value, meaning)| special(*value, meaning)).collect();
    format!("the length ({}){behind} counts {counts}{plus}{trailer}{specials}", field(&shape.field))
}

fn special(value: u64, meaning: &Special) -> String {
    match meaning {
        Special::Length(length) => format!("; {value} means {length}"),
        Special::Then(field) => format!("; {value} means that another length follows ({})", self::field(field)),
        Special::Refuse => format!("; {value} is malformed"),
    }
}

fn field(field: &LengthField) -> String {
    match &field.kind {
        Kind::Unsigned(Unsigned { bytes: 1, mask: None, .. }) => "1 byte".to_owned(),
        Kind::Unsigned(Unsigned { bytes, order, mask }) => {
            let order = match order {
                _ if *bytes == 1 => "",
                ByteOrder::Big => ", most significant first",
                ByteOrder::Little => ", least significant first",
            };
            let mask = mask.map(|mask| format!(", of which the bits {mask:X}")).unwrap_or_default();
            format!("{}{order}{mask}", self::bytes(*bytes))
        }
        Kind::Varint => "LEB128".to_owned(),
        Kind::Ber => "BER".to_owned(),
        Kind::Bcd(Bcd { bytes }) => format!("{} of two decimal digits", self::bytes(*bytes)),
        Kind::Digits(Digits { radix, extent, .. }) => {
            let radix = if *radix == Radix::Hex { "hexadecimal" } else { "decimal" };
            match extent {
                Extent::Width(width) => format!("{width} {radix} digits"),
                Extent::Until(mark) => format!("{radix} digits up to {}", print_bytes(mark)),
            }
        }
    }
}

fn declared(declared: &Declared) -> String {
    match &declared.place {
        Place::Header(_) => format!("in its header {}", declared.names().collect::<Vec<_>>().join(" or ")),
        Place::Word(Which::Nth(nth), verbs) => format!("in word {nth} of {}", verbs.join(" or ")),
        Place::Word(Which::Last, verbs) => format!("in the last word of {}", verbs.join(" or ")),
        Place::After(mark) => format!("behind {}", print_bytes(mark)),
        Place::Function(_) => "to a function".to_owned(),
    }
}

fn layer(layer: &AnyLayer) -> String {
    match layer {
        AnyLayer::Escape(escape) => self::escape(escape),
        AnyLayer::Check(check) => self::check(check),
        AnyLayer::Constant(constant) => {
            let place = if constant.place == Where::After { "behind" } else { "in front of" };
            format!("{place} the payload stands {}", hex(&constant.bytes))
        }
        AnyLayer::Pad(pad) => {
            let upto = match pad.upto {
                UpTo::Length(len) => bytes(len),
                UpTo::MultipleOf(len) => format!("a multiple of {}", bytes(len)),
            };
            format!("the payload is filled up with {} to {upto}", print_bytes(&[pad.byte]))
        }
    }
}

fn escape(escape: &Escape) -> String {
    let substitution = match &escape.kind {
        EscapeKind::Dots => return "a dot at the start of a line is written twice".to_owned(),
        EscapeKind::Cobs => return "zero bytes are taken out by consistent overhead byte stuffing".to_owned(),
        EscapeKind::Substitution(substitution) => substitution,
    };
    match &substitution.rule {
        Rule::Table(pairs) => match pairs.as_slice() {
            [(byte, double)] if double == &[*byte, *byte] => format!("{byte:02X} is written twice"),
            pairs => {
                let pair =
                    |(byte, [first, second]): &(u8, [u8; 2])| format!("{byte:02X} is written {first:02X} {second:02X}");
                pairs.iter().map(pair).collect::<Vec<_>>().join(" and ")
            }
        },
        Rule::Xor { escape, mask, bytes } => {
            let mut escaped = bytes.clone();
            if !escaped.contains(escape) {
                escaped.push(*escape);
            }
            let escaped = escaped.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(" and ");
            format!("{escaped} are written as {escape:02X} and the byte exclusive-ored with {mask:02X}")
        }
    }
}

fn check(check: &Check) -> String {
    let form = match check.form {
        Form::Raw(ByteOrder::Little) if check.algorithm.name().starts_with("CRC-8") => "",
        Form::Raw(ByteOrder::Little) => ", least significant byte first",
        Form::Raw(ByteOrder::Big) => "",
        Form::Hex { .. } => " in hexadecimal",
        Form::Decimal { .. } => " in decimal",
    };
    let over = match check.over {
        Over::Payload(0) => "its".to_owned(),
        Over::Payload(from) => format!("from its byte {from} on, its"),
        Over::Frame(0) => "the whole frame's".to_owned(),
        Over::Frame(from) => format!("from byte {from} of the frame on, its"),
    };
    let mark = match check.mark.is_empty() {
        true => String::new(),
        false => format!(" {} and", print_bytes(&check.mark)),
    };
    format!("behind the payload stands{mark} {over} {}{form}", check.algorithm.name())
}
