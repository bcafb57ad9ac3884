//! What a codec promises otherwise than usual.

use std::fmt;
use std::sync::Arc;

use bytes::BytesMut;
use wirework_core::{EncodeError, Framing, Raw, encode_frame};

use crate::Event;

/// What a codec promises otherwise than usual. The default is what most do: frames are the same for every cut, a payload
/// comes out as it went in, and no unfinished frame is left out.
#[derive(Clone, Default)]
pub struct Promises {
    joined: bool,
    drops_last: bool,
    fills_in: Option<FillIn>,
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

    pub(crate) fn is_joined(&self) -> bool {
        self.joined
    }

    pub(crate) fn may_drop_last(&self) -> bool {
        self.drops_last
    }

    /// What is the same for every cut: the trace, or with the frames between two errors joined, of which those that hold
    /// nothing leave no trace.
    pub(crate) fn essence(&self, trace: Vec<Event>) -> Vec<Event> {
        if !self.joined {
            return trace;
        }
        let mut joined: Vec<Event> = Vec::new();
        for event in trace {
            match (joined.last_mut(), event) {
                (Some(Event::Frame { payload, .. }), Event::Frame { payload: more, .. }) => payload.extend(more),
                (_, Event::Frame { offset, payload, .. }) => joined.push(Event::Frame { message: 0, offset, payload }),
                (_, Event::Bad { offset, error, .. }) => joined.push(Event::Bad { message: 0, offset, error }),
                (_, Event::Lost { offset, error, .. }) => joined.push(Event::Lost { message: 0, offset, error }),
                (_, Event::End) => joined.push(Event::End),
            }
        }
        joined.retain(|event| event.payload() != Some(b""));
        joined
    }

    /// All of `payloads` that the encoder takes, on one wire, and the trace that this wire is to have.
    pub(crate) fn encode<F: Framing + Clone>(&self, framing: &F, payloads: &[Vec<u8>]) -> Encoded {
        let mut framing = framing.clone();
        let mut encoded = Encoded { wire: BytesMut::new(), frames: Vec::new() };
        for payload in payloads {
            let offset = encoded.wire.len() as u64;
            if encode(&mut framing, payload, &mut encoded.wire).is_ok() {
                let payload = self.fills_in.as_ref().map_or_else(|| payload.clone(), |fill_in| fill_in(payload));
                encoded.frames.push(Event::Frame { message: encoded.frames.len() as u64 + 1, offset, payload });
            }
        }
        encoded.frames = self.essence(encoded.frames);
        encoded
    }
}

/// Payloads on a wire.
pub(crate) struct Encoded {
    pub(crate) wire: BytesMut,
    pub(crate) frames: Vec<Event>,
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
            .finish()
    }
}
