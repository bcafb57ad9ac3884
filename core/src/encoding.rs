//! Text as bytes, and which bytes are whole characters.

use std::fmt;
use std::sync::Arc;

use bytes::BytesMut;

use crate::{EncodeError, FormatError, TextKept};

/// A text encoding, such as UTF-8 or GBK.
///
/// What is malformed or cannot be written is never guessed at: the caller says what happens to it. A byte-order mark is a
/// character like any other; it never switches to another encoding.
pub trait TextEncoding: fmt::Debug + Send + Sync {
    /// The name, as a peer or a configuration would write it.
    fn name(&self) -> &str;

    /// Appends the text that all of `bytes` make to `text`. A character that the bytes begin and do not finish is
    /// malformed.
    fn decode(&self, bytes: &[u8], policy: DecodePolicy, text: &mut String) -> Result<(), FormatError>;

    /// Appends the bytes that make `text` to `out`.
    fn encode(&self, text: &str, policy: EncodePolicy, out: &mut BytesMut) -> Result<(), EncodeError>;

    /// The bytes themselves, where they are the same text in UTF-8.
    fn as_utf8<'a>(&self, bytes: &'a [u8]) -> Option<&'a str> {
        let _ = bytes;
        None
    }

    /// How many bytes at the end begin a character that they do not finish. `bytes` begin with a whole character.
    fn unfinished(&self, bytes: &[u8]) -> usize;

    /// How many bytes the longest character takes.
    fn longest(&self) -> usize;

    /// Every way to write `character` in this encoding; none if it lacks it. Some have two for one: `€` is `80` and `A2 E3`
    /// in GBK. The first is what [`encode`](TextEncoding::encode) writes, if it writes the character at all: some are only read.
    fn spellings(&self, character: char) -> Vec<Vec<u8>> {
        let mut written = BytesMut::new();
        match self.encode(character.encode_utf8(&mut [0; 4]), EncodePolicy::Error, &mut written) {
            Ok(()) => vec![written.to_vec()],
            Err(_) => Vec::new(),
        }
    }

    /// Whether these characters are themselves wherever their bytes stand, also in malformed text, so that a search for the
    /// bytes finds them and nothing else. `|` is not in GBK, where it is the second byte of 126 characters; LF is not in
    /// UTF-16, where it is half of one.
    fn is_plain(&self, characters: &[u8]) -> bool;

    /// Whether these characters are themselves wherever their bytes stand behind the byte `before`, which tells of some places
    /// what [`begins_at`](TextEncoding::begins_at) tells of all, in less time. `|` is in GBK behind every byte that begins no pair.
    fn is_plain_behind(&self, before: u8, characters: &[u8]) -> bool {
        let _ = before;
        self.is_plain(characters)
    }

    /// Whether a decoder of all of `bytes` begins a character at `at`, and reads there what a decoder does that begins there.
    /// `None` if that depends on bytes behind `at` that have not come: at the end of the stream it means no. What it says counts
    /// only where the bytes of a whole character stand at `at`.
    ///
    /// The decoder stands at `cursor`, which may be moved forward, to a place where a character begins, so that calls
    /// for places one behind the other take linear time. It is not moved behind `at` by more than a character.
    fn begins_at(&self, bytes: &[u8], at: usize, cursor: &mut Cursor) -> Option<bool>;

    /// Whether what a byte means depends on escape sequences somewhere before it, as in ISO-2022-JP.
    fn is_stateful(&self) -> bool;
}

/// Where a decoder stands in bytes that grow at their end: between two characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// How many bytes it has read.
    pub at: usize,
    /// What an encoding with escape sequences remembers of them; 0 at the start of a stream.
    pub shift: u8,
}

impl Cursor {
    /// The same place when the first `n` bytes are gone.
    #[inline]
    pub fn advance(&mut self, n: usize) {
        self.at = self.at.saturating_sub(n);
    }
}

