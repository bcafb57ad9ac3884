//! Behind a layer that writes bytes of the text as others, nothing is taken for an end that is none, or the composition is
//! refused.

use wirework::core::{BytesMut, Codec, EncodeError, FrameError, Framed, Frames, Layer, Undone, encode_frame};
use wirework::framing::Until;
use wirework::layer::Constant;
use wirework::{Composition, FramingExt, GBK};

use crate::cases;
use crate::sending::CHARACTERS;
use crate::wires::Random;

/// Each with the characters that end a frame wherever they stand, which no message may hold.
const SOUND: [(&str, &str); 22] = [
    ("marked 7E shared | escape 7E:7D02 7D:7D01 | check xor8 | gbk", ""),
    ("marked 7E shared | escape 7D xor 20 of 7E | check crc-16/ibm-sdlc | shift_jis", ""),
    ("marked 1002 1003 | escape double 10 | gbk", ""),
    ("marked 1002 1003 | escape double 10 | check xor8 | utf-16le", ""),
    ("until 1003 | escape double 10 | shift_jis", ""),
    ("marked 1002 1003 doubled 10 plus 1 | check xor8 | constant 1003 at end | escape double 10 | utf-16be", ""),
    ("until 00 | escape cobs | utf-16le", ""),
    ("until 00 | escape cobs | iso-2022-jp", ""),
    ("until 00 | escape cobs | check crc-16/ibm-sdlc | gb18030", ""),
    ("until \"|\" | escape 7C:5C70 5C:5C5C | gbk", ""),
    ("until 7C | escape 7C:5C70 5C:5C5C | utf-16le", ""),
    ("until 7C plus 1 | check xor8 | constant 7C at end | escape 7C:5C70 5C:5C5C | gbk", ""),
    ("lines lf | escape 0A:5C6E 5C:5C5C | big5", ""),
    ("lines lf | escape 0A:5C6E 5C:5C5C | iso-2022-jp", ""),
    ("lines lf | escape 7E:7D02 7D:7D01 | gbk", "\n"),
    ("lines | escape double 10 | euc-kr", "\r\n"),
    ("lines lf | constant \"#\" at end | escape 7D xor 20 of 7E | pad multiple 4 with 23 | gbk", "\n"),
    ("until \"|\" | escape 7E:7D02 7D:7D01 | euc-jp", "|"),
    ("until \"，\" | escape 7E:7D02 7D:7D01 | utf-8", "，"),
    ("until 7E | escape 7E:7D02 7D:7D01 | escape 7D:4001 40:4002 | gbk", ""),
    ("until line \".\" | escape dots | gbk", ""),
    ("until line \".\" | escape dots | iso-2022-jp", ""),
];

#[test]
fn what_is_sent_comes_back_in_one_piece() {
    let characters: Vec<char> = CHARACTERS.chars().collect();
    for (notation, ends) in SOUND {
        let codec = composition(notation).text().unwrap_or_else(|refused| panic!("{notation}: {refused}"));
        let (mut framing, mut format) = codec.compose().expect("it was composed");
        let mut random = Random::new(7);
        let mut sent = 0;
        for _ in 0..cases().min(100_000) {
            let mut text: String = (0..random.below(6)).map(|_| characters[random.below(characters.len())]).collect();
            if notation.contains("dots") {
                text.push_str("\r\n");
            }
            let mut wire = BytesMut::new();
            for _ in 0..2 {
                match encode_frame(&mut framing, &mut format, &text, &mut wire) {
                    Ok(()) => sent += 1,
                    Err(EncodeError::Delimiter { .. } | EncodeError::Incomplete(_))
                        if text.contains(is_one_of(ends)) => {}
                    Err(EncodeError::Incomplete(_)) if text.is_empty() && notation.contains("shared") => {}
                    Err(EncodeError::Unmappable { .. }) => {}
                    Err(error) => panic!("{notation}: {text:?}: {error}"),
                }
            }
            let mut frames = Frames::new(framing.clone());
            let (head, tail) = wire.split_at(random.below(wire.len() + 1));
            let mut came = Vec::new();
            for piece in [head, tail] {
                frames.push(piece);
                while let Some(frame) = frames.next().unwrap_or_else(|error| panic!("{notation}: {text:?}: {error}")) {
                    came.push(wirework::core::Format::own(&mut format, frame).expect("it is text"));
                }
            }
            assert!(came.len() == 2 || wire.is_empty(), "{notation}: {text:?} came as {came:?}, from {wire:02x?}");
            assert!(came.iter().all(|came| *came == text), "{notation}: {text:?} came as {came:?}, from {wire:02x?}");
        }
        assert!(sent > cases().min(100_000) / 4, "{notation}: {sent} were sent");
    }
}

