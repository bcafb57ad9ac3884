//! Arbitrary payloads, encoded by any composition and decoded again.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|input: &[u8]| -> Corpus { if wirework_fuzz::round_trip(input) { Corpus::Keep } else { Corpus::Reject } });
