//! The frames of the beginning of a wire are the beginning of its frames.

use wirework_core::Framing;

use crate::keeps_earlier_frames::begins;
use crate::memo::Memo;
use crate::{Broken, Law, Promises};

/// What comes out of the first bytes of `wire`, up to `cut` (modulo its length), begins what comes out of all of it.
pub fn prefix<F: Framing + Clone>(framing: &F, wire: &[u8], cut: usize, promises: &Promises) -> Result<(), Broken> {
    holds(&Memo::new(framing, promises), wire, cut)
}

pub(crate) fn holds<F: Framing + Clone>(memo: &Memo<'_, F>, wire: &[u8], cut: usize) -> Result<(), Broken> {
    let all = memo.essence_open(wire);
    for cut in [cut % wire.len().max(1), wire.len().saturating_sub(1)] {
        let first = memo.essence_open(wire.get(..cut).unwrap_or_default());
        if !begins(&all, &first, memo.promises) {
            let why = format!("expected are the frames of the first {cut} bytes, found those of all");
            return Err(Broken::new(Law::Prefix, wire, why).expected(&first).found(&all));
        }
    }
    Ok(())
}
