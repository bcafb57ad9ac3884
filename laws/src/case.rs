//! What the laws are tried with.

use proptest::collection::vec;
use proptest::prelude::*;
use wirework_core::Framing;

use crate::memo::Memo;

/// One input for all laws.
#[derive(Clone, Debug)]
pub struct Case {
    /// What is encoded.
    pub payloads: Vec<Vec<u8>>,
    /// What comes besides.
    pub noise: Vec<u8>,
    /// The lengths of the reads.
    pub reads: Vec<usize>,
    /// Where to cut, modulo the length of what is cut.
    pub cut: usize,
    /// How its wire is made.
    pub kind: WireKind,
}

/// How the wire of a [`Case`] is made, with which laws about any wire are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireKind {
    /// It is the noise.
    Noise,
    /// It is the payloads, encoded.
    Encoded,
    /// Behind the payloads stands the noise.
    EncodedThenNoise,
    /// One byte of the payloads, encoded, is another.
    Damaged,
}

impl Case {
    /// The wire that laws about any wire are tried with.
    pub(crate) fn wire<F: Framing + Clone>(&self, memo: &Memo<'_, F>) -> Vec<u8> {
        if self.kind == WireKind::Noise {
            return self.noise.clone();
        }
        let mut wire = memo.encode(&self.payloads).wire.to_vec();
        match self.kind {
            WireKind::EncodedThenNoise => wire.extend_from_slice(&self.noise),
            WireKind::Damaged if !wire.is_empty() => {
                let at = self.cut % wire.len();
                wire[at] = self.noise.first().copied().unwrap_or(!wire[at]);
            }
            _ => {}
        }
        wire
    }
}

/// Cases with up to three of `payloads`, and one of `wires` besides.
pub fn cases(
    payloads: impl Strategy<Value = Vec<u8>> + 'static,
    wires: impl Strategy<Value = Vec<u8>> + 'static,
) -> impl Strategy<Value = Case> {
    use WireKind::{Damaged, Encoded, EncodedThenNoise, Noise};
    let kind = prop_oneof![Just(Noise), Just(Encoded), Just(EncodedThenNoise), Just(Damaged)];
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
