//! Where the first end of a frame is.

use std::sync::Arc;

use wirework_core::{ComposeError, TextEncoding};

use super::end::End;
use super::progress::Progress;
use super::spelt::{Payloads, Spelt, Terminator};
use crate::framing::search::Search;

/// The terminators of a frame as they stand on the wire.
#[derive(Clone, Debug)]
pub(crate) struct Terminators {
    spelt: Arc<Spelt>,
    rule: Rule,
}

/// How to tell, for the most frequent sets, whether a byte that may end a terminator does: LF, CR LF, and either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Rule {
    /// The last byte of them all.
    last: Option<u8>,
    /// It does by itself.
    alone: bool,
    /// It does behind this byte, which then belongs to the terminator.
    pair: Option<u8>,
    /// It does behind some bytes, of which the text knows.
    behind: bool,
}

/// The end of a frame: how long it is with its terminator, and how long the terminator. The first never waits for the
/// second, so that the next frame can be looked for before the length of this one's terminator is known.
pub(crate) type Found = (usize, usize);

impl AsRef<Self> for Terminators {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl Terminators {
    /// Those of payloads that are no text.
    pub(crate) fn new(ends: &[End]) -> Self {
        Self::of(Spelt::bytes(ends))
    }

    /// Those of payloads of text.
    pub(crate) fn in_text(ends: &[End], payloads: Payloads<'_>) -> Result<Self, ComposeError> {
        Ok(Self::of(Spelt::in_text(ends, payloads)?))
    }

    fn of(spelt: Spelt) -> Self {
        let rule = match &*spelt.list {
            [one] if spelt.text.is_some() && one.rule().alone => Rule { behind: true, ..Rule::default() },
            _ if spelt.text.is_some() || spelt.doubled.is_some() => Rule::default(),
            [one] => one.rule(),
            [a, b] if a.bytes.last() == b.bytes.last() => match (a.rule(), b.rule()) {
                (Rule { alone: true, .. }, rule @ Rule { pair: Some(_), .. })
                | (rule @ Rule { pair: Some(_), .. }, Rule { alone: true, .. }) => Rule { alone: true, ..rule },
                _ => Rule::default(),
            },
            _ => Rule::default(),
        };
        Self { spelt: Arc::new(spelt), rule }
    }

    /// The terminator that is sent.
    pub(crate) fn sent(&self) -> &[u8] {
        &self.spelt.sent
    }

    /// How long the longest is.
    pub(crate) fn longest(&self) -> usize {
        self.spelt.list.first().map_or(0, |longest| longest.bytes.len())
    }

    /// How many bytes behind a terminator must come before it is known to be one.
    pub(crate) fn lookahead(&self) -> usize {
        self.spelt.text.as_ref().map_or(0, |encoding| encoding.longest())
    }

    /// A search for them, in nothing yet.
    pub(crate) fn progress(&self) -> Progress {
        let behind = self.spelt.behind;
        let searched = self.spelt.list.iter().filter_map(|Terminator { bytes, .. }| bytes.iter().rev().nth(behind));
        Progress::new(Search::new(searched.copied()))
    }

    /// The first end of any terminator in `bytes`, which begin a frame; of those that end there the longest counts.
    pub(crate) fn find(&self, progress: &mut Progress, bytes: &[u8]) -> Option<Found> {
        let last = progress.next(bytes)?;
        self.find_from(progress, bytes, last)
    }

