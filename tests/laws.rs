//! Every framing of the project against the laws.

mod laws_support;

use laws_support::layers::{Tilde, Xor, owned, pipes};
use proptest::prelude::Strategy;
use wirework::framing::Counts;
use wirework::{Chunks, FramingExt, GBK, LengthPrefix, Lines, UTF_8};
use wirework_laws::{Laws, Promises};

#[test]
fn chunks() {
    for max in [1, 2, 5, 1024] {
        Laws::new(Chunks::new(max)).promises(Promises::default().joined()).check();
    }
}

#[test]
fn framings_from_functions() {
    Laws::new(pipes(64 * 1024)).check();
    Laws::new(pipes(5)).check();
    Laws::new(pipes(1)).check();
    Laws::new(owned()).check();
}

#[test]
fn layers() {
    Laws::new(LengthPrefix::u16_be().max_len(8).layer(Xor)).check();
    Laws::new(Lines::any().layer(Xor)).check();
    Laws::new(pipes(64).layer(Tilde)).check();
    Laws::new(pipes(6).layer(Tilde)).check();
    Laws::new(pipes(64).layer(Tilde).layer(Xor)).check();
    Laws::new(owned().layer(Xor)).check();
    Laws::new(owned().layer(Tilde)).check();
}

#[test]
fn framings_whose_type_is_erased() {
    Laws::new(Lines::any().max_len(4).boxed()).check();
    Laws::new(LengthPrefix::u16_be().counts(Counts::Whole).max_len(10).boxed()).check();
    Laws::new(Chunks::new(5).boxed()).promises(Promises::default().joined()).check();
    Laws::new(pipes(64).layer(Tilde).layer(Xor).boxed()).check();
}

#[test]
fn framings_with_formats() {
    Laws::new(Lines::any().text(GBK)).check();
    Laws::new(Lines::crlf().text(GBK.escape().substitute())).check();
    Laws::new(LengthPrefix::u8().text(UTF_8.replace())).check();
    Laws::new(LengthPrefix::u16_be().json::<serde_json::Value, serde_json::Value>())
        .wires(r#"[\x00-\x20\[\]{}:,"0-9a-e\\.+-]{0,24}"#.prop_map(String::into_bytes))
        .check();
}
