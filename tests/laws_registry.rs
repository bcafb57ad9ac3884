//! Every composition that the registry of the notation shows, against the laws: a new entry is tried without a line here.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;
use wirework::core::Framing;
use wirework::notation::Meaning;
use wirework::notation::{Kind, entries};
use wirework::{Composition, FramingExt};
use wirework_laws::{Laws, Promises, hostile_wires};

#[test]
fn every_entry_has_samples_that_use_it() {
    for entry in entries() {
        let has_payloads = entry.samples.iter().any(|sample| !sample.payloads.is_empty());
        assert!(has_payloads, "`{}` has no samples with payloads, and no law is tried on it", entry.name);
        for sample in entry.samples {
            let stages = stages(&composition(sample.composition));
            // Every encoding is called by its own name.
            let named = entry.kind == Kind::Format
                || std::iter::once(&entry.name).chain(entry.aliases).any(|name| stages.contains(*name));
            assert!(named, "`{}` is a sample of `{}`, which is not in it", sample.composition, entry.name);
        }
    }
}

#[test]
fn framings() {
    check(Kind::Framing);
}

#[test]
fn combinators() {
    check(Kind::Combinator);
}

#[test]
fn layers() {
    check(Kind::Layer);
}

#[test]
fn recoveries() {
    check(Kind::Resync);
}

#[test]
fn formats() {
    check(Kind::Format);
}

/// The laws for every sample of such entries.
fn check(kind: Kind) {
    let of_it = entries().filter(|entry| entry.kind == kind);
    for (entry, sample) in of_it.flat_map(|entry| entry.samples.iter().map(move |sample| (entry, sample))) {
        // Shown where a law is broken.
        println!("{}", sample.composition);
        let composition = composition(sample.composition);
        let promises = promises(&composition);
        let payloads = match sample.payloads {
            // All that it shows is bad: what its entry shows elsewhere, and nothing, is sent.
            [] => [vec![vec![]], entry.samples.iter().flat_map(|other| vec_of(other.payloads)).collect()].concat(),
            payloads => vec_of(payloads),
        };
        let payloads =
            prop_oneof![3 => near(payloads.clone()), 1 => Just(payloads).prop_flat_map(prop::sample::select)];
        let wires = prop_oneof![3 => near(vec_of(&[sample.wire])), 1 => hostile_wires()];
        let framing = composition.framing().clone();
        match composition.meaning() {
            Meaning::Text(_) => {
                let text = composition.text().expect("it ends in an encoding");
                Laws::new(text).payloads(payloads).wires(wires).promises(promises).check();
            }
            Meaning::Json => {
                let json = framing.json::<Value, Value>();
                Laws::new(json).payloads(payloads).wires(wires).promises(promises).check();
            }
            _ => Laws::new(framing).payloads(payloads).wires(wires).promises(promises).check(),
        }
    }
}

fn composition(text: &str) -> Composition {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

fn vec_of(all: &[&[u8]]) -> Vec<Vec<u8>> {
    all.iter().map(|bytes| bytes.to_vec()).collect()
}

/// What such a composition promises otherwise than usual.
fn promises(composition: &Composition) -> Promises {
    let stages = stages(composition);
    let promises = Promises::default();
    let promises = if stages.contains("chunk") { promises.joined() } else { promises };
    let promises = if stages.contains("rest") || stages.contains("idle") { promises.runs_on() } else { promises };
    let promises = if stages.contains("drop") { promises.drops_last() } else { promises };
    if composition.framing().fills_in() { promises.changes_payloads() } else { promises }
}

/// The names of all stages and options in a composition, and in those inside of it.
fn stages(composition: &Composition) -> BTreeSet<String> {
    fn collect(data: &Value, names: &mut BTreeSet<String>) {
        match data {
            Value::String(name) => drop(names.insert(name.clone())),
            Value::Array(all) => all.iter().for_each(|one| collect(one, names)),
            Value::Object(all) => {
                for (name, one) in all {
                    names.insert(name.clone());
                    collect(one, names);
                }
            }
            _ => {}
        }
    }
    let mut names = BTreeSet::new();
    collect(&serde_json::to_value(composition).expect("a composition is data"), &mut names);
    names
}

/// These bytes with up to three mistakes in them, and pieces of them one behind the other.
fn near(all: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> + Clone {
    use prop::sample::Index;
    let bytes: Vec<u8> = all.concat();
    // Bytes of the sample stand for others: they are the marks and the digits.
    let byte = prop_oneof![3 => prop::sample::select(if bytes.is_empty() { vec![0] } else { bytes }), 1 => any::<u8>()];
    let pieces =
        (vec((prop::sample::select(all), any::<Index>(), any::<Index>(), any::<bool>()), 1..4)).prop_map(|pieces| {
            let piece = |(bytes, from, to, whole): (Vec<u8>, Index, Index, bool)| {
                let [from, to] = [from, to].map(|index| index.index(bytes.len() + 1));
                if whole { bytes } else { bytes[from.min(to)..from.max(to)].to_vec() }
            };
            pieces.into_iter().map(piece).collect::<Vec<_>>().concat()
        });
    (pieces, vec((any::<Index>(), 0..3_u8, byte), 0..4)).prop_map(|(mut bytes, mistakes)| {
        for (at, kind, byte) in mistakes {
            let at = at.index(bytes.len() + 1);
            match kind {
                0 => bytes.insert(at, byte),
                1 if at < bytes.len() => drop(bytes.remove(at)),
                _ if at < bytes.len() => bytes[at] = byte,
                _ => {}
            }
        }
        bytes
    })
}
