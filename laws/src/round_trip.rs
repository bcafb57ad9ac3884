//! What is encoded comes out again.

use bytes::BytesMut;
use wirework_core::Framing;

use crate::promises::encode;
use crate::{Broken, Event, Law, Promises, Reads, trace};

/// What stands in the buffer before a message is encoded, and must stand there afterwards.
const BEFORE: &[u8] = b"before";

/// Each payload that the encoder takes comes out as one frame, alone and behind others; of one that it refuses, nothing is
/// written.
pub fn round_trip<F: Framing + Clone>(framing: &F, payloads: &[Vec<u8>], promises: &Promises) -> Result<(), Broken> {
    for payload in payloads {
        let mut out = BytesMut::from(BEFORE);
        let refused = encode(&mut framing.clone(), payload, &mut out).is_err();
        if !out.starts_with(BEFORE) || refused && out.len() > BEFORE.len() {
            let what = if refused { "a refused payload left something behind" } else { "what stood before it changed" };
            return Err(Broken::new(Law::RoundTrip, payload, format!("{what}: b\"{}\"", out.escape_ascii())));
        }
    }
    let encoded = promises.encode(framing, payloads);
    let mut expected = encoded.frames;
    expected.push(Event::End);
    let found = promises.essence(trace(framing, &encoded.wire, &Reads::whole()));
    if found != expected {
        let why = "what was encoded did not come out; the input is the wire";
        return Err(Broken::new(Law::RoundTrip, &encoded.wire, why).expected(expected).found(found));
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
