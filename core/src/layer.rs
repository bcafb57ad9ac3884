//! What rewrites a payload inside its frame.

use std::ops::Range;

use bytes::{Bytes, BytesMut};

use crate::{ByteKept, BytesKept, ComposeError, EncodeError, FrameError, TextEncoding, TextKept};

/// Rewrites the payload of one frame, and has an exact inverse: escapes, checks, padding.
///
/// A framing with a layer is a framing again: [`Layered`](crate::Layered).
///
/// ```text
/// in   7E [ 30 7D 02 41 ] 7E   ── undo ──►   30 7E 41
/// out  7E [ 30 7D 02 41 ] 7E   ◄── apply ──  30 7E 41
/// ```
///
/// The law: `undo(apply(p)) == p` for every payload `p` that `apply` accepts.
///
/// Most layers know the payload alone. A check that covers the header, which the framing writes, makes room for its value
/// in [`apply`](Layer::apply) and fills it in when the frame is whole, in [`seal`](Layer::seal).
pub trait Layer: Send {
    /// Undoes the rewriting of a payload that came in. An error loses the stream; a frame that is merely bad is
    /// [`Undone::Bad`].
    fn undo(&mut self, framed: Framed<'_>) -> Result<Undone, FrameError>;

    /// What [`undo`](Layer::undo) comes to, for layers to which a few instructions can tell that the payload stands
    /// [`Within`](Undone::Within). `None` says nothing: `undo` is called. As [`Framing::glance`](crate::Framing::glance).
    #[inline(always)]
    fn glance(&self, framed: Framed<'_>) -> Option<Range<usize>> {
        let _ = framed;
        None
    }

    /// Rewrites the payload `out[start..]` in place. On an error the caller drops what was written.
    fn apply(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError>;

    /// Writes what depends on the bytes in front of it into the room that [`apply`](Layer::apply) made. A layer that
    /// [covers the frame](Layer::covers_frame), or stands right behind a framing that [fills in](crate::Framing::fills_in) a
    /// length, sees the whole frame as it goes onto the wire; all others see the payload alone, before the framing has
    /// looked for its marks in it.
    fn seal(&mut self, frame: &mut [u8], payload: Range<usize>) -> Result<(), EncodeError> {
        let _ = (frame, payload);
        Ok(())
    }

    /// Whether [`seal`](Layer::seal) writes anything: its value depends on what the framing fills in.
    fn seals(&self) -> bool {
        false
    }

    /// The bytes that [`apply`](Layer::apply) puts in front of a payload.
    fn puts_before(&self) -> &[u8] {
        &[]
    }

    /// Whether it looks at bytes of the frame outside of the payload, and so must stand right behind the framing.
    fn covers_frame(&self) -> bool {
        false
    }

    /// Whether bytes of the payload become other bytes.
    fn rewrites(&self) -> bool {
        false
    }

    /// Whether how much it adds, and what it takes off again, depends on the payload: padding does. Over a framing that
    /// [fills in](crate::Framing::fills_in) a length, a message is refused that is then filled up otherwise.
    fn pads(&self) -> bool {
        false
    }

    /// The byte that it writes twice wherever it stands, if that is what it does: the framing is told.
    fn doubles(&self) -> Option<u8> {
        None
    }

    /// What it leaves of text in this encoding. The framing is told, so that it cuts between characters, or refuses to where
    /// that cannot be done. Unless a layer says more, nothing is known of any byte that it writes.
    fn keeps_text(&self, encoding: &dyn TextEncoding) -> TextKept {
        let _ = encoding;
        TextKept::Rewritten(BytesKept::new(|_| ByteKept::Unsure))
    }

    /// Whether it can work as it was put together, or what to write instead.
    fn validate(&self) -> Result<(), ComposeError> {
        Ok(())
    }
}

/// A payload where it stands in its frame.
#[derive(Clone, Debug)]
pub struct Framed<'a> {
    /// All bytes of the frame; for a payload that was rewritten before, the payload alone.
    pub frame: &'a [u8],
    /// Where in `frame` the payload stands. It lies inside.
    pub payload: Range<usize>,
}

impl<'a> Framed<'a> {
    /// The payload.
    #[inline]
    pub fn payload(&self) -> &'a [u8] {
        self.frame.get(self.payload.clone()).unwrap_or_default()
    }
}

/// A payload with its layer taken off.
#[derive(Debug)]
pub enum Undone {
    /// It stands in the rewritten payload as it is: nothing is copied.
    Within(Range<usize>),
    /// It had to be rewritten.
    Rewritten(Bytes),
    /// The frame is bad; the stream goes on behind it.
    Bad(FrameError),
    /// The frame is left out, without a word.
    Dropped,
}
