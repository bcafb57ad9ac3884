//! Delimiters and marks in damage that comes piece by piece.

use memchr::memmem;
use wirework_core::Tail;

/// A delimiter that is looked for in damage of which nothing is kept.
#[derive(Clone, Debug)]
pub(crate) struct Delimiter {
    pub(crate) bytes: Vec<u8>,
    /// How many of its first bytes were the last that came.
    begun: usize,
}

impl Delimiter {
    pub(super) fn new(bytes: &[u8]) -> Self {
        Self { bytes: bytes.to_vec(), begun: 0 }
    }

    /// Forgets what came before.
    pub(super) fn restart(&mut self) {
        self.begun = 0;
    }

    /// Where the delimiter ends for the first time in what comes next.
    pub(super) fn find(&mut self, bytes: &[u8]) -> Option<usize> {
        let begun = std::mem::take(&mut self.begun);
        // One that began before `bytes` ends before any that begins in them.
        let ends_here = (1..=begun).rev().find_map(|before| {
            let (had, missing) = self.bytes.split_at_checked(before)?;
            (self.bytes.get(begun - before..begun) == Some(had) && bytes.starts_with(missing)).then_some(missing.len())
        });
        let end = ends_here.or_else(|| memmem::find(bytes, &self.bytes).map(|at| at + self.bytes.len()));
        if end.is_none() {
            self.begun = self.begun_behind(begun, bytes);
        }
        end
    }

    /// How many of its first bytes are the last of `bytes`, before which its first `begun` bytes came.
    fn begun_behind(&self, begun: usize, bytes: &[u8]) -> usize {
        let is_end = |len: usize| match self.bytes.get(..len) {
            Some(head) if len <= bytes.len() => bytes.ends_with(head),
            Some(head) => {
                let before = len - bytes.len();
                before <= begun
                    && head.get(..before) == self.bytes.get(begun - before..begun)
                    && head.get(before..) == Some(bytes)
            }
            None => false,
        };
        let longest = self.bytes.len().saturating_sub(1).min(begun.saturating_add(bytes.len()));
        (1..=longest).rev().find(|len| is_end(*len)).unwrap_or(0)
    }
}

impl PartialEq for Delimiter {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Delimiter {}

/// Where the first mark begins in `bytes`, or might begin at their end; and whether it is all there. Where there is none,
/// where the bytes end.
pub(super) fn mark(bytes: &[u8], mark: &[u8], tail: Tail) -> (usize, bool) {
    if let Some(at) = memmem::find(bytes, mark) {
        return (at, true);
    }
    let longest = mark.len().saturating_sub(1).min(bytes.len());
    let begun = |len: &usize| mark.get(..*len).is_some_and(|head| bytes.ends_with(head));
    let held = if tail == Tail::Closed { 0 } else { (1..=longest).rev().find(begun).unwrap_or(0) };
    (bytes.len() - held, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delimiter_is_found_at_the_same_place_for_every_cut() {
        for delimiter in [&b"\n"[..], b"\r\n", b"aab", b"aaa", b"abab"] {
            for number in 0..4_usize.pow(7) {
                let letters = b"ab\r\n";
                let wire: Vec<u8> = (0..7).map(|place| letters[number >> (2 * place) & 3]).collect();
                let whole = memmem::find(&wire, delimiter).map(|at| at + delimiter.len());
                for cut in 0..=wire.len() {
                    let mut search = Delimiter::new(delimiter);
                    let (first, second) = wire.split_at(cut);
                    let found = search.find(first).or_else(|| search.find(second).map(|end| cut + end));
                    assert_eq!(found, whole, "{delimiter:?} in {wire:?} cut at {cut}");
                }
                let mut search = Delimiter::new(delimiter);
                let found = wire.iter().position(|byte| search.find(&[*byte]).is_some()).map(|at| at + 1);
                assert_eq!(found, whole, "{delimiter:?} in {wire:?} byte by byte");
            }
        }
    }

    #[test]
    fn a_mark_that_may_have_begun_is_waited_for() {
        assert_eq!(mark(b"xx\x10\x02y", b"\x10\x02", Tail::Open), (2, true));
        assert_eq!(mark(b"xx\x10", b"\x10\x02", Tail::Open), (2, false));
        assert_eq!(mark(b"xx\x10", b"\x10\x02", Tail::Closed), (3, false));
        assert_eq!(mark(b"\x10", b"\x10\x02", Tail::Open), (0, false));
        assert_eq!(mark(b"xxx", b"\x10\x02", Tail::Open), (3, false));
    }
}
