//! What ends a frame, and where the first end is.

use std::sync::Arc;

use wirework_core::{ComposeError, Hex, TextEncoding};

use crate::framing::search::Search;

/// The terminators of a frame, in the order in which they were named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Terminators {
    list: Arc<[Terminator]>,
    /// The byte that a layer writes twice: a terminator that begins with it begins behind an even number of them.
    doubled: Option<u8>,
    rule: Rule,
    longest: usize,
}

/// What ends a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Terminator {
    pub(crate) bytes: Vec<u8>,
    /// Whether it must be a whole line: at the start of the frame, or behind a CR LF.
    pub(crate) whole_line: bool,
}

/// How to tell, for the most frequent sets, whether a byte that may end a terminator does: LF, CR LF, and either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Rule {
    /// It does by itself.
    alone: bool,
    /// It does behind this byte, which then belongs to the terminator.
    pair: Option<u8>,
}

/// The end of a frame: how long it is with its terminator, and how long the terminator. The first never waits for the
/// second, so that the next frame can be looked for before the length of this one's terminator is known.
pub(crate) type Found = (usize, usize);

impl Terminators {
    pub(crate) fn new(list: impl IntoIterator<Item = Terminator>) -> Self {
        Self::of(list.into_iter().collect(), None)
    }

    fn of(list: Arc<[Terminator]>, doubled: Option<u8>) -> Self {
        let rule = match (&*list, doubled) {
            ([one], None) => one.rule(),
            ([a, b], None) if a.bytes.last() == b.bytes.last() => match (a.rule(), b.rule()) {
                (Rule { alone: true, .. }, rule @ Rule { pair: Some(_), .. })
                | (rule @ Rule { pair: Some(_), .. }, Rule { alone: true, .. }) => Rule { alone: true, ..rule },
                _ => Rule::default(),
            },
            _ => Rule::default(),
        };
        let longest = list.iter().map(|terminator| terminator.bytes.len()).max().unwrap_or_default();
        Self { list, doubled, rule, longest }
    }

    pub(crate) fn or(&self, other: Terminator) -> Self {
        Self::of(self.list.iter().cloned().chain([other]).collect(), self.doubled)
    }

    /// All of them.
    pub(crate) fn list(&self) -> &[Terminator] {
        &self.list
    }

    /// The terminator that is sent.
    pub(crate) fn first(&self) -> &[u8] {
        self.list.first().map_or(&[], |first| &first.bytes)
    }

    /// Whether the one that is sent must be a whole line.
    pub(crate) fn first_is_line(&self) -> bool {
        self.list.first().is_some_and(|first| first.whole_line)
    }

    /// How long the longest is.
    pub(crate) fn longest(&self) -> usize {
        self.longest
    }

    /// A search for the bytes with which they end, for [`find`](Terminators::find).
    pub(crate) fn search(&self) -> Search {
        Search::new(self.list.iter().filter_map(|terminator| terminator.bytes.last().copied()))
    }

    /// The first end of any terminator in `bytes`, which begin a frame; of those that end there the longest counts.
    pub(crate) fn find(&self, search: &mut Search, bytes: &[u8]) -> Option<Found> {
        let last = search.next(bytes)?;
        self.find_from(search, bytes, last)
    }

    /// As [`find`](Terminators::find), when the search has come to `bytes[last]`.
    pub(crate) fn find_from(&self, search: &mut Search, bytes: &[u8], mut last: usize) -> Option<Found> {
        loop {
            let end = last + 1;
            let len = match self.rule {
                Rule { alone: false, pair: None } => self.longest_at_the_end(bytes.get(..end).unwrap_or_default()),
                _ => self.short(bytes, last),
            };
            if let Some(len) = len {
                return Some((end, len));
            }
            last = search.next(bytes)?;
        }
    }

    /// The length of the terminator that ends with `bytes[last]`, to which the search has come, if that is easily told:
    /// for the most frequent terminators it is. Otherwise [`find_from`](Terminators::find_from) knows.
    #[inline(always)] // as `Driver::pull`: it is part of what a short frame takes
    pub(crate) fn short(&self, bytes: &[u8], last: usize) -> Option<usize> {
        let before = last.checked_sub(1).and_then(|before| bytes.get(before));
        if self.rule.pair.is_some() && before == self.rule.pair.as_ref() {
            return Some(2);
        }
        self.rule.alone.then_some(1)
    }

    /// The length of the longest terminator with which `bytes` end.
    fn longest_at_the_end(&self, bytes: &[u8]) -> Option<usize> {
        let ends = |terminator: &&Terminator| self.ends_with(bytes, terminator, &terminator.bytes);
        self.list.iter().filter(ends).map(|terminator| terminator.bytes.len()).max()
    }

    /// How many bytes at the end of `bytes`, in which none was found, may be the beginning of a terminator.
    pub(crate) fn begun(&self, bytes: &[u8]) -> usize {
        let begun = |terminator: &Terminator| {
            let beginnings = (1..terminator.bytes.len()).rev().filter_map(|len| terminator.bytes.get(..len));
            beginnings.into_iter().find(|part| self.ends_with(bytes, terminator, part)).map_or(0, <[u8]>::len)
        };
        self.list.iter().map(begun).max().unwrap_or_default()
    }

