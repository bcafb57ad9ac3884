//! What the laws are tried with.

use proptest::collection::vec;
use proptest::prelude::*;
use wirework_core::Framing;

use crate::Promises;

/// One input for all laws.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) payloads: Vec<Vec<u8>>,
    pub(crate) noise: Vec<u8>,
    /// The lengths of the reads.
    pub(crate) reads: Vec<usize>,
    /// Where to cut, modulo the length of what is cut.
    pub(crate) cut: usize,
    kind: Kind,
}

/// How the wire of a case is made.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Noise,
    Encoded,
    EncodedThenNoise,
    /// One byte of it is another.
    Damaged,
}

impl Case {
    /// The wire that laws about any wire are tried with.
    pub(crate) fn wire<F: Framing + Clone>(&self, framing: &F, promises: &Promises) -> Vec<u8> {
        if matches!(self.kind, Kind::Noise) {
            return self.noise.clone();
        }
        let mut wire = promises.encode(framing, &self.payloads).wire.to_vec();
        match self.kind {
            Kind::EncodedThenNoise => wire.extend_from_slice(&self.noise),
            Kind::Damaged if !wire.is_empty() => {
                let at = self.cut % wire.len();
                wire[at] = self.noise.first().copied().unwrap_or(!wire[at]);
            }
            _ => {}
        }
        wire
    }
}

pub(crate) fn cases(payloads: BoxedStrategy<Vec<u8>>, wires: BoxedStrategy<Vec<u8>>) -> impl Strategy<Value = Case> {
    let kind = prop_oneof![Just(Kind::Noise), Just(Kind::Encoded), Just(Kind::EncodedThenNoise), Just(Kind::Damaged)];
    (vec(payloads, 0..4), wires, vec(1..9usize, 1..5), 0..4096usize, kind)
        .prop_map(|(payloads, noise, reads, cut, kind)| Case { payloads, noise, reads, cut, kind })
}

/// Any short bytes, among them those that framings look out for.
pub(crate) fn any_payloads() -> BoxedStrategy<Vec<u8>> {
    prop_oneof![
        3 => vec(any::<u8>(), 0..24),
        2 => vec(prop_oneof![any::<u8>(), prop::sample::select(&b"\r\n\0|~\\ 0"[..])], 0..12),
    ]
    .boxed()
}

/// Bytes that nobody wrote as frames: noise, text with line ends, and lengths that claim a lot.
pub fn hostile_wires() -> BoxedStrategy<Vec<u8>> {
    let noise = vec(any::<u8>(), 0..40);
    let text = vec(prop::sample::select(&b"\r\n\r\nab|~ \xc4\xe3\x7e\x7d09:"[..]), 0..40);
    let claim = (any::<u64>(), 0..64u32, 1..9usize, any::<bool>(), vec(any::<u8>(), 0..24)).prop_map(
        |(bits, shift, width, big, behind)| {
            let bytes = (bits >> shift).to_be_bytes();
            let mut wire = bytes[8 - width..].to_vec();
            if !big {
                wire.reverse();
            }
            wire.extend(behind);
            wire
        },
    );
    prop_oneof![noise, text, claim].boxed()
}
