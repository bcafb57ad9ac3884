//! Framings and combinators, written in the notation.

use crate::choices::Choices;
use crate::stages::{bytes, flag, max, perhaps, size, stages};

/// How many kinds of framing have no other inside.
const PLAIN: usize = 9;
const KINDS: usize = PLAIN + 6;

/// One framing, whose insides are at most `depth` deep.
pub(crate) fn framing(choices: &mut Choices<'_>, depth: usize) -> String {
    let inner = depth.saturating_sub(1);
    match choices.below(if depth == 0 { PLAIN } else { KINDS }) {
        0 => format!("lines {}{}{}", choices.one_of(&["any", "lf", "crlf"]), last(choices), max(choices)),
        1 => until(choices),
        2 => length(choices),
        3 => format!("netstring{}", max(choices)),
        4 => format!("fixed {}", size(choices)),
        5 if choices.once_in(2) => format!("marked {} shared{}", bytes(choices), max(choices)),
        5 => format!("marked {} {}{}", bytes(choices), bytes(choices), max(choices)),
        6 => format!("rest{}", max(choices)),
        7 => format!("idle 20ms{}", max(choices)),
        8 => format!("chunk {}", size(choices)),
        9 => head(choices, inner),
        10 => fold(choices, inner),
        11 => peek(choices, inner),
        12 => format!("first({}, {})", stages(choices, inner), stages(choices, inner)),
        13 => switch(choices, inner),
        _ => format!("duplex({}, {})", stages(choices, inner), stages(choices, inner)),
    }
}

fn last(choices: &mut Choices<'_>) -> &'static str {
    choices.one_of(&["", "", " last give", " last drop"])
}

fn until(choices: &mut Choices<'_>) -> String {
    let ends = match choices.below(4) {
        0 => format!("line {}", bytes(choices)),
        1 => "blank line".to_owned(),
        2 => bytes(choices),
        _ => format!("{} or {}{}", bytes(choices), bytes(choices), perhaps(choices, "or", bytes)),
    };
    format!("until {ends}{}{}{}", flag(choices, "keep"), last(choices), max(choices))
}

fn length(choices: &mut Choices<'_>) -> String {
    let mut text = match choices.below(8) {
        0 => format!("length {} until {}", choices.one_of(&["dec", "hex", "hex+upper"]), bytes(choices)),
        _ => format!("length {}", field(choices)),
    };
    text += &perhaps(choices, "at", |choices| size(choices).to_string());
    text +=
        choices.one_of(&["", "", "", " inclusive", " inclusive of the field", " counted from 1", " counted from 5"]);
    text += &perhaps(choices, "plus", |choices| size(choices).to_string());
    text += &perhaps(choices, "mask", |choices| {
        choices.one_of(&["0F", "F0", "3C", "03FF", "7FFF", "0FF0", "FFFFFF", "00FFFFFF", "FFFFFFFFFFFFFFFF"]).to_owned()
    });
    text += &perhaps(choices, "trailer", bytes);
    for _ in 0..2 {
        text += &perhaps(choices, "special", special);
    }
    text + &flag(choices, "keep") + &max(choices)
}

fn field(choices: &mut Choices<'_>) -> String {
    let order = |choices: &mut Choices<'_>| choices.one_of(&["be", "le"]);
    match choices.below(10) {
        0 => "u8".to_owned(),
        1..=3 => format!("u{}{}", 8 * (2 + choices.below(7)), order(choices)),
        4 => "varint".to_owned(),
        5 => "ber".to_owned(),
        6 => format!("dec{}{}", 1 + choices.below(21), choices.one_of(&["", "+spaces"])),
        7 => format!("hex{}{}", 1 + choices.below(17), choices.one_of(&["", "+upper", "+spaces", "+spaces+upper"])),
        8 => format!("bcd{}", 1 + choices.below(11)),
        _ => format!("dec-{}", bytes(choices)),
    }
}

fn special(choices: &mut Choices<'_>) -> String {
    let value = choices.one_of(&[0, 1, 2, 3, 126, 127, 255, 65535]);
    match choices.below(3) {
        0 => format!("{value}={}", size(choices)),
        1 => format!("{value}:refuse"),
        _ => format!("{value}:{}", field(choices)),
    }
}

fn head(choices: &mut Choices<'_>, depth: usize) -> String {
    let framer = match choices.below(5) {
        0 => "lines crlf".to_owned(),
        1 => "until blank line".to_owned(),
        2 => "lines".to_owned(),
        3 => "lines max 8".to_owned(),
        _ => stages(choices, depth),
    };
    let declared = match choices.below(5) {
        0 => "header Len".to_owned(),
        1 => format!("word {} of A", choices.below(5)),
        2 => "last word of A B".to_owned(),
        _ => format!("after {}", bytes(choices)),
    };
    let none = perhaps(choices, "none", bytes);
    let required = flag(choices, "required");
    let then = perhaps(choices, "then", bytes);
    format!("head({framer}, {declared}{none}{required}{then}{}{})", flag(choices, "body only"), max(choices))
}

fn fold(choices: &mut Choices<'_>, depth: usize) -> String {
    let head = match choices.below(3) {
        0 => "lines".to_owned(),
        1 => "fixed 2".to_owned(),
        _ => stages(choices, depth),
    };
    let mark = choices.one_of(&["2A", "24", "20"]);
    let items = perhaps(choices, "max items", |choices| choices.below(5).to_string());
    format!("fold({head}, after {mark}{items}{}, {})", max(choices), stages(choices, depth))
}

fn peek(choices: &mut Choices<'_>, depth: usize) -> String {
    let cases: Vec<String> =
        (0..=choices.below(3)).map(|_| format!("{}: {}", pattern(choices), stages(choices, depth))).collect();
    let otherwise = match choices.once_in(2) {
        true => format!(", else {}", stages(choices, depth)),
        false => String::new(),
    };
    format!("peek {{{}{otherwise}}}", cases.join(", "))
}

fn switch(choices: &mut Choices<'_>, depth: usize) -> String {
    let base = stages(choices, depth);
    let cases: Vec<String> = (0..=choices.below(2))
        .map(|_| {
            let good = if choices.once_in(3) { " for good" } else { "" };
            format!("{}{good}: {}", pattern(choices), stages(choices, depth))
        })
        .collect();
    format!("switch({base}) {{{}}}", cases.join(", "))
}

fn pattern(choices: &mut Choices<'_>) -> String {
    match choices.below(5) {
        0 => "digit".to_owned(),
        1 => "00..7F".to_owned(),
        2 => "80..FF".to_owned(),
        3 => "\"ab\" any case".to_owned(),
        _ => bytes(choices),
    }
}
