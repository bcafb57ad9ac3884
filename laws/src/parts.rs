//! The parts of a frame lie in it.

use wirework_core::Framing;

use crate::memo::Memo;
use crate::{Broken, Event, Law, Promises, Reads};

/// The [parts](Framing::parts) of a frame lie inside its payload. That they are the same for every cut, and for a reader with
/// a buffer of its own, say the laws about traces.
pub fn parts<F: Framing + Clone>(framing: &F, wire: &[u8]) -> Result<(), Broken> {
    holds(&Memo::new(framing, &Promises::default()), wire)
}

pub(crate) fn holds<F: Framing + Clone>(memo: &Memo<'_, F>, wire: &[u8]) -> Result<(), Broken> {
    let found = memo.trace(wire, &Reads::whole());
    let lie_inside = |event: &Event| match event {
        Event::Frame { payload, parts, .. } => parts.iter().all(|part| payload.get(part.clone()).is_some()),
        _ => true,
    };
    if found.iter().all(lie_inside) {
        return Ok(());
    }
    Err(Broken::new(Law::Parts, wire, "a part does not lie inside of its payload").found(&found))
}
