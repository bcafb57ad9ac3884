//! Where one message ends and the next begins.

use std::ops::Range;
use std::time::Duration;

use bytes::{Bytes, BytesMut};

use crate::{ComposeError, EncodeError, Encodings, FrameError, SEARCHED_FRAME};

/// Where one message ends and the next begins, for bytes that arrive and bytes that leave.
///
/// A framing looks at the bytes that have come and says what they are. It never touches a buffer: the one
/// [`Driver`](crate::Driver) in this crate does, for all framings. So a framing is a pure function of its state and its
/// input; it replaces the loop that everybody writes once too often:
///
/// ```
/// # fn received() -> Option<&'static [u8]> { None }
/// # fn handle(_: &[u8]) {}
/// let mut buffer = Vec::new();
/// while let Some(bytes) = received() {
///     buffer.extend_from_slice(bytes);                                // unbounded
///     while let Some(end) = buffer.iter().position(|b| *b == b'\n') { // from the start, at every read
///         handle(&buffer[..end]);
///         buffer.drain(..=end);                                       // moves all the rest, for every line
///     }
/// }                                                                   // and a last, unfinished line is forgotten
/// ```
///
/// # The contract
///
/// - After [`Step::More`] the next input extends this one: it begins with the same bytes. After any other step the next
///   input begins at `advance`. Whoever breaks this (a connection that takes raw bytes out of the stream) calls
///   [`reset`](Framing::reset) first. State kept between calls, such as how far a search has come, is what makes the
///   work linear.
/// - A step consumes at least one byte, and no more than there are; the payload lies inside what it consumes. A step
///   that does not is reported as [`FrameError::NoProgress`], and the stream ends.
/// - [`Step::More`] is for when no whole frame is there, and only then.
/// - At [`Tail::Closed`] `split` is called until it answers `More`, at the last with what is left, also when that is
///   nothing. `More` then means that the stream ended cleanly if nothing was left, and inside a frame if something was.
/// - What a frame *claims* never makes anybody allocate: buffers grow as bytes arrive, up to
///   [`max_len`](Framing::max_len).
/// - [`finish`](Framing::finish) writes what `split` reads: what cannot come out again as one frame with the same
///   payload is refused.
///
/// `wirework-laws` proves all of this of a framing.
pub trait Framing: Send {
    /// Says what the next bytes are. An error means that the boundary is lost: the stream is over, after the frames
    /// that came before. One bad frame whose end is known is [`Step::Bad`] instead.
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError>;

    /// The frame that `bytes` begin with, for framings to which a few instructions can tell. It is asked before
    /// [`split`](Framing::split), and stands for it:
    ///
    /// - A [`Plain`] is what `split` would have said of the same bytes, whatever comes after them, and has no
    ///   [`parts`](Framing::parts). When it is [taken](Framing::taken), the framing is as after `split`.
    /// - `None` says nothing: `split` is called.
    ///
    /// It is there for speed alone: `split` comes to one of many things, and a compiler that cannot tell them apart makes each
    /// frame go through memory. That takes a tenth of the time of a short frame, and more than half of it where layers, or
    /// what is put together at run time, hand it on.
    #[inline(always)]
    fn glance(&self, bytes: &[u8]) -> Option<Plain> {
        let _ = bytes;
        None
    }

    /// Tells that the frame of the last [`glance`](Framing::glance) is taken: the next input begins at its `advance`.
    #[inline(always)]
    fn taken(&mut self, advance: usize) {
        let _ = advance;
    }

    /// The frame that `bytes` begin with, whatever came before them, for framings to which a few instructions can tell. Heads and
    /// items are asked this first, by the [`Framing`] that they are parts of.
    ///
    /// - A [`Piece`] is what [`split`](Framing::split) would have said of the same bytes behind a [`reset`](Framing::reset),
    ///   whatever comes after them. Nothing is remembered of it: who takes it, and goes on with `split`, resets before.
    /// - `None` says nothing.
    #[inline(always)]
    fn glance_anew(&self, bytes: &[u8]) -> Option<Piece> {
        let _ = bytes;
        None
    }

    /// Turns a payload into a frame, in place: `out[start..]` holds [`header_len`](Framing::header_len) free bytes and
    /// then the payload. On an error the caller truncates `out` to `start`: a message is written whole or not at all.
    fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError>;

