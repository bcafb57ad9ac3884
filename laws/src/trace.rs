//! All that comes out of a stream, for one way of reading it.

use std::fmt;
use std::ops::Range;

use wirework_core::{Codec, Error, Format, FormatError, Frame, Frames, Framing, Location, Message};

/// One thing that comes out of a stream. Message numbers count from 1; offsets are bytes from the start of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A frame.
    Frame {
        /// Its number.
        message: u64,
        /// Where it begins.
        offset: u64,
        /// What it holds.
        payload: Vec<u8>,
        /// Its [parts](Framing::parts), if the framing knows of any.
        parts: Vec<Range<usize>>,
    },
    /// One bad frame.
    Bad {
        /// Its number.
        message: u64,
        /// Where it begins.
        offset: u64,
        /// What the error says.
        error: String,
    },
    /// The boundary is lost.
    Lost {
        /// The number of the message that is not delimited.
        message: u64,
        /// Where it begins.
        offset: u64,
        /// What the error says.
        error: String,
    },
    /// The stream has ended between two frames.
    End,
}

impl Event {
    /// What a frame holds; `None` for what is none.
    pub fn payload(&self) -> Option<&[u8]> {
        match self {
            Self::Frame { payload, .. } => Some(payload),
            _ => None,
        }
    }

    /// As it is where nobody knows of its parts.
    pub(crate) fn without_parts(mut self) -> Self {
        if let Self::Frame { parts, .. } = &mut self {
            parts.clear();
        }
        self
    }

    /// Whether nothing may come behind it.
    pub fn is_last(&self) -> bool {
        matches!(self, Self::Lost { .. } | Self::End)
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Frame { message, offset, payload, parts } => {
                write!(f, "frame {message} at byte {offset}: b\"{}\"", payload.escape_ascii())?;
                if parts.is_empty() { Ok(()) } else { write!(f, ", parts {parts:?}") }
            }
            Self::Bad { message, offset, error } => write!(f, "bad frame {message} at byte {offset}: {error}"),
            Self::Lost { message, offset, error } => write!(f, "lost in frame {message} at byte {offset}: {error}"),
            Self::End => f.write_str("end"),
        }
    }
}

/// How a wire is cut into reads.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reads {
    lens: Vec<usize>,
    end_with_last: bool,
}

impl Reads {
    /// All in one read.
    pub fn whole() -> Self {
        Self::of([usize::MAX])
    }

    /// Each byte in a read of its own.
    pub fn bytes() -> Self {
        Self::of([1])
    }

    /// Reads of these lengths, over and over. A length of 0 counts as 1.
    pub fn of(lens: impl Into<Vec<usize>>) -> Self {
        Self { lens: lens.into(), end_with_last: false }
    }

    /// The end of the stream is known before anybody has looked at the last read.
    pub fn end_with_last(mut self) -> Self {
        self.end_with_last = true;
        self
    }

    /// The reads, each with whether the stream is closed when it is looked at. The last is the close itself.
    pub(crate) fn over<'a>(&'a self, wire: &'a [u8]) -> impl Iterator<Item = (&'a [u8], bool)> {
        let mut lens = self.lens.iter().cycle();
        let mut rest = wire;
        let mut closed = false;
        std::iter::from_fn(move || {
            if closed {
                return None;
            }
            let len = lens.next().copied().unwrap_or(usize::MAX).clamp(1, rest.len().max(1));
            let (read, left) = rest.split_at(len.min(rest.len()));
            closed = rest.is_empty() || self.end_with_last && left.is_empty();
            rest = left;
            Some((read, closed))
        })
    }
}

/// The trace of `wire`, to the end of the stream.
pub fn trace<F: Framing + Clone>(framing: &F, wire: &[u8], reads: &Reads) -> Vec<Event> {
    pushed(framing.clone(), wire, reads, as_it_is)
}

/// The trace of the messages in `wire`, which stand in place of the payloads of their frames: what the format of `codec`
/// makes of each. One that is none is a [bad](Event::Bad) one.
///
/// # Panics
/// When the codec cannot be composed.
pub fn trace_messages<C: Codec>(codec: &C, wire: &[u8], reads: &Reads) -> Vec<Event>
where
    Message<C>: AsRef<[u8]>,
{
    let (framing, mut format) = codec.compose().unwrap_or_else(|refused| panic!("the codec is refused: {refused}"));
    pushed(framing, wire, reads, |frame| Ok((format.own(frame)?.as_ref().to_vec(), frame.parts().to_vec())))
}

/// [`trace_messages`] for messages that are lent, out of a buffer that is too; see [`trace_lent`].
///
/// # Panics
/// When the codec cannot be composed.
pub fn trace_messages_lent<C: Codec>(codec: &C, wire: &[u8], reads: &Reads) -> Vec<Event>
where
    for<'a> <C::Format as Format>::Message<'a>: AsRef<[u8]>,
{
    let (framing, mut format) = codec.compose().unwrap_or_else(|refused| panic!("the codec is refused: {refused}"));
    let mut scratch = String::new();
    lent(framing, wire, reads, usize::MAX, |frame| {
        Ok((format.view(frame, &mut scratch)?.as_ref().to_vec(), frame.parts().to_vec()))
    })
}

