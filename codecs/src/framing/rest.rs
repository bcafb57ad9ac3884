//! One frame: all there is.

use bytes::BytesMut;
use wirework_core::{EncodeError, FrameError, Framing, Input, SEARCHED_FRAME, Step, Tail};

/// All that comes up to the end of the stream is one frame, as in finger
/// ([RFC 1288](https://www.rfc-editor.org/rfc/rfc1288)) and gopher ([RFC 1436](https://www.rfc-editor.org/rfc/rfc1436)).
///
/// ```text
/// Rest::new()      61 62 63 (end)   →   61 62 63
///                  (end)            →   (no frame)
/// ```
///
/// A stream longer than [`max_len`](Rest::max_len) is lost. What is sent is written as it is: its end is that of the
/// connection, so a second frame would make the first one longer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rest {
    pub(crate) max: usize,
}

impl Rest {
    /// All up to the end of the stream.
    pub fn new() -> Self {
        Self { max: SEARCHED_FRAME }
    }

    /// The most bytes that may come. Default: 64 KiB.
    pub fn max_len(mut self, max: usize) -> Self {
        self.max = max;
        self
    }
}

impl Default for Rest {
    fn default() -> Self {
        Self::new()
    }
}

impl Framing for Rest {
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        let len = input.bytes.len();
        if len > self.max {
            return Err(FrameError::TooLong { claimed: None, max: self.max });
        }
        if input.tail != Tail::Closed || len == 0 {
            return Ok(Step::More(1));
        }
        Ok(Step::Frame { span: 0..len, advance: len })
    }

    fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        match out.len().saturating_sub(start) {
            len if len > self.max => Err(EncodeError::TooLong { len, max: self.max as u64 }),
            _ => Ok(()),
        }
    }

    fn takes_any_byte(&self) -> bool {
        true
    }

    fn max_len(&self) -> usize {
        // With `max` bytes there, one more is waited for: only then is it known that there are none.
        self.max.saturating_add(1)
    }
}

#[cfg(test)]
mod tests {
    use wirework_core::{Frames, Raw, encode_frame};

    use super::*;

    #[test]
    fn the_pictures() {
        let mut frames = Frames::new(Rest::new());
        frames.push(b"ab");
        assert!(frames.next().unwrap().is_none());
        frames.push(b"c");
        frames.close();
        assert_eq!(frames.next().unwrap().unwrap().bytes(), b"abc");
        assert!(frames.next().unwrap().is_none() && frames.is_over());
        let mut nothing = Frames::new(Rest::new());
        nothing.close();
        assert!(nothing.next().unwrap().is_none() && nothing.is_over());
    }

    #[test]
    fn the_limit_is_exact_both_ways() {
        for (wire, fits) in [(&b"abcd"[..], true), (b"abcde", false)] {
            let mut frames = Frames::new(Rest::new().max_len(4));
            frames.push(wire);
            assert_eq!(frames.next().is_ok(), fits);
            frames.close();
            assert_eq!(frames.next().unwrap().is_some(), fits);
            let sent = encode_frame(&mut Rest::new().max_len(4), &mut Raw, wire, &mut BytesMut::new());
            assert_eq!(sent.is_ok(), fits);
        }
    }
}
