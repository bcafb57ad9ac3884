//! Frames that are lent are those that are owned.

use wirework_core::Framing;

use crate::memo::Memo;
use crate::{Broken, Law, Promises, Reads, trace_lent};

/// `Frames::lend` gives the same trace as `Frames::push`, for the same reads: also when the buffer is taken back after a
/// frame.
pub fn lent_and_owned<F: Framing + Clone>(framing: &F, wire: &[u8], reads: &[usize]) -> Result<(), Broken> {
    holds(&Memo::new(framing, &Promises::default()), wire, reads)
}

pub(crate) fn holds<F: Framing + Clone>(memo: &Memo<'_, F>, wire: &[u8], reads: &[usize]) -> Result<(), Broken> {
    let reads = Reads::of(reads);
    let expected = memo.trace(wire, &reads);
    for frames_a_lend in [usize::MAX, 1] {
        let found = trace_lent(memo.framing, wire, &reads, frames_a_lend);
        if *found != *expected {
            let why = format!("expected is what was owned, found what was lent, in {reads:?}");
            return Err(Broken::new(Law::LentAndOwned, wire, why).expected(&expected).found(&found));
        }
    }
    Ok(())
}
