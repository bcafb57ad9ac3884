//! A framing of your own, from two closures.

use bytes::BytesMut;
use wirework_core::{EncodeError, FrameError, Framing, Input, Limits, Step};

/// A framing from two functions: how to split what comes, and how to finish what leaves.
///
/// ```
/// use wirework_codecs::from_fn;
/// use wirework_core::{EncodeError, Frames, Step};
///
/// let pipes = from_fn(
///     |input| match input.bytes.iter().position(|byte| *byte == b'|') {
///         Some(end) => Ok(Step::Frame { span: 0..end, advance: end + 1 }),
///         None => Ok(Step::More(1)),
///     },
///     |out, start| match out[start..].iter().position(|byte| *byte == b'|') {
///         Some(offset) => Err(EncodeError::Delimiter { offset, what: "|" }),
///         None => Ok(out.extend_from_slice(b"|")),
///     },
/// );
/// let mut frames = Frames::new(pipes);
/// frames.push(b"one|two|thr");
/// assert_eq!(frames.next()?.unwrap().bytes(), b"one");
/// assert_eq!(frames.next()?.unwrap().bytes(), b"two");
/// assert!(frames.next()?.is_none());
/// # Ok::<(), wirework_core::Error>(())
/// ```
///
/// `split` obeys the contract of [`Framing`]. It is given all bytes of an unfinished frame anew each time; a framing that
/// must remember how far it has come is better written as a type. [`FromFn::max_len`] bounds a frame.
pub fn from_fn<S, E>(split: S, finish: E) -> FromFn<S, E>
where
    S: FnMut(Input<'_>) -> Result<Step, FrameError>,
    E: FnMut(&mut BytesMut, usize) -> Result<(), EncodeError>,
{
    FromFn { split, finish, max: Limits::SEARCHED_FRAME }
}

/// A framing made by [`from_fn`].
#[derive(Clone)]
pub struct FromFn<S, E> {
    split: S,
    finish: E,
    max: usize,
}

impl<S, E> FromFn<S, E> {
    /// The most bytes that one frame may take, with all that is around it. Default: 64 KiB.
    pub fn max_len(mut self, max: usize) -> Self {
        self.max = max;
        self
    }
}

impl<S, E> std::fmt::Debug for FromFn<S, E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FromFn").field("max", &self.max).finish_non_exhaustive()
    }
}

impl<S, E> Framing for FromFn<S, E>
where
    S: FnMut(Input<'_>) -> Result<Step, FrameError> + Send,
    E: FnMut(&mut BytesMut, usize) -> Result<(), EncodeError> + Send,
{
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        (self.split)(input)
    }

    fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        (self.finish)(out, start)
    }

    fn max_len(&self) -> usize {
        self.max
    }
}
