//! Every encoding: against `encoding_rs` itself, under every policy, and cut into chunks.

#[path = "laws_support/cases.rs"]
mod cases;

use bytes::BytesMut;
use cases::holds;
use encoding_rs::{Encoding as Table, ISO_2022_JP, REPLACEMENT};
use proptest::collection::vec;
use proptest::prelude::*;
use wirework::core::{
    Codec, DecodePolicy, EncodeError, EncodePolicy, Format, FormatError, Formatted, Frames, TextEncoding,
};
use wirework::{Chunks, Encoding, FramingExt, Lines, Text};
use wirework_laws::{EncodingLaws, Laws, Promises};

/// All encodings of the Encoding Standard.
const NAMES: [&str; 40] = [
    "UTF-8",
    "IBM866",
    "ISO-8859-2",
    "ISO-8859-3",
    "ISO-8859-4",
    "ISO-8859-5",
    "ISO-8859-6",
    "ISO-8859-7",
    "ISO-8859-8",
    "ISO-8859-8-I",
    "ISO-8859-10",
    "ISO-8859-13",
    "ISO-8859-14",
    "ISO-8859-15",
    "ISO-8859-16",
    "KOI8-R",
    "KOI8-U",
    "macintosh",
    "windows-874",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "windows-1257",
    "windows-1258",
    "x-mac-cyrillic",
    "GBK",
    "gb18030",
    "Big5",
    "EUC-JP",
    "ISO-2022-JP",
    "Shift_JIS",
    "EUC-KR",
    "replacement",
    "UTF-16BE",
    "UTF-16LE",
    "x-user-defined",
];

fn tables() -> impl Iterator<Item = &'static Table> {
    NAMES.iter().map(|name| Table::for_label(name.as_bytes()).unwrap_or(REPLACEMENT))
}

/// Those that can be cut into chunks.
fn stateless() -> impl Iterator<Item = &'static Table> {
    tables().filter(|table| *table != ISO_2022_JP && *table != REPLACEMENT)
}

#[test]
fn the_names_are_those_of_the_encoding_standard() {
    for (table, name) in tables().zip(NAMES) {
        assert_eq!(table.name(), name);
    }
}

/// The laws of the kit, which know nothing but the encoding.
#[test]
fn every_encoding_obeys_the_laws() {
    for table in tables() {
        let cases = if table.is_single_byte() { 200 } else { 2000 };
        EncodingLaws::new(Encoding::from(table)).read_as(read_as).cases(cases).check();
    }
}