    /// As [`find`](Terminators::find), when the search has come to `bytes[last]`.
    pub(crate) fn find_from(&self, progress: &mut Progress, bytes: &[u8], mut last: usize) -> Option<Found> {
        loop {
            let end = last + 1 + self.spelt.behind;
            let len = match (self.rule, &self.spelt.text) {
                _ if end > bytes.len() => {
                    progress.wait_at(last);
                    return None;
                }
                (Rule { alone: false, pair: None, .. }, None) => {
                    self.longest_at_the_end(bytes.get(..end).unwrap_or_default())
                }
                (_, None) => self.short(bytes, last),
                (_, Some(encoding)) => match self.characters_at_the_end(&**encoding, progress, bytes, end) {
                    Some(len) => len,
                    None => {
                        progress.wait_at(last);
                        return None;
                    }
                },
            };
            if let Some(len) = len {
                return Some((end, len));
            }
            last = progress.next(bytes)?;
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
        let alone = self.rule.alone || self.rule.behind && before.is_some_and(|byte| self.spelt.is_plain_behind(*byte));
        alone.then_some(1)
    }

    /// The first end in a few bytes, which begin a frame, if that is easily told.
    #[inline]
    pub(crate) fn near(&self, bytes: &[u8]) -> Option<Found> {
        let searched = self.rule.last?;
        let last = bytes.iter().position(|byte| *byte == searched)?;
        Some((last + 1, self.short(bytes, last)?))
    }

    /// The length of the longest terminator with which `bytes` end.
    fn longest_at_the_end(&self, bytes: &[u8]) -> Option<usize> {
        let ends = |terminator: &&Terminator| self.ends_with(bytes, terminator, &terminator.bytes);
        self.spelt.list.iter().find(ends).map(|terminator| terminator.bytes.len())
    }

    /// The length of the longest terminator that ends at `end`, and is there what it is in text of this encoding; or `None` when
    /// that cannot be told yet.
    fn characters_at_the_end(
        &self,
        encoding: &dyn TextEncoding,
        progress: &mut Progress,
        bytes: &[u8],
        end: usize,
    ) -> Option<Option<usize>> {
        let whole = bytes.get(..end).unwrap_or_default();
        for terminator in
            self.spelt.list.iter().filter(|terminator| self.ends_with(whole, terminator, &terminator.bytes))
        {
            let (len, longest) = (terminator.bytes.len(), self.longest());
            if len < longest {
                // The next one may begin before this one, but not before the longest.
                let _ = progress.begins_at(encoding, bytes, end.saturating_sub(longest), true);
            }
            let start = end.saturating_sub(len);
            // Where escape sequences say what bytes are, those behind the first may be others than they look, as `\` is `¥` in
            // the Roman set of JIS X 0201. Delimiters are then characters of one byte each.
            let mut behind_first = if encoding.is_stateful() { start + 1..end } else { end..end };
            if progress.begins_at(encoding, bytes, start, len == longest)?
                && behind_first.all(|at| progress.begins_at(encoding, bytes, at, false) == Some(true))
            {
                // What escape sequences before it say goes on behind it.
                let _ = progress.begins_at(encoding, bytes, start, true);
                return Some(Some(len));
            }
        }
        Some(None)
    }

    /// Why a payload of `bytes[..start]`, of which the end was found, may not be sent, if that is so: a decoder would read what
    /// comes behind it otherwise.
    pub(crate) fn unsettled(&self, progress: &Progress, bytes: &[u8], start: usize) -> Option<&'static str> {
        let text = self.spelt.text.as_ref()?;
        let is_at_rest = progress.is_at_rest(&**text, bytes, start);
        (!is_at_rest).then_some("the payload ends behind an escape sequence, which says what the bytes behind it are")
    }

    /// What a payload lacks behind which a terminator is none, where it must be a character.
    pub(crate) fn lacking(&self) -> Option<&'static str> {
        let why = "the payload ends within a character or behind an escape sequence, where no terminator is one";
        self.spelt.text.is_some().then_some(why)
    }

    /// How many bytes at the end of `bytes`, in which none was found, may be the beginning of a terminator.
    pub(crate) fn begun(&self, progress: &Progress, bytes: &[u8]) -> usize {
        let begun = |terminator: &Terminator| {
            let beginnings = (1..terminator.bytes.len()).rev().filter_map(|len| terminator.bytes.get(..len));
            beginnings.into_iter().find(|part| self.ends_with(bytes, terminator, part)).map_or(0, <[u8]>::len)
        };
        let waiting = progress.waits_at().map_or(0, |last| self.begun_at(bytes, last));
        self.spelt.list.iter().map(begun).max().unwrap_or_default().max(waiting)
    }

    /// The same of a terminator of which the byte that is searched for stands at `last`, when it cannot be told yet.
    fn begun_at(&self, bytes: &[u8], last: usize) -> usize {
        let (come, rest) = bytes.split_at_checked(last.saturating_add(1)).unwrap_or((bytes, &[]));
        let begun = self.spelt.list.iter().filter_map(|terminator| {
            let len = terminator.bytes.len().checked_sub(self.spelt.behind)?;
            self.ends_with(come, terminator, terminator.bytes.get(..len)?).then_some(len)
        });
        begun.max().unwrap_or_default().saturating_add(rest.len())
    }

