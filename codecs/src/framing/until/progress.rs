//! How far the search for the end of a frame has come.

use wirework_core::{Cursor, TextEncoding};

use crate::framing::search::Search;

/// How far the search for the end of a frame has come: what has been looked at once is not looked at again.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    search: Search,
    /// Where a character is known to begin, where that matters.
    cursor: Cursor,
    /// The last byte of what may be a terminator, when that depends on bytes that have not come.
    waiting: Option<usize>,
}

impl Progress {
    pub(super) fn new(search: Search) -> Self {
        Self { search, cursor: Cursor::default(), waiting: None }
    }

    /// A search for the same in something else. Allocates nothing.
    pub(crate) fn afresh(&self) -> Self {
        Self::new(self.search.afresh())
    }

    /// Where in `input` the next byte stands that may be the last of a terminator.
    #[inline(always)]
    pub(crate) fn next(&mut self, input: &[u8]) -> Option<usize> {
        match self.waiting.take() {
            None => self.search.next(input),
            waiting => waiting,
        }
    }

    /// What [`next`](Progress::next) is about to give, where that is known without a search.
    #[inline(always)]
    pub(crate) fn seen(&self, input: &[u8]) -> Option<usize> {
        if self.waiting.is_some() { None } else { self.search.seen(input) }
    }

    /// Tells that what was [seen](Progress::seen) ends a frame of so many bytes.
    #[inline(always)]
    pub(crate) fn pass_seen(&mut self, advance: usize) {
        self.search.pass_seen();
        self.search.advance(advance);
        self.cursor.advance(advance);
    }

    /// Tells that whether a terminator ends with the byte at `last` depends on bytes that have not come.
    pub(super) fn wait_at(&mut self, last: usize) {
        self.waiting = Some(last);
    }

    pub(super) fn waits_at(&self) -> Option<usize> {
        self.waiting
    }

    /// Whether a character begins at `start`. Where nothing before it will be asked about, that is kept.
    pub(super) fn begins_at(
        &mut self,
        encoding: &dyn TextEncoding,
        bytes: &[u8],
        start: usize,
        keep: bool,
    ) -> Option<bool> {
        let mut cursor = self.cursor;
        // What was kept may lie behind it by a part of a character, inside of which it then stands.
        let begins = if start < cursor.at { Some(false) } else { encoding.begins_at(bytes, start, &mut cursor) };
        if keep {
            self.cursor = cursor;
        }
        begins
    }

    /// Whether a decoder stands at `start` as it does at the beginning of a text.
    pub(super) fn is_at_rest(&self, encoding: &dyn TextEncoding, bytes: &[u8], start: usize) -> bool {
        let mut cursor = self.cursor;
        encoding.begins_at(bytes, start, &mut cursor).is_some() && cursor.shift == Cursor::default().shift
    }

    /// Tells that the next input begins `n` bytes further on.
    #[inline(always)]
    pub(crate) fn advance(&mut self, n: usize) {
        self.search.advance(n);
        self.cursor.advance(n);
        self.waiting = None;
    }

    /// Tells that the next input has nothing to do with the last one.
    pub(crate) fn reset(&mut self) {
        *self = self.afresh();
    }
}
