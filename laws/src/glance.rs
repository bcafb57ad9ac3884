//! What a glance shows is what a look finds.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use wirework_core::{ComposeError, EncodeError, FrameError, Framing, Input, Step, TextEncoding};

use crate::memo::Memo;
use crate::{Broken, Law, Promises, Reads, trace};

/// The trace is the same, with the parts of each frame, when nobody asks for a [glance](Framing::glance): what it shows is
/// the frame that [`split`](Framing::split) finds, which has no parts and leaves nothing behind.
pub fn glance<F: Framing + Clone>(framing: &F, wire: &[u8], reads: &[usize]) -> Result<(), Broken> {
    holds(&Memo::new(framing, &Promises::default()), wire, reads)
}

pub(crate) fn holds<F: Framing + Clone>(memo: &Memo<'_, F>, wire: &[u8], reads: &[usize]) -> Result<(), Broken> {
    for reads in [Reads::whole(), Reads::of(reads)] {
        let expected = trace(&Looks(memo.framing.clone()), wire, &reads);
        let found = memo.trace(wire, &reads);
        if *found != *expected {
            let why = format!("expected is what a look finds, found what comes with glances, in {reads:?}");
            return Err(Broken::new(Law::Glance, wire, why).expected(&expected).found(&found));
        }
    }
    Ok(())
}

/// A framing that is never asked for a glance.
#[derive(Clone)]
struct Looks<F>(F);

impl<F: Framing> Framing for Looks<F> {
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
    fn set_encoding(&mut self, encoding: &Arc<dyn TextEncoding>) -> Result<(), ComposeError> {
        self.0.set_encoding(encoding)
    }
    fn set_doubled(&mut self, byte: u8) -> Result<(), ComposeError> {
        self.0.set_doubled(byte)
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
