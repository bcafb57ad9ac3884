//! Lines and words of a head.

use std::ops::Range;

use memchr::{memchr, memchr2_iter, memmem};
use wirework_core::FrameError;

use super::Which;

/// The lines of `head`, without their ends.
pub(super) fn header_lines(head: &[u8]) -> Result<impl Iterator<Item = Range<usize>>, FrameError> {
    let crlf = memmem::find(head, b"\r\n").is_some();
    let alone = memchr2_iter(b'\r', b'\n', head).find(|at| match head.get(*at) {
        Some(b'\r') => head.get(at + 1) != Some(&b'\n'),
        _ => crlf && at.checked_sub(1).and_then(|before| head.get(before)) != Some(&b'\r'),
    });
    if let Some(at) = alone {
        return Err(FrameError::malformed(format!("a CR or LF stands alone at byte {at} of the head")));
    }
    let end_len = if crlf { 2 } else { 1 };
    let mut start = 0;
    Ok(std::iter::from_fn(move || {
        let rest = head.get(start..).filter(|rest| !rest.is_empty())?;
        let line = match memchr(b'\n', rest) {
            Some(lf) => start..start + (lf + 1).saturating_sub(end_len),
            None => start..head.len(),
        };
        start = line.end + end_len;
        Some(line)
    }))
}

/// `place` in `head` without blanks around it.
pub(super) fn trim(head: &[u8], place: Range<usize>) -> Range<usize> {
    let text = head.get(place.clone()).unwrap_or_default();
    let blank = |byte: &&u8| matches!(byte, b' ' | b'\t');
    let before = text.iter().take_while(blank).count();
    let behind = text.iter().skip(before).rev().take_while(blank).count();
    place.start + before..place.end - behind
}

/// What [`word`] finds.
pub(super) enum Word {
    Found(Range<usize>),
    Missing,
    OtherVerb,
}

pub(super) fn word(head: &[u8], which: Which, verbs: &[String]) -> Word {
    let mut start = 0;
    let mut words = std::iter::from_fn(|| {
        let rest = head.get(start..)?;
        let before = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let len = rest.iter().skip(before).take_while(|byte| !parts_words(**byte)).count();
        let word = start + before..start + before + len;
        start = word.end;
        (len > 0).then_some(word)
    });
    let Some(first) = words.next() else { return Word::OtherVerb };
    let verb = head.get(first).unwrap_or_default();
    if !verbs.iter().any(|wanted| verb.eq_ignore_ascii_case(wanted.as_bytes())) {
        return Word::OtherVerb;
    }
    let word = match which {
        Which::Nth(number) => number.checked_sub(2).and_then(|skipped| words.nth(skipped)),
        Which::Last => words.last(),
    };
    word.map_or(Word::Missing, Word::Found)
}

/// Whether a word ends before this byte; CR and LF end the line as well.
pub(super) fn parts_words(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}
