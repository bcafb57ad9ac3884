//! Arbitrary payloads, encoded by any composition and decoded again.

use bytes::BytesMut;
use wirework_codecs::Composition;
use wirework_codecs::notation::Composed;
use wirework_core::{Framing, Raw, encode_frame};
use wirework_laws::{Event, Reads, trace};

use crate::choices::Choices;
use crate::stages::{composition, framing};

/// What stands in the buffer before a message is encoded, and must stand there afterwards.
const BEFORE: &[u8] = b"before";

/// Encodes up to three payloads, and holds what the other end makes of them against what was sent. `false` when the
/// composition that was chosen is refused.
///
/// # Panics
/// When something else comes out, or something is written of a payload that is refused.
pub fn round_trip(input: &[u8]) -> bool {
    let mut choices = Choices::new(input);
    let Some(composition) = composition(&mut choices) else { return false };
    let lengths: Vec<usize> = (0..choices.below(3)).map(|_| usize::from(choices.byte())).collect();
    let mut rest = choices.rest();
    let mut payloads: Vec<&[u8]> = Vec::new();
    for len in lengths {
        let (payload, left) = rest.split_at(len.min(rest.len()));
        payloads.push(payload);
        rest = left;
    }
    payloads.push(rest);
    sent_and_back(&composition, &payloads);
    true
}

/// Encodes payloads, and holds what the other end makes of them against what was sent.
///
/// # Panics
/// When something else comes out, or something is written of a payload that is refused.
pub fn sent_and_back(composition: &Composition, payloads: &[&[u8]]) {
    let ours = framing(composition);
    let text = ours.to_string();
    if text.contains("chunk") {
        // Where the frames end is left open.
        encode(composition, &ours, payloads.iter().copied());
        return;
    }
    // What has no end of its own has nothing behind it.
    let payloads = if text.contains("rest") || text.contains("idle") { &payloads[..1] } else { payloads };
    let mut theirs = ours.clone();
    theirs.swap_sides();

    let (sent, wire) = encode(composition, &ours, payloads.iter().copied());
    if wire.is_empty() && text.contains("rest") {
        // A stream in which nothing comes has no frame.
        return;
    }
    let came = decode(composition, &theirs, &wire, &sent);
    if !ours.fills_in() {
        assert_eq!(came, sent, "{composition}: other payloads came out of \"{}\"", wire.escape_ascii());
    }
    // Of what was filled in nothing is left to do.
    let (again, same) = encode(composition, &ours, came.iter().map(Vec::as_slice));
    assert_eq!(again, came, "{composition}: what came was not taken back; it came from \"{}\"", wire.escape_ascii());
    assert_eq!(
        same.escape_ascii().to_string(),
        wire.escape_ascii().to_string(),
        "{composition}: {came:02x?} was sent in two ways"
    );
}

/// Those of the payloads that are taken, and the wire.
fn encode<'a>(
    composition: &Composition,
    framing: &Composed,
    payloads: impl Iterator<Item = &'a [u8]>,
) -> (Vec<Vec<u8>>, Vec<u8>) {
    let mut framing = framing.clone();
    let mut out = BytesMut::from(BEFORE);
    let mut sent = Vec::new();
    for payload in payloads {
        let before = out.clone();
        match encode_frame(&mut framing, &mut Raw, payload, &mut out) {
            Ok(()) => {
                assert!(out.starts_with(&before), "{composition}: what stood before {payload:02x?} changed");
                sent.push(payload.to_vec());
            }
            Err(error) => {
                assert_eq!(out, before, "{composition}: {payload:02x?} was refused and left something behind");
                drop(error.to_string());
            }
        }
    }
    (sent, out[BEFORE.len()..].to_vec())
}

/// The payloads of a wire, which holds as many frames as were sent and nothing else.
fn decode(composition: &Composition, framing: &Composed, wire: &[u8], sent: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut events = trace(framing, wire, &Reads::whole());
    let end = events.pop();
    let came: Vec<Vec<u8>> = events.iter().filter_map(Event::payload).map(<[u8]>::to_vec).collect();
    if end != Some(Event::End) || came.len() != events.len() || came.len() != sent.len() {
        events.extend(end);
        let events: Vec<String> = events.iter().map(Event::to_string).collect();
        panic!("{composition}: sent {sent:02x?}\n as \"{}\"\n found {events:#?}", wire.escape_ascii());
    }
    came
}
