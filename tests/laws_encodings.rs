//! Every encoding: those of the Encoding Standard against `encoding_rs` itself; all of them under every policy, and cut into
//! chunks.

mod laws_support;

use std::cell::Cell;

use bytes::BytesMut;
use laws_support::cases::{holds, tried};
use laws_support::encodings::{all, standard};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use wirework::core::{
    Codec, DecodePolicy, EncodeError, EncodePolicy, Format, FormatError, Formatted, Frames, Mirror, TextEncoding,
    encode_frame,
};
use wirework::format::ByteOrderMark;
use wirework::notation::Meaning;
use wirework::{Chunks, Composition, Encoding, FramingExt, Lines, Text};
use wirework_laws::{EncodingLaws, Laws, Promises};

/// Those that can be cut into chunks.
fn stateless() -> impl Iterator<Item = Encoding> {
    all().filter(|encoding| !encoding.is_stateful())
}

#[test]
fn the_encoding_standard_has_forty_and_one_is_refused() {
    assert_eq!(standard().count(), 39);
}

#[test]
fn every_encoding_is_called_by_its_name() {
    for encoding in all() {
        assert_eq!(Encoding::for_label(encoding.name()), Ok(encoding));
        let composition: Composition =
            format!("lines | {}", encoding.name().to_lowercase()).parse().expect("it is called so");
        assert_eq!(composition.to_string().parse::<Composition>().as_ref(), Ok(&composition), "{composition}");
        assert_eq!(*composition.meaning(), Meaning::Text(Text::new(encoding)));
    }
}

/// The laws of the kit, which know nothing but the encoding.
#[test]
fn every_encoding_obeys_the_laws() {
    for encoding in all() {
        // Single bytes differ in their tables alone.
        let cases = if encoding.longest() == 1 { 200 } else { 2000 };
        EncodingLaws::new(encoding).cases(cases).check();
    }
}

/// As [`holds`]; what fails is said of `encoding`.
#[track_caller]
fn holds_in<T: std::fmt::Debug>(encoding: Encoding, cases: impl Strategy<Value = T>, test: impl Fn(T)) {
    tried(cases, test).unwrap_or_else(|failure| panic!("{encoding}: {failure}"));
}