    /// Whether `bytes` end with `part`, which begins `terminator`, and one may begin there.
    fn ends_with(&self, bytes: &[u8], terminator: &Terminator, part: &[u8]) -> bool {
        let Some(payload) = bytes.strip_suffix(part) else { return false };
        if terminator.whole_line && !payload.is_empty() && !payload.ends_with(b"\r\n") {
            return false;
        }
        // A terminator goes on with another byte, so that no run is counted for two of them.
        match (self.doubled, part.first()) {
            (Some(doubled), Some(first)) if *first == doubled => {
                payload.iter().rev().take_while(|byte| **byte == doubled).count() % 2 == 0
            }
            _ => true,
        }
    }

    /// Whether each of them can end a frame.
    pub(crate) fn validate(&self) -> Result<(), ComposeError> {
        if self.list.is_empty() {
            return Err(ComposeError::new(
                "without a terminator nothing ends a frame; name one, as in Until::new(b\"\\n\"), or use Rest for all \
                 that comes",
            ));
        }
        for terminator in &*self.list {
            let bytes = &terminator.bytes;
            if bytes.is_empty() {
                return Err(ComposeError::new(
                    "an empty terminator ends every frame before it begins; name the bytes that end one",
                ));
            }
            if terminator.whole_line && bytes.windows(2).position(|pair| pair == b"\r\n") != bytes.len().checked_sub(2)
            {
                return Err(ComposeError::new(format!(
                    "the line {} holds a CR LF itself; name the last line alone",
                    Hex(bytes)
                )));
            }
            let inside = bytes.split_last().map_or(&[][..], |(_, inside)| inside);
            if let Some(earlier) = self.list.iter().find(|other| holds(inside, &other.bytes)) {
                return Err(ComposeError::new(format!(
                    "the terminator {} is never found, because {} stands in it and ends the frame first; leave one of \
                     them out",
                    Hex(bytes),
                    Hex(&earlier.bytes)
                )));
            }
        }
        Ok(())
    }

    /// Whether each of their bytes is nothing else in this encoding.
    pub(crate) fn check_encoding(&self, encoding: &dyn TextEncoding) -> Result<(), ComposeError> {
        let bytes = self.list.iter().flat_map(|terminator| terminator.bytes.iter().copied());
        let mut doubtful: Vec<u8> = bytes.filter(|byte| !encoding.is_plain(*byte)).collect();
        doubtful.sort_unstable();
        doubtful.dedup();
        if doubtful.is_empty() {
            return Ok(());
        }
        Err(ComposeError::new(format!(
            "the end of a frame of {} cannot be told by {}, which can be part of other characters or mean something else \
             after an escape sequence; use a length prefix",
            encoding.name(),
            Hex(&doubtful)
        )))
    }

    /// As they are where a layer writes `doubled` twice, if they can be told then; [`set_doubled`](Self::set_doubled) says.
    pub(crate) fn doubling(&self, doubled: u8) -> Self {
        let mut told = self.clone();
        match told.set_doubled(doubled) {
            Ok(()) => told,
            Err(_) => self.clone(),
        }
    }

    /// Learns that a layer writes `doubled` twice wherever it stands in a payload.
    pub(crate) fn set_doubled(&mut self, doubled: u8) -> Result<(), ComposeError> {
        for Terminator { bytes, whole_line } in &*self.list {
            let told = match &**bytes {
                [first, second, ..] if *first == doubled => *second != doubled && !whole_line,
                _ => !bytes.contains(&doubled),
            };
            if !told {
                return Err(ComposeError::new(format!(
                    "the terminator {} cannot be told from a doubled {doubled:02X}; take one without that byte, or one \
                     that begins with it and goes on with another",
                    Hex(bytes)
                )));
            }
        }
        if self.list.iter().any(|terminator| terminator.bytes.contains(&doubled)) {
            *self = Self::of(self.list.clone(), Some(doubled));
        }
        Ok(())
    }

    /// The name of the one that is `bytes`, for an error.
    pub(crate) fn name(bytes: &[u8]) -> &'static str {
        match bytes {
            b"\n" => "LF",
            b"\r" => "CR",
            b"\r\n" => "CR LF",
            b"\0" => "NUL",
            _ => "a terminator",
        }
    }
}

impl Terminator {
    pub(crate) fn bytes(bytes: impl AsRef<[u8]>) -> Self {
        Self { bytes: bytes.as_ref().to_vec(), whole_line: false }
    }

    /// The line `line` with its CR LF.
    pub(crate) fn line(line: &[u8]) -> Self {
        Self { bytes: [line, b"\r\n"].concat(), whole_line: true }
    }

