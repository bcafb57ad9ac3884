//! Frames between marks: each ends where a decoder of its payload sees the end mark.

use std::ops::Range;

use wirework::FramingExt;
use wirework::core::Codec;
use wirework::framing::Marked;

use crate::boundaries::{found, seen};
use crate::reference::Reference;
use crate::wires::{Pieces, Random};
use crate::{ENCODINGS, cases, ours, pieces, table, written};

/// The payloads, up to what does not begin with the mark.
fn expected(reference: &Reference, begin: &[u8], end: &str, wire: &[u8]) -> Vec<Range<usize>> {
    let (mut payloads, mut from) = (Vec::new(), 0);
    while wire[from..].starts_with(begin) {
        let start = from + begin.len();
        let Some(end) = seen(&reference.items(&wire[start..]), &[end]).into_iter().next() else { break };
        payloads.push(start..start + end.start);
        from = start + end.end;
    }
    payloads
}

#[test]
fn frames_between_marks_end_where_a_decoder_of_the_payload_sees_the_end() {
    for name in ENCODINGS {
        let reference = Reference::new(table(name));
        for (begin, end) in [("{", "}"), ("|", "|"), ("<", "|5"), ("[", "\\"), ("\u{2}", "\u{3}")] {
            let marked = Marked::new(begin, end).text(ours(name));
            let (marked, _) = marked.compose().unwrap_or_else(|why| panic!("{name} {begin} {end}: {why}"));
            let pieces = Pieces::and(pieces(table(name), end), pieces(table(name), &format!("{end}{begin}")));
            let begin = written(table(name), begin);
            let mut random = Random::new(13);
            let mut frames = 0;
            for _ in 0..cases() {
                let wire = [&begin[..], &pieces.stream(&mut random)].concat();
                let expected = expected(&reference, &begin, end, &wire);
                frames += expected.len();
                for pieces in [&[usize::MAX][..], &[1], &[1 + random.below(4), 1 + random.below(4)]] {
                    let found: Vec<_> = found(&marked, &wire, pieces.iter().copied().cycle())
                        .into_iter()
                        // A frame begins with its mark.
                        .map(|frame| frame.start + begin.len()..frame.end + begin.len())
                        .collect();
                    assert_eq!(found, expected, "{name} {begin:02x?} {end:?} {wire:02x?} in {pieces:?}");
                }
            }
            assert!(frames > cases() / 10, "{name}: {frames} frames");
        }
    }
}
