//! Arbitrary bytes, cut anywhere, through any composition.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|input: &[u8]| -> Corpus { if wirework_fuzz::decode(input) { Corpus::Keep } else { Corpus::Reject } });
