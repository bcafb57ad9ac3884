//! What a stage can be told, and how each of these is written and read.

use std::time::Duration;

use super::entry::Entry;
use super::{Composed, literal};

/// One option of a stage: what it is called, what it takes, and what it means.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Opt {
    /// Its name; for one that stands at its place without a name, what the help calls it.
    pub name: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// What holds when it is not given; `None` where it must be.
    pub default: Option<&'static str>,
    /// What it means, in one sentence.
    pub help: &'static str,
    /// It stands at its place, without its name.
    pub at_its_place: bool,
    /// It may be given more than once.
    pub repeats: bool,
}

/// What an option takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Takes {
    /// Nothing: its name is all.
    Nothing,
    /// A number, with `KiB` or `MiB` behind it if you like.
    Size,
    /// Bytes, printed in hexadecimal.
    Hex,
    /// Bytes, printed as text where they can be read.
    Text,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A word of its own kind, such as a name.
    Word,
    /// Several words.
    Words,
    /// A time, such as `50ms` or `2s`.
    Duration,
    /// A framing, with its layers.
    Framing,
    /// Cases in braces, each a pattern and a framing.
    Cases,
}

impl Takes {
    /// What stands for it in a line of help.
    pub(super) fn placeholder(self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Size => "N".to_owned(),
            Self::Hex | Self::Text => "BYTES".to_owned(),
            Self::Choice(words) => words.join("|"),
            Self::Word => "WORD".to_owned(),
            Self::Words => "WORDS".to_owned(),
            Self::Duration => "TIME".to_owned(),
            Self::Framing => "FRAMING".to_owned(),
            Self::Cases => "{PATTERN: FRAMING, ..., else FRAMING}".to_owned(),
        }
    }
}

impl Opt {
    /// Stands at its place, without a name.
    pub(super) const fn place(name: &'static str, takes: Takes, help: &'static str) -> Self {
        Self { name, takes, default: None, help, at_its_place: true, repeats: false }
    }

    /// Is given by its name.
    pub(super) const fn named(name: &'static str, takes: Takes, default: &'static str, help: &'static str) -> Self {
        Self { name, takes, default: Some(default), help, at_its_place: false, repeats: false }
    }

    pub(super) const fn flag(name: &'static str, help: &'static str) -> Self {
        Self::named(name, Takes::Nothing, "no", help)
    }

    pub(super) const fn optional(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    pub(super) const fn needed(mut self) -> Self {
        self.default = None;
        self
    }

    pub(super) const fn repeated(mut self) -> Self {
        self.repeats = true;
        self
    }
}

/// What an option was given.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Nothing,
    Size(u64),
    Bytes(Vec<u8>),
    Word(String),
    Words(Vec<String>),
    Duration(Duration),
    Framing(Composed),
    Cases(Vec<(Key, Composed)>),
}

/// What a case is for; nothing for `else`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Key(pub(super) Vec<KeyPart>);

#[derive(Clone, Debug, PartialEq)]
pub(super) enum KeyPart {
    Word(String),
    Bytes(Vec<u8>),
}

impl Key {
    pub(super) fn print(&self) -> String {
        let part = |part: &KeyPart| match part {
            KeyPart::Word(word) => word.clone(),
            KeyPart::Bytes(bytes) => literal::print_text(bytes),
        };
        self.0.iter().map(part).collect::<Vec<_>>().join(" ")
    }
}

impl Value {
    pub(super) fn as_word(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            _ => None,
        }
    }

    /// As it is written behind the option's name, in a stage of this kind.
    pub(super) fn print(&self, takes: Takes, entry: &Entry) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Size(size) => size.to_string(),
            Self::Bytes(bytes) if takes == Takes::Text => literal::print_text(bytes),
            Self::Bytes(bytes) => literal::print_hex(bytes),
            Self::Word(word) => literal::print_word(word),
            Self::Words(words) => {
                // One that is called as an option is not to be taken for it.
                let plain = |word: &str| !entry.options.iter().any(|opt| opt.name.split(' ').next() == Some(word));
                let print = |word: &String| if plain(word) { literal::print_word(word) } else { literal::quote(word) };
                words.iter().map(print).collect::<Vec<_>>().join(" ")
            }
            Self::Duration(time) => print_duration(*time),
            Self::Framing(framing) => framing.to_string(),
            Self::Cases(cases) => {
                let case = |(key, framing): &(Key, Composed)| match key.0.as_slice() {
                    [] => format!("else {framing}"),
                    _ => format!("{}: {framing}", key.print()),
                };
                format!("{{{}}}", cases.iter().map(case).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// A number of bytes: `1024`, `64KiB`, `1MiB`.
pub(super) fn size(word: &str) -> Option<u64> {
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

/// A time: `50ms`, `2s`, `300us`.
pub(super) fn duration(word: &str) -> Option<Duration> {
    let split = word.find(|character: char| !character.is_ascii_digit())?;
    let (number, unit) = word.split_at_checked(split)?;
    let number = number.parse().ok()?;
    match unit {
        "us" => Some(Duration::from_micros(number)),
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        _ => None,
    }
}

fn print_duration(time: Duration) -> String {
    let micros = time.as_micros();
    match (micros % 1_000_000, micros % 1000) {
        (0, _) => format!("{}s", micros / 1_000_000),
        (_, 0) => format!("{}ms", micros / 1000),
        _ => format!("{micros}us"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times() {
        assert_eq!([size("1024"), size("64KiB"), size("1MiB")], [Some(1024), Some(65536), Some(1 << 20)]);
        assert_eq!([size("-1"), size("1k"), size(""), size("99999999999999999999")], [None; 4]);
        for word in ["50ms", "2s", "300us", "0s", "1500ms"] {
            assert_eq!(print_duration(duration(word).unwrap()), word);
        }
        assert_eq!([duration("5"), duration("ms"), duration("5min")], [None; 3]);
    }
}