/// The encodings in which text may come and go.
///
/// Mostly that is one, and the same in both directions. Where a message says in which encoding it is, it is one of several.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Encodings {
    /// Those in which text may come.
    pub reads: Arc<[Arc<dyn TextEncoding>]>,
    /// Those in which text may be sent.
    pub writes: Arc<[Arc<dyn TextEncoding>]>,
    /// Whether a byte-order mark at the beginning of a message is no part of its text.
    pub marked: bool,
    /// What stands in a payload of the text: layers add to it, and rewrite it.
    pub kept: TextKept,
}

impl Encodings {
    /// This one, both ways.
    pub fn one(encoding: impl TextEncoding + 'static) -> Self {
        Self::any_of([encoding])
    }

    /// Any of these, both ways.
    pub fn any_of<E: TextEncoding + 'static>(encodings: impl IntoIterator<Item = E>) -> Self {
        let all: Arc<[Arc<dyn TextEncoding>]> =
            encodings.into_iter().map(|encoding| Arc::new(encoding) as Arc<dyn TextEncoding>).collect();
        Self { reads: all.clone(), writes: all, marked: false, kept: TextKept::Whole }
    }

    /// The same, where bytes that are no text stand beside that of a payload.
    pub fn mixed(mut self) -> Self {
        self.kept = self.kept.then(TextKept::Within);
        self
    }

    /// Those of the other end of the connection.
    pub fn mirror(self) -> Self {
        Self { reads: self.writes, writes: self.reads, ..self }
    }

    /// Whether text comes and goes in the same ones.
    pub fn are_the_same(&self) -> bool {
        Arc::ptr_eq(&self.reads, &self.writes)
    }

    /// All of them, each perhaps twice.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn TextEncoding>> {
        self.reads.iter().chain(&*self.writes)
    }
}

/// What happens to bytes that are no text in the encoding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DecodePolicy {
    /// The message is bad; the error says where it begins to be.
    #[default]
    Strict,
    /// Each malformed sequence becomes U+FFFD �.
    Replace,
    /// Each byte of a malformed sequence becomes `\xNN`. Backslashes in the text stay as they are, so the bytes cannot be had
    /// back: for a log, use the escaped view of the codecs.
    Escape,
}

/// What happens to characters that the encoding lacks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum EncodePolicy {
    /// The message is refused; the error names the character.
    #[default]
    Error,
    /// Each becomes `?`.
    Substitute,
}

impl<E: TextEncoding + ?Sized> TextEncoding for Arc<E> {
    fn name(&self) -> &str {
        (**self).name()
    }
    fn decode(&self, bytes: &[u8], policy: DecodePolicy, text: &mut String) -> Result<(), FormatError> {
        (**self).decode(bytes, policy, text)
    }
    fn encode(&self, text: &str, policy: EncodePolicy, out: &mut BytesMut) -> Result<(), EncodeError> {
        (**self).encode(text, policy, out)
    }
    fn as_utf8<'a>(&self, bytes: &'a [u8]) -> Option<&'a str> {
        (**self).as_utf8(bytes)
    }
    fn unfinished(&self, bytes: &[u8]) -> usize {
        (**self).unfinished(bytes)
    }
    fn longest(&self) -> usize {
        (**self).longest()
    }
    fn spellings(&self, character: char) -> Vec<Vec<u8>> {
        (**self).spellings(character)
    }
    fn is_plain(&self, characters: &[u8]) -> bool {
        (**self).is_plain(characters)
    }
    fn is_plain_behind(&self, before: u8, characters: &[u8]) -> bool {
        (**self).is_plain_behind(before, characters)
    }
    fn begins_at(&self, bytes: &[u8], at: usize, cursor: &mut Cursor) -> Option<bool> {
        (**self).begins_at(bytes, at, cursor)
    }
    fn is_stateful(&self) -> bool {
        (**self).is_stateful()
    }
}