    /// How many bytes [`finish`](Framing::finish) wants free in front of the payload: at least as many as it writes there,
    /// and none if it writes nothing there.
    fn header_len(&self) -> usize {
        0
    }

    /// How many bytes [`finish`](Framing::finish) has written behind the payload of the last frame, such as a terminator.
    fn trailer_len(&self) -> usize {
        0
    }

    /// Whether payloads begin with a header of the caller's, in which [`finish`](Framing::finish) fills in a length. Whatever
    /// the length counts is then not searched for.
    fn fills_in(&self) -> bool {
        false
    }

    /// Whether it counts frames, or remembers them: the same bytes may be another frame the next time.
    fn counts_frames(&self) -> bool {
        false
    }

    /// Whether it depends on the frame if a length is filled in, and where: one of several framings does it, or each in its own
    /// way.
    fn fills_in_by_turns(&self) -> bool {
        false
    }

    /// Where in a payload the length is filled in: from the first byte that may be written to the last of that header; or why
    /// it has none. What a layer puts around a payload must neither be written to nor be taken for the rest of the header.
    fn filled_in(&mut self, payload: &[u8]) -> Result<Option<Range<usize>>, EncodeError> {
        let _ = payload;
        Ok(None)
    }

    /// Whether every byte may stand in a payload, because the end of a frame is counted and never searched for. A check that
    /// covers the frame is written when the frame is finished, and so can stand behind such a framing only.
    fn takes_any_byte(&self) -> bool {
        false
    }

    /// The most bytes that one frame may take, with header and terminator. An unfinished frame is held up to here, and
    /// not a byte further: beyond it the stream is lost as [`FrameError::TooLong`].
    fn max_len(&self) -> usize {
        SEARCHED_FRAME
    }

    /// The parts of the frame just yielded, as ranges of its payload, for framings that know of any.
    fn parts(&self) -> &[Range<usize>] {
        &[]
    }

    /// Asks for a look at [`Tail::Quiet`] when nothing has come for this long.
    fn quiet_after(&self) -> Option<Duration> {
        None
    }

    /// Tells the framing in which encodings the payloads may be, so that it cuts between characters; or learns that it
    /// cannot. Called when the composition is made, before the first byte.
    fn set_encodings(&mut self, encodings: &Encodings) -> Result<(), ComposeError> {
        let _ = encodings;
        Ok(())
    }

    /// Tells the framing that a layer writes `byte` twice wherever it stands in a payload, so that a mark which begins with
    /// that byte is one only behind an even number of them; or learns that the framing cannot tell. Called when the layer
    /// is put behind the framing.
    fn set_doubled(&mut self, byte: u8) -> Result<(), ComposeError> {
        let _ = byte;
        Ok(())
    }

    /// Whether the framing was declared with a layer that writes `byte` twice, so that it need not be
    /// [told](Framing::set_doubled): where other layers stand in front of that one, and write where nothing is searched.
    fn is_doubled(&self, byte: u8) -> bool {
        let _ = byte;
        false
    }

    /// Through how many layers payloads pass.
    fn layers(&self) -> usize {
        0
    }

    /// Whether it can work as it was put together, or what to write instead. Asked before the first byte, and before
    /// anything is bound.
    fn validate(&self) -> Result<(), ComposeError> {
        Ok(())
    }

    /// Whether the last step ended in the middle of damage whose end is still looked for: the next bytes are for this
    /// framing, and for no other that it may stand beside.
    fn is_recovering(&self) -> bool {
        false
    }

    /// Becomes the framing of the other end of the connection, for framings that are not the same in both directions.
    fn swap_sides(&mut self) {}

    /// Forgets an unfinished frame: the next input starts afresh.
    fn reset(&mut self) {}
}

/// What a framing gets to see: all bytes that no frame has taken yet.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The bytes, from the first that belongs to no frame yet.
    pub bytes: &'a [u8],
    /// What comes after them.
    pub tail: Tail,
}

/// What comes after the bytes of an [`Input`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// More may come.
    Open,
    /// Nothing has come for [`Framing::quiet_after`]; more may.
    Quiet,
    /// Nothing: the peer has closed its side.
    Closed,
}

