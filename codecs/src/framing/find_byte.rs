//! Where a byte stands, one place after the other.

use fearless_simd::{Level, Simd, dispatch, prelude::*, u8x64};
use memchr::memchr;

/// The places of one byte in an input that grows at its end and is used up from its beginning, as a framing's is.
///
/// Where many are near each other, to call a search for each costs more than to look at the bytes. So it looks ahead of
/// what was asked for and keeps the places that it has seen; most calls take one of those. What is too short to look
/// ahead in is left to `memchr`.
#[derive(Clone, Debug)]
pub(crate) struct FindByte {
    byte: u8,
    level: Level,
    /// Which of the places comes out next, and how many there are.
    next: u8,
    count: u8,
    /// How far the search has come, counted from `base`.
    searched: u16,
    /// How many bytes the next look ahead takes in.
    ahead: u16,
    places: [u16; PLACES],
    /// Where places are counted from: an offset in the input. As the input is used up it wraps below 0, and so does a
    /// place that lies in what was used up: it is then beyond the end of any input.
    base: usize,
}

/// How many places are kept. A new look ahead is worth its call for a quarter of them.
const PLACES: usize = 32;

/// A cache line: a load that takes in parts of two is slower.
const BLOCK: usize = 64;

/// How many bytes are compared before asking whether any was equal: where the byte is rare, to ask costs more.
const GROUP: usize = 4 * BLOCK;
#[expect(clippy::cast_possible_truncation, reason = "256 of 65536")]
const GROUP_LEN: u16 = GROUP as u16;

/// A look ahead takes in this much at first, and twice as much each time that all of it was used: so a reset throws away
/// no more than was used before it, and this much, however often there is one.
const FIRST_AHEAD: u16 = GROUP_LEN;

/// And this much in the end: the frames in it are still in the nearest cache when they come out.
const MOST_AHEAD: u16 = 64 * GROUP_LEN;

impl FindByte {
    /// Looks for `byte`.
    pub(crate) fn new(byte: u8) -> Self {
        Self::with_level(byte, Level::new())
    }

    fn with_level(byte: u8, level: Level) -> Self {
        Self { byte, level, next: 0, count: 0, searched: 0, ahead: FIRST_AHEAD, places: [0; PLACES], base: 0 }
    }

    /// The offset of the next one in `input`, which is the input of the last call, or that and more. Each comes out once;
    /// `None` when no other has come yet.
    #[inline(always)] // A call costs as much as all the rest, where the byte is frequent.
    pub(crate) fn next(&mut self, input: &[u8]) -> Option<usize> {
        match self.seen(input) {
            Some(at) => {
                self.pass_seen();
                Some(at)
            }
            None => self.search(input),
        }
    }

    /// What [`next`](FindByte::next) is about to give, where that is known without a search.
    #[inline(always)]
    pub(crate) fn seen(&self, input: &[u8]) -> Option<usize> {
        Some(self.kept()).filter(|at| self.next < self.count && *at < input.len())
    }

    /// Tells that what was [seen](FindByte::seen) is given.
    #[inline(always)]
    pub(crate) fn pass_seen(&mut self) {
        self.next = self.next.wrapping_add(1);
    }

    /// Tells that the first `n` bytes of the input are used up: the next input begins behind them.
    #[inline]
    pub(crate) fn advance(&mut self, n: usize) {
        self.base = self.base.wrapping_sub(n);
    }

    /// Forgets the input: the next one is another.
    pub(crate) fn reset(&mut self) {
        *self = Self::with_level(self.byte, self.level);
    }

    #[inline(always)]
    #[expect(clippy::indexing_slicing, reason = "the remainder is always an index")]
    fn kept(&self) -> usize {
        self.base.wrapping_add(self.places[usize::from(self.next) % PLACES].into())
    }

    #[inline(never)]
    fn search(&mut self, input: &[u8]) -> Option<usize> {
        if self.next >= self.count && input.len() < GROUP {
            return self.search_short(input, self.from(input));
        }
        self.search_ahead(input)
    }

    #[inline(never)] // It would make `search` slower, in which a request that came alone is found.
    fn search_ahead(&mut self, input: &[u8]) -> Option<usize> {
        while self.next < self.count {
            let at = self.kept();
            self.next += 1;
            if at < input.len() {
                return Some(at);
            }
        }
        let mut from = self.from(input);
        loop {
            let rest = input.get(from..).unwrap_or_default();
            if rest.len() < GROUP || self.level.is_fallback() {
                return self.search_short(input, from);
            }
            // From where a cache line begins, if the input goes that far back.
            let again = (rest.as_ptr().addr() % BLOCK).min(from);
            self.base = from - again;
            let bytes = input.get(self.base..).unwrap_or_default();
            let bytes = bytes.get(..self.ahead.into()).unwrap_or(bytes);
            (self.count, self.searched) = look(self.level, self.byte, bytes, again, &mut self.places);
            if self.searched == self.ahead {
                self.ahead = self.ahead.saturating_mul(2).min(MOST_AHEAD);
            }
            if self.count > 0 {
                self.next = 1;
                return Some(self.base + usize::from(self.places[0]));
            }
            from = self.base + usize::from(self.searched);
        }
    }

    /// Where the search goes on: at the beginning, when more was used up than was searched.
    #[inline(always)]
    fn from(&self, input: &[u8]) -> usize {
        let from = self.base.wrapping_add(self.searched.into());
        if from <= input.len() { from } else { 0 }
    }

    /// What no places are kept for, because a look ahead costs more than it saves.
    #[inline(always)]
    fn search_short(&mut self, input: &[u8], from: usize) -> Option<usize> {
        let found = memchr(self.byte, input.get(from..).unwrap_or_default()).map(|at| from + at);
        self.searched = 0;
        self.base = found.map_or(input.len(), |at| at + 1);
        found
    }
}

