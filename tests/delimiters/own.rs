//! What the Encoding Standard lacks has no decoder here that says where characters are. But a decoder of the whole sees as many
//! delimiters as there are frames, and one that begins behind a frame as many as there are frames behind it.

use wirework::core::{BytesMut, Codec, DecodePolicy, EncodePolicy, TextEncoding};
use wirework::framing::{LastPiece, Until};
use wirework::{Encoding, FramingExt};

use crate::boundaries::found;
use crate::wires::{Pieces, Random};
use crate::{DELIMITERS, cases};

const OWN: [&str; 21] = [
    "US-ASCII",
    "ISO-8859-1",
    "ISO-8859-9",
    "ISO-8859-11",
    "UTF-32LE",
    "UTF-32BE",
    "CESU-8",
    "modified-UTF-8",
    "gbk-python",
    "gbk-java",
    "cp936",
    "cp932",
    "cp932-python",
    "shift_jis-python",
    "shift_jis-java",
    "cp950",
    "cp950-python",
    "big5-python",
    "big5-java",
    "gb18030-2000",
    "gb18030-2022",
];

/// `text` in this encoding; nothing where it lacks a character.
fn written(encoding: Encoding, text: &str) -> Vec<u8> {
    let mut out = BytesMut::new();
    match encoding.encode(text, EncodePolicy::Error, &mut out) {
        Ok(()) => out.to_vec(),
        Err(_) => Vec::new(),
    }
}

#[test]
fn frames_end_where_a_decoder_can_go_on() {
    for label in OWN {
        let encoding = Encoding::for_label(label).unwrap_or_else(|unknown| panic!("{unknown}"));
        for delimiter in DELIMITERS {
            let until = Until::new(delimiter).keep().last(LastPiece::Drop).text(encoding);
            let lacks = written(encoding, delimiter).is_empty();
            assert_eq!(until.compose().is_err(), lacks, "{label} {delimiter:?}: {:?}", until.compose().err());
            let Ok((framing, _)) = until.compose() else { continue };
            let seen = |bytes: &[u8]| {
                let mut text = String::new();
                encoding.decode(bytes, DecodePolicy::Replace, &mut text).expect("it replaces");
                text.matches(delimiter).count()
            };
            let pieces = Pieces::of(|text| written(encoding, text), delimiter);
            let mut random = Random::new(17);
            for _ in 0..cases() / 4 {
                let wire = pieces.stream(&mut random);
                let frames = found(&framing, &wire, [usize::MAX]);
                let shown = || format!("{label} {delimiter:?} {wire:02x?}: {frames:?}");
                assert_eq!(frames.len(), seen(&wire), "{}", shown());
                for (number, frame) in frames.iter().enumerate() {
                    let behind = frames.len() - number - 1;
                    assert_eq!(seen(&wire[frame.end..]), behind, "behind {}: {}", frame.end, shown());
                }
                let cuts: [usize; 4] = std::array::from_fn(|_| 1 + random.below(5));
                assert_eq!(found(&framing, &wire, cuts.into_iter().cycle()), frames, "in {cuts:?}: {}", shown());
            }
        }
    }
}
