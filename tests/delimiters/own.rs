//! What the Encoding Standard lacks has no decoder here that says where characters are. But a decoder of the whole sees as many
//! delimiters as there are frames, and one that begins behind a frame as many as there are frames behind it.

use wirework::FramingExt;
use wirework::core::{Codec, DecodePolicy, TextEncoding};
use wirework::framing::{LastPiece, Until};

use crate::boundaries::found;
use crate::encodings::{own, written};
use crate::wires::{Pieces, Random};
use crate::{DELIMITERS, cases};

#[test]
fn frames_end_where_a_decoder_can_go_on() {
    for encoding in own() {
        for delimiter in DELIMITERS {
            let until = Until::new(delimiter).keep().last(LastPiece::Drop).text(encoding);
            let lacks = written(encoding, delimiter).is_empty();
            assert_eq!(until.compose().is_err(), lacks, "{encoding} {delimiter:?}: {:?}", until.compose().err());
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
                let shown = || format!("{encoding} {delimiter:?} {wire:02x?}: {frames:?}");
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
