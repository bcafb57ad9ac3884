//! A framing inside another one.

use bytes::BytesMut;
use wirework_core::{ComposeError, EncodeError, FrameError, Framing, Input, Step, Tail};

/// Asks `framing` what the first bytes of `input` are, where it may take at most `room` of them, and sees to it that it
/// keeps its contract, as the driver would: what a step says lies inside the input, and no frame takes more than
/// [`max_len`](Framing::max_len).
///
/// A framing is shown no byte beyond what it may take, so that how it ends does not depend on how much came at once.
#[inline]
pub(super) fn step<F: Framing>(framing: &mut F, input: Input<'_>, room: usize) -> Result<Step, FrameError> {
    let max = framing.max_len();
    let Input { mut bytes, mut tail } = input;
    let room = room.min(max);
    if let Some(shown) = bytes.get(..room).filter(|shown| shown.len() < bytes.len()) {
        if shown.is_empty() {
            return Err(FrameError::TooLong { claimed: None, max: room });
        }
        (bytes, tail) = (shown, Tail::Open);
    }
    let step = framing.split(Input { bytes, tail })?;
    let fits = |advance: usize| 0 < advance && advance <= bytes.len();
    let broken = match &step {
        Step::Frame { span, advance } => !fits(*advance) || span.start > span.end || span.end > *advance,
        Step::Skip(advance) | Step::Owned { advance, .. } | Step::Bad { advance, .. } => !fits(*advance),
        Step::More(more) => {
            let nothing = bytes.is_empty() && tail == Tail::Closed;
            if !nothing && bytes.len().saturating_add(*more.max(&1)) > max {
                return Err(FrameError::TooLong { claimed: None, max });
            }
            false
        }
    };
    if broken { Err(FrameError::NoProgress("a step of no bytes, or outside of its input")) } else { Ok(step) }
}

/// Finishes a frame of `framing`, which is no longer than it would read itself.
#[inline]
pub(super) fn finish<F: Framing>(framing: &mut F, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
    framing.finish(out, start)?;
    let (len, max) = (out.len().saturating_sub(start), framing.max_len());
    if len > max { Err(EncodeError::TooLong { len, max: max as u64 }) } else { Ok(()) }
}

/// Whether `framing` can be asked again of the same bytes, as heads and items are before a message is sent.
pub(super) fn validate_part<F: Framing>(framing: &F) -> Result<(), ComposeError> {
    framing.validate()?;
    if framing.counts_frames() {
        return Err(ComposeError::new(
            "heads and items are looked at more than once, and a first or a switch would count each time; put it around \
             the whole",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Lines;
    use crate::framing::from_fn;

    fn open(bytes: &[u8]) -> Input<'_> {
        Input { bytes, tail: Tail::Open }
    }

    #[test]
    fn a_step_outside_of_the_input_is_no_progress() {
        let wrong: [fn() -> Step; 5] = [
            || Step::Skip(0),
            || Step::Frame { span: 0..0, advance: 0 },
            || Step::Frame { span: 0..9, advance: 3 },
            || Step::Owned { frame: Default::default(), advance: 9 },
            || Step::Bad { advance: 9, error: FrameError::malformed("") },
        ];
        for make in wrong {
            let mut framing = from_fn(move |_| Ok(make()), |_: &mut BytesMut, _| Ok(()));
            let error = step(&mut framing, open(b"abc"), usize::MAX).unwrap_err();
            assert!(matches!(error, FrameError::NoProgress(_)), "{error}");
        }
    }

    #[test]
    fn the_limit_of_the_framing_holds_and_is_all_that_it_sees() {
        let mut waits = from_fn(|input| Ok(Step::More(5 - input.bytes.len())), |_: &mut BytesMut, _| Ok(())).max_len(4);
        let error = step(&mut waits, open(b"abcdefg"), usize::MAX).unwrap_err();
        assert_eq!(error.to_string(), "longer than 4 bytes");
        let closed = Input { bytes: b"", tail: Tail::Closed };
        assert!(matches!(step(&mut waits.clone().max_len(0), closed, 1), Ok(Step::More(5))));
        assert!(matches!(step(&mut Lines::lf(), open(b"abc\n"), 3), Ok(Step::More(1))));
        assert!(matches!(step(&mut Lines::lf(), open(b"abc\n"), 4), Ok(Step::Frame { advance: 4, .. })));
    }

    #[test]
    fn a_frame_is_written_no_longer_than_it_would_be_read() {
        let mut pairs = from_fn(|_| Ok(Step::More(1)), |_: &mut BytesMut, _| Ok(())).max_len(1);
        let refused = finish(&mut pairs, &mut BytesMut::from("..ab"), 2);
        assert!(matches!(refused, Err(EncodeError::TooLong { len: 2, max: 1 })));
        finish(&mut pairs, &mut BytesMut::from("..a"), 2).unwrap();
    }
}
