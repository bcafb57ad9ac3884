//! Which message of a node in a topic one is, as it says in its headers.

use std::collections::BTreeMap;

use async_nats::{HeaderMap, HeaderName, Subject};

/// From whom it is.
const FROM: HeaderName = HeaderName::from_static("Wirework-From");

/// Which one it is of those that this node has published in this topic.
const NUMBER: HeaderName = HeaderName::from_static("Wirework-Number");

/// In how many topics messages are counted. A node that publishes in more begins anew, as another one.
const MAX_TOPICS: usize = 65_536;

/// How long a name may be that is believed to be one of a node of ours.
const MAX_NAME: usize = 64;

/// Which message it is of all that a node publishes, together with the subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Number {
    /// How often the node had begun anew.
    run: u64,
    /// How many it had published in this topic before.
    number: u64,
}

impl Number {
    pub(super) fn headers(self, node: &str) -> HeaderMap {
        let Self { run, number } = self;
        let mut headers = HeaderMap::new();
        headers.insert(FROM, format!("{node}.{run}"));
        headers.insert(NUMBER, number.to_string());
        headers
    }

    /// The number of a message of this very node.
    pub(super) fn of_own(headers: &HeaderMap, node: &str) -> Option<Self> {
        let Origin { from, number } = Origin::of(headers)?;
        let run = from.strip_prefix(node)?.strip_prefix('.')?.parse().ok()?;
        Some(Self { run, number })
    }
}

/// What a message says of where it comes from.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Origin<'a> {
    pub(super) from: &'a str,
    pub(super) number: u64,
}

impl<'a> Origin<'a> {
    /// `None` when it does not say so: nobody of ours has published it.
    pub(super) fn of(headers: &'a HeaderMap) -> Option<Self> {
        let from = headers.get(FROM)?.as_str();
        let number = headers.get(NUMBER)?.as_str().parse().ok()?;
        (from.len() <= MAX_NAME).then_some(Self { from, number })
    }
}

/// The numbers of the messages to come.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    run: u64,
    next: BTreeMap<Subject, u64>,
}

impl Numbers {
    /// The number of the next message in a topic. It is not taken before [`take`](Self::take) says so.
    pub(super) fn next(&mut self, subject: &Subject) -> Number {
        if self.next.len() >= MAX_TOPICS && !self.next.contains_key(subject) {
            self.next.clear();
            self.run = self.run.saturating_add(1);
        }
        Number { run: self.run, number: self.next.get(subject).copied().unwrap_or(0) }
    }

    pub(super) fn take(&mut self, subject: &Subject, Number { number, .. }: Number) {
        self.next.insert(subject.clone(), number.saturating_add(1));
    }
}
