//! One end or one loss, then silence; and an unfinished frame is not forgotten.

use wirework_core::{Frames, Framing};

use crate::memo::Memo;
use crate::{Broken, Event, Law, Promises, Reads};

/// After the end of the stream exactly one end or one loss comes, and nothing from then on. A frame of `payload` that the
/// stream ends without ending leaves a trace.
pub fn end_of_stream<F: Framing + Clone>(
    framing: &F,
    wire: &[u8],
    payload: &[u8],
    cut: usize,
    promises: &Promises,
) -> Result<(), Broken> {
    holds(&Memo::new(framing, promises), wire, payload, cut)
}

pub(crate) fn holds<F: Framing + Clone>(
    memo: &Memo<'_, F>,
    wire: &[u8],
    payload: &[u8],
    cut: usize,
) -> Result<(), Broken> {
    let found = memo.trace(wire, &Reads::whole());
    if found.iter().position(Event::is_last) != found.len().checked_sub(1) {
        return Err(Broken::new(Law::EndOfStream, wire, "there is not one end, or not at the end").found(&found));
    }
    silence(memo.framing, wire)?;
    if memo.promises.may_drop_last() {
        return Ok(());
    }
    let encoded = memo.encode(&[payload.to_vec()]);
    let unfinished = encoded.wire.get(..cut % encoded.wire.len().max(1)).unwrap_or_default();
    let found = memo.trace(unfinished, &Reads::whole());
    if !unfinished.is_empty() && *found == [Event::End] {
        return Err(Broken::new(Law::EndOfStream, unfinished, "an unfinished frame is forgotten").found(&found));
    }
    Ok(())
}

fn silence<F: Framing + Clone>(framing: &F, wire: &[u8]) -> Result<(), Broken> {
    let mut frames = Frames::new(framing.clone());
    frames.push(wire);
    frames.close();
    // Every frame takes a byte, and the end comes on top.
    for _ in 0..=wire.len() + 1 {
        if matches!(frames.next(), Ok(None)) {
            break;
        }
    }
    for late in [&b""[..], wire] {
        frames.push(late);
        if !matches!(frames.next(), Ok(None)) || !frames.is_over() {
            return Err(Broken::new(Law::EndOfStream, wire, "something came after the end"));
        }
    }
    Ok(())
}
