//! A framing inside another: held to its own limit, and asked when its turn is over.

use bytes::BytesMut;
use wirework_core::{EncodeError, FrameError, Framing, Input, Step, Tail};

/// What `framing` says of `input`; as an error what would lose the stream if it stood alone, but for an unfinished frame
/// at the end. The driver knows only the largest of all limits.
#[inline]
pub(super) fn split<F: Framing>(framing: &mut F, input: Input<'_>) -> Result<Step, FrameError> {
    let step = framing.split(input)?;
    let max = framing.max_len();
    let wanted = match &step {
        Step::Frame { advance, .. } | Step::Owned { advance, .. } | Step::Bad { advance, .. } => *advance,
        Step::More(_) if input.bytes.is_empty() && input.tail == Tail::Closed => return Ok(step),
        Step::More(more) => input.bytes.len().saturating_add((*more).max(1)),
        Step::Skip(_) => return Ok(step),
    };
    if wanted > max { Err(FrameError::TooLong { claimed: None, max }) } else { Ok(step) }
}

/// Finishes a frame of `framing`, which is no longer than it would read itself.
#[inline]
pub(super) fn finish<F: Framing>(framing: &mut F, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
    framing.finish(out, start)?;
    let (len, max) = (out.len().saturating_sub(start), framing.max_len());
    if len > max { Err(EncodeError::TooLong { len, max: max as u64 }) } else { Ok(()) }
}

/// The turn of a framing that is to read one frame.
///
/// A bad frame is that frame too: its sender has sent it, and goes on. Where the framing looks for the end of damage, its
/// turn ends there. What it skips besides is no frame.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Turn {
    /// The frame was bad, and its end is not found yet.
    damaged: bool,
}

impl Turn {
    /// Whether the turn of `framing` is over with this step.
    #[inline]
    pub(super) fn is_over<F: Framing>(&mut self, step: &Step, framing: &F) -> bool {
        let had = match step {
            Step::Frame { .. } | Step::Owned { .. } | Step::Bad { .. } => true,
            Step::Skip(_) => self.damaged,
            Step::More(_) => return false,
        };
        self.damaged = had && framing.is_recovering();
        had && !self.damaged
    }

    /// Whether the turn is over with a reset: damage is then left behind.
    pub(super) fn is_over_with_reset(&mut self) -> bool {
        std::mem::take(&mut self.damaged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framing::from_fn;

    #[test]
    fn a_framing_that_leaves_its_limit_to_the_driver_is_held_to_it() {
        let mut pairs = from_fn(
            |input| match input.bytes.len() {
                len @ 0..2 => Ok(Step::More(2 - len)),
                len => Ok(Step::Frame { span: 0..len, advance: len }),
            },
            |_, _| Ok(()),
        )
        .max_len(3);
        let mut split = |bytes, tail| split(&mut pairs, Input { bytes, tail });
        assert!(matches!(split(b"abc", Tail::Open), Ok(Step::Frame { advance: 3, .. })));
        assert!(matches!(split(b"abcd", Tail::Open), Err(FrameError::TooLong { claimed: None, max: 3 })));
        assert!(matches!(split(b"", Tail::Closed), Ok(Step::More(2))));
        let mut pairs = pairs.max_len(1);
        let refused = super::split(&mut pairs, Input { bytes: b"a", tail: Tail::Open });
        assert!(matches!(refused, Err(FrameError::TooLong { claimed: None, max: 1 })));
        let refused = finish(&mut pairs, &mut BytesMut::from("..ab"), 2);
        assert!(matches!(refused, Err(EncodeError::TooLong { len: 2, max: 1 })));
    }
}
