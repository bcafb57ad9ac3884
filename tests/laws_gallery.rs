//! The laws over every composition of the gallery: tests/gallery/protocols.toml.

#[path = "laws_support/cases.rs"]
mod cases;
mod gallery_support;

use std::panic::{AssertUnwindSafe, catch_unwind};

use cases::holds;
use gallery_support::{Protocol, protocols};
use proptest::prelude::*;
use proptest::sample::Index;
use wirework::Composition;
use wirework::core::{BytesMut, Codec, EncodeError, FrameError, Framing, Input, Raw, Step, encode_frame};
use wirework::notation::{Composed, Meaning};
use wirework_laws::{Laws, Promises};
use wirework_laws::{end_of_stream, lent_and_owned, memory, no_panic, prefix, progress, round_trip, segmentation};

/// Half of the protocols each, for two processors.
#[test]
fn every_composition_keeps_the_laws() {
    all(0);
}

#[test]
fn every_other_composition_keeps_the_laws() {
    all(1);
}

fn all(half: usize) {
    let mut seen = Vec::new();
    let mut wrong = Vec::new();
    for protocol in protocols() {
        let composition = protocol.composition().expect("tests/gallery.rs has read it");
        let framing = composition.framing().to_string();
        // Protocols that are framed alike are tried once.
        if seen.contains(&framing) {
            continue;
        }
        seen.push(framing);
        if seen.len() % 2 != half {
            continue;
        }
        let broken = catch_unwind(AssertUnwindSafe(|| check(&protocol, &composition)));
        if let Err(panic) = broken {
            let why = panic.downcast_ref::<String>().cloned().unwrap_or_default();
            wrong.push(format!("{}: {why}", protocol.name));
        }
    }
    assert!(wrong.is_empty(), "{} of the protocols:\n{}", wrong.len(), wrong.join("\n"));
}

fn check(protocol: &Protocol, composition: &Composition) {
    let framing = composition.framing().clone();
    match composition.meaning() {
        _ if framing.to_string().starts_with("duplex(") => {
            let mut other = framing.clone();
            other.swap_sides();
            laws(protocol, &framing, Sides { reads: framing.clone(), writes: other.clone() });
            laws(protocol, &other, Sides { reads: other.clone(), writes: framing.clone() });
        }
        _ if framing.quiet_after().is_some() => alone(protocol, &framing),
        Meaning::Text(_) => laws(protocol, &framing, composition.clone().text().expect("it is text")),
        _ => laws(protocol, &framing, framing.clone()),
    }
}

fn laws<C: Codec>(protocol: &Protocol, framing: &Composed, codec: C)
where
    C::Framing: Clone,
{
    let mut payloads = mutations(&protocol.frames);
    if let Some(later) = fills_in_by_turns(framing) {
        // What is filled in depends on which frame it is, and so is no function of the payload. Payloads are drawn in which
        // all is as it would be filled in.
        let (framing, frames) = (framing.clone(), protocol.frames.clone());
        let fill = move |payload: Vec<u8>| filled(&framing, &frames, &filled(&later, &frames, &payload));
        payloads = payloads.prop_map(fill).boxed();
    }
    let laws = Laws::new(codec).payloads(payloads).wires(mutations(std::slice::from_ref(&protocol.wire)));
    laws.promises(promises(protocol, framing)).check();
}

fn promises(protocol: &Protocol, framing: &Composed) -> Promises {
    let name = framing.to_string();
    let read = name.strip_prefix("duplex(").and_then(|sides| sides.split_once(", ")).map_or(&*name, |(read, _)| read);
    let joins = ["chunk", "rest"].iter().any(|word| read.contains(word));
    let promises = if joins { Promises::default().joined() } else { Promises::default() };
    if !framing.fills_in() && fills_in_by_turns(framing).is_none() {
        return promises;
    }
    let (framing, frames) = (framing.clone(), protocol.frames.clone());
    promises.fills_in(move |payload| filled(&framing, &frames, payload))
}

/// What is read by one side of a connection and written by the other.
#[derive(Clone)]
struct Sides {
    reads: Composed,
    writes: Composed,
}

impl Framing for Sides {
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        self.reads.split(input)
    }

    fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        self.writes.finish(out, start)
    }

    fn header_len(&self) -> usize {
        self.writes.header_len()
    }

    fn max_len(&self) -> usize {
        self.reads.max_len()
    }

    fn reset(&mut self) {
        self.reads.reset();
    }
}

