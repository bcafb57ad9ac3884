//! What there is to compose: one entry a codec, from which come the parser, the help, the table of the documentation and
//! the instances that the laws are tried on.

use super::given::{Given, Refusal};
use super::option::{Opt, Takes};
use super::part::Part;

/// One kind of stage.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Entry {
    /// The word that a stage of this kind begins with.
    pub name: &'static str,
    /// What else that word may be.
    pub aliases: &'static [&'static str],
    /// What kind of part it is.
    pub kind: Kind,
    /// What it is, in one sentence.
    pub summary: &'static str,
    /// What it can be told.
    pub options: &'static [Opt],
    /// Compositions with bytes to show what it does.
    pub samples: &'static [Sample],
    pub(super) build: fn(&Given) -> Result<Part, Refusal>,
}

/// What kind of part a stage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Says where one message ends and the next begins.
    Framing,
    /// Puts framings together.
    Combinator,
    /// Rewrites the payload inside a frame.
    Layer,
    /// Says what becomes of damage.
    Resync,
    /// Says what a payload means.
    Format,
}

/// Bytes on a wire, and the payloads that they hold.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Sample {
    /// The composition, in its text notation.
    pub composition: &'static str,
    /// The wire.
    pub wire: &'static [u8],
    /// The payloads that it holds.
    pub payloads: &'static [&'static [u8]],
    /// What else is said of it: why a frame is bad, or why the stream ends.
    pub errors: &'static [&'static str],
}

impl Sample {
    pub(super) const fn new(
        composition: &'static str,
        wire: &'static [u8],
        payloads: &'static [&'static [u8]],
    ) -> Self {
        Self { composition, wire, payloads, errors: &[] }
    }

    pub(super) const fn errors(mut self, errors: &'static [&'static str]) -> Self {
        self.errors = errors;
        self
    }
}

impl Entry {
    /// How it is written, such as `length FIELD [at N] [max N]`.
    pub fn usage(&self) -> String {
        let usage = |opt: &Opt| {
            let takes = opt.takes.placeholder();
            let words = match (opt.at_its_place, opt.takes) {
                (true, Takes::Choice(_) | Takes::Cases) => takes,
                (true, _) => opt.name.to_uppercase(),
                (false, Takes::Nothing) => opt.name.to_owned(),
                (false, _) => format!("{} {takes}", opt.name),
            };
            let words = if opt.default.is_some() { format!("[{words}]") } else { words };
            if opt.repeats { format!("{words}...") } else { words }
        };
        let (inside, behind): (Vec<_>, Vec<_>) = self.options.iter().partition(|opt| opt.takes != Takes::Cases);
        let words = |options: Vec<&Opt>| options.into_iter().map(usage).collect::<Vec<_>>();
        let (inside, behind) = (words(inside), words(behind));
        let inside = match (self.takes_framings(), inside.is_empty()) {
            (true, _) => format!("({})", inside.join(", ")),
            (false, false) => format!(" {}", inside.join(" ")),
            (false, true) => String::new(),
        };
        let behind = behind.iter().map(|cases| format!(" {cases}")).collect::<String>();
        format!("{}{inside}{behind}", self.name)
    }

    /// Whether it is written with brackets, in which framings stand.
    pub(super) fn takes_framings(&self) -> bool {
        self.options.iter().any(|opt| opt.takes == Takes::Framing)
    }
}
