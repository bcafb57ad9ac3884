//! What rewrites a payload inside its frame.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};

use crate::{ComposeError, EncodeError, FrameError, Framing, Input, Step, TextEncoding};

/// Rewrites the payload of one frame, and has an exact inverse: escapes, checks, padding.
///
/// A framing with a layer is a framing again: [`Layered`].
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

    /// Rewrites the payload `out[start..]` in place. On an error the caller drops what was written.
    fn apply(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError>;

    /// Writes what depends on the bytes in front of it into the room that [`apply`](Layer::apply) made. A layer that
    /// [covers the frame](Layer::covers_frame), or stands right behind a framing that [fills in](Framing::fills_in) a
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

    /// Whether it looks at bytes of the frame outside of the payload, and so must stand right behind the framing.
    fn covers_frame(&self) -> bool {
        false
    }

    /// Whether bytes of the payload become other bytes.
    fn rewrites(&self) -> bool {
        false
    }

    /// The byte that it writes twice wherever it stands, if that is what it does: the framing is told.
    fn doubles(&self) -> Option<u8> {
        None
    }

    /// Whether text that is rewritten is still text in its encoding, as with a check behind it: the framing may then cut
    /// between its characters. Where it is not, the framing is not told of the encoding, and `Chunks` may halve a
    /// character.
    fn keeps_text(&self) -> bool {
        false
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

/// A framing whose payloads pass through a [`Layer`].
#[derive(Clone, Debug)]
pub struct Layered<F, L> {
    framing: F,
    layer: L,
    agreed: Result<(), ComposeError>,
    /// The framing's parts, within what the layer left of the payload.
    parts: Vec<Range<usize>>,
}

impl<F: Framing, L: Layer> Layered<F, L> {
    /// Puts `layer` between the frames of `framing` and their payloads.
    pub fn new(mut framing: F, layer: L) -> Self {
        let agreed = agree(&mut framing, &layer);
        Self { framing, layer, agreed, parts: Vec::new() }
    }

    /// The framing.
    pub fn framing(&self) -> &F {
        &self.framing
    }

    /// The layer.
    pub fn layer(&self) -> &L {
        &self.layer
    }

    /// What becomes of a frame `advance` bytes long whose payload is `frame[payload]`.
    #[inline]
    fn undo(&mut self, frame: &[u8], payload: Range<usize>, advance: usize) -> Result<Step, FrameError> {
        let (start, len) = (payload.start, payload.len());
        let undone = match self.layer.undo(Framed { frame, payload }) {
            // The driver cannot see how long a frame was that is left out, or that ends the stream.
            Ok(Undone::Dropped) | Err(_) if advance > self.framing.max_len() => {
                return Err(FrameError::TooLong { claimed: None, max: self.framing.max_len() });
            }
            undone => undone?,
        };
        Ok(match undone {
            Undone::Within(span) if span.start <= span.end && span.end <= len => {
                self.narrow_parts(&span);
                Step::Frame { span: start + span.start..start + span.end, advance }
            }
            Undone::Within(_) => {
                Step::Bad { advance, error: FrameError::NoProgress("a layer's payload lies outside of its frame") }
            }
            Undone::Rewritten(frame) => {
                self.parts.clear();
                Step::Owned { frame, advance }
            }
            Undone::Bad(error) => Step::Bad { advance, error },
            Undone::Dropped => Step::Skip(advance),
        })
    }

    #[inline]
    fn narrow_parts(&mut self, span: &Range<usize>) {
        let parts = self.framing.parts();
        if parts.is_empty() && self.parts.is_empty() {
            return;
        }
        let narrow = |at: usize| at.clamp(span.start, span.end) - span.start;
        self.parts.clear();
        self.parts.extend(parts.iter().map(|part| narrow(part.start)..narrow(part.end)));
    }
}

/// Equal when put together of equals, however far each has come in its stream.
impl<F: PartialEq, L: PartialEq> PartialEq for Layered<F, L> {
    fn eq(&self, other: &Self) -> bool {
        self.framing == other.framing && self.layer == other.layer
    }
}

fn agree<F: Framing, L: Layer>(framing: &mut F, layer: &L) -> Result<(), ComposeError> {
    framing.validate()?;
    layer.validate()?;
    if let Some(byte) = layer.doubles() {
        framing.set_doubled(byte)?;
    }
    if framing.layers() > 0 && layer.covers_frame() {
        return Err(ComposeError::new(
            "a check over the whole frame must stand right behind the framing; put the other layers behind it",
        ));
    }
    if layer.covers_frame() && !framing.takes_any_byte() {
        return Err(ComposeError::new(
            "a check over the whole frame is known only when the framing has looked for its marks, and may be one of \
             them; let the check cover the payload, into which a Constant behind the check puts what else it covers",
        ));
    }
    if framing.fills_in() && layer.rewrites() {
        return Err(ComposeError::new(
            "the length stands in the payload's own header, which an escape would rewrite; use a length at the start, \
             whose header is not part of the payload",
        ));
    }
    if framing.fills_in() && layer.seals() && framing.layers() > 0 {
        return Err(ComposeError::new(
            "this check covers a length that is filled in after it; put the check right behind the framing",
        ));
    }
    Ok(())
}

impl<F: Framing, L: Layer> Framing for Layered<F, L> {
    #[inline]
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        match self.framing.split(input)? {
            Step::Frame { span, advance } => {
                let frame = input.bytes.get(..advance).unwrap_or_default();
                self.undo(frame, span, advance)
            }
            Step::Owned { frame, advance } => match self.undo(&frame, 0..frame.len(), advance)? {
                Step::Frame { span, advance } => Ok(Step::Owned { frame: frame.slice(span), advance }),
                step => Ok(step),
            },
            step => Ok(step),
        }
    }

    fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        let header = self.framing.header_len();
        let body = start.saturating_add(header);
        self.layer.apply(out, body)?;
        let len = out.len().saturating_sub(body);
        if self.framing.layers() > 0 || !(self.layer.covers_frame() || self.framing.fills_in()) {
            self.layer.seal(out.get_mut(body..).unwrap_or_default(), 0..len)?;
            return self.framing.finish(out, start);
        }
        self.framing.finish(out, start)?;
        let frame = out.get_mut(start..).unwrap_or_default();
        let end = frame.len().saturating_sub(self.framing.trailer_len());
        // What stands in front of a payload may take less than the room that was made for it.
        let from = if header == 0 { 0 } else { end.saturating_sub(len) };
        self.layer.seal(frame, from..end)
    }

    fn header_len(&self) -> usize {
        self.framing.header_len()
    }

    fn trailer_len(&self) -> usize {
        self.framing.trailer_len()
    }

    fn fills_in(&self) -> bool {
        self.framing.fills_in()
    }

    fn max_len(&self) -> usize {
        self.framing.max_len()
    }

    fn parts(&self) -> &[Range<usize>] {
        &self.parts
    }

    fn quiet_after(&self) -> Option<Duration> {
        self.framing.quiet_after()
    }

    fn set_encoding(&mut self, encoding: &Arc<dyn TextEncoding>) -> Result<(), ComposeError> {
        if self.layer.keeps_text() { self.framing.set_encoding(encoding) } else { Ok(()) }
    }

    fn set_doubled(&mut self, byte: u8) -> Result<(), ComposeError> {
        Err(ComposeError::new(format!(
            "what another layer writes around a payload is not doubled, and a single {byte:02X} in it would mislead the \
             framing; put the doubling right behind the framing"
        )))
    }

    fn layers(&self) -> usize {
        self.framing.layers() + 1
    }

    fn validate(&self) -> Result<(), ComposeError> {
        self.agreed.clone()
    }

    fn swap_sides(&mut self) {
        self.framing.swap_sides();
    }

    fn reset(&mut self) {
        self.framing.reset();
    }
}
