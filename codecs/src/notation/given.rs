//! What a stage was told: options with their values, whichever notation they were written in.

use std::ops::Range;
use std::time::Duration;

use super::case::On;
use super::entry::Entry;
use super::option::{Opt, Takes};
use super::part::Part;
use super::value::Value;
use super::{Composed, NotationError};
use crate::framing::Delimiter;

/// A stage: its entry, and the options that it was given, each with its place in the text.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) entry: &'static Entry,
    /// What it was called, which may stand for the entry: an encoding is called by its label.
    pub(super) name: String,
    values: Vec<(&'static str, Value, Option<Range<usize>>)>,
}

/// Why a stage cannot be built from what it was given.
#[derive(Debug)]
pub(super) struct Refusal {
    /// The option that is at fault, if one is.
    option: Option<&'static str>,
    why: String,
}

impl Refusal {
    pub(super) fn new(why: impl ToString) -> Self {
        Self { option: None, why: why.to_string() }
    }

    pub(super) fn of(option: &'static str, why: impl ToString) -> Self {
        Self { option: Some(option), why: why.to_string() }
    }
}

impl Given {
    pub(super) fn of(entry: &'static Entry) -> Self {
        Self::called(entry, entry.name)
    }

    pub(super) fn called(entry: &'static Entry, name: impl Into<String>) -> Self {
        Self { entry, name: name.into(), values: Vec::new() }
    }

    pub(super) fn with(mut self, name: &'static str, value: Value) -> Self {
        self.values.push((name, value, None));
        self
    }

    /// As [`with`](Given::with), if there is something to say.
    pub(super) fn with_if(self, name: &'static str, value: Option<Value>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub(super) fn with_flag(self, name: &'static str, set: bool) -> Self {
        self.with_if(name, set.then_some(Value::Nothing))
    }

    /// A size, unless it is the default.
    pub(super) fn with_size(self, name: &'static str, size: usize, default: usize) -> Self {
        self.with_if(name, (size != default).then_some(Value::Size(size as u64)))
    }

    /// Bytes, unless there are none.
    pub(super) fn with_bytes(self, name: &'static str, bytes: &[u8]) -> Self {
        self.with_if(name, (!bytes.is_empty()).then(|| Value::Bytes(bytes.to_vec())))
    }

    /// A delimiter, unless it is empty.
    pub(super) fn with_delimiter(self, name: &'static str, delimiter: Delimiter) -> Self {
        self.with_if(name, (!delimiter.is_empty()).then_some(Value::Delimiter(delimiter)))
    }

    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Value> {
        self.values.iter().filter(move |(given, ..)| *given == name).map(|(_, value, _)| value)
    }

