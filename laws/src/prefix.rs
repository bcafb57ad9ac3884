//! The frames of the beginning of a wire are the beginning of its frames.

use wirework_core::Framing;

use crate::keeps_earlier_frames::begins;
use crate::{Broken, Law, Promises, trace_open};

/// What comes out of the first bytes of `wire`, up to `cut` (modulo its length), begins what comes out of all of it.
pub fn prefix<F: Framing + Clone>(framing: &F, wire: &[u8], cut: usize, promises: &Promises) -> Result<(), Broken> {
    let all = promises.essence(trace_open(framing, wire));
    for cut in [cut % wire.len().max(1), wire.len().saturating_sub(1)] {
        let first = promises.essence(trace_open(framing, wire.get(..cut).unwrap_or_default()));
        if !begins(&all, &first, promises) {
            let why = format!("expected are the frames of the first {cut} bytes, found those of all");
            return Err(Broken::new(Law::Prefix, wire, why).expected(first).found(all));
        }
    }
    Ok(())
}
