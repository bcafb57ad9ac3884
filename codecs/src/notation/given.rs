//! What a stage was told: the words of a text, or the fields of data, matched with the options that there are.

use std::collections::VecDeque;
use std::ops::Range;
use std::time::Duration;

use super::entry::Entry;
use super::error::suggestion;
use super::option::{Key, KeyPart, Opt, Takes, Value, duration, size};
use super::syntax::{Arg, ArgKind, Case, Stage, Stages};
use super::{Composed, NotationError, composition, literal};

/// The options that a stage was given, each with its place in the text.
#[derive(Clone, Debug, Default)]
pub(super) struct Given {
    values: Vec<(&'static str, Value, Option<Range<usize>>)>,
}

/// Why a stage cannot be built from what it was given.
#[derive(Debug)]
pub(super) struct Refusal {
    /// The option that is at fault, if one is.
    pub(super) option: Option<&'static str>,
    pub(super) why: String,
}

impl Refusal {
    pub(super) fn of(option: &'static str, why: impl ToString) -> Self {
        Self { option: Some(option), why: why.to_string() }
    }
}

impl Given {
    pub(super) fn new() -> Self {
        Self::default()
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

    pub(super) fn place(&self, name: &str) -> Option<Range<usize>> {
        self.values.iter().find(|(given, ..)| *given == name).and_then(|(.., span)| span.clone())
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

    pub(super) fn bytes(&self, name: &str) -> Option<&[u8]> {
        match self.one(name)? {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    pub(super) fn word(&self, name: &str) -> Option<&str> {
        match self.one(name)? {
            Value::Word(word) => Some(word),
            _ => None,
        }
    }

    pub(super) fn words(&self, name: &str) -> Option<&[String]> {
        match self.one(name)? {
            Value::Words(words) => Some(words),
            _ => None,
        }
    }

    pub(super) fn duration(&self, name: &str) -> Option<Duration> {
        match self.one(name)? {
            Value::Duration(time) => Some(*time),
            _ => None,
        }
    }

    pub(super) fn framing(&self, name: &str) -> Option<Composed> {
        match self.one(name)? {
            Value::Framing(framing) => Some(framing.clone()),
            _ => None,
        }
    }

    pub(super) fn cases(&self, name: &str) -> &[(Key, Composed)] {
        match self.one(name) {
            Some(Value::Cases(cases)) => cases,
            _ => &[],
        }
    }

    /// Adds what an option was given; or says that it was given twice.
    pub(super) fn add(&mut self, opt: &Opt, value: Value, span: Option<Range<usize>>) -> Result<(), NotationError> {
        if !opt.repeats && self.flag(opt.name) {
            return Err(NotationError::without_place(format!("`{}` is given twice", opt.name)).at(span));
        }
        self.values.push((opt.name, value, span));
        Ok(())
    }

    /// Says which option is missing, if one is.
    pub(super) fn complete(&self, entry: &Entry) -> Result<(), NotationError> {
        match entry.options.iter().find(|opt| opt.default.is_none() && !self.flag(opt.name)) {
            Some(missing) => Err(NotationError::without_place(format!(
                "`{}` needs its {}; write `{}`",
                entry.name,
                missing.name,
                entry.usage()
            ))),
            None => Ok(()),
        }
    }

    /// The stage in text.
    pub(super) fn print(&self, entry: &Entry) -> String {
        let mut words = Vec::new();
        let mut cases = String::new();
        for opt in entry.options {
            for value in self.all(opt.name) {
                let printed = value.print(opt.takes, entry);
                match (opt.takes, opt.at_its_place) {
                    (Takes::Cases, _) => cases.push_str(&format!(" {printed}")),
                    (_, true) => words.push(printed),
                    (Takes::Nothing, false) => words.push(opt.name.to_owned()),
                    (_, false) => words.push(format!("{} {printed}", opt.name)),
                }
            }
        }
        let name = entry.name;
        // In brackets every option is an item of its own.
        match entry.takes_framings() {
            true => format!("{name}({}){cases}", joined(words).join(", ")),
            false => std::iter::once(name.to_owned()).chain(words).collect::<Vec<_>>().join(" ") + &cases,
        }
    }
}

/// Words that belong to one option in several, such as `last word of PUB`, are one item.
fn joined(words: Vec<String>) -> Vec<String> {
    words.into_iter().fold(Vec::new(), |mut items: Vec<String>, word| {
        match items.last_mut() {
            Some(last) if word.starts_with("of ") => *last += &format!(" {word}"),
            _ => items.push(word),
        }
        items
    })
}

/// Matches what stands behind the name of a stage with the options that it has.
pub(super) fn resolve(entry: &'static Entry, stage: &Stage) -> Result<Given, NotationError> {
    let mut rest: VecDeque<Item> = stage.args.iter().flat_map(items).collect();
    let mut places = entry.options.iter().filter(|opt| opt.at_its_place).peekable();
    let mut given = Given::new();
    while let Some(item) = rest.front() {
        let span = item.span();
        if let Item::Stages(stages) = item
            && let Some(spread) = spread(entry, stages)
        {
            rest.pop_front();
            spread.into_iter().rev().for_each(|item| rest.push_front(item));
        } else if let Some((opt, words)) = named(entry, &rest) {
            rest.drain(..words);
            let (value, end) = take(opt, entry, &mut rest, span.end)?;
            given.add(opt, value, Some(span.start..end))?;
        } else if let Some(opt) = places.next_if(|opt| fits(opt, item)) {
            let (value, end) = take(opt, entry, &mut rest, span.end)?;
            given.add(opt, value, Some(span.start..end))?;
            while opt.repeats && rest.front().is_some_and(|item| fits(opt, item)) && named(entry, &rest).is_none() {
                let span = rest.front().map(Item::span).unwrap_or_default();
                let (value, end) = take(opt, entry, &mut rest, span.end)?;
                given.add(opt, value, Some(span.start..end))?;
            }
        } else if places.peek().is_some_and(|opt| opt.default.is_some()) {
            places.next();
        } else {
            return Err(unknown(entry, item));
        }
    }
    given.complete(entry).map_err(|error| error.at(Some(stage.span.clone())))?;
    Ok(given)
}

/// What stands behind a name: single words, and what stands between commas in brackets.
#[derive(Clone, Debug)]
enum Item {
    Arg(Arg),
    Stages(Stages),
}

impl Item {
    fn span(&self) -> Range<usize> {
        match self {
            Self::Arg(arg) => arg.span.clone(),
            Self::Stages(stages) => stages.span.clone(),
        }
    }

    fn word(&self) -> Option<&str> {
        match self {
            Self::Arg(Arg { what: ArgKind::Word(word), .. }) => Some(word),
            _ => None,
        }
    }

    /// A word, in quotation marks or not.
    fn text(&self) -> Option<&str> {
        match self {
            Self::Arg(Arg { what: ArgKind::Quoted(bytes), .. }) => str::from_utf8(bytes).ok(),
            _ => self.word(),
        }
    }
}

fn items(arg: &Arg) -> Vec<Item> {
    match &arg.what {
        ArgKind::Group(items) => items.iter().cloned().map(Item::Stages).collect(),
        _ => vec![Item::Arg(arg.clone())],
    }
}

/// An item in brackets that begins with the name of an option is that option, and what it takes.
fn spread(entry: &'static Entry, stages: &Stages) -> Option<VecDeque<Item>> {
    let [stage] = stages.stages.as_slice() else { return None };
    let name = Arg { what: ArgKind::Word(stage.name.clone()), span: stage.name_span.clone() };
    let spread = std::iter::once(Item::Arg(name)).chain(stage.args.iter().flat_map(items)).collect();
    named(entry, &spread).is_some().then_some(spread)
}

/// The option whose name stands next, and of how many words that is; the longest, where one name begins another.
fn named(entry: &'static Entry, rest: &VecDeque<Item>) -> Option<(&'static Opt, usize)> {
    let begins = |opt: &Opt| opt.name.split(' ').zip(rest.iter().map(Item::word).chain(std::iter::repeat(None)));
    let words = |opt: &Opt| opt.name.split(' ').count();
    let named = entry.options.iter().filter(|opt| !opt.at_its_place);
    let found = named.filter(|opt| begins(opt).all(|(word, next)| next == Some(word)));
    found.max_by_key(|opt| words(opt)).map(|opt| (opt, words(opt)))
}

/// Whether an item can be what an option takes that stands at its place.
fn fits(opt: &Opt, item: &Item) -> bool {
    match (opt.takes, item) {
        (Takes::Framing, Item::Stages(_)) => true,
        (Takes::Framing, Item::Arg(_)) | (_, Item::Stages(_)) => false,
        (Takes::Cases, Item::Arg(arg)) => matches!(arg.what, ArgKind::Cases(_)),
        (_, Item::Arg(arg)) => !matches!(arg.what, ArgKind::Cases(_)),
    }
}

fn unknown(entry: &Entry, item: &Item) -> NotationError {
    let Some(word) = item.word() else {
        return NotationError::new(
            item.span(),
            format!("`{}` takes nothing more; it is written `{}`", entry.name, entry.usage()),
        );
    };
    let names = entry.options.iter().filter(|opt| !opt.at_its_place).map(|opt| opt.name);
    let nearest = suggestion(word, names);
    let usage = if nearest.is_empty() { format!("; it is written `{}`", entry.usage()) } else { nearest };
    NotationError::new(item.span(), format!("`{}` has no option `{word}`{usage}", entry.name))
}

/// Takes what an option takes from the front, and says where it ends.
fn take(
    opt: &Opt,
    entry: &'static Entry,
    rest: &mut VecDeque<Item>,
    end: usize,
) -> Result<(Value, usize), NotationError> {
    if opt.takes == Takes::Nothing {
        return Ok((Value::Nothing, end));
    }
    let wanted = |span| {
        let what = opt.takes.placeholder();
        NotationError::new(span, format!("`{}` takes {what} here, for its {}: {}", entry.name, opt.name, opt.help))
    };
    let Some(item) = rest.pop_front() else { return Err(wanted(end.saturating_sub(1)..end)) };
    let span = item.span();
    let value = match (opt.takes, item) {
        (Takes::Framing, Item::Stages(stages)) => Some(Value::Framing(composition::framing(&stages)?)),
        (Takes::Words, item) if item.text().is_some() => {
            let mut words: Vec<String> = item.text().map(str::to_owned).into_iter().collect();
            while named(entry, rest).is_none()
                && let Some(word) = rest.front().and_then(Item::text)
            {
                words.push(word.to_owned());
                rest.pop_front();
            }
            Some(Value::Words(words))
        }
        (Takes::Cases, Item::Arg(Arg { what: ArgKind::Cases(cases), .. })) => {
            Some(Value::Cases(cases.iter().map(case).collect::<Result<_, _>>()?))
        }
        (Takes::Hex | Takes::Text | Takes::Word, Item::Arg(Arg { what: ArgKind::Quoted(bytes), .. })) => {
            match opt.takes {
                Takes::Word => String::from_utf8(bytes).ok().map(Value::Word),
                _ => Some(Value::Bytes(bytes)),
            }
        }
        (takes, Item::Arg(Arg { what: ArgKind::Word(word), .. })) => from_word(takes, &word),
        _ => None,
    };
    value.map(|value| (value, span.end)).ok_or_else(|| wanted(span))
}

/// What a word says to an option that takes one.
pub(super) fn from_word(takes: Takes, word: &str) -> Option<Value> {
    match takes {
        Takes::Size => size(word).map(Value::Size),
        Takes::Hex | Takes::Text => literal::bytes(word).map(Value::Bytes),
        Takes::Choice(words) => words.contains(&word).then(|| Value::Word(word.to_owned())),
        Takes::Word => Some(Value::Word(word.to_owned())),
        Takes::Duration => duration(word).map(Value::Duration),
        Takes::Nothing | Takes::Words | Takes::Framing | Takes::Cases => None,
    }
}

fn case(case: &Case) -> Result<(Key, Composed), NotationError> {
    Ok((key(&case.key), composition::framing(&case.stages)?))
}

pub(super) fn key(args: &[Arg]) -> Key {
    let part = |arg: &Arg| match &arg.what {
        ArgKind::Word(word) => match literal::bytes(word) {
            Some(bytes) => Some(KeyPart::Bytes(bytes)),
            None => Some(KeyPart::Word(word.clone())),
        },
        ArgKind::Quoted(bytes) => Some(KeyPart::Bytes(bytes.clone())),
        ArgKind::Group(_) | ArgKind::Cases(_) => None,
    };
    Key(args.iter().filter_map(part).collect())
}