/// Bytes as they come in `encoding`: text, noise, and text that is damaged.
fn bytes_of(encoding: Encoding) -> impl Strategy<Value = Vec<u8>> {
    let text = text_of(encoding).prop_map(move |text| written(encoding, &text));
    let noise = vec(any::<u8>(), 0..24);
    // Lead bytes, second bytes, digits of four-byte forms, escapes, surrogates.
    let shape = vec(
        select(&b"\x81\x30\x84\x36\xc4\xe3\x8f\x8e\xa1\xfe\xff|\\A0\x1b$B(J\xd8\xdc\xed\xa0\xb0\x80\xc0\0\0"[..]),
        0..16,
    );
    let damaged = (text.clone(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(mut bytes, at, byte)| {
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes
    });
    prop_oneof![text, noise, shape, damaged]
}

/// Text that `encoding` has, mostly: what its decoder makes of noise; and any other.
fn text_of(encoding: Encoding) -> BoxedStrategy<String> {
    let own = vec(any::<u8>(), 0..24)
        .prop_map(move |noise| decoded(encoding, &noise, DecodePolicy::Replace).expect("replacement never fails"));
    prop_oneof![3 => own.prop_map(|text| text.replace('\u{fffd}', "")), 1 => ".{0,8}"].boxed()
}

fn written(encoding: Encoding, text: &str) -> Vec<u8> {
    let mut out = BytesMut::new();
    match encoding.encode(text, EncodePolicy::Substitute, &mut out) {
        Ok(()) => out.to_vec(),
        Err(_) => text.as_bytes().to_vec(),
    }
}

fn decoded(encoding: Encoding, bytes: &[u8], policy: DecodePolicy) -> Result<String, FormatError> {
    let mut text = String::from("before");
    encoding.decode(bytes, policy, &mut text)?;
    Ok(text.strip_prefix("before").expect("decoding appends").to_owned())
}

#[test]
fn decoding_with_replacement_is_encoding_rs_own() {
    for (encoding, table) in standard() {
        holds_in(encoding, bytes_of(encoding), |bytes| {
            let (expected, malformed) = table.decode_without_bom_handling(&bytes);
            let found = decoded(encoding, &bytes, DecodePolicy::Replace).expect("replacement never fails");
            assert_eq!(found, expected, "{bytes:02x?}");
            assert_eq!(decoded(encoding, &bytes, DecodePolicy::Strict).is_err(), malformed, "{bytes:02x?}");
        });
    }
}

#[test]
fn what_is_lent_is_what_is_decoded() {
    for encoding in all() {
        holds_in(encoding, bytes_of(encoding), |bytes| {
            if let Some(text) = encoding.as_utf8(&bytes) {
                let expected = decoded(encoding, &bytes, DecodePolicy::Strict).expect("it is well formed");
                assert_eq!(text, expected, "{bytes:02x?}");
            }
        });
    }
}

/// What comes before the offset is well formed, and the bytes at it are not.
#[test]
fn strict_decoding_fails_where_it_is_malformed() {
    for encoding in all() {
        holds_in(encoding, bytes_of(encoding), |bytes| {
            let replaced = decoded(encoding, &bytes, DecodePolicy::Replace).expect("replacement never fails");
            let escaped = decoded(encoding, &bytes, DecodePolicy::Escape).expect("an escape never fails");
            let error = match decoded(encoding, &bytes, DecodePolicy::Strict) {
                Ok(text) => return assert_eq!((&replaced, &escaped), (&text, &text), "{bytes:02x?}"),
                Err(error) => error,
            };
            let FormatError::Malformed { offset, bytes: malformed, .. } = error else { panic!("{error}") };
            assert!(!malformed.is_empty() && bytes[offset..].starts_with(&malformed), "{bytes:02x?} at {offset}");
            let text = decoded(encoding, &bytes[..offset], DecodePolicy::Strict).unwrap_or_else(|error| {
                panic!("{bytes:02x?}: malformed before {offset}: {error}");
            });
            let with = decoded(encoding, &bytes[..offset + malformed.len()], DecodePolicy::Strict);
            assert!(with.is_err(), "{bytes:02x?}: well formed at {offset}");
            let shown: String = malformed.iter().map(|byte| format!("\\x{byte:02X}")).collect();
            assert!(escaped.starts_with(&format!("{text}{shown}")), "{bytes:02x?}: {escaped:?}");
            assert!(replaced.starts_with(&format!("{text}\u{fffd}")), "{bytes:02x?}: {replaced:?}");
        });
    }
}

#[test]
fn what_is_encoded_decodes_to_the_same_text() {
    for encoding in all() {
        holds_in(encoding, text_of(encoding), |text| {
            let mut out = BytesMut::from("before");
            match encoding.encode(&text, EncodePolicy::Error, &mut out) {
                Ok(()) => {
                    let back =
                        decoded(encoding, &out[6..], DecodePolicy::Strict).expect("what was written is well formed");
                    assert_eq!(back, text, "{:02x?}", &out[6..]);
                    assert_eq!(encoding.unfinished(&out[6..]), 0, "{:02x?}", &out[6..]);
                }
                Err(EncodeError::Unmappable { character, offset, .. }) => {
                    assert!(text[offset..].starts_with(character), "{text:?} at {offset}");
                    let before = encoding.encode(&text[..offset], EncodePolicy::Error, &mut BytesMut::new());
                    assert!(before.is_ok(), "{text:?}: {before:?} before {offset}");
                    let alone = encoding.encode(character.encode_utf8(&mut [0; 4]), EncodePolicy::Error, &mut out);
                    assert!(alone.is_err(), "it has {character:?}");
                }
                Err(error) => panic!("{text:?}: {error}"),
            }
        });
    }
}

#[test]
fn what_an_encoding_lacks_becomes_a_question_mark_and_never_a_reference() {
    for encoding in all() {
        holds_in(encoding, text_of(encoding), |text| {
            let mut out = BytesMut::new();
            encoding.encode(&text, EncodePolicy::Substitute, &mut out).expect("a substitute is always there");
            let has = |c: &char| encoding.encode(c.encode_utf8(&mut [0; 4]), EncodePolicy::Error, &mut BytesMut::new());
            let expected: String = text.chars().map(|c| if has(&c).is_ok() { c } else { '?' }).collect();
            let back = decoded(encoding, &out, DecodePolicy::Strict).expect("what was written is well formed");
            assert_eq!(back, expected, "{text:?}");
        });
    }
}

/// Every single character, not only those that are drawn.
#[test]
fn every_character_comes_back_or_is_refused() {
    for encoding in all() {
        let mut out = BytesMut::new();
        for c in '\0'..=char::MAX {
            out.clear();
            let mut text = [0; 4];
            let text = &*c.encode_utf8(&mut text);
            if encoding.encode(text, EncodePolicy::Error, &mut out).is_ok() {
                let back = decoded(encoding, &out, DecodePolicy::Strict).expect("what was written is well formed");
                assert_eq!(back, text, "{encoding} {c:?} {out:02x?}");
                assert!(out.len() <= encoding.longest() || encoding.is_stateful(), "{encoding} {c:?} {out:02x?}");
            }
        }
    }
}

/// What the Encoding Standard would write as another character.
#[test]
fn what_would_come_back_as_another_character_is_lacking() {
    // What is not written as itself there, UTF-16, is written as UTF-8.
    for (encoding, table) in standard().filter(|(_, table)| table.output_encoding() == *table) {
        let mut refused = String::new();
        for c in '\0'..=char::MAX {
            let mut text = [0; 4];
            let text = &*c.encode_utf8(&mut text);
            let (bytes, _, lacks) = table.encode(text);
            let comes_back = !lacks && table.decode_without_bom_handling(&bytes).0 == text;
            let has = encoding.encode(text, EncodePolicy::Error, &mut BytesMut::new()).is_ok();
            assert_eq!(has, comes_back, "{encoding} {c:?}");
            if !has && !lacks {
                refused.push(c);
            }
        }
        let expected: &str = match table.name() {
            "EUC-JP" | "Shift_JIS" => "\u{a5}\u{203e}\u{2212}",
            "ISO-2022-JP" => HALF_WIDTH,
            "GBK" | "gb18030" => {
                "\u{e78d}\u{e78e}\u{e78f}\u{e790}\u{e791}\u{e792}\u{e793}\u{e794}\u{e795}\u{e796}\
                 \u{e81e}\u{e826}\u{e82b}\u{e82c}\u{e832}\u{e843}\u{e854}\u{e864}"
            }
            _ => "",
        };
        assert_eq!(refused, expected, "{encoding}");
    }
}

const HALF_WIDTH: &str = "\u{2212}｡｢｣､･ｦｧｨｩｪｫｬｭｮｯｰｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝﾞﾟ";

/// For any two encodings, and whatever a byte-order mark is.
#[test]
fn what_one_end_sends_the_other_reads() {
    let encodings: Vec<Encoding> = all().collect();
    let marks = select(vec![ByteOrderMark::Keep, ByteOrderMark::Strip, ByteOrderMark::Require]);
    let message = select(vec!["", "", "", "\u{feff}", "\u{feff}\u{feff}"]).prop_flat_map(|mark| {
        select(vec!["", "a", "|é", "你好", "1😀", "ｶ", "a\nb"]).prop_map(move |text| format!("{mark}{text}"))
    });
    let cases = (select(encodings.clone()), select(encodings), marks, vec(message, 1..4));
    let read = Cell::new(0);
    holds(cases, |(comes, goes, mark, messages)| {
        let codec = Lines::lf().text(Text::new(comes).sends(goes).mark(mark));
        let (mut framing, mut format) = codec.clone().compose().expect("lines take every encoding");
        let (others, mut other) = codec.mirror().compose().expect("and so do those of the other end");
        let mut wire = BytesMut::new();
        let sent: Vec<String> = messages
            .into_iter()
            .filter(|message| encode_frame(&mut framing, &mut format, message, &mut wire).is_ok())
            .collect();
        let mut frames = Frames::new(others);
        frames.push(&wire);
        let mut came = Vec::new();
        while let Some(frame) = frames.next().expect("lines are never bad") {
            came.push(other.own(frame).unwrap_or_else(|error| panic!("{comes} {goes} {mark:?} {wire:02x?}: {error}")));
        }
        assert_eq!(came, sent, "{comes} {goes} {mark:?} {wire:02x?}");
        read.set(read.get() + sent.len());
    });
    assert!(read.get() > 500, "only {} were no refusals", read.get());
}

#[test]
fn text_that_is_cut_into_chunks_is_the_text_of_the_whole() {
    for encoding in stateless() {
        let least = encoding.longest().max(4);
        holds_in(encoding, (bytes_of(encoding), least..least + 5, vec(1..6usize, 1..4)), |(bytes, max, reads)| {
            let codec: Formatted<Chunks, Text> = Chunks::new(max).text(encoding.replace());
            let (framing, mut format) = codec.compose().expect("the chunks hold every character");
            let mut frames = Frames::new(framing);
            let mut found = String::new();
            let mut rest = &bytes[..];
            for len in reads.into_iter().cycle() {
                let (read, left) = rest.split_at(len.min(rest.len()));
                frames.push(read);
                rest = left;
                if read.is_empty() {
                    frames.close();
                }
                while let Some(frame) = frames.next().expect("chunks are never bad") {
                    found += format.view(frame, &mut String::new()).expect("it replaces");
                }
                if frames.is_over() {
                    break;
                }
            }
            let whole = decoded(encoding, &bytes, DecodePolicy::Replace).expect("replacement never fails");
            assert_eq!(found, whole, "{bytes:02x?}");
        });
    }
}

#[test]
fn chunks_of_every_encoding_obey_the_laws() {
    for encoding in stateless() {
        let codec = Chunks::new(encoding.longest().max(4) + 1).text(encoding);
        let promises = Promises::default().joined();
        let laws =
            Laws::new(codec).messages().payloads(bytes_of(encoding)).wires(bytes_of(encoding)).promises(promises);
        let broken = laws.broken();
        assert!(broken.is_empty(), "{encoding}: {broken:#?}");
    }
}

#[test]
fn what_cannot_be_cut_is_refused() {
    for encoding in all() {
        let is_refused = Chunks::new(1024).text(encoding).compose().is_err();
        assert_eq!(is_refused, encoding.name() == "ISO-2022-JP", "{encoding}");
    }
    assert!(Chunks::new(5).text(Encoding::CESU_8).compose().is_err(), "a character has up to six bytes");
}

/// The line ends of the bytes are those of the text, for every encoding that lines take.
#[test]
fn lines_end_where_a_decoder_of_the_whole_sees_their_ends() {
    let mut taken = 0;
    for encoding in all() {
        let Ok((framing, _)) = Lines::lf().text(encoding).compose() else { continue };
        taken += 1;
        let line_end = written(encoding, "\n");
        let joint = line_end.clone();
        let lines = vec(bytes_of(encoding), 0..3).prop_map(move |lines| lines.join(&joint[..]));
        holds_in(encoding, lines, |wire| {
            let line_ends = |bytes: &[u8]| {
                let text = decoded(encoding, bytes, DecodePolicy::Replace).expect("replacement never fails");
                text.matches('\n').count()
            };
            let mut frames = Frames::new(framing.clone());
            frames.push(&wire);
            let (mut lines, mut end) = (0, 0);
            while let Some(frame) = frames.next().expect("no line is too long") {
                end += frame.bytes().len() + line_end.len();
                lines += 1;
                let sees = line_ends(&wire[..end]);
                assert_eq!(sees, lines, "{wire:02x?} up to {end}");
            }
            assert_eq!(lines, line_ends(&wire), "{wire:02x?}");
        });
    }
    assert_eq!(taken, all().count());
}
