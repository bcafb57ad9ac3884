//! What the fuzz targets have found, each by the law that it broke.

use wirework::core::{BytesMut, Raw, encode_frame};
use wirework::notation::Composed;
use wirework_fuzz::sent_and_back;
use wirework_laws::{Promises, segmentation};

fn composed(text: &str) -> Composed {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_fold_whose_head_recovers_from_damage_is_lost_alike_for_every_cut() {
    let fold = composed("fold(fixed 4294967295 | resync gap 20ms, after SP, lines)");
    segmentation(&fold, b"abc", &[2], &Promises::default()).unwrap();
}

#[test]
fn damage_that_is_held_is_not_looked_at_again() {
    let first = composed("first(fixed 1 | check xor8 close, lines last drop) | resync gap 20ms");
    segmentation(&first, b"abcd", &[1], &Promises::default()).unwrap();
    let nested = composed("length u8 max 2 | resync gap 20ms bytes 9 failures 1 | resync gap 20ms");
    segmentation(&nested, &[b'a'; 14], &[1], &Promises::default()).unwrap();
}

#[test]
fn a_switch_knows_the_payload_behind_a_header_and_behind_layers() {
    for text in [
        "switch(peek {80..FF: length u8 keep, digit: netstring}) {digit: lines}",
        "switch(length u8 keep | constant \"x\" at end) {\"\\x02A\": lines}",
        "switch(length u8 at 1 trailer \"B\") {\"a\\x00B\": netstring}",
    ] {
        let payloads = [&b"j2$l"[..], b"\x02A", b"a\0", b"next"];
        for first in 0..payloads.len() {
            sent_and_back(&text.parse().unwrap(), &payloads[first..]);
        }
    }
}

#[test]
fn a_length_is_filled_in_by_the_branch_that_reads_the_payload() {
    let peek: Composed = "peek {03: length u8 inclusive keep, digit: head(lines, after \"\")}".parse().unwrap();
    let mut out = BytesMut::new();
    encode_frame(&mut peek.clone(), &mut Raw, b"0\nab", &mut out).unwrap();
    assert_eq!(out, "2\nab");
}

#[test]
fn layers_that_must_know_where_a_length_is_filled_in_stand_behind_each_framing() {
    for layer in ["check xor8 as hex", "pad multiple 4 with 00"] {
        for framing in [
            "peek {digit: head(lines, after \"0\"), else lines}",
            "first(length u8 keep, lines)",
            "switch(length u8 keep | constant 41 at end) {digit: lines}",
            "duplex(lines, length varint keep)",
        ] {
            let refused = format!("{framing} | {layer}").parse::<Composed>().unwrap_err();
            assert!(refused.message().contains("put it behind each of them"), "{refused}");
        }
    }
}

#[test]
fn what_counts_frames_is_no_head_and_no_item() {
    for text in [
        "head(first(netstring, lines) | resync gap 20ms, header Len)",
        "fold(switch(lines) {digit: netstring}, after 24, lines)",
        "fold(lines, after 24, peek {digit: first(netstring, lines), else lines})",
    ] {
        let refused = text.parse::<Composed>().unwrap_err();
        assert!(refused.message().contains("put it around the whole"), "{refused}");
    }
}

#[test]
fn a_switch_around_a_switch_that_fills_in_a_length_is_refused() {
    let text = "switch(switch(length ber keep) {00..7F: length bcd5 keep}) {\"::\" for good: fixed 4}";
    let refused = text.parse::<Composed>().unwrap_err();
    assert!(refused.message().contains("into one switch"), "{refused}");
}