fn pushed<F: Framing>(framing: F, wire: &[u8], reads: &Reads, mut take: impl Take) -> Vec<Event> {
    let mut frames = Frames::new(framing);
    let mut recorder = Recorder::new(wire);
    for (read, closed) in reads.over(wire) {
        frames.push(read);
        if closed {
            frames.close();
        }
        recorder.drain(&mut frames, &mut take);
    }
    recorder.events
}

/// The trace of `wire` when more may come behind it.
pub fn trace_open<F: Framing + Clone>(framing: &F, wire: &[u8]) -> Vec<Event> {
    let mut frames = Frames::new(framing.clone());
    let mut recorder = Recorder::new(wire);
    frames.push(wire);
    recorder.drain(&mut frames, &mut as_it_is);
    recorder.events
}

/// The trace of `wire` for a reader with a buffer of its own, see [`Frames::lend`]. After every `frames_a_lend` frames the
/// buffer is taken back and lent again.
pub fn trace_lent<F: Framing + Clone>(framing: &F, wire: &[u8], reads: &Reads, frames_a_lend: usize) -> Vec<Event> {
    lent(framing.clone(), wire, reads, frames_a_lend, as_it_is)
}

fn lent<F: Framing>(framing: F, wire: &[u8], reads: &Reads, frames_a_lend: usize, mut take: impl Take) -> Vec<Event> {
    let mut frames = Frames::new(framing);
    let mut recorder = Recorder::new(wire);
    for (read, closed) in reads.over(wire) {
        let mut buffer = frames.pending().to_vec();
        buffer.extend_from_slice(read);
        if closed {
            frames.close();
        }
        loop {
            let mut lent = frames.lend(&buffer);
            let mut budget = frames_a_lend.max(1);
            while budget > 0 {
                let next = lent.next().map(|frame| frame.map(&mut take));
                let location = lent.location(&[]);
                if !recorder.record(next, location) {
                    break;
                }
                budget -= 1;
            }
            drop(lent);
            if budget > 0 {
                break;
            }
            buffer = frames.pending().to_vec();
        }
        recorder.end_if(frames.is_over());
    }
    recorder.events
}

/// The payload and the parts of a frame.
type Owned = (Vec<u8>, Vec<Range<usize>>);

/// What a trace has of a frame.
trait Take: FnMut(Frame<'_>) -> Result<Owned, FormatError> {}

impl<T: FnMut(Frame<'_>) -> Result<Owned, FormatError>> Take for T {}

fn as_it_is(frame: Frame<'_>) -> Result<Owned, FormatError> {
    Ok((frame.bytes().to_vec(), frame.parts().to_vec()))
}

struct Recorder {
    events: Vec<Event>,
    /// Every event but the last takes at least a byte. What gives more gives them without end, and is cut off here.
    most: usize,
}

impl Recorder {
    fn new(wire: &[u8]) -> Self {
        Self { events: Vec::new(), most: wire.len() + 2 }
    }

    fn drain<F: Framing>(&mut self, frames: &mut Frames<F>, take: &mut impl Take) {
        loop {
            let next = frames.next().map(|frame| frame.map(&mut *take));
            let location = frames.location(&[]);
            if !self.record(next, location) {
                break;
            }
        }
        self.end_if(frames.is_over());
    }

    /// Records what came; whether something may follow at once.
    fn record(&mut self, next: Result<Option<Result<Owned, FormatError>>, Error>, location: Location) -> bool {
        let Location { message, offset, .. } = location;
        let event = match next {
            Ok(None) => return false,
            Ok(Some(Ok((payload, parts)))) => Event::Frame { message, offset, payload, parts },
            Ok(Some(Err(error))) => Event::Bad { message, offset, error: error.to_string() },
            Err(Error::Bad(bad)) => {
                Event::Bad { message: bad.location.message, offset: bad.location.offset, error: bad.cause.to_string() }
            }
            Err(Error::Lost(lost)) => Event::Lost {
                message: lost.location.message,
                offset: lost.location.offset,
                error: lost.cause.to_string(),
            },
            Err(other) => Event::Lost { message, offset, error: other.to_string() },
        };
        self.events.push(event);
        self.events.len() < self.most
    }

    fn end_if(&mut self, over: bool) {
        if over && !self.events.last().is_some_and(Event::is_last) {
            self.events.push(Event::End);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_cut_all_of_the_wire_and_close_once() {
        let over = |reads: Reads| reads.over(b"abcde").map(|(read, closed)| (read.len(), closed)).collect::<Vec<_>>();
        assert_eq!(over(Reads::whole()), [(5, false), (0, true)]);
        assert_eq!(over(Reads::of([2, 1])), [(2, false), (1, false), (2, false), (0, true)]);
        assert_eq!(over(Reads::of([4]).end_with_last()), [(4, false), (1, true)]);
        assert_eq!(Reads::bytes().end_with_last().over(b"").collect::<Vec<_>>(), [(&b""[..], true)]);
    }
}
