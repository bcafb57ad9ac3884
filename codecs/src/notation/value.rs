//! What an option was given, and how it is written and read.

use std::time::Duration;

use super::Composed;
use super::case::On;
use super::literal;
use super::option::Takes;
use super::token::Quoted;
use crate::framing::Delimiter;

/// What an option was given.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Nothing,
    Size(u64),
    Bytes(Vec<u8>),
    Delimiter(Delimiter),
    Word(String),
    Words(Vec<String>),
    Duration(Duration),
    Framing(Composed),
    Cases(Vec<(On, Composed)>),
}

impl Value {
    /// What a word says to an option that takes one.
    pub(super) fn from_word(takes: Takes, word: &str) -> Option<Self> {
        match takes {
            Takes::Size => size(word).map(Self::Size),
            Takes::Hex | Takes::Text => literal::bytes(word).map(Self::Bytes),
            Takes::Delimiter => literal::delimiter(word).map(Self::Delimiter),
            Takes::Choice(words) => words.contains(&word).then(|| Self::Word(word.to_owned())),
            Takes::Word => Some(Self::Word(word.to_owned())),
            Takes::Duration => duration(word).map(Self::Duration),
            Takes::Nothing | Takes::Words | Takes::Framing | Takes::Cases => None,
        }
    }

    /// What quoted text says to an option that takes some; or why it says nothing.
    pub(super) fn from_quoted(takes: Takes, quoted: Quoted) -> Result<Option<Self>, String> {
        Ok(match takes {
            Takes::Hex | Takes::Text => Some(Self::Bytes(quoted.as_bytes()?.to_vec())),
            Takes::Delimiter => Some(Self::Delimiter(literal::quoted(quoted.bytes))),
            Takes::Word => String::from_utf8(quoted.bytes).ok().map(Self::Word),
            _ => None,
        })
    }

    pub(super) fn as_word(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            _ => None,
        }
    }

    /// As it is written behind the option's name. Words in `reserved` would be taken for something else, and are quoted.
    pub(super) fn print(&self, takes: Takes, reserved: &dyn Fn(&str) -> bool) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Size(size) => size.to_string(),
            Self::Bytes(bytes) if takes == Takes::Text => literal::print_text(bytes),
            Self::Bytes(bytes) => literal::print_hex(bytes),
            Self::Delimiter(delimiter) => literal::print_delimiter(delimiter),
            Self::Word(word) => literal::print_word(word),
            Self::Words(words) => {
                let print = |word: &String| match reserved(word) {
                    true => literal::quote(word),
                    false => literal::print_word(word),
                };
                words.iter().map(print).collect::<Vec<_>>().join(" ")
            }
            Self::Duration(time) => print_duration(*time),
            Self::Framing(framing) => framing.to_string(),
            Self::Cases(cases) => {
                let case = |(on, framing): &(On, Composed)| match on {
                    On::Else => format!("else {framing}"),
                    On::Pattern { .. } => format!("{}: {framing}", on.print()),
                };
                format!("{{{}}}", cases.iter().map(case).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// A number of bytes: `1024`, `64KiB`, `1MiB`.
fn size(word: &str) -> Option<u64> {
    let (digits, unit) = match (word.strip_suffix("KiB"), word.strip_suffix("MiB")) {
        (Some(digits), _) => (digits, 1 << 10),
        (_, Some(digits)) => (digits, 1 << 20),
        _ => (word, 1),
    };
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse::<u64>().ok()?.checked_mul(unit)
}

/// A time: `50ms`, `2s`, `300us`, `10ns`.
fn duration(word: &str) -> Option<Duration> {
    let split = word.find(|character: char| !character.is_ascii_digit())?;
    let (number, unit) = word.split_at_checked(split)?;
    let number = number.parse().ok()?;
    match unit {
        "ns" => Some(Duration::from_nanos(number)),
        "us" => Some(Duration::from_micros(number)),
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        _ => None,
    }
}

/// A time, in the largest unit that says it exactly.
pub(crate) fn print_duration(time: Duration) -> String {
    let nanos = time.as_nanos();
    match (nanos % 1_000_000_000, nanos % 1_000_000, nanos % 1000) {
        (0, ..) => format!("{}s", nanos / 1_000_000_000),
        (_, 0, _) => format!("{}ms", nanos / 1_000_000),
        (_, _, 0) => format!("{}us", nanos / 1000),
        _ => format!("{nanos}ns"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times() {
        assert_eq!([size("1024"), size("64KiB"), size("1MiB")], [Some(1024), Some(65536), Some(1 << 20)]);
        assert_eq!([size("-1"), size("1k"), size(""), size("99999999999999999999")], [None; 4]);
        for word in ["50ms", "2s", "300us", "0s", "1500ms", "1500001ns"] {
            assert_eq!(print_duration(duration(word).unwrap()), word);
        }
        assert_eq!([duration("5"), duration("ms"), duration("5min")], [None; 3]);
    }

    #[test]
    fn words_that_would_be_taken_for_something_else_are_quoted() {
        let words = Value::Words(["PUB", "max", "a|b", ""].map(str::to_owned).into());
        assert_eq!(words.print(Takes::Words, &|word| word == "max"), r#"PUB "max" "a|b" """#);
    }
}
