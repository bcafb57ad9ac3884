//! Frames that end with silence.

use std::time::Duration;

use bytes::BytesMut;
use wirework_core::{ComposeError, EncodeError, FrameError, Framing, Input, SEARCHED_FRAME, Step, Tail};

/// Frames that end when nothing has come for some time, as behind a serial line that has no other mark (Modbus RTU).
///
/// ```text
/// IdleGap::new(Duration::from_millis(20))      61 62 (20 ms) 63 (end)   →   61 62 | 63
/// ```
///
/// The time is what the receiver sees, so that a slow network makes two frames of one, and two frames sent at once come as
/// one. What is sent is written as it is: the gap behind it is the sender's to keep. An empty payload is refused.
///
/// A frame longer than [`max_len`](IdleGap::max_len) loses the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdleGap {
    pub(crate) gap: Duration,
    pub(crate) max: usize,
}

impl IdleGap {
    /// Frames that end with this long a silence, or with the stream.
    pub fn new(gap: Duration) -> Self {
        Self { gap, max: SEARCHED_FRAME }
    }

    /// The longest frame, in bytes. Default: 64 KiB.
    pub fn max_len(mut self, max: usize) -> Self {
        self.max = max;
        self
    }
}

impl Framing for IdleGap {
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        let len = input.bytes.len();
        if len > self.max {
            return Err(FrameError::TooLong { claimed: None, max: self.max });
        }
        if input.tail == Tail::Open || len == 0 {
            return Ok(Step::More(1));
        }
        Ok(Step::Frame { span: 0..len, advance: len })
    }

    fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        match out.len().saturating_sub(start) {
            0 => Err(EncodeError::Incomplete("a frame of no bytes is no different from silence".into())),
            len if len > self.max => Err(EncodeError::TooLong { len, max: self.max as u64 }),
            _ => Ok(()),
        }
    }

    fn takes_any_byte(&self) -> bool {
        true
    }

    fn max_len(&self) -> usize {
        // With `max` bytes there, one more is waited for: only silence tells that there are none.
        self.max.saturating_add(1)
    }

    fn quiet_after(&self) -> Option<Duration> {
        Some(self.gap)
    }

    fn validate(&self) -> Result<(), ComposeError> {
        if self.gap.is_zero() {
            return Err(ComposeError::new("a gap of no time is everywhere; use Chunks for whatever has come"));
        }
        if self.max == 0 {
            return Err(ComposeError::new("frames of at most 0 bytes cannot be; use max_len(1) or more"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use wirework_core::{Codec, Frames, Raw, encode_frame};

    use super::*;

    fn gap() -> IdleGap {
        IdleGap::new(Duration::from_millis(20))
    }

    #[test]
    fn the_picture() {
        let mut frames = Frames::new(gap());
        frames.push(b"a");
        assert!(frames.next().unwrap().is_none());
        frames.push(b"b");
        assert!(frames.next().unwrap().is_none());
        frames.quiet();
        assert_eq!(frames.next().unwrap().unwrap().bytes(), b"ab");
        assert!(frames.next().unwrap().is_none());
        frames.push(b"c");
        assert!(frames.next().unwrap().is_none());
        frames.close();
        assert_eq!(frames.next().unwrap().unwrap().bytes(), b"c");
        assert!(frames.next().unwrap().is_none() && frames.is_over());
    }

    #[test]
    fn the_limit_is_exact_both_ways() {
        for (wire, fits) in [(&b"abcd"[..], true), (b"abcde", false)] {
            let mut frames = Frames::new(gap().max_len(4));
            frames.push(wire);
            assert_eq!(frames.next().is_ok(), fits);
            frames.quiet();
            assert_eq!(frames.next().unwrap().is_some(), fits);
            let sent = encode_frame(&mut gap().max_len(4), &mut Raw, wire, &mut BytesMut::new());
            assert_eq!(sent.is_ok(), fits);
        }
    }

    #[test]
    fn what_cannot_be_a_frame_is_refused() {
        let error = encode_frame(&mut gap(), &mut Raw, b"", &mut BytesMut::new()).unwrap_err();
        assert!(error.to_string().contains("silence"), "{error}");
        let no_time = IdleGap::new(Duration::ZERO).compose().unwrap_err();
        assert!(no_time.to_string().contains("Chunks"), "{no_time}");
        assert!(gap().max_len(0).compose().is_err());
    }
}
