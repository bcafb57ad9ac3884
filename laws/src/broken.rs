//! A law that was broken, and the input that did it.

use std::fmt;

use crate::Event;

/// The laws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Law {
    /// [`round_trip`](crate::round_trip())
    RoundTrip,
    /// [`segmentation`](crate::segmentation())
    Segmentation,
    /// [`messages`](crate::messages())
    Messages,
    /// [`lent_and_owned`](crate::lent_and_owned())
    LentAndOwned,
    /// [`glance`](crate::glance())
    Glance,
    /// [`no_panic`](crate::no_panic())
    NoPanic,
    /// [`progress`](crate::progress())
    Progress,
    /// [`memory`](crate::memory())
    Memory,
    /// [`parts`](crate::parts())
    Parts,
    /// [`keeps_earlier_frames`](crate::keeps_earlier_frames())
    KeepsEarlierFrames,
    /// [`end_of_stream`](crate::end_of_stream())
    EndOfStream,
    /// [`prefix`](crate::prefix())
    Prefix,
    /// [`linear_work`](crate::linear_work())
    LinearWork,
    /// [`policies`](crate::encoding::policies)
    Policies,
    /// [`comes_back`](crate::encoding::comes_back)
    ComesBack,
    /// [`unfinished`](crate::encoding::unfinished)
    Unfinished,
    /// [`begins`](crate::encoding::begins)
    Begins,
    /// [`plain`](crate::encoding::plain)
    Plain,
    /// [`spellings`](crate::encoding::spellings)
    Spellings,
}

/// A law is broken: which, by what input, and the traces that show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Broken {
    /// The law.
    pub law: Law,
    /// What was seen, in a sentence.
    pub why: String,
    /// The bytes that broke it: a wire, or the payload or the text that was encoded.
    pub input: Vec<u8>,
    /// The trace that the law asks for, where it asks for one.
    pub expected: Vec<Event>,
    /// The trace that came.
    pub found: Vec<Event>,
}

impl Broken {
    pub(crate) fn new(law: Law, input: &[u8], why: impl Into<String>) -> Self {
        Self { law, why: why.into(), input: input.to_vec(), expected: Vec::new(), found: Vec::new() }
    }

    pub(crate) fn expected(mut self, expected: &[Event]) -> Self {
        self.expected = expected.to_vec();
        self
    }

    pub(crate) fn found(mut self, found: &[Event]) -> Self {
        self.found = found.to_vec();
        self
    }
}

impl std::error::Error for Broken {}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the law {:?} is broken: {}", self.law, self.why)?;
        writeln!(f, "    input     b\"{}\" ({} bytes)", self.input.escape_ascii(), self.input.len())?;
        for (what, trace) in [("expected", &self.expected), ("found   ", &self.found)] {
            for event in trace {
                writeln!(f, "    {what}  {event}")?;
            }
        }
        Ok(())
    }
}

/// As [`Display`](fmt::Display), so that a test that returns `Result<(), Broken>` is readable when it fails.
impl fmt::Debug for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
