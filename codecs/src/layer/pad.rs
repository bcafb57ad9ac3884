//! Payloads that are filled up.

use bytes::{BufMut, BytesMut};
use wirework_core::{ComposeError, EncodeError, FrameError, Framed, Layer, TextEncoding, TextKept, Undone};

use super::kept_beside;

/// Payloads that are filled up to a length, at their end.
///
/// ```text
///                              payload             on the wire
/// Pad::to(6, b' ')             41 42               41 42 20 20 20 20
/// Pad::multiple_of(4, 0)       41 42 43 44 45      41 42 43 44 45 00 00 00
/// ```
///
/// What was filled in is taken off again, so a payload that ends with the byte that fills cannot be sent, nor one that is
/// too long. A frame that is not filled up as it would be sent is bad, and the stream goes on behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pad {
    pub(crate) upto: UpTo,
    pub(crate) byte: u8,
}

/// How far payloads are filled up, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UpTo {
    Length(usize),
    MultipleOf(usize),
}

impl Pad {
    /// Payloads are filled up with `byte` to this many bytes.
    pub fn to(bytes: usize, byte: u8) -> Self {
        Self { upto: UpTo::Length(bytes), byte }
    }

    /// Payloads are filled up with `byte` to the next multiple of this many bytes.
    pub fn multiple_of(bytes: usize, byte: u8) -> Self {
        Self { upto: UpTo::MultipleOf(bytes), byte }
    }

    /// The most bytes that a payload is filled up with: they are written one by one, and kept.
    const MOST: usize = 16 * 1024 * 1024;

    /// How long a payload of this many bytes becomes; `None` where it is too long, or too much lacks.
    #[inline]
    fn filled(&self, len: usize) -> Option<usize> {
        let filled = match self.upto {
            UpTo::Length(bytes) => bytes,
            UpTo::MultipleOf(bytes) => len.checked_next_multiple_of(bytes)?,
        };
        filled.checked_sub(len).filter(|lacks| *lacks <= Self::MOST).map(|_| filled)
    }

    #[cold]
    fn malformed(&self, wire: usize, len: usize) -> Undone {
        let byte = self.byte;
        Undone::Bad(FrameError::malformed(match self.filled(len) {
            Some(filled) => format!("{len} bytes are filled up with {byte:02X} to {filled} bytes, not to {wire}"),
            None => format!("{len} bytes are more than can be filled up"),
        }))
    }
}

impl Layer for Pad {
    #[inline]
    fn undo(&mut self, framed: Framed<'_>) -> Result<Undone, FrameError> {
        let wire = framed.payload();
        let len = wire.iter().rposition(|byte| *byte != self.byte).map_or(0, |last| last + 1);
        Ok(if self.filled(len) == Some(wire.len()) { Undone::Within(0..len) } else { self.malformed(wire.len(), len) })
    }

    #[inline]
    fn apply(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        let payload = out.get(start..).unwrap_or_default();
        let len = payload.len();
        if payload.last() == Some(&self.byte) {
            return Err(EncodeError::Incomplete(
                format!("the message ends with {:02X}, which would be taken off as padding", self.byte).into(),
            ));
        }
        let Some(filled) = self.filled(len) else {
            let max = match self.upto {
                UpTo::Length(bytes) => bytes,
                UpTo::MultipleOf(_) => usize::MAX,
            };
            return Err(EncodeError::TooLong { len, max: max as u64 });
        };
        out.put_bytes(self.byte, filled.saturating_sub(len));
        Ok(())
    }

    fn pads(&self) -> bool {
        true
    }

    fn keeps_text(&self, encoding: &dyn TextEncoding) -> TextKept {
        kept_beside(&[self.byte], encoding)
    }

    fn validate(&self) -> Result<(), ComposeError> {
        match self.upto {
            UpTo::MultipleOf(0) => Err(ComposeError::new("there is no multiple of 0 bytes; use 1 or more")),
            UpTo::MultipleOf(bytes) | UpTo::Length(bytes) if bytes > Self::MOST => Err(ComposeError::new(format!(
                "a payload is filled up to at most {} bytes, not to {bytes}",
                Self::MOST
            ))),
            UpTo::MultipleOf(_) | UpTo::Length(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::tests_support::{apply, both_ways, refused};

    #[test]
    fn the_pictures() {
        both_ways(&Pad::to(6, b' '), b"AB", b"AB    ");
        both_ways(&Pad::multiple_of(4, 0), b"ABCDE", b"ABCDE\0\0\0");
    }

    #[test]
    fn what_needs_no_padding_gets_none() {
        both_ways(&Pad::to(2, b' '), b"AB", b"AB");
        both_ways(&Pad::multiple_of(2, 0), b"AB", b"AB");
        both_ways(&Pad::multiple_of(2, 0), b"", b"");
        both_ways(&Pad::to(2, 0), b"", b"\0\0");
    }

    #[test]
    fn what_would_not_come_out_again_is_refused() {
        let error = apply(&Pad::to(6, b' '), b"AB ").unwrap_err().to_string();
        assert_eq!(error, "the message ends with 20, which would be taken off as padding");
        assert!(matches!(apply(&Pad::to(2, 0), b"ABC"), Err(EncodeError::TooLong { len: 3, max: 2 })));
    }

    #[test]
    fn what_would_be_filled_up_otherwise_is_bad() {
        assert_eq!(refused(&Pad::to(4, 0), b"AB\0"), "2 bytes are filled up with 00 to 4 bytes, not to 3");
        assert_eq!(refused(&Pad::to(4, 0), b"ABCDE"), "5 bytes are more than can be filled up");
        assert_eq!(refused(&Pad::multiple_of(2, 0), b"AB\0\0"), "2 bytes are filled up with 00 to 2 bytes, not to 4");
        assert_eq!(refused(&Pad::multiple_of(2, 0), b"A\0\0"), "1 bytes are filled up with 00 to 2 bytes, not to 3");
    }

    #[test]
    fn no_multiple_and_what_would_fill_the_memory_are_refused() {
        assert!(Pad::multiple_of(0, 0).validate().is_err());
        for pad in [Pad::to(usize::MAX, 0), Pad::multiple_of(usize::MAX, 0), Pad::to(Pad::MOST + 2, 0)] {
            assert!(pad.validate().unwrap_err().to_string().contains("at most 16777216 bytes"));
            // Who does not ask is not surprised either.
            assert!(apply(&pad, b"A").is_err());
        }
        assert!(Pad::to(Pad::MOST, 0).validate().is_ok());
    }
}