    /// Whether `bytes` end with `part`, which begins `terminator`, and one may begin there.
    fn ends_with(&self, bytes: &[u8], terminator: &Terminator, part: &[u8]) -> bool {
        let Some(payload) = bytes.strip_suffix(part) else { return false };
        if let Some(line_end) = &terminator.line_end
            && !payload.is_empty()
            && !payload.ends_with(line_end)
        {
            return false;
        }
        // A terminator goes on with another byte, so that no run is counted for two of them.
        match (self.spelt.doubled, part.first()) {
            (Some(doubled), Some(first)) if *first == doubled => {
                payload.iter().rev().take_while(|byte| **byte == doubled).count() % 2 == 0
            }
            _ => true,
        }
    }

    /// Whether each of them can end a frame.
    pub(crate) fn validate(&self) -> Result<(), ComposeError> {
        self.spelt.validate()
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
        *self = Self::of(self.spelt.behind_doubled(doubled)?);
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
    /// The rule when it is the only one.
    fn rule(&self) -> Rule {
        match *self.bytes {
            [last] if self.line_end.is_none() => Rule { last: Some(last), alone: true, ..Rule::default() },
            [first, last] if self.line_end.is_none() => Rule { last: Some(last), pair: Some(first), ..Rule::default() },
            _ => Rule::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl PartialEq for Terminators {
        fn eq(&self, other: &Self) -> bool {
            let told = |terminators: &Self| (terminators.spelt.list.clone(), terminators.spelt.doubled);
            self.spelt.sent == other.spelt.sent && told(self) == told(other)
        }
    }

    impl Eq for Terminators {}

    fn terminators(list: &[&str]) -> Terminators {
        Terminators::new(&list.iter().copied().map(End::new).collect::<Vec<_>>())
    }

    fn line(line: &[u8]) -> Terminators {
        Terminators::new(&[End::line(line)])
    }

    fn find(terminators: &Terminators, bytes: &[u8]) -> Option<Found> {
        terminators.find(&mut terminators.progress(), bytes)
    }

    fn begun(terminators: &Terminators, bytes: &[u8]) -> usize {
        terminators.begun(&terminators.progress(), bytes)
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
                let found = find(&slow, &bytes);
                assert_eq!(find(&fast, &bytes), found, "{list:?} {bytes:?}");
                let near = fast.near(&bytes);
                assert!(near.is_none() || near == found, "{list:?} {bytes:?} {near:?}");
            }
        }
        assert_eq!(terminators(&["\n", "ab"]).rule, Rule::default());
        assert_eq!(terminators(&["\r\n", "\n"]).near(b"$5\r\n"), Some((4, 2)));
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
        let refused = line(b"a\r\nb").validate().unwrap_err();
        assert!(refused.to_string().contains("holds a CR LF"), "{refused}");
        line(b"a\r").validate().unwrap();
    }

    #[test]
    fn a_terminator_behind_an_odd_number_of_doubled_bytes_is_none() {
        let mut dle_etx = terminators(&["\x10\x03", ";"]);
        dle_etx.set_doubled(0x10).unwrap();
        assert_eq!(find(&dle_etx, b"\x10\x10\x03\x10\x03"), Some((5, 2)));
        assert_eq!(find(&dle_etx, b"\x10\x10\x10\x03"), Some((4, 2)));
        assert_eq!(find(&dle_etx, b"\x10;"), Some((2, 1)));
        assert_eq!((begun(&dle_etx, b"a\x10"), begun(&dle_etx, b"a\x10\x10"), begun(&dle_etx, b"a")), (1, 0, 0));
        for list in [&["\x10"][..], &["\x10\x10\x03"], &["a\x10"], &[";", "\x10"]] {
            let refused = terminators(list).set_doubled(0x10).unwrap_err();
            assert!(refused.to_string().contains("a doubled 10"), "{refused}");
        }
        assert!(line(b"").set_doubled(b'\r').is_err());
        let mut newline = terminators(&["\n"]);
        newline.set_doubled(0x10).unwrap();
        assert_eq!(newline, terminators(&["\n"]), "what concerns no terminator changes nothing");
    }

    #[test]
    fn the_longest_beginning_at_the_end() {
        let list = terminators(&["abab", "bx"]);
        for (bytes, len) in [("", 0), ("x", 0), ("a", 1), ("ab", 2), ("xaba", 3), ("abb", 1)] {
            assert_eq!(begun(&list, bytes.as_bytes()), len, "{bytes:?}");
        }
        let line = line(b".");
        for (bytes, len) in [("a.", 0), (".", 1), ("a\r\n.\r", 2), ("a\n.\r", 0)] {
            assert_eq!(begun(&line, bytes.as_bytes()), len, "{bytes:?}");
        }
    }
}
