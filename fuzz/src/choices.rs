//! Choices, made by the last bytes of an input.

/// Choices, made by the last bytes of an input, read backwards: what stands in front stays where it is when a choice more is
/// made, so that a mutation changes one of the two and not both.
pub(crate) struct Choices<'a>(&'a [u8]);

impl<'a> Choices<'a> {
    pub(crate) fn new(input: &'a [u8]) -> Self {
        Self(input)
    }

    /// The next byte; 0 when there are no more.
    pub(crate) fn byte(&mut self) -> u8 {
        let Some((last, rest)) = self.0.split_last() else { return 0 };
        self.0 = rest;
        *last
    }

    /// A number below `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        usize::from(self.byte()) % n.max(1)
    }

    /// Whether something happens that happens once in `n` times, and never when there are no more bytes.
    pub(crate) fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == n - 1
    }

    pub(crate) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// All bytes that have chosen nothing.
    pub(crate) fn rest(self) -> &'a [u8] {
        self.0
    }
}
