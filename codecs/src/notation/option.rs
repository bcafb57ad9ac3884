//! What a stage can be told.

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
    /// Bytes, printed as text where they are ASCII that can be read.
    Text,
    /// Characters in quotation marks or by their name, in the encoding of the text; or bytes in hexadecimal.
    Delimiter,
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
            Self::Delimiter => "DELIMITER".to_owned(),
            Self::Choice(words) => words.join("|"),
            Self::Word => "WORD".to_owned(),
            Self::Words => "WORDS".to_owned(),
            Self::Duration => "TIME".to_owned(),
            Self::Framing => "FRAMING".to_owned(),
            Self::Cases => "{PATTERN: FRAMING, ..., else FRAMING}".to_owned(),
        }
    }

    /// What it is, for somebody who wrote something else.
    pub(super) fn wanted(self) -> String {
        match self {
            Self::Nothing => "nothing".to_owned(),
            Self::Size => "a number such as `1024` or `64KiB`".to_owned(),
            Self::Hex | Self::Text => "bytes such as `7E0D`, `\"text\"`, `CRLF` or `*`".to_owned(),
            Self::Delimiter => "characters such as `\"，\"`, `CRLF` or `*`, or bytes such as `7E0D`".to_owned(),
            Self::Choice(words) => format!("one of `{}`", words.join("`, `")),
            Self::Word => "a word".to_owned(),
            Self::Words => "words".to_owned(),
            Self::Duration => "a time such as `50ms` or `2s`".to_owned(),
            Self::Framing => "a framing such as `lines`".to_owned(),
            Self::Cases => "cases such as `{digit: length dec until SP, else lines}`".to_owned(),
        }
    }
}

impl Opt {
    /// How a sentence names it.
    pub(super) fn called(&self) -> String {
        if self.at_its_place { format!("its {}", self.name) } else { format!("`{}`", self.name) }
    }

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
