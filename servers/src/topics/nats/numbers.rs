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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_topic_is_counted_for_itself_and_a_number_that_was_not_taken_is_given_again() {
        let (a, b) = (Subject::from_static("p.a.n"), Subject::from_static("p.b.n"));
        let mut numbers = Numbers::default();
        for number in 0..3 {
            assert_eq!(numbers.next(&a), Number { run: 0, number });
            let next = numbers.next(&a);
            assert_eq!(next, Number { run: 0, number });
            numbers.take(&a, next);
        }
        assert_eq!(numbers.next(&b), Number { run: 0, number: 0 });
    }

    #[test]
    fn a_node_that_publishes_in_too_many_topics_begins_anew_as_another_one() {
        let subject = |n: usize| Subject::from(format!("p.{n}.n"));
        let mut numbers = Numbers::default();
        for n in 0..MAX_TOPICS {
            let next = numbers.next(&subject(n));
            numbers.take(&subject(n), next);
        }
        assert_eq!(numbers.next(&subject(7)), Number { run: 0, number: 1 }, "one that is known");
        assert_eq!(numbers.next(&subject(MAX_TOPICS)), Number { run: 1, number: 0 });
        assert_eq!(numbers.next(&subject(7)), Number { run: 1, number: 0 });
        assert!(numbers.next.is_empty());
    }

    #[test]
    fn what_a_message_says_of_its_origin_is_read_back() {
        let number = Number { run: 3, number: 7 };
        let headers = number.headers("NODE");
        assert_eq!(Origin::of(&headers), Some(Origin { from: "NODE.3", number: 7 }));
        assert_eq!(Number::of_own(&headers, "NODE"), Some(number));
        assert_eq!(Number::of_own(&headers, "NOD"), None);
        assert_eq!(Origin::of(&number.headers(&"N".repeat(63))), None, "no name of ours is so long");
        let mut strange = HeaderMap::new();
        strange.insert(FROM, "NODE.3");
        assert_eq!(Origin::of(&strange), None);
        strange.insert(NUMBER, "-1");
        assert_eq!(Origin::of(&strange), None);
    }
}