/// The laws where silence ends a frame: without it two frames are one, whose check fails. So there is one on a wire.
fn alone(protocol: &Protocol, framing: &Composed) {
    let promises = Promises::default();
    let wires = prop_oneof![mutations(std::slice::from_ref(&protocol.wire)), mutations(&protocol.frames)];
    let inputs = (mutations(&protocol.frames), wires, prop::collection::vec(1..9usize, 1..5), 0..64usize);
    holds(inputs, |(payload, wire, reads, cut)| {
        let attempt = round_trip(framing, std::slice::from_ref(&payload), &promises)
            .and_then(|()| segmentation(framing, &wire, &reads, &promises))
            .and_then(|()| lent_and_owned(framing, &wire, &reads))
            .and_then(|()| no_panic(framing, &wire, &reads))
            .and_then(|()| progress(framing, &wire))
            .and_then(|()| memory(framing, &wire, &reads))
            .and_then(|()| end_of_stream(framing, &wire, &payload, cut, &promises))
            .and_then(|()| prefix(framing, &wire, cut, &promises));
        attempt.map_err(|broken| TestCaseError::fail(broken.to_string()))
    });
}

/// What `payload` is when a length has been filled in: what stands on its wire without what the framing and its layers
/// put around a payload, which is as much as they put around the frames of the gallery. Nothing is decoded for it.
fn filled(framing: &Composed, frames: &[Vec<u8>], payload: &[u8]) -> Vec<u8> {
    let Some(wire) = encoded(framing, payload).filter(|wire| wire != payload) else { return payload.to_vec() };
    let around = frames.iter().find_map(|frame| {
        let wire = encoded(framing, frame)?;
        let front = wire.windows(frame.len().max(1)).position(|window| window == frame)?;
        Some((front, wire.len() - front - frame.len()))
    });
    let (front, behind) = around.expect("a frame of the gallery stands on its wire as it is");
    wire[front..wire.len() - behind].to_vec()
}

fn encoded(framing: &Composed, payload: &[u8]) -> Option<Vec<u8>> {
    let mut wire = BytesMut::new();
    encode_frame(&mut framing.clone(), &mut Raw, payload, &mut wire).ok()?;
    Some(wire.to_vec())
}

/// The framing of all frames but the first, where the first has one of its own and a length is filled in by one of them.
fn fills_in_by_turns(framing: &Composed) -> Option<Composed> {
    let name = framing.to_string();
    let (first, later) = name.strip_prefix("first(")?.strip_suffix(')')?.split_once(", ")?;
    let [first, later] =
        [first, later].map(|part| part.parse::<Composition>().expect("a framing, behind the first comma"));
    (first.framing().fills_in() || later.framing().fills_in()).then(|| later.framing().clone())
}

/// One of these, mostly without its middle where it is long; a piece of that; or it with a few bytes changed, taken out or
/// put in.
fn mutations(originals: &[Vec<u8>]) -> BoxedStrategy<Vec<u8>> {
    const LONG: usize = 32;
    let originals = originals.to_vec();
    let from = prop::sample::select(originals.concat());
    let change = (0..3u8, any::<Index>(), prop_oneof![from, any::<u8>()]);
    let changes = prop::collection::vec(change, 0..3);
    (prop::sample::select(originals), (0..8u8, any::<Index>()), changes, (0..6u8, any::<Index>()))
        .prop_map(|(mut bytes, (whole, middle), changes, (cut, place))| {
            if whole > 0 && bytes.len() > LONG {
                let (at, more) = (middle.index(LONG + 1), bytes.len() - LONG);
                bytes.drain(at..at + more);
            }
            for (what, place, byte) in changes {
                let place = place.index(bytes.len() + 1);
                match what {
                    0 => bytes.insert(place, byte),
                    1 if place < bytes.len() => drop(bytes.remove(place)),
                    _ => bytes.iter_mut().skip(place).take(1).for_each(|old| *old = byte),
                }
            }
            let place = place.index(bytes.len() + 1);
            match cut {
                0 => bytes.truncate(place),
                1 => drop(bytes.drain(..place)),
                _ => {}
            }
            bytes
        })
        .boxed()
}
