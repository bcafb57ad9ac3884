//! An error does not touch the frames before it.

use wirework_core::Framing;

use crate::{Broken, Event, Law, Promises, Reads, trace};

/// The frames of `payloads` come out just as well when `damage` stands behind them on the wire, all in one read and byte by
/// byte.
pub fn keeps_earlier_frames<F: Framing + Clone>(
    framing: &F,
    payloads: &[Vec<u8>],
    damage: &[u8],
    promises: &Promises,
) -> Result<(), Broken> {
    let whole = promises.encode(framing, payloads).wire;
    let damaged = [&whole[..], damage].concat();
    for reads in [Reads::whole().end_with_last(), Reads::bytes()] {
        let mut expected = promises.essence(trace(framing, &whole, &reads));
        expected.pop_if(|event| event.is_last());
        let found = promises.essence(trace(framing, &damaged, &reads));
        if !begins(&found, &expected, promises) {
            let why = format!("the wire ends with b\"{}\", and the frames before it are gone", damage.escape_ascii());
            return Err(Broken::new(Law::KeepsEarlierFrames, &damaged, why).expected(expected).found(found));
        }
    }
    Ok(())
}

/// Whether a trace begins with these frames; where frames are joined, the first may go on.
pub(crate) fn begins(trace: &[Event], with: &[Event], promises: &Promises) -> bool {
    if promises.is_joined()
        && let Some((last, before)) = with.split_last()
    {
        let at = trace.get(before.len());
        return trace.starts_with(before)
            && match (at.and_then(Event::payload), last.payload()) {
                (Some(payload), Some(wanted)) => payload.starts_with(wanted),
                _ => at == Some(last),
            };
    }
    trace.starts_with(with)
}