/// The places of `byte` in the whole groups of `bytes`, without the first `again` bytes (fewer than a block): how many
/// there are, and how far it has come when those were all for which there is room.
#[inline(never)]
fn look(level: Level, byte: u8, bytes: &[u8], again: usize, places: &mut [u16; PLACES]) -> (u8, u16) {
    dispatch!(level, simd => look_with(simd, byte, bytes, again, places))
}

#[inline(always)] // Into each level's own code, which alone may use its instructions.
#[expect(clippy::cast_possible_truncation, reason = "a look ahead is at most 16 KiB, and keeps at most 32 places")]
fn look_with<S: Simd>(simd: S, byte: u8, bytes: &[u8], again: usize, places: &mut [u16; PLACES]) -> (u8, u16) {
    let wanted = u8x64::splat(simd, byte);
    let (blocks, _) = bytes.as_chunks::<BLOCK>();
    let (groups, _) = blocks.as_chunks::<{ GROUP / BLOCK }>();
    let mut wanted_bits = u64::MAX << (again % BLOCK);
    let mut count = 0;
    let mut begin = 0;
    for group in groups {
        let [a, b, c, d] = group.each_ref().map(|block| u8x64::from_slice(simd, block).simd_eq(wanted));
        if ((a | b) | (c | d)).any_true() {
            for (i, equal) in [a, b, c, d].into_iter().enumerate() {
                let mut bits = equal.to_bitmask() & wanted_bits;
                wanted_bits = u64::MAX;
                while bits != 0 {
                    let place = begin + (i * BLOCK) as u16 + bits.trailing_zeros() as u16;
                    let Some(free) = places.get_mut(count) else {
                        return (count as u8, place);
                    };
                    *free = place;
                    count += 1;
                    bits &= bits - 1;
                }
            }
        }
        wanted_bits = u64::MAX;
        begin += GROUP_LEN;
    }
    (count as u8, begin)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Those of this machine, from none up.
    fn levels() -> Vec<Level> {
        let levels = [Level::baseline(), Level::new()].into_iter();
        #[cfg(target_arch = "x86_64")]
        let levels = levels.chain(Level::new().as_sse4_2().map(Level::Sse4_2));
        levels.collect()
    }

    /// Numbers below a bound, always the same ones.
    fn numbers() -> impl FnMut(usize) -> usize {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        move |below| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as usize % below
        }
    }

    #[test]
    fn what_a_naive_search_finds_however_the_input_grows_and_is_used_up() {
        let mut below = numbers();
        for level in levels() {
            for round in 0..400 {
                let apart = [1, 2, 20, 300, 5000][round % 5];
                let wire: Vec<u8> = (0..40_000).map(|_| if below(apart) == 0 { b'\n' } else { b'x' }).collect();
                let growth = [1, 40, 1500, 40_000][round % 4];
                let mut find = FindByte::with_level(b'\n', level);
                // The input is `wire[begin..end]`, in which everything before `from` has come out.
                let (mut begin, mut end, mut from) = (0, 0, 0);
                while end < wire.len() {
                    end = (end + 1 + below(growth)).min(wire.len());
                    if growth == 1 && end < 39_000 {
                        end = end.max(39_000);
                    }
                    loop {
                        let expected = wire[from..end].iter().position(|byte| *byte == b'\n').map(|at| from + at);
                        assert_eq!(find.next(&wire[begin..end]).map(|at| begin + at), expected, "{level:?} {round}");
                        from = expected.map_or(end, |at| at + 1);
                        // Behind the place mostly, as lines do; or anywhere.
                        let used = match below(10) {
                            0 => begin + below(end - begin + 1),
                            1 => begin,
                            _ => from,
                        };
                        if expected.is_none() {
                            break;
                        }
                        find.advance(used - begin);
                        begin = used;
                        from = from.max(used);
                    }
                }
            }
        }
    }

    #[test]
    fn a_reset_forgets() {
        let mut find = FindByte::new(b'\n');
        let wire = b"x\n".repeat(1000);
        assert_eq!((find.next(&wire), find.next(&wire)), (Some(1), Some(3)));
        find.reset();
        assert_eq!(find.next(&wire), Some(1));
        find.reset();
        assert_eq!(find.next(&[b'x'; 1000]), None);
    }

    #[test]
    fn a_look_ahead_is_in_proportion_to_what_was_used() {
        for line in [1, 10, 100, 1000] {
            let mut find = FindByte::new(b'\n');
            let wire = [&b"x".repeat(line)[..], b"\n"].concat().repeat(40_000 / line);
            for used in (line..wire.len()).step_by(line + 1) {
                assert_eq!(find.next(&wire), Some(used));
                let searched = find.base + usize::from(find.searched);
                assert!(searched <= 2 * used + 2 * GROUP, "{searched} for {used}");
            }
        }
    }

    #[test]
    fn whoever_breaks_the_contract_gets_offsets_inside_of_the_input() {
        let mut below = numbers();
        for level in levels() {
            let mut find = FindByte::with_level(b'\n', level);
            for _ in 0..20_000 {
                let input = vec![if below(3) == 0 { b'\n' } else { b'x' }; below(2000)];
                assert!(find.next(&input).is_none_or(|at| at < input.len()));
                find.advance([below(3000), usize::MAX - below(3000), 0][below(3)]);
            }
        }
    }

    #[test]
    fn it_is_small_for_every_connection_has_one() {
        assert!(size_of::<FindByte>() <= 96, "{}", size_of::<FindByte>());
    }
}
