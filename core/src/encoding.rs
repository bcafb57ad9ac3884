//! Text as bytes, and which bytes are whole characters.

use std::fmt;
use std::sync::Arc;

use bytes::BytesMut;

use crate::{EncodeError, FormatError};

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

    /// Whether this byte is that ASCII character wherever it stands, also in malformed input. `|` is not in GBK, where it
    /// is the second byte of 126 characters; LF is not in UTF-16, where it is half of one.
    fn is_plain(&self, byte: u8) -> bool;

    /// Whether what a byte means depends on escape sequences somewhere before it, as in ISO-2022-JP.
    fn is_stateful(&self) -> bool;
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
    fn is_plain(&self, byte: u8) -> bool {
        (**self).is_plain(byte)
    }
    fn is_stateful(&self) -> bool {
        (**self).is_stateful()
    }
}