/// Bytes as they come in `table`: text, noise, and text that is damaged.
fn bytes_of(table: &'static Table) -> impl Strategy<Value = Vec<u8>> {
    let text = text_of(table).prop_map(move |text| written(table, &text));
    let noise = vec(any::<u8>(), 0..24);
    // Lead bytes, second bytes, digits of four-byte forms, escapes, surrogates.
    let shape =
        vec(prop::sample::select(&b"\x81\x30\x84\x36\xc4\xe3\x8f\x8e\xa1\xfe\xff|\\A0\x1b$B(J\xd8\xdc"[..]), 0..16);
    let damaged = (text.clone(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(mut bytes, at, byte)| {
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes
    });
    prop_oneof![text, noise, shape, damaged]
}

/// Text that `table` has, mostly: what its decoder makes of noise; and any other.
fn text_of(table: &'static Table) -> BoxedStrategy<String> {
    let own = vec(any::<u8>(), 0..24).prop_map(|noise| table.decode_without_bom_handling(&noise).0.into_owned());
    prop_oneof![3 => own.prop_map(|text| text.replace('\u{fffd}', "")), 1 => ".{0,8}"].boxed()
}

fn written(table: &'static Table, text: &str) -> Vec<u8> {
    let mut out = BytesMut::new();
    match Encoding::from(table).encode(text, EncodePolicy::Substitute, &mut out) {
        Ok(()) => out.to_vec(),
        Err(_) => text.as_bytes().to_vec(),
    }
}

fn decoded(table: &'static Table, bytes: &[u8], policy: DecodePolicy) -> Result<String, FormatError> {
    let mut text = String::from("before");
    Encoding::from(table).decode(bytes, policy, &mut text)?;
    Ok(text.strip_prefix("before").expect("decoding appends").to_owned())
}

#[test]
fn decoding_with_replacement_is_encoding_rs_own() {
    for table in tables() {
        holds(bytes_of(table), |bytes| {
            let (expected, malformed) = table.decode_without_bom_handling(&bytes);
            let found = decoded(table, &bytes, DecodePolicy::Replace).expect("replacement never fails");
            assert_eq!(found, expected, "{} {bytes:02x?}", table.name());
            assert_eq!(decoded(table, &bytes, DecodePolicy::Strict).is_err(), malformed, "{}", table.name());
            assert_eq!(
                decoded(table, &bytes, DecodePolicy::Escape).expect("an escape never fails") != expected,
                malformed
            );
            if let Some(lent) = Encoding::from(table).as_utf8(&bytes) {
                assert_eq!(lent, expected, "lent: {} {bytes:02x?}", table.name());
            }
        });
    }
}

/// What comes before the offset is well formed, and the bytes at it are not.
#[test]
fn strict_decoding_fails_where_it_is_malformed() {
    for table in tables() {
        holds(bytes_of(table), |bytes| {
            let Err(error) = decoded(table, &bytes, DecodePolicy::Strict) else { return };
            let FormatError::Malformed { offset, bytes: malformed, .. } = error else { panic!("{error}") };
            let name = table.name();
            assert!(
                !malformed.is_empty() && bytes[offset..].starts_with(&malformed),
                "{name} {bytes:02x?} at {offset}"
            );
            let before = table.decode_without_bom_handling_and_without_replacement(&bytes[..offset]);
            assert!(before.is_some(), "{name} {bytes:02x?}: malformed before {offset}");
            let with = &bytes[..offset + malformed.len()];
            assert!(table.decode_without_bom_handling(with).1, "{name} {bytes:02x?}: well formed at {offset}");
            let text = before.unwrap_or_default();
            let escaped = decoded(table, &bytes, DecodePolicy::Escape).expect("an escape never fails");
            let shown: String = malformed.iter().map(|byte| format!("\\x{byte:02X}")).collect();
            assert!(escaped.starts_with(&format!("{text}{shown}")), "{name} {bytes:02x?}: {escaped:?}");
        });
    }
}

#[test]
fn what_is_encoded_decodes_to_the_same_text() {
    for table in tables().filter(|table| *table != REPLACEMENT) {
        holds(text_of(table), |text| {
            let encoding = Encoding::from(table);
            let mut out = BytesMut::from("before");
            match encoding.encode(&text, EncodePolicy::Error, &mut out) {
                Ok(()) => {
                    let back =
                        decoded(table, &out[6..], DecodePolicy::Strict).expect("what was written is well formed");
                    assert_eq!(back, canonical(table, &text), "{} {:02x?}", table.name(), &out[6..]);
                }
                Err(EncodeError::Unmappable { character, offset, .. }) => {
                    assert!(text[offset..].starts_with(character), "{} {text:?} at {offset}", table.name());
                    let before = encoding.encode(&text[..offset], EncodePolicy::Error, &mut BytesMut::new());
                    assert!(before.is_ok(), "{} {text:?}: {before:?} before {offset}", table.name());
                    let alone = encoding.encode(character.encode_utf8(&mut [0; 4]), EncodePolicy::Error, &mut out);
                    assert!(alone.is_err(), "{} has {character:?}", table.name());
                }
                Err(error) => panic!("{} {text:?}: {error}", table.name()),
            }
        });
    }
}

#[test]
fn what_an_encoding_lacks_becomes_a_question_mark_and_never_a_reference() {
    for table in tables().filter(|table| *table != REPLACEMENT) {
        holds(text_of(table), |text| {
            let encoding = Encoding::from(table);
            let mut out = BytesMut::new();
            encoding.encode(&text, EncodePolicy::Substitute, &mut out).expect("a substitute is always there");
            let has = |c: &char| encoding.encode(c.encode_utf8(&mut [0; 4]), EncodePolicy::Error, &mut BytesMut::new());
            let expected: String = text.chars().map(|c| if has(&c).is_ok() { c } else { '?' }).collect();
            let back = decoded(table, &out, DecodePolicy::Strict).expect("what was written is well formed");
            assert_eq!(back, canonical(table, &expected), "{} {text:?}", table.name());
            assert!(back.matches("&#").count() <= text.matches("&#").count(), "{} {text:?}: {back:?}", table.name());
        });
    }
}

/// The text that comes back.
fn canonical(table: &'static Table, text: &str) -> String {
    text.chars().map(|character| read_as(table.name(), character)).collect()
}

/// The Encoding Standard writes some characters as others that look alike, and private ones as those that took their place in
/// GB 18030-2022; nothing else is written as what it is not.
fn read_as(encoding: &str, character: char) -> char {
    let one_way: &[(&str, &str)] = match encoding {
        "EUC-JP" | "Shift_JIS" => &[("\u{a5}\u{203e}\u{2212}", "\\~－")],
        "ISO-2022-JP" => &[("\u{2212}", "－"), (HALF_WIDTH, FULL_WIDTH)],
        "GBK" | "gb18030" => &[
            (
                "\u{e78d}\u{e78e}\u{e78f}\u{e790}\u{e791}\u{e792}\u{e793}\u{e794}\u{e795}\u{e796}",
                "︐︒︑︓︔︕︖︗︘︙",
            ),
            ("\u{e81e}\u{e826}\u{e82b}\u{e82c}\u{e832}\u{e843}\u{e854}\u{e864}", "龴龵龶龷龸龹龺龻"),
        ],
        _ => &[],
    };
    let back = |(from, to): &(&str, &str)| to.chars().nth(from.chars().position(|known| known == character)?);
    one_way.iter().find_map(back).unwrap_or(character)
}

const HALF_WIDTH: &str = "｡｢｣､･ｦｧｨｩｪｫｬｭｮｯｰｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝﾞﾟ";
const FULL_WIDTH: &str = "。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン゛゜";

/// Every single character, not only those that are drawn.
#[test]
fn every_character_comes_back_or_is_refused() {
    for table in tables().filter(|table| *table != REPLACEMENT) {
        let encoding = Encoding::from(table);
        for c in ('\0'..='\u{ffff}').chain('\u{1f600}'..='\u{1f610}').chain('\u{20000}'..='\u{20010}') {
            let mut out = BytesMut::new();
            let text = c.encode_utf8(&mut [0; 4]).to_owned();
            if encoding.encode(&text, EncodePolicy::Error, &mut out).is_ok() {
                let back = table.decode_without_bom_handling_and_without_replacement(&out);
                assert_eq!(back.as_deref(), Some(&*canonical(table, &text)), "{} {c:?} {out:02x?}", table.name());
            }
        }
    }
}

#[test]
fn text_that_is_cut_into_chunks_is_the_text_of_the_whole() {
    for table in stateless() {
        holds((bytes_of(table), 4..9usize, vec(1..6usize, 1..4)), |(bytes, max, reads)| {
            let codec: Formatted<Chunks, Text> = Chunks::new(max).text(Encoding::from(table).replace());
            let (framing, mut format) = codec.compose().expect("chunks of four bytes hold every character");
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
            assert_eq!(found, table.decode_without_bom_handling(&bytes).0, "{} {bytes:02x?}", table.name());
        });
    }
}

#[test]
fn chunks_of_every_encoding_obey_the_laws() {
    for table in stateless() {
        let codec = Chunks::new(5).text(Encoding::from(table));
        let promises = Promises::default().joined();
        Laws::new(codec).messages().payloads(bytes_of(table)).wires(bytes_of(table)).promises(promises).check();
    }
}

#[test]
fn what_cannot_be_cut_is_refused() {
    for table in [ISO_2022_JP, REPLACEMENT] {
        assert!(Chunks::new(1024).text(Encoding::from(table)).compose().is_err(), "{}", table.name());
    }
}

/// The line ends of the bytes are those of the text, for every encoding that lines take.
#[test]
fn lines_end_where_a_decoder_of_the_whole_sees_their_ends() {
    let mut taken = 0;
    for table in tables() {
        let Ok((framing, _)) = Lines::lf().text(Encoding::from(table)).compose() else { continue };
        taken += 1;
        let line_end = written(table, "\n");
        let joint = line_end.clone();
        let lines = vec(bytes_of(table), 0..3).prop_map(move |lines| lines.join(&joint[..]));
        holds(lines, |wire| {
            let line_ends = |bytes: &[u8]| table.decode_without_bom_handling(bytes).0.matches('\n').count();
            let mut frames = Frames::new(framing.clone());
            frames.push(&wire);
            let (mut lines, mut end) = (0, 0);
            while let Some(frame) = frames.next().expect("no line is too long") {
                end += frame.bytes().len() + line_end.len();
                lines += 1;
                let sees = line_ends(&wire[..end]);
                assert_eq!(sees, lines, "{} {wire:02x?} up to {end}", table.name());
            }
            assert_eq!(lines, line_ends(&wire), "{} {wire:02x?}", table.name());
        });
    }
    assert_eq!(taken, NAMES.len() - 1, "all but replacement");
}
