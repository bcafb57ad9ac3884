//! Every framing of the project against the laws.

mod laws_support;

use laws_support::layers::{Tilde, Xor, owned, pipes};
use proptest::prelude::Strategy;
use wirework::{Chunks, Counts, FramingExt, GBK, LengthPrefix, Lines, UTF_8};
use wirework_laws::{Laws, Promises};

/// Every length field, with its width and whether its most significant byte comes first.
fn length_fields() -> [(LengthPrefix, usize, bool); 9] {
    [
        (LengthPrefix::u8(), 1, true),
        (LengthPrefix::u16_be(), 2, true),
        (LengthPrefix::u16_le(), 2, false),
        (LengthPrefix::u24_be(), 3, true),
        (LengthPrefix::u24_le(), 3, false),
        (LengthPrefix::u32_be(), 4, true),
        (LengthPrefix::u32_le(), 4, false),
        (LengthPrefix::u64_be(), 8, true),
        (LengthPrefix::u64_le(), 8, false),
    ]
}

#[test]
fn length_prefixes_at_the_start() {
    for (prefix, ..) in length_fields() {
        for counts in [Counts::Body, Counts::Whole] {
            Laws::new(prefix.clone().counts(counts).max_len(10)).check();
        }
        Laws::new(prefix).check();
    }
}

fn length_prefixes_at(at: usize) {
    for (prefix, width, big) in length_fields() {
        for counts in [Counts::Body, Counts::Whole] {
            let head = at + width;
            let filled_in = move |payload: &[u8]| {
                let counted = match counts {
                    Counts::Body => payload.len() - head,
                    Counts::Whole => payload.len(),
                };
                let mut payload = payload.to_vec();
                for (place, byte) in payload[at..head].iter_mut().enumerate() {
                    let significance = if big { width - 1 - place } else { place };
                    *byte = ((counted as u64) >> (8 * significance)) as u8;
                }
                payload
            };
            let promises = Promises::default().fills_in(filled_in);
            Laws::new(prefix.clone().at(at).counts(counts).max_len(10)).promises(promises).check();
        }
    }
}

#[test]
fn length_prefixes_behind_one_byte() {
    length_prefixes_at(1);
}

#[test]
fn length_prefixes_behind_four_bytes() {
    length_prefixes_at(4);
}

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
