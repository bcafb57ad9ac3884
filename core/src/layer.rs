//! What rewrites a payload inside its frame.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};

use crate::{ComposeError, EncodeError, FrameError, Framing, Input, Step, TextEncoding};

/// Rewrites the payload of one frame, and has an exact inverse: escapes, checksums, padding.
///
/// A framing with a layer is a framing again: [`Layered`].
///
/// ```text
/// in   7E [ 30 7D 02 41 ] 7E   ── undo ──►   30 7E 41
/// out  7E [ 30 7D 02 41 ] 7E   ◄── apply ──  30 7E 41
/// ```
///
/// The law: `undo(apply(p)) == p` for every payload `p` that `apply` accepts.
pub trait Layer: Send {
    /// Undoes the rewriting of a payload that came in. An error makes the frame a bad one; the stream goes on behind it.
    fn undo(&mut self, payload: &[u8]) -> Result<Undone, FrameError>;

    /// Rewrites the payload `out[start..]` in place. On an error the caller drops what was written.
    fn apply(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError>;

    /// Whether text that is rewritten is still text in its encoding, as with a check behind it: the framing may then cut
    /// between its characters. Where it is not, the framing is not told of the encoding, and `Chunks` may halve a
    /// character.
    fn keeps_text(&self) -> bool {
        false
    }
}

/// A payload with its layer taken off.
#[derive(Debug)]
pub enum Undone {
    /// It stands in the rewritten payload as it is: nothing is copied.
    Within(Range<usize>),
    /// It had to be rewritten.
    Rewritten(Bytes),
}

/// A framing whose payloads pass through a [`Layer`].
#[derive(Clone, Debug)]
pub struct Layered<F, L> {
    framing: F,
    layer: L,
}

impl<F: Framing, L: Layer> Layered<F, L> {
    /// Puts `layer` between the frames of `framing` and their payloads.
    pub fn new(framing: F, layer: L) -> Self {
        Self { framing, layer }
    }
}

impl<F: Framing, L: Layer> Framing for Layered<F, L> {
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        let (payload, start, advance) = match self.framing.split(input)? {
            Step::Frame { span, advance } => (input.bytes.get(span.clone()).unwrap_or_default(), span.start, advance),
            Step::Owned { frame, advance } => {
                return Ok(match self.layer.undo(&frame) {
                    Ok(Undone::Within(span)) if span.start <= span.end && span.end <= frame.len() => {
                        Step::Owned { frame: frame.slice(span), advance }
                    }
                    Ok(Undone::Within(_)) => outside(advance),
                    Ok(Undone::Rewritten(frame)) => Step::Owned { frame, advance },
                    Err(error) => Step::Bad { advance, error },
                });
            }
            step => return Ok(step),
        };
        Ok(match self.layer.undo(payload) {
            Ok(Undone::Within(span)) if span.start <= span.end && span.end <= payload.len() => {
                Step::Frame { span: start + span.start..start + span.end, advance }
            }
            Ok(Undone::Within(_)) => outside(advance),
            Ok(Undone::Rewritten(frame)) => Step::Owned { frame, advance },
            Err(error) => Step::Bad { advance, error },
        })
    }

    fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        self.layer.apply(out, start + self.framing.header_len())?;
        self.framing.finish(out, start)
    }

    fn header_len(&self) -> usize {
        self.framing.header_len()
    }

    fn max_len(&self) -> usize {
        self.framing.max_len()
    }

    fn quiet_after(&self) -> Option<Duration> {
        self.framing.quiet_after()
    }

    fn set_encoding(&mut self, encoding: &Arc<dyn TextEncoding>) -> Result<(), ComposeError> {
        if self.layer.keeps_text() { self.framing.set_encoding(encoding) } else { Ok(()) }
    }

    fn reset(&mut self) {
        self.framing.reset();
    }
}

fn outside(advance: usize) -> Step {
    Step::Bad { advance, error: FrameError::NoProgress("a layer's payload lies outside of its frame") }
}
