//! What is missing of what others have published in one topic.

use std::collections::HashMap;

use super::numbers::Origin;

/// How many nodes are told apart. Of more, those that were heard of longest ago are forgotten.
const MAX_NODES: usize = 1024;

/// What is expected of each node that was heard of.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    nodes: HashMap<Box<str>, Expected>,
    /// How many messages have come.
    heard: u64,
}

#[derive(Debug)]
struct Expected {
    number: u64,
    /// When it was heard of last, counted in messages.
    heard: u64,
}

impl Gaps {
    /// Takes note of a message; gives how many of its node are missing before it. One that comes late was counted as missing.
    pub(super) fn before(&mut self, Origin { from, number }: Origin<'_>) -> u64 {
        self.heard = self.heard.saturating_add(1);
        let (next, heard) = (number.saturating_add(1), self.heard);
        if let Some(expected) = self.nodes.get_mut(from) {
            let missing = number.saturating_sub(expected.number);
            *expected = Expected { number: expected.number.max(next), heard };
            return missing;
        }
        if self.nodes.len() >= MAX_NODES {
            self.forget_one();
        }
        // What it has published before may have been before this was subscribed to.
        self.nodes.insert(from.into(), Expected { number: next, heard });
        0
    }

    fn forget_one(&mut self) {
        let longest_ago = self.nodes.iter().min_by_key(|(_, expected)| expected.heard).map(|(from, _)| from.clone());
        if let Some(from) = longest_ago {
            self.nodes.remove(&from);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn before(gaps: &mut Gaps, from: &str, number: u64) -> u64 {
        gaps.before(Origin { from, number })
    }

    #[test]
    fn what_is_missing_is_counted_for_each_node() {
        let mut gaps = Gaps::default();
        let heard = [("a", 7), ("b", 0), ("a", 8), ("a", 11), ("b", 1), ("a", 12), ("b", 3)];
        assert_eq!(heard.map(|(from, number)| before(&mut gaps, from, number)), [0, 0, 0, 2, 0, 0, 1]);
    }

    #[test]
    fn one_that_is_late_was_counted_and_is_not_missed_again() {
        let mut gaps = Gaps::default();
        assert_eq!([0, 2, 1, 3].map(|number| before(&mut gaps, "a", number)), [0, 1, 0, 0]);
    }

    #[test]
    fn no_number_is_too_large() {
        let mut gaps = Gaps::default();
        assert_eq!([0, u64::MAX, u64::MAX, 0].map(|number| before(&mut gaps, "a", number)), [0, u64::MAX - 1, 0, 0]);
    }

    #[test]
    fn only_so_many_nodes_are_told_apart_and_those_heard_of_last_stay() {
        let mut gaps = Gaps::default();
        before(&mut gaps, "stays", 0);
        before(&mut gaps, "falls silent", 0);
        for n in 0..3000 {
            before(&mut gaps, &n.to_string(), 0);
            assert_eq!(before(&mut gaps, "stays", 2 * n + 2), 1, "the numbers between are missing");
        }
        assert_eq!(gaps.nodes.len(), MAX_NODES);
        assert_eq!(before(&mut gaps, "falls silent", 5), 0, "it is as new");
    }
}
