//! A framing of your own, from two closures.

use bytes::BytesMut;
use wirework_core::{EncodeError, FrameError, Framing, Input, SEARCHED_FRAME, Step};

/// A framing from two functions: how to split what comes, and how to finish what leaves.
///
/// ```text
/// 02 41 42 03   →   41 42
/// ```
///
/// ```
/// use wirework_codecs::framing::from_fn;
/// use wirework_core::{EncodeError, FrameError, Frames, Step};
///
/// const STX: u8 = 2;
/// const ETX: u8 = 3;
///
/// let marked = from_fn(
///     |input| match (input.bytes.first(), input.bytes.iter().position(|byte| *byte == ETX)) {
///         (Some(&STX), Some(end)) => Ok(Step::Frame { span: 1..end, advance: end + 1 }),
///         (Some(&STX) | None, None) => Ok(Step::More(1)),
///         _ => Err(FrameError::malformed("a frame must begin with STX")),
///     },
///     |out, start| {
///         let payload = &out[start + 1..];
///         if let Some(offset) = payload.iter().position(|byte| *byte == ETX) {
///             return Err(EncodeError::Delimiter { offset, what: "ETX" });
///         }
///         out[start] = STX;
///         out.extend_from_slice(&[ETX]);
///         Ok(())
///     },
/// )
/// .header_len(1);
///
/// let mut frames = Frames::new(marked);
/// frames.push(b"\x02one\x03\x02tw");
/// assert_eq!(frames.next()?.unwrap().bytes(), b"one");
/// assert!(frames.next()?.is_none());
/// # Ok::<(), wirework_core::Error>(())
/// ```
///
/// Write the closures in the call, where their arguments have a type. `split` obeys the contract of [`Framing`]. It is given
/// all bytes of an unfinished frame anew each time; a framing that must remember how far it has come is better written as
/// a type. `finish` is given `out` with the payload at its end, behind [`header_len`](FromFn::header_len) free bytes at
/// `start`. [`max_len`](FromFn::max_len) bounds a frame.
pub fn from_fn<S, E>(split: S, finish: E) -> FromFn<S, E>
where
    S: FnMut(Input<'_>) -> Result<Step, FrameError>,
    E: FnMut(&mut BytesMut, usize) -> Result<(), EncodeError>,
{
    FromFn { split, finish, header: 0, max: SEARCHED_FRAME }
}

/// A framing made by [`from_fn`].
#[derive(Clone)]
pub struct FromFn<S, E> {
    split: S,
    finish: E,
    header: usize,
    max: usize,
}

impl<S, E> FromFn<S, E> {
    /// How many bytes `finish` wants free in front of the payload. Default: none.
    pub fn header_len(mut self, bytes: usize) -> Self {
        self.header = bytes;
        self
    }

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

    fn header_len(&self) -> usize {
        self.header
    }

    fn max_len(&self) -> usize {
        self.max
    }
}
