//! Runs of codes and characters, as they stand in the tables and in the list of differences.

use std::iter::successors;

/// The bytes of `A2E3`.
pub(crate) fn code(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes();
    assert!(!hex.is_empty() && hex.len() & 1 == 0, "{hex:?} is not a code");
    digits
        .chunks(2)
        .map(|pair| {
            let pair = std::str::from_utf8(pair).unwrap_or_default();
            u8::from_str_radix(pair, 16).unwrap_or_else(|_| panic!("{hex:?} is not a code"))
        })
        .collect()
}

/// `A2E3`.
pub(crate) fn hex(code: &[u8]) -> String {
    code.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// The code that follows: the next last byte, or in four-byte forms the next of all.
pub(crate) fn after(code: &[u8]) -> Vec<u8> {
    let mut next = code.to_vec();
    let four = code.len() == 4 && code[1].is_ascii_digit();
    for (byte, from_the_end) in next.iter_mut().rev().zip(0..) {
        let (low, high) = match (four, from_the_end % 2) {
            (true, 0) => (0x30, 0x39),
            (true, _) => (0x81, 0xfe),
            (false, _) => (0, 0xff),
        };
        if *byte < high {
            *byte += 1;
            return next;
        }
        if !four {
            // Nothing follows FF in its row.
            return Vec::new();
        }
        *byte = low;
    }
    Vec::new()
}

/// The characters of a run: `丂丄`, `\u{E000}`, `{ab}` for the characters of one code, `=0000` for one after another
/// without end, `=0000-007F` up to that.
pub(crate) fn run(text: &str) -> Box<dyn Iterator<Item = String> + '_> {
    let Some(range) = text.strip_prefix('=') else { return Box::new(listed(text).into_iter()) };
    let scalar = |hex: &str| {
        u32::from_str_radix(hex, 16).ok().and_then(char::from_u32).unwrap_or_else(|| panic!("{text:?} is not a run"))
    };
    let (first, last) = match range.split_once('-') {
        Some((first, last)) => (scalar(first), scalar(last)),
        None => (scalar(range), char::MAX),
    };
    Box::new((first..=last).map(String::from))
}

fn listed(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (one, len) = match c {
            '\\' => escaped(rest),
            '{' => {
                let (mut whole, mut at) = (String::new(), 1);
                while !rest[at..].starts_with('}') {
                    let (one, len) = match rest[at..].chars().next() {
                        Some('\\') => escaped(&rest[at..]),
                        Some(c) => (String::from(c), c.len_utf8()),
                        None => panic!("{text:?} has no end"),
                    };
                    whole += &one;
                    at += len;
                }
                (whole, at + 1)
            }
            c => (String::from(c), c.len_utf8()),
        };
        found.push(one);
        rest = &rest[len..];
    }
    found
}

/// `\u{E000}`, and its length.
fn escaped(text: &str) -> (String, usize) {
    let hex = text.strip_prefix("\\u{").and_then(|hex| hex.split_once('}')).map(|(hex, _)| hex);
    let scalar = hex.and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32);
    match (hex, scalar) {
        (Some(hex), Some(c)) => (String::from(c), hex.len() + 4),
        _ => panic!("{text:?} does not begin with \\u{{...}}"),
    }
}

/// Characters as [`run`] reads them: those that show themselves stand there as they are.
pub(crate) fn shown(text: &str) -> String {
    let shown: String = text
        .chars()
        .map(|c| {
            if shows_itself(c) && !"\\{}".contains(c) { String::from(c) } else { format!("\\u{{{:X}}}", u32::from(c)) }
        })
        .collect();
    if text.chars().nth(1).is_some() { format!("{{{shown}}}") } else { shown }
}

fn shows_itself(c: char) -> bool {
    // What Rust escapes in a string are controls, spaces, private and combining characters.
    c.escape_debug().nth(1).is_none() && !c.is_whitespace() && c != '=' && c != '-'
}

/// Whether `text` counts up from `first`: the n-th is n more.
pub(crate) fn counts_up<'a>(text: impl IntoIterator<Item = &'a str>) -> Option<(char, char)> {
    let mut characters = text.into_iter().map(|text| {
        let mut characters = text.chars();
        characters.next().filter(|_| characters.next().is_none())
    });
    let first = characters.next()??;
    let mut last = first;
    for c in characters {
        let next = successors(Some(last), |c| char::from_u32(u32::from(*c) + 1)).nth(1)?;
        if c? != next {
            return None;
        }
        last = next;
    }
    Some((first, last))
}
