//! Arbitrary text and data, read as compositions.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| wirework_fuzz::notation(input));
