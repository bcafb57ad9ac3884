//! The search for the bytes that may end a frame.

use std::sync::Arc;

use memchr::{memchr2, memchr3};

use super::find_byte::FindByte;

/// Finds each of a few byte values in a stream, once, while input comes and goes.
///
/// An input is seen from where the last one ended: as long as nothing is taken off, the next input begins with the same
/// bytes; [`advance`](Search::advance) takes them off.
#[derive(Clone, Debug)]
pub(crate) enum Search {
    /// For one value, which looks ahead.
    One(FindByte),
    Several {
        wanted: Wanted,
        /// How much of the input has been searched.
        at: usize,
    },
}

#[derive(Clone, Debug)]
pub(crate) enum Wanted {
    Two([u8; 2]),
    Three([u8; 3]),
    /// Those at whose value it says so.
    Table(Arc<[bool; 256]>),
}

impl Search {
    /// A search for each of these values.
    pub(crate) fn new(values: impl IntoIterator<Item = u8>) -> Self {
        let mut values: Vec<u8> = values.into_iter().collect();
        values.sort_unstable();
        values.dedup();
        let wanted = match *values {
            [one] => return Self::One(FindByte::new(one)),
            [a, b] => Wanted::Two([a, b]),
            [a, b, c] => Wanted::Three([a, b, c]),
            _ => Wanted::Table(Arc::new(std::array::from_fn(|value| values.iter().any(|b| usize::from(*b) == value)))),
        };
        Self::Several { wanted, at: 0 }
    }

    /// A search for the same values in something else. Allocates nothing.
    pub(crate) fn afresh(&self) -> Self {
        let mut afresh = self.clone();
        afresh.reset();
        afresh
    }

    /// Where in `input` the next of the values stands; each is given once.
    #[inline(always)]
    pub(crate) fn next(&mut self, input: &[u8]) -> Option<usize> {
        match self {
            Self::One(one) => one.next(input),
            Self::Several { wanted, at } => wanted.next(input, at),
        }
    }

    /// What [`next`](Search::next) is about to give, where that is known without a search.
    #[inline(always)]
    pub(crate) fn seen(&self, input: &[u8]) -> Option<usize> {
        match self {
            Self::One(one) => one.seen(input),
            Self::Several { .. } => None,
        }
    }

    /// Tells that what was [seen](Search::seen) is given.
    #[inline(always)]
    pub(crate) fn pass_seen(&mut self) {
        if let Self::One(one) = self {
            one.pass_seen();
        }
    }

    /// Tells that the next input begins `n` bytes further on. Values that stand there and were not given are passed over.
    #[inline(always)]
    pub(crate) fn advance(&mut self, n: usize) {
        match self {
            Self::One(one) => one.advance(n),
            Self::Several { at, .. } => *at = at.saturating_sub(n),
        }
    }

    /// Tells that the next input has nothing to do with the last one.
    pub(crate) fn reset(&mut self) {
        match self {
            Self::One(one) => one.reset(),
            Self::Several { at, .. } => *at = 0,
        }
    }
}

impl Wanted {
    #[inline(never)]
    fn next(&self, input: &[u8], at: &mut usize) -> Option<usize> {
        let rest = input.get(*at..)?;
        let found = match self {
            Self::Two([a, b]) => memchr2(*a, *b, rest),
            Self::Three([a, b, c]) => memchr3(*a, *b, *c, rest),
            Self::Table(table) => {
                rest.iter().position(|byte| table.get(usize::from(*byte)).copied().unwrap_or_default())
            }
        };
        let found = found.map(|offset| *at + offset);
        *at = found.map_or(input.len(), |found| found + 1);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_is_found_once_however_the_input_comes() {
        for values in [&b"a"[..], b"ab", b"abc", b"abcd", b""] {
            let wire = b"xaybzcwdxabcd";
            let expected: Vec<usize> = (0..wire.len()).filter(|at| values.contains(&wire[*at])).collect();
            for step in 1..5 {
                let mut search = Search::new(values.iter().copied());
                let mut found = Vec::new();
                for end in (step..wire.len()).step_by(step).chain([wire.len()]) {
                    while let Some(at) = search.next(&wire[..end]) {
                        found.push(at);
                    }
                }
                assert_eq!(found, expected, "{values:?} in steps of {step}");
            }
        }
    }

    #[test]
    fn what_is_taken_off_is_not_searched_again() {
        let mut search = Search::new(*b";");
        assert_eq!(search.next(b"ab;c;"), Some(2));
        search.advance(3);
        assert_eq!(search.next(b"c;"), Some(1));
        assert_eq!(search.next(b"c;"), None);
        assert_eq!(search.next(b"ab;"), Some(2));
        search.advance(1);
        assert_eq!(search.next(b"b;"), None, "it was given");
        assert_eq!(search.afresh().next(b";"), Some(0));
        search.reset();
        assert_eq!(search.next(b";"), Some(0));
        search.reset();
        search.advance(1);
        assert_eq!(search.next(b"a;"), Some(1), "what is passed over may be unsearched");
    }
}
