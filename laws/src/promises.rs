//! What a codec promises otherwise than usual.

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use bytes::BytesMut;
use wirework_core::{EncodeError, Framing, Raw, encode_frame};

use crate::{Event, Law};

/// What a codec promises otherwise than usual. The default is what most do: frames are the same for every cut, a payload
/// comes out as it went in, and no unfinished frame is left out.
#[derive(Clone, Default)]
pub struct Promises {
    joined: bool,
    drops_last: bool,
    fills_in: Option<FillIn>,
    changes_payloads: bool,
    runs_on: bool,
    cut_by_reads: bool,
}

type FillIn = Arc<dyn Fn(&[u8]) -> Vec<u8> + Send + Sync>;

impl Promises {
    /// Where one frame ends and the next begins is left open; all frames together are the same for every cut.
    pub fn joined(mut self) -> Self {
        self.joined = true;
        self
    }

    /// A last frame that the stream ends without ending is left out, without a word.
    pub fn drops_last(mut self) -> Self {
        self.drops_last = true;
        self
    }

    /// The encoder fills something into the payload itself, such as a length into the caller's header: what the payload
    /// is afterwards.
    pub fn fills_in(mut self, fill_in: impl Fn(&[u8]) -> Vec<u8> + Send + Sync + 'static) -> Self {
        self.fills_in = Some(Arc::new(fill_in));
        self
    }

    /// As [`fills_in`](Promises::fills_in) where nobody says what the payload is afterwards: whatever comes out is sent as
    /// the same bytes once more.
    pub fn changes_payloads(mut self) -> Self {
        self.changes_payloads = true;
        self
    }

    /// A frame goes on until the line falls silent or the stream ends, so that each is tried alone on its wire.
    pub fn runs_on(mut self) -> Self {
        self.runs_on = true;
        self
    }

    /// Where a frame ends depends on how the bytes were read, and so does what a layer or another framing makes of it: the
    /// laws about what comes out of a wire are left out.
    pub fn cut_by_reads(mut self) -> Self {
        self.cut_by_reads = true;
        self.runs_on = true;
        self
    }

    /// Whether `law` is one for such a codec.
    pub(crate) fn asks_for(&self, law: Law) -> bool {
        match law {
            Law::RoundTrip | Law::Segmentation | Law::Messages | Law::Prefix => !self.cut_by_reads,
            Law::KeepsEarlierFrames => !self.runs_on,
            _ => true,
        }
    }

    pub(crate) fn may_change_payloads(&self) -> bool {
        self.changes_payloads
    }

    pub(crate) fn may_run_on(&self) -> bool {
        self.runs_on
    }

    pub(crate) fn is_joined(&self) -> bool {
        self.joined
    }

    pub(crate) fn may_drop_last(&self) -> bool {
        self.drops_last
    }

    /// What is the same for every cut: the trace, or with the frames between two errors joined, of which those that hold
    /// nothing leave no trace.
    pub(crate) fn essence(&self, trace: Rc<[Event]>) -> Rc<[Event]> {
        if !self.joined {
            return trace;
        }
        let mut joined: Vec<Event> = Vec::new();
        for event in trace.iter().cloned() {
            match (joined.last_mut(), event) {
                (Some(Event::Frame { payload, .. }), Event::Frame { payload: more, .. }) => payload.extend(more),
                (_, Event::Frame { offset, payload, .. }) => {
                    joined.push(Event::Frame { message: 0, offset, payload, parts: Vec::new() });
                }
                (_, Event::Bad { offset, error, .. }) => joined.push(Event::Bad { message: 0, offset, error }),
                (_, Event::Lost { offset, error, .. }) => joined.push(Event::Lost { message: 0, offset, error }),
                (_, Event::End) => joined.push(Event::End),
            }
        }
        joined.retain(|event| event.payload() != Some(b""));
        joined.into()
    }

    /// All of `payloads` that the encoder takes, on one wire, and the trace that this wire is to have.
    pub(crate) fn encode<F: Framing + Clone>(&self, framing: &F, payloads: &[Vec<u8>]) -> Encoded {
        let mut framing = other_end(framing);
        let mut encoded = Encoded { wire: BytesMut::new(), frames: Vec::new() };
        for payload in payloads {
            let offset = encoded.wire.len() as u64;
            if encode(&mut framing, payload, &mut encoded.wire).is_ok() {
                if self.runs_on && encoded.wire.len() as u64 == offset {
                    // A stream of nothing holds no frame.
                    continue;
                }
                let payload = self.fills_in.as_ref().map_or_else(|| payload.clone(), |fill_in| fill_in(payload));
                let message = encoded.frames.len() as u64 + 1;
                encoded.frames.push(Event::Frame { message, offset, payload, parts: Vec::new() });
            }
        }
        if self.joined {
            encoded.frames = self.essence(encoded.frames.into()).to_vec();
        }
        encoded
    }
}

/// Payloads on a wire.
pub(crate) struct Encoded {
    pub(crate) wire: BytesMut,
    pub(crate) frames: Vec<Event>,
}

/// The framing that writes what `framing` reads.
pub(crate) fn other_end<F: Framing + Clone>(framing: &F) -> F {
    let mut other = framing.clone();
    other.swap_sides();
    other
}

pub(crate) fn encode<F: Framing>(framing: &mut F, payload: &[u8], out: &mut BytesMut) -> Result<(), EncodeError> {
    encode_frame(framing, &mut Raw, payload, out)
}

impl fmt::Debug for Promises {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Promises")
            .field("joined", &self.joined)
            .field("drops_last", &self.drops_last)
            .field("fills_in", &self.fills_in.is_some())
            .field("changes_payloads", &self.changes_payloads)
            .field("runs_on", &self.runs_on)
            .field("cut_by_reads", &self.cut_by_reads)
            .finish()
    }
}
