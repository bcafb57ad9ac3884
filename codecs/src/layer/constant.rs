//! Bytes that are always the same.

use bytes::{Bytes, BytesMut};
use wirework_core::{ComposeError, EncodeError, FrameError, Framed, Hex, Layer, TextEncoding, TextKept, Undone};

use super::kept_beside;

/// Bytes that stand at the start or at the end of every payload: verified and taken off when a frame comes in, written when
/// one goes out.
///
/// ```text
///                                  payload     on the wire
/// Constant::before([0x01, 0x02])   41 42       01 02 41 42
/// Constant::after([0x03])          41 42       41 42 03
/// ```
///
/// A frame without them is bad, and the stream goes on behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constant {
    pub(crate) place: Place,
    pub(crate) bytes: Bytes,
}

/// Where a constant stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Before,
    After,
}

impl Constant {
    /// These bytes stand at the start of every payload.
    pub fn before(bytes: impl AsRef<[u8]>) -> Self {
        Self { place: Place::Before, bytes: Bytes::copy_from_slice(bytes.as_ref()) }
    }

    /// These bytes stand at the end of every payload.
    pub fn after(bytes: impl AsRef<[u8]>) -> Self {
        Self { place: Place::After, bytes: Bytes::copy_from_slice(bytes.as_ref()) }
    }

    #[cold]
    fn missing(&self, payload: &[u8]) -> Undone {
        let len = self.bytes.len();
        let (side, found) = match self.place {
            Place::Before => ("begins", payload.get(..len)),
            Place::After => ("ends", payload.len().checked_sub(len).and_then(|from| payload.get(from..))),
        };
        let (expected, found) = (Hex(&self.bytes), found.unwrap_or(payload));
        Undone::Bad(FrameError::malformed(if found.is_empty() {
            format!("the payload is empty, and every one {side} with {expected}")
        } else {
            format!("the payload {side} with {}, not with {expected}", Hex(found))
        }))
    }
}

impl Layer for Constant {
    #[inline]
    fn undo(&mut self, framed: Framed<'_>) -> Result<Undone, FrameError> {
        let payload = framed.payload();
        let len = payload.len();
        Ok(match self.place {
            Place::Before if payload.starts_with(&self.bytes) => Undone::Within(self.bytes.len()..len),
            Place::After if payload.ends_with(&self.bytes) => Undone::Within(0..len.saturating_sub(self.bytes.len())),
            _ => self.missing(payload),
        })
    }

    #[inline]
    fn apply(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        let (end, len) = (out.len(), self.bytes.len());
        out.extend_from_slice(&self.bytes);
        if self.place == Place::Before && start <= end {
            out.copy_within(start..end, start.saturating_add(len));
            if let Some(front) = out.get_mut(start..start.saturating_add(len)) {
                front.copy_from_slice(&self.bytes);
            }
        }
        Ok(())
    }

    fn puts_before(&self) -> &[u8] {
        match self.place {
            Place::Before => &self.bytes,
            Place::After => &[],
        }
    }

    fn keeps_text(&self, encoding: &dyn TextEncoding) -> TextKept {
        kept_beside(&self.bytes, encoding)
    }

    fn validate(&self) -> Result<(), ComposeError> {
        if self.bytes.is_empty() {
            return Err(ComposeError::new("a constant of no bytes does nothing; leave it out"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::tests_support::{both_ways, refused};

    #[test]
    fn the_pictures() {
        both_ways(&Constant::before([1, 2]), b"AB", b"\x01\x02AB");
        both_ways(&Constant::after([3]), b"AB", b"AB\x03");
        both_ways(&Constant::before([1, 2]), b"", b"\x01\x02");
        both_ways(&Constant::before(b"long"), b"x", b"longx");
    }

    #[test]
    fn other_bytes_are_named() {
        let before = Constant::before([1, 2]);
        assert_eq!(refused(&before, b"\x01\x03A"), "the payload begins with 01 03, not with 01 02");
        assert_eq!(refused(&before, b"\x01"), "the payload begins with 01, not with 01 02");
        assert_eq!(refused(&before, b""), "the payload is empty, and every one begins with 01 02");
        assert_eq!(refused(&Constant::after([3]), b"\x03\x04"), "the payload ends with 04, not with 03");
    }

    #[test]
    fn no_bytes_are_refused() {
        assert!(Constant::after([]).validate().is_err());
    }
}
