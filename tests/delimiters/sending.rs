//! What is sent comes out again as one message, or is not sent.

use wirework::FramingExt;
use wirework::core::{BytesMut, Codec, EncodeError, Format, Frames, encode_frame};
use wirework::framing::{LastPiece, Until};

use crate::wires::Random;
use crate::{DELIMITERS, ENCODINGS, cases, ours};

pub const CHARACTERS: &str = "倈僜東表ソ許功漢한글アéa5|\\~@,\n\r$END，€\u{3000} ";

#[test]
fn what_is_sent_is_read_as_one_message_or_refused() {
    let characters: Vec<char> = CHARACTERS.chars().collect();
    for name in ENCODINGS {
        for delimiter in DELIMITERS {
            let codec = Until::new(delimiter).last(LastPiece::Refuse).text(ours(name));
            let Ok((mut framing, mut format)) = codec.compose() else { continue };
            let mut random = Random::new(3);
            let mut sent = 0;
            for _ in 0..cases().min(100_000) {
                let text: String = (0..random.below(6)).map(|_| characters[random.below(characters.len())]).collect();
                let mut wire = BytesMut::new();
                match encode_frame(&mut framing, &mut format, &text, &mut wire) {
                    Ok(()) => sent += 1,
                    Err(EncodeError::Delimiter { .. }) => {
                        let alone = format!("{text}{delimiter}");
                        assert!(alone.find(delimiter) < Some(text.len()), "{name} {delimiter:?} {text:?} is refused");
                        continue;
                    }
                    Err(EncodeError::Unmappable { .. }) => continue,
                    Err(error) => panic!("{name} {delimiter:?} {text:?}: {error}"),
                }
                let mut frames = Frames::new(framing.clone());
                frames.push(&wire);
                frames.close();
                let frame = frames.next().expect("it was sent").expect("it is whole");
                assert_eq!(format.own(frame).expect("it is text"), text, "{name} {delimiter:?} {wire:02x?}");
                assert!(
                    frames.next().expect("nothing is left").is_none() && frames.is_over(),
                    "{name} {delimiter:?} {text:?}"
                );
            }
            assert!(sent > cases().min(100_000) / 20, "{name} {delimiter:?}: {sent} were sent");
        }
    }
}