fn is_one_of(ends: &str) -> impl Fn(char) -> bool {
    move |character| ends.contains(character)
}

fn composition(notation: &str) -> Composition {
    notation.parse().unwrap_or_else(|error| panic!("{notation}: {error}"))
}

#[test]
fn what_could_be_taken_for_an_end_is_refused_with_the_reason() {
    for (notation, reason) in [
        ("until \"|\" | escape 7E:7D02 7D:7D01 | gbk", "7C can be part of another character: 亅 is 81 7C"),
        ("until \"|\" | escape double 10 | gbk", "have it escape 7C too"),
        ("until A3AC | escape 7E:7D02 7D:7D01 | gbk", "A3"),
        ("until \"，\" | escape 7E:7D02 7D:7D01 | gbk", "name the bytes that stand on the wire"),
        ("until \"|\" | escape 7C:5C70 5C:5C5C | utf-16le", "name the bytes that stand on the wire"),
        ("until 0A | escape 7E:7D02 7D:7D01 | utf-16le", "0A is no whole character of UTF-16LE"),
        ("until 0A00 | escape 7E:7D02 7D:7D01 | utf-16le", "上 is"),
        ("lines | escape 7E:7D02 7D:7D01 | utf-16le", "name the bytes that stand on the wire"),
        ("lines | escape 7E:7D02 7D:7D01 | iso-2022-jp", "can be part of what is malformed"),
        ("lines lf | escape cobs | gbk", "0A can stand for another"),
        ("until \"n\" | escape 0A:5C6E 5C:5C5C | gbk", "6E can stand for another"),
        ("until 7E | check xor8 | escape 7E:7D02 7D:7D01 | gbk", "put that layer behind the escape"),
        ("until 7E | escape 40:7E02 7E:7E01 | escape 7E:7D02 7D:7D01 | gbk", "7E can stand for another"),
        ("marked 02 \"|\" | escape 7E:7D02 7D:7D01 | big5", "7C can be part of another character"),
        ("until 2E00 | escape dots | utf-16le", "2E can stand for another"),
        ("until line \".\" | escape dots | utf-16le", "name the bytes that stand on the wire"),
    ] {
        let refused = match notation.parse::<Composition>() {
            Ok(composition) => composition.text().map(drop).expect_err(notation).to_string(),
            Err(refused) => refused.to_string(),
        };
        assert!(refused.contains(reason), "{notation}: {refused}");
    }
}

/// Turns the bits of every byte over, and says nothing of it.
#[derive(Clone, Debug)]
struct Silent;

impl Layer for Silent {
    fn undo(&mut self, framed: Framed<'_>) -> Result<Undone, FrameError> {
        Ok(Undone::Rewritten(framed.payload().iter().map(|byte| !byte).collect()))
    }
    fn apply(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        out[start..].iter_mut().for_each(|byte| *byte = !*byte);
        Ok(())
    }
}

#[test]
fn a_layer_that_says_nothing_of_its_bytes_is_trusted_in_none() {
    let mark = || Constant::after("#");
    for refused in [
        Until::new("|").layer(Silent).text(GBK).compose().map(drop),
        Until::new("|").layer(Silent).layer(mark()).text(GBK).compose().map(drop),
        Until::new("|").layer(mark()).layer(Silent).text(GBK).compose().map(drop),
    ] {
        let refused = refused.expect_err("nothing keeps 7C out").to_string();
        assert!(refused.contains("7C can stand for another"), "{refused}");
    }
}
