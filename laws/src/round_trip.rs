//! What is encoded comes out again.

use bytes::BytesMut;
use wirework_core::Framing;

use crate::memo::Memo;
use crate::promises::{Encoded, encode, other_end};
use crate::{Broken, Event, Law, Promises, Reads};

/// What stands in the buffer before a message is encoded, and must stand there afterwards.
const BEFORE: &[u8] = b"before";

/// Each payload that the encoder takes comes out as one frame, alone and behind others; of one that it refuses, nothing is
/// written.
///
/// Written and read is at the two ends of a connection, where those differ.
pub fn round_trip<F: Framing + Clone>(framing: &F, payloads: &[Vec<u8>], promises: &Promises) -> Result<(), Broken> {
    holds(&Memo::new(framing, promises), payloads)
}

pub(crate) fn holds<F: Framing + Clone>(memo: &Memo<'_, F>, payloads: &[Vec<u8>]) -> Result<(), Broken> {
    for payload in payloads {
        nothing_is_left_of_a_refusal(memo.framing, payload)?;
    }
    if memo.promises.may_run_on() {
        return payloads.iter().try_for_each(|payload| comes_out(memo, std::slice::from_ref(payload)));
    }
    comes_out(memo, payloads)
}

fn nothing_is_left_of_a_refusal<F: Framing + Clone>(framing: &F, payload: &[u8]) -> Result<(), Broken> {
    let mut out = BytesMut::from(BEFORE);
    let refused = encode(&mut other_end(framing), payload, &mut out).is_err();
    if !out.starts_with(BEFORE) || refused && out.len() > BEFORE.len() {
        let what = if refused { "a refused payload left something behind" } else { "what stood before it changed" };
        return Err(Broken::new(Law::RoundTrip, payload, format!("{what}: b\"{}\"", out.escape_ascii())));
    }
    Ok(())
}

fn comes_out<F: Framing + Clone>(memo: &Memo<'_, F>, payloads: &[Vec<u8>]) -> Result<(), Broken> {
    let encoded = memo.encode(payloads);
    let found: Vec<Event> =
        memo.essence(&encoded.wire, &Reads::whole()).iter().cloned().map(Event::without_parts).collect();
    let broken = |why| Broken::new(Law::RoundTrip, &encoded.wire, why).found(&found);
    if memo.promises.may_change_payloads() {
        return is_sent_again(memo, &encoded, &found).map_err(broken);
    }
    let mut expected = encoded.frames.clone();
    expected.push(Event::End);
    if found != expected {
        let why = "what was encoded did not come out; the input is the wire";
        return Err(broken(why).expected(&expected));
    }
    Ok(())
}

/// Each frame that was encoded has come out where it was written, whatever it holds now, and is encoded as the same bytes.
fn is_sent_again<F: Framing + Clone>(
    memo: &Memo<'_, F>,
    encoded: &Encoded,
    found: &[Event],
) -> Result<(), &'static str> {
    let place = |event: &Event| match event {
        Event::Frame { message, offset, .. } => Some((*message, *offset)),
        _ => None,
    };
    let Some((Event::End, frames)) = found.split_last() else {
        return Err("what was encoded did not come out to its end; the input is the wire");
    };
    if !frames.iter().map(place).eq(encoded.frames.iter().map(place)) {
        return Err("what was encoded did not come out frame by frame; the input is the wire");
    }
    let payloads: Vec<Vec<u8>> = frames.iter().filter_map(Event::payload).map(<[u8]>::to_vec).collect();
    if memo.encode(&payloads).wire != encoded.wire {
        return Err("what came out is encoded as other bytes; the input is the wire");
    }
    Ok(())
}

/// [`round_trip`] for payloads of each size near a limit: of nothing, of a length field, of the framing.
pub fn at_size_limits<F: Framing + Clone>(framing: &F, promises: &Promises) -> Result<(), Broken> {
    // A larger limit than this is not worth the time, and none at all has no edge.
    const LARGEST: usize = 2 * 1024 * 1024;
    let max = framing.max_len();
    let fields = [u8::MAX as usize, u16::MAX as usize].map(|field| field.saturating_sub(16)..=field + 1);
    let mut sizes: Vec<usize> = (0..=8).chain(fields.into_iter().flatten()).filter(|size| *size <= max).collect();
    if max <= LARGEST {
        sizes.extend(max.saturating_sub(16)..=max + 1);
    }
    sizes.sort_unstable();
    sizes.dedup();
    for size in sizes {
        round_trip(framing, &[vec![b'x'; size]], promises)?;
    }
    Ok(())
}