    fn one(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(given, ..)| *given == name).map(|(_, value, _)| value)
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.one(name).is_some()
    }

    pub(super) fn number(&self, name: &str) -> Option<u64> {
        match self.one(name)? {
            Value::Size(size) => Some(*size),
            _ => None,
        }
    }

    /// A size that fits into memory addresses; a larger one means the largest.
    pub(super) fn size(&self, name: &str) -> Option<usize> {
        self.number(name).map(|size| usize::try_from(size).unwrap_or(usize::MAX))
    }

    /// `framing`, with the limit that was given, if one was.
    pub(super) fn limited<F>(&self, framing: F, max_len: fn(F, usize) -> F) -> F {
        match self.size("max") {
            Some(max) => max_len(framing, max),
            None => framing,
        }
    }

    pub(super) fn bytes(&self, name: &str) -> Option<&[u8]> {
        match self.one(name)? {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    pub(super) fn delimiter(&self, name: &str) -> Option<&Delimiter> {
        match self.one(name)? {
            Value::Delimiter(delimiter) => Some(delimiter),
            _ => None,
        }
    }

    /// The one byte that an option takes, where it was given.
    pub(super) fn byte(&self, name: &'static str) -> Result<Option<u8>, Refusal> {
        match self.bytes(name) {
            None => Ok(None),
            Some([byte]) => Ok(Some(*byte)),
            Some(_) => Err(Refusal::of(name, format!("`{name}` takes one byte, such as `7D`"))),
        }
    }

    pub(super) fn word(&self, name: &str) -> Option<&str> {
        self.one(name)?.as_word()
    }

    pub(super) fn words(&self, name: &str) -> &[String] {
        match self.one(name) {
            Some(Value::Words(words)) => words,
            _ => &[],
        }
    }

    pub(super) fn duration(&self, name: &str) -> Option<Duration> {
        match self.one(name)? {
            Value::Duration(time) => Some(*time),
            _ => None,
        }
    }

    pub(super) fn framing(&self, name: &'static str) -> Result<Composed, Refusal> {
        match self.one(name) {
            Some(Value::Framing(framing)) => Ok(framing.clone()),
            _ => Err(Refusal::of(name, "a framing is missing")),
        }
    }

    pub(super) fn cases(&self, name: &str) -> &[(On, Composed)] {
        match self.one(name) {
            Some(Value::Cases(cases)) => cases,
            _ => &[],
        }
    }

    /// Adds what an option was given; or says that it was given twice.
    pub(super) fn add(&mut self, opt: &Opt, value: Value, span: Option<Range<usize>>) -> Result<(), NotationError> {
        if !opt.repeats && self.flag(opt.name) {
            return Err(NotationError::without_place(format!("{} is given twice", opt.called())).at(span));
        }
        self.values.push((opt.name, value, span));
        Ok(())
    }

    /// Makes it what it says, if nothing is missing.
    pub(super) fn build(&self) -> Result<Part, NotationError> {
        if let Some(missing) = self.entry.options.iter().find(|opt| opt.default.is_none() && !self.flag(opt.name)) {
            let (missing, usage) = (missing.called(), self.entry.usage());
            return Err(NotationError::without_place(format!("`{}` needs {missing}; write `{usage}`", self.name)));
        }
        (self.entry.build)(self).map_err(|Refusal { option, why }| {
            let place = option.and_then(|option| self.place(option));
            let error = NotationError::without_place(why).at(place);
            option.map_or(error.clone(), |option| error.within(option))
        })
    }

    fn place(&self, name: &str) -> Option<Range<usize>> {
        self.values.iter().find(|(given, ..)| *given == name).and_then(|(.., span)| span.clone())
    }

    /// The stage in text.
    pub(super) fn print(&self) -> String {
        let mut words = Vec::new();
        let mut cases = String::new();
        let reserved = |word: &str| self.entry.options.iter().any(|opt| opt.name.split(' ').next() == Some(word));
        for opt in self.entry.options {
            for value in self.all(opt.name) {
                let printed = value.print(opt.takes, &reserved);
                match (opt.takes, opt.at_its_place) {
                    (Takes::Cases, _) => cases.push_str(&format!(" {printed}")),
                    (_, true) => words.push(printed),
                    (Takes::Nothing, false) => words.push(opt.name.to_owned()),
                    (_, false) => words.push(format!("{} {printed}", opt.name)),
                }
            }
        }
        // In brackets every option is an item of its own.
        let words = match (self.entry.takes_framings(), words.is_empty()) {
            (true, _) => format!("({})", joined(words).join(", ")),
            (false, true) => String::new(),
            (false, false) => format!(" {}", words.join(" ")),
        };
        format!("{}{words}{cases}", self.name)
    }
}

/// What is said in two options, `last word` and `of PUB` or `header Length` and `or l`, is one item.
fn joined(words: Vec<String>) -> Vec<String> {
    words.into_iter().fold(Vec::new(), |mut items: Vec<String>, word| {
        match items.last_mut() {
            Some(last) if word.starts_with("of ") || word.starts_with("or ") => *last += &format!(" {word}"),
            _ => items.push(word),
        }
        items
    })
}
