//! The trace is the same for every way of cutting the wire.

use wirework_core::Framing;

use crate::memo::Memo;
use crate::{Broken, Law, Promises, Reads};

/// The trace of `wire` is the same whole, byte by byte and in these `reads`; and whether or not the end of the stream is
/// known together with the last bytes.
pub fn segmentation<F: Framing + Clone>(
    framing: &F,
    wire: &[u8],
    reads: &[usize],
    promises: &Promises,
) -> Result<(), Broken> {
    holds(&Memo::new(framing, promises), wire, reads)
}

pub(crate) fn holds<F: Framing + Clone>(memo: &Memo<'_, F>, wire: &[u8], reads: &[usize]) -> Result<(), Broken> {
    let expected = memo.essence(wire, &Reads::whole());
    for reads in [Reads::bytes(), Reads::of(reads), Reads::whole().end_with_last(), Reads::bytes().end_with_last()] {
        let found = memo.essence(wire, &reads);
        if found != expected {
            let why = format!("expected is the trace of the whole, found that of {reads:?}");
            return Err(Broken::new(Law::Segmentation, wire, why).expected(&expected).found(&found));
        }
    }
    Ok(())
}
