//! Frames that are lent are those that are owned.

use wirework_core::Framing;

use crate::{Broken, Law, Reads, trace, trace_lent};

/// `Frames::lend` gives the same trace as `Frames::push`, for the same reads: also when the buffer is taken back after a
/// frame.
pub fn lent_and_owned<F: Framing + Clone>(framing: &F, wire: &[u8], reads: &[usize]) -> Result<(), Broken> {
    let reads = Reads::of(reads);
    let expected = trace(framing, wire, &reads);
    for frames_a_lend in [usize::MAX, 1] {
        let found = trace_lent(framing, wire, &reads, frames_a_lend);
        if found != expected {
            let why = format!("expected is what was owned, found what was lent, in {reads:?}");
            return Err(Broken::new(Law::LentAndOwned, wire, why).expected(expected).found(found));
        }
    }
    Ok(())
}
