//! An error does not touch the frames before it.

use wirework_core::Framing;

use crate::memo::Memo;
use crate::{Broken, Event, Law, Promises, Reads};

/// The frames of `payloads` come out just as well when `damage` stands behind them on the wire, all in one read and byte by
/// byte.
pub fn keeps_earlier_frames<F: Framing + Clone>(
    framing: &F,
    payloads: &[Vec<u8>],
    damage: &[u8],
    promises: &Promises,
) -> Result<(), Broken> {
    holds(&Memo::new(framing, promises), payloads, damage)
}

pub(crate) fn holds<F: Framing + Clone>(memo: &Memo<'_, F>, payloads: &[Vec<u8>], damage: &[u8]) -> Result<(), Broken> {
    let encoded = memo.encode(payloads);
    let whole = &encoded.wire[..];
    let damaged = [whole, damage].concat();
    for reads in [Reads::whole().end_with_last(), Reads::bytes()] {
        let expected = memo.essence(whole, &reads);
        let expected = match expected.split_last() {
            Some((last, before)) if last.is_last() => before,
            _ => &expected,
        };
        let found = memo.essence(&damaged, &reads);
        if !begins(&found, expected, memo.promises) {
            let why = format!("the wire ends with b\"{}\", and the frames before it are gone", damage.escape_ascii());
            return Err(Broken::new(Law::KeepsEarlierFrames, &damaged, why).expected(expected).found(&found));
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