    /// The rule when it is the only one.
    fn rule(&self) -> Rule {
        match *self.bytes {
            [_] if !self.whole_line => Rule { alone: true, pair: None },
            [first, _] if !self.whole_line => Rule { alone: false, pair: Some(first) },
            _ => Rule::default(),
        }
    }
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    !part.is_empty() && bytes.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terminators(list: &[&str]) -> Terminators {
        Terminators::new(list.iter().map(Terminator::bytes))
    }

    fn find(terminators: &Terminators, bytes: &[u8]) -> Option<Found> {
        terminators.find(&mut terminators.search(), bytes)
    }

    #[test]
    fn the_first_end_counts_and_there_the_longest() {
        for (list, bytes, found) in [
            (&["|"][..], "a|b|", Some((2, 1))),
            (&["ab"], "aab", Some((3, 2))),
            (&["aa"], "aaa", Some((2, 2))),
            (&["\n", "\r\n"], "a\r\n", Some((3, 2))),
            (&["\r\n", "\n"], "a\n", Some((2, 1))),
            (&["\n", "\r\n"], "\n", Some((1, 1))),
            (&["ab", "bc"], "abc", Some((2, 2))),
            (&["c", "bc", "abc"], "xabc", Some((4, 3))),
            (&["END", ";"], "EN;", Some((3, 1))),
            (&["ab", "xyz"], "a b xy z", None),
            (&[], "a", None),
            (&[""], "a", None),
        ] {
            assert_eq!(find(&terminators(list), bytes.as_bytes()), found, "{list:?} {bytes:?}");
        }
    }

    #[test]
    fn a_rule_finds_what_looking_finds() {
        for list in [&["\n"][..], &["\r\n"], &["\r\n", "\n"], &["aa"]] {
            let fast = terminators(list);
            let slow = Terminators { rule: Rule::default(), ..fast.clone() };
            assert_ne!(fast.rule, slow.rule);
            for number in 0..4u32.pow(6) {
                let bytes: Vec<u8> = (0..6).map(|place| b"\r\nab"[(number >> (2 * place)) as usize % 4]).collect();
                assert_eq!(find(&fast, &bytes), find(&slow, &bytes), "{list:?} {bytes:?}");
            }
        }
        assert_eq!(terminators(&["\n", "ab"]).rule, Rule::default());
    }

    #[test]
    fn a_terminator_that_is_never_found_is_refused() {
        for (list, reason) in [
            (&[][..], "Rest"),
            (&["a", ""], "empty"),
            (&["abc", "ab"], "61 62 63 is never found"),
            (&["ab", "xabx"], "61 62 stands in it"),
        ] {
            let refused = terminators(list).validate().unwrap_err();
            assert!(refused.to_string().contains(reason), "{refused}");
        }
        for list in [&["\n", "\r\n"][..], &["aa"], &["abab"], &["ab", "ba"], &["a", "a"]] {
            terminators(list).validate().unwrap();
        }
        let refused = Terminators::new([Terminator::line(b"a\r\nb")]).validate().unwrap_err();
        assert!(refused.to_string().contains("holds a CR LF"), "{refused}");
        Terminators::new([Terminator::line(b"a\r")]).validate().unwrap();
    }

    #[test]
    fn a_terminator_behind_an_odd_number_of_doubled_bytes_is_none() {
        let mut dle_etx = terminators(&["\x10\x03", ";"]);
        dle_etx.set_doubled(0x10).unwrap();
        assert_eq!(find(&dle_etx, b"\x10\x10\x03\x10\x03"), Some((5, 2)));
        assert_eq!(find(&dle_etx, b"\x10\x10\x10\x03"), Some((4, 2)));
        assert_eq!(find(&dle_etx, b"\x10;"), Some((2, 1)));
        assert_eq!((dle_etx.begun(b"a\x10"), dle_etx.begun(b"a\x10\x10"), dle_etx.begun(b"a")), (1, 0, 0));
        for list in [&["\x10"][..], &["\x10\x10\x03"], &["a\x10"], &[";", "\x10"]] {
            let refused = terminators(list).set_doubled(0x10).unwrap_err();
            assert!(refused.to_string().contains("a doubled 10"), "{refused}");
        }
        assert!(Terminators::new([Terminator::line(b"")]).set_doubled(b'\r').is_err());
        let mut newline = terminators(&["\n"]);
        newline.set_doubled(0x10).unwrap();
        assert_eq!(newline, terminators(&["\n"]), "what concerns no terminator changes nothing");
    }

    #[test]
    fn the_longest_beginning_at_the_end() {
        let list = terminators(&["abab", "bx"]);
        for (bytes, begun) in [("", 0), ("x", 0), ("a", 1), ("ab", 2), ("xaba", 3), ("abb", 1)] {
            assert_eq!(list.begun(bytes.as_bytes()), begun, "{bytes:?}");
        }
        let line = Terminators::new([Terminator::line(b".")]);
        for (bytes, begun) in [("a.", 0), (".", 1), ("a\r\n.\r", 2), ("a\n.\r", 0)] {
            assert_eq!(line.begun(bytes.as_bytes()), begun, "{bytes:?}");
        }
    }
}
