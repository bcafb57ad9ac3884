//! What several laws ask of one framing, each made once.

use std::cell::RefCell;
use std::rc::Rc;

use wirework_core::Framing;

use crate::promises::Encoded;
use crate::{Event, Promises, Reads, trace, trace_open};

/// Traces and wires of one framing. The laws about one case ask for the same ones again and again, and making them is most
/// of the time that the laws take.
pub(crate) struct Memo<'f, F> {
    pub(crate) framing: &'f F,
    pub(crate) promises: &'f Promises,
    traces: RefCell<Vec<Made<Rc<[Event]>>>>,
    wires: RefCell<Vec<Made<Rc<Encoded>>>>,
}

/// What was made, and of what.
struct Made<T> {
    of: Of,
    made: T,
}

#[derive(PartialEq, Eq)]
enum Of {
    Closed(Vec<u8>, Reads),
    Open(Vec<u8>),
    Payloads(Vec<Vec<u8>>),
}

impl<'f, F: Framing + Clone> Memo<'f, F> {
    pub(crate) fn new(framing: &'f F, promises: &'f Promises) -> Self {
        Self { framing, promises, traces: RefCell::default(), wires: RefCell::default() }
    }

    /// As [`trace`].
    pub(crate) fn trace(&self, wire: &[u8], reads: &Reads) -> Rc<[Event]> {
        let is = |of: &Of| matches!(of, Of::Closed(made, by) if made == wire && by == reads);
        once(&self.traces, is, || (Of::Closed(wire.to_vec(), reads.clone()), trace(self.framing, wire, reads).into()))
    }

    /// As [`trace_open`].
    pub(crate) fn trace_open(&self, wire: &[u8]) -> Rc<[Event]> {
        let is = |of: &Of| matches!(of, Of::Open(made) if made == wire);
        once(&self.traces, is, || (Of::Open(wire.to_vec()), trace_open(self.framing, wire).into()))
    }

    /// What of a [trace](Memo::trace) is the same for every cut.
    pub(crate) fn essence(&self, wire: &[u8], reads: &Reads) -> Rc<[Event]> {
        self.promises.essence(self.trace(wire, reads))
    }

    /// What of an [open trace](Memo::trace_open) is the same for every cut.
    pub(crate) fn essence_open(&self, wire: &[u8]) -> Rc<[Event]> {
        self.promises.essence(self.trace_open(wire))
    }

    /// All of `payloads` that the encoder takes, on one wire.
    pub(crate) fn encode(&self, payloads: &[Vec<u8>]) -> Rc<Encoded> {
        let is = |of: &Of| matches!(of, Of::Payloads(made) if made == payloads);
        once(&self.wires, is, || {
            (Of::Payloads(payloads.to_vec()), Rc::new(self.promises.encode(self.framing, payloads)))
        })
    }
}

/// What was made of this before; or what is made now, and kept. Nothing is borrowed meanwhile: making it may panic.
fn once<T: Clone>(all: &RefCell<Vec<Made<T>>>, is: impl Fn(&Of) -> bool, make: impl FnOnce() -> (Of, T)) -> T {
    if let Some(known) = all.borrow().iter().find(|known| is(&known.of)) {
        return known.made.clone();
    }
    let (of, made) = make();
    all.borrow_mut().push(Made { of, made: made.clone() });
    made
}
