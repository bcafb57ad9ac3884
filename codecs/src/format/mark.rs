//! Byte-order marks.

use bytes::BytesMut;
use wirework_core::{EncodeError, EncodePolicy, FormatError, TextEncoding};

/// What U+FEFF at the beginning of a message is. It never says by itself in which encoding the message is: that is known
/// before, or a rule of [`Chosen`](super::Chosen) says it.
///
/// ```text
///             EF BB BF 61        61                  a is sent as
/// Keep     →  U+FEFF a           a                   61
/// Strip    →  a                  a                   61
/// Require  →  a                  an error            EF BB BF 61
/// ```
///
/// Only one is taken off. Where it is, a text that begins with U+FEFF itself can only be sent behind a mark, and is refused
/// with `Strip`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ByteOrderMark {
    /// A character like any other.
    #[default]
    Keep,
    /// A mark that need not be there, and is no part of the text. None is sent.
    Strip,
    /// A mark without which the message is bad. It is no part of the text, and is sent in front of every message.
    Require,
}

const MARK: char = '\u{FEFF}';

impl ByteOrderMark {
    /// What is left of `text`, which came.
    #[inline]
    pub(super) fn take_off(self, text: &str) -> Result<&str, FormatError> {
        match (self, text.strip_prefix(MARK)) {
            (Self::Keep, _) | (Self::Strip, None) => Ok(text),
            (_, Some(text)) => Ok(text),
            (Self::Require, None) => {
                Err(FormatError::Other("the message does not begin with the byte-order mark that it must have".into()))
            }
        }
    }

    /// Appends what stands in front of `text`, which is sent.
    #[inline]
    pub(super) fn put_before(
        self,
        text: &str,
        encoding: &dyn TextEncoding,
        out: &mut BytesMut,
    ) -> Result<(), EncodeError> {
        match self {
            Self::Keep => Ok(()),
            Self::Strip if text.starts_with(MARK) => Err(EncodeError::Other(
                "the text begins with U+FEFF, which the other end would take off as a byte-order mark".into(),
            )),
            Self::Strip => Ok(()),
            Self::Require => encoding.encode(MARK.encode_utf8(&mut [0; 4]), EncodePolicy::Error, out),
        }
    }
}
