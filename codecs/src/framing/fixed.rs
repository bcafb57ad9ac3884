//! Frames that are all equally long.

use bytes::BytesMut;
use wirework_core::{ComposeError, EncodeError, FrameError, Framing, Input, Step};

/// Frames of a fixed number of bytes.
///
/// ```text
/// Fixed::new(2)      61 62 63 64   →   61 62 | 63 64
/// ```
///
/// A payload of any other length is refused when it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    pub(crate) len: usize,
}

impl Fixed {
    /// Frames of `len` bytes.
    pub fn new(len: usize) -> Self {
        Self { len }
    }
}

impl Framing for Fixed {
    #[inline]
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        match self.len.checked_sub(input.bytes.len()) {
            None | Some(0) => Ok(Step::Frame { span: 0..self.len, advance: self.len }),
            Some(lacking) => Ok(Step::More(lacking)),
        }
    }

    fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        match out.len().saturating_sub(start) {
            len if len == self.len => Ok(()),
            len => Err(EncodeError::Incomplete(format!("a frame has {} bytes, not {len}", self.len).into())),
        }
    }

    fn takes_any_byte(&self) -> bool {
        true
    }

    fn max_len(&self) -> usize {
        self.len
    }

    fn validate(&self) -> Result<(), ComposeError> {
        if self.len == 0 {
            return Err(ComposeError::new("frames of no bytes never end; use Fixed::new(1) or more"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use wirework_core::{Codec, Frames, Raw, encode_frame};

    use super::*;

    #[test]
    fn the_picture() {
        let mut frames = Frames::new(Fixed::new(2));
        frames.push(b"abcd");
        assert_eq!(frames.next().unwrap().unwrap().bytes(), b"ab");
        assert_eq!(frames.next().unwrap().unwrap().bytes(), b"cd");
        assert!(frames.next().unwrap().is_none());
    }

    #[test]
    fn another_length_is_refused() {
        for (payload, why) in [(&b"a"[..], "a frame has 2 bytes, not 1"), (b"abc", "not 3"), (b"", "not 0")] {
            let error = encode_frame(&mut Fixed::new(2), &mut Raw, payload, &mut BytesMut::new()).unwrap_err();
            assert!(error.to_string().contains(why), "{error}");
        }
        assert!(Fixed::new(0).compose().is_err());
    }
}
