//! Matches the words of a stage in text with the options that its entry has.

use std::collections::VecDeque;
use std::ops::Range;

use super::case::On;
use super::entry::Entry;
use super::given::Given;
use super::option::{Opt, Takes};
use super::syntax::{Arg, ArgKind, Stage, Stages};
use super::value::Value;
use super::{NotationError, read, registry};
use crate::near::{nearest, suggestion};

/// What a stage says to the options of `entry`.
pub(super) fn resolve(entry: &'static Entry, stage: &Stage) -> Result<Given, NotationError> {
    let rest = stage.args.iter().flat_map(items).collect();
    let mut resolver = Resolver { entry, rest, given: Given::called(entry, stage.name.as_str()) };
    resolver.run()?;
    Ok(resolver.given)
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
}

fn items(arg: &Arg) -> Vec<Item> {
    match &arg.what {
        ArgKind::Group(items) => items.iter().cloned().map(Item::Stages).collect(),
        _ => vec![Item::Arg(arg.clone())],
    }
}

/// The words of an item in brackets, as they would stand without.
fn spread(stage: &Stage) -> VecDeque<Item> {
    let name = Arg { what: ArgKind::Word(stage.name.clone()), span: stage.name_span.clone() };
    std::iter::once(Item::Arg(name)).chain(stage.args.iter().flat_map(items)).collect()
}

struct Resolver {
    entry: &'static Entry,
    rest: VecDeque<Item>,
    given: Given,
}

impl Resolver {
    fn run(&mut self) -> Result<(), NotationError> {
        let mut places = self.entry.options.iter().filter(|opt| opt.at_its_place).peekable();
        while let Some(item) = self.rest.front() {
            let span = item.span();
            // An item in brackets that begins with the name of an option is that option, and what it takes.
            if let Item::Stages(Stages { stages, .. }) = item
                && let [stage] = stages.as_slice()
                && self.is_option(stage)?
            {
                let spread = spread(stage);
                self.rest.pop_front();
                spread.into_iter().rev().for_each(|item| self.rest.push_front(item));
            } else if let Some((opt, words)) = named(self.entry, &self.rest) {
                let end = self.rest.drain(..words).next_back().map_or(span.end, |item| item.span().end);
                self.take(opt, span.start..end)?;
            } else if let Some(opt) = places.next_if(|opt| fits(opt, item)) {
                self.take(opt, span.clone())?;
                while opt.repeats && self.rest.front().is_some_and(|next| fits(opt, next) && !self.is_slip(next)) {
                    if named(self.entry, &self.rest).is_some() {
                        break;
                    }
                    self.take(opt, span.clone())?;
                }
            } else if places.peek().is_some_and(|opt| opt.default.is_some()) {
                places.next();
            } else {
                return Err(self.unknown(item));
            }
        }
        Ok(())
    }

    /// Whether an item in brackets is an option; an error where it is meant to be one.
    fn is_option(&self, stage: &Stage) -> Result<bool, NotationError> {
        let words = spread(stage);
        match words.front() {
            _ if named(self.entry, &words).is_some() => Ok(true),
            Some(first) if registry::entry(&stage.name).is_none() && self.is_slip(first) => Err(self.unknown(first)),
            _ => Ok(false),
        }
    }

    /// Whether a word is nearly the name of an option.
    fn is_slip(&self, item: &Item) -> bool {
        item.word().is_some_and(|word| nearest(word, self.names()).is_some())
    }

    fn names(&self) -> impl Iterator<Item = &'static str> {
        self.entry.options.iter().filter(|opt| !opt.at_its_place).map(|opt| opt.name)
    }

    /// The option of several words of which this may be a later one, another option having been taken for its first.
    fn begun(&self, word: &str) -> Option<&'static str> {
        let begun = |name: &&str| name.split_once(' ').is_some_and(|(first, _)| self.given.flag(first));
        self.names().filter(begun).find(|name| name.split(' ').any(|other| other == word))
    }

    fn unknown(&self, item: &Item) -> NotationError {
        let (name, usage) = (&self.given.name, self.entry.usage());
        let why = match item.word() {
            None => format!("`{name}` takes nothing more; it is written `{usage}`"),
            Some(word) => match suggestion(word, self.names()) {
                none if none.is_empty() => match self.begun(word) {
                    Some(longer) => format!("`{name}` has no option `{word}`; did you mean `{longer}`?"),
                    None => format!("`{name}` has no option `{word}`; it is written `{usage}`"),
                },
                nearest => format!("`{name}` has no option `{word}`{nearest}"),
            },
        };
        NotationError::new(item.span(), why)
    }

    /// Takes what an option takes from the front; `place` is where the option itself stands.
    fn take(&mut self, opt: &Opt, place: Range<usize>) -> Result<(), NotationError> {
        if opt.takes == Takes::Nothing {
            return self.given.add(opt, Value::Nothing, Some(place));
        }
        let wanted = format!("`{}` takes {} for {}", self.given.name, opt.takes.wanted(), opt.called());
        let Some(item) = self.rest.pop_front() else {
            return Err(NotationError::new(place, format!("{wanted}, which is missing: {}", opt.help)));
        };
        let span = item.span();
        let value = match (opt.takes, &item) {
            (Takes::Framing, Item::Stages(stages)) => Some(Value::Framing(read::framing(stages)?)),
            (Takes::Words, _) => self.words(&item).map(Value::Words),
            (_, Item::Arg(Arg { what: ArgKind::Cases(cases), .. })) if opt.takes == Takes::Cases => {
                let case = |case: &super::syntax::Case| {
                    let on = if case.key.is_empty() { On::Else } else { On::read(&case.key)? };
                    Ok((on, read::framing(&case.stages)?))
                };
                Some(Value::Cases(cases.iter().map(case).collect::<Result<_, NotationError>>()?))
            }
            (takes, Item::Arg(Arg { what: ArgKind::Quoted(quoted), .. })) => {
                Value::from_quoted(takes, quoted.clone()).map_err(|why| NotationError::new(span.clone(), why))?
            }
            (takes, item) => item.word().and_then(|word| Value::from_word(takes, word)),
        };
        match value {
            Some(value) => self.given.add(opt, value, Some(place.start..span.end.max(place.end))),
            None if opt.at_its_place && self.is_slip(&item) => Err(self.unknown(&item)),
            None => {
                let found = item.word().map_or("this".to_owned(), |word| format!("`{word}`"));
                Err(NotationError::new(span, format!("{wanted}, not {found}: {}", opt.help)))
            }
        }
    }

    /// This word and all that follow, up to the next option.
    fn words(&mut self, first: &Item) -> Option<Vec<String>> {
        let text = |item: &Item| match item {
            Item::Arg(Arg { what: ArgKind::Word(word), .. }) => Some(word.clone()),
            Item::Arg(Arg { what: ArgKind::Quoted(quoted), .. }) => String::from_utf8(quoted.bytes.clone()).ok(),
            _ => None,
        };
        let mut words = vec![text(first)?];
        while named(self.entry, &self.rest).is_none()
            && let Some(word) = self.rest.front().and_then(text)
        {
            words.push(word);
            self.rest.pop_front();
        }
        Some(words)
    }
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
