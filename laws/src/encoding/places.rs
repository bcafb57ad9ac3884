//! Where characters are, found out by decoding alone.

use wirework_core::{DecodePolicy, FormatError, TextEncoding};

use super::decoded;

/// The places in some bytes where the bytes of a whole character stand, and those where a decoder of all begins one.
pub(super) struct Places<'a> {
    encoding: &'a dyn TextEncoding,
    bytes: &'a [u8],
    /// Whether the decoder stands here between two characters or malformed sequences. Unknown where there are escape sequences.
    between: Option<Vec<bool>>,
}

/// The bytes of a character.
#[derive(Clone, Copy, Debug)]
pub(super) struct Whole {
    pub(super) at: usize,
    pub(super) len: usize,
}

impl<'a> Places<'a> {
    pub(super) fn of(encoding: &'a dyn TextEncoding, bytes: &'a [u8]) -> Self {
        let between = if encoding.is_stateful() { None } else { Some(between(encoding, bytes)) };
        Self { encoding, bytes, between }
    }

    /// Whether a decoder of all is between two characters at `at`, where that is known.
    pub(super) fn is_between(&self, at: usize) -> Option<bool> {
        self.between.as_ref().map(|between| between.get(at).copied().unwrap_or_default())
    }

    /// Where the bytes of a character stand, whether or not they are one there.
    pub(super) fn whole(&self) -> impl Iterator<Item = Whole> {
        (0..self.bytes.len()).filter_map(|at| self.whole_at(at))
    }

    pub(super) fn whole_at(&self, at: usize) -> Option<Whole> {
        let lens = 1..=self.encoding.longest();
        let len = lens.take_while(|len| at + len <= self.bytes.len()).find(|len| {
            let own = &self.bytes[at..at + len];
            self.text(Whole { at, len: *len }).is_some_and(|text| {
                let mut characters = text.chars();
                match (characters.next(), characters.next()) {
                    (None, _) => false,
                    // An escape sequence and what it rules is no character.
                    (Some(one), None) if self.encoding.is_stateful() => {
                        self.encoding.spellings(one).iter().any(|spelling| spelling == own)
                    }
                    (_, second) => second.is_none() || !self.encoding.is_stateful(),
                }
            })
        })?;
        Some(Whole { at, len })
    }

    pub(super) fn bytes(&self, whole: Whole) -> &'a [u8] {
        &self.bytes[whole.at..whole.at + whole.len]
    }

    /// What these bytes are by themselves.
    pub(super) fn text(&self, whole: Whole) -> Option<String> {
        decoded(self.encoding, self.bytes(whole), DecodePolicy::Strict).ok()
    }

    /// The bytes of the first character that is not in ASCII.
    pub(super) fn first_beyond_ascii(&self) -> Option<Vec<u8>> {
        let beyond = |whole: &Whole| self.text(*whole).is_some_and(|text| !text.is_ascii());
        self.whole().find(beyond).map(|whole| self.bytes(whole).to_vec())
    }
}

/// Between two malformed sequences the text can be cut where both sides are text, and together the same.
fn between(encoding: &dyn TextEncoding, bytes: &[u8]) -> Vec<bool> {
    let strict = |bytes: &[u8]| decoded(encoding, bytes, DecodePolicy::Strict);
    let mut between = vec![false; bytes.len() + 1];
    between[bytes.len()] = true;
    let mut start = 0;
    while start < bytes.len() {
        let rest = &bytes[start..];
        let (len, malformed) = match strict(rest) {
            Err(FormatError::Malformed { offset, bytes, .. }) => (offset.min(rest.len()), bytes.len().max(1)),
            _ => (rest.len(), 1),
        };
        let text = strict(&rest[..len]).unwrap_or_default();
        for at in 0..=len {
            let sides = strict(&rest[..at]).and_then(|head| Ok(head + &strict(&rest[at..len])?));
            between[start + at] = sides.is_ok_and(|sides| sides == text);
        }
        start += len + malformed;
    }
    between
}