/// What a framing says of its input.
#[derive(Debug)]
pub enum Step {
    /// No whole frame yet: at least this many more bytes must come before another look pays (at least 1).
    More(usize),
    /// This many bytes belong to no frame.
    Skip(usize),
    /// A frame whose payload stands in the input as it is: nothing is copied.
    Frame {
        /// The payload.
        span: Range<usize>,
        /// How many bytes header, payload and terminator take.
        advance: usize,
    },
    /// A frame whose payload had to be rewritten.
    Owned {
        /// The payload.
        frame: Bytes,
        /// How many bytes of the input it took.
        advance: usize,
    },
    /// One bad frame, whose end is known: the stream goes on behind it.
    Bad {
        /// How many bytes of the input it took.
        advance: usize,
        /// What is wrong with it.
        error: FrameError,
    },
}

/// A frame whose payload stands in the input as it is: [`Step::Frame`], and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plain {
    /// The payload.
    pub span: Range<usize>,
    /// How many bytes header, payload and terminator take.
    pub advance: usize,
}

/// A frame whose payload stands in the input as it is, and may have a header or a head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The payload.
    pub span: Range<usize>,
    /// Of a payload with a header or a head, what stands behind that; of a head alone, the head; of any other, the payload.
    pub behind_head: Range<usize>,
    /// How many bytes header, payload and terminator take.
    pub advance: usize,
}

/// A framing whose type is known at run time only: one that a configuration names.
///
/// ```
/// # use wirework_core::{BoxFraming, Framing};
/// fn from_config(lines: impl Framing + Clone + 'static, binary: impl Framing + Clone + 'static, name: &str) -> BoxFraming {
///     match name {
///         "binary" => BoxFraming::new(binary),
///         _ => BoxFraming::new(lines),
///     }
/// }
/// ```
pub struct BoxFraming(Box<dyn CloneFraming>);

impl BoxFraming {
    /// Erases the type of a framing.
    pub fn new(framing: impl Framing + Clone + 'static) -> Self {
        Self(Box::new(framing))
    }
}

trait CloneFraming: Framing {
    fn boxed_clone(&self) -> Box<dyn CloneFraming>;
}

impl<F: Framing + Clone + 'static> CloneFraming for F {
    fn boxed_clone(&self) -> Box<dyn CloneFraming> {
        Box::new(self.clone())
    }
}

impl Clone for BoxFraming {
    fn clone(&self) -> Self {
        Self((*self.0).boxed_clone())
    }
}

impl std::fmt::Debug for BoxFraming {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BoxFraming")
    }
}

impl Framing for BoxFraming {
    // No glances: through a pointer one costs as much as `split`, which must be called anyway where it says nothing.
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        self.0.split(input)
    }
    fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        self.0.finish(out, start)
    }
    fn header_len(&self) -> usize {
        self.0.header_len()
    }
    fn trailer_len(&self) -> usize {
        self.0.trailer_len()
    }
    fn fills_in(&self) -> bool {
        self.0.fills_in()
    }
    fn counts_frames(&self) -> bool {
        self.0.counts_frames()
    }
    fn fills_in_by_turns(&self) -> bool {
        self.0.fills_in_by_turns()
    }
    fn filled_in(&mut self, payload: &[u8]) -> Result<Option<Range<usize>>, EncodeError> {
        self.0.filled_in(payload)
    }
    fn takes_any_byte(&self) -> bool {
        self.0.takes_any_byte()
    }
    fn max_len(&self) -> usize {
        self.0.max_len()
    }
    fn parts(&self) -> &[Range<usize>] {
        self.0.parts()
    }
    fn quiet_after(&self) -> Option<Duration> {
        self.0.quiet_after()
    }
    fn set_encodings(&mut self, encodings: &Encodings) -> Result<(), ComposeError> {
        self.0.set_encodings(encodings)
    }
    fn set_doubled(&mut self, byte: u8) -> Result<(), ComposeError> {
        self.0.set_doubled(byte)
    }
    fn is_doubled(&self, byte: u8) -> bool {
        self.0.is_doubled(byte)
    }
    fn layers(&self) -> usize {
        self.0.layers()
    }
    fn validate(&self) -> Result<(), ComposeError> {
        self.0.validate()
    }
    fn is_recovering(&self) -> bool {
        self.0.is_recovering()
    }
    fn swap_sides(&mut self) {
        self.0.swap_sides();
    }
    fn reset(&mut self) {
        self.0.reset();
    }
}
