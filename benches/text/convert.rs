//! Text decoded and encoded, beside `encoding_rs` alone.
//!
//! Ours is what a server does: [`Text`] lends what it reads, out of the bytes or out of a `String` that is used again, and
//! writes into a `BytesMut` that is used again. Theirs decodes into the same `String` and encodes into a `Vec` that is used
//! again, with the room that its documentation asks for.

use std::hint::black_box;

use bytes::BytesMut;
use encoding_rs::{BIG5, DecoderResult, EUC_JP, EUC_KR, EncoderResult, GB18030, GBK, SHIFT_JIS, UTF_8, UTF_16LE};
use wirework::core::{Format, Frame};
use wirework::{Encoding, Text};

use crate::corpus::{self, Corpus};
use crate::turns::{self, ROUNDS};

/// A message, a read, and what no cache of a core holds.
const SIZES: [usize; 3] = [32, 1024, 1024 * 1024];
/// Of how many bytes a case is: so many short texts that the branches in them cannot be learnt by heart. Of 64 KiB they can,
/// at times by one of the contenders only.
const CASE: usize = 512 * 1024;
const TARGET: f64 = 1.05;

const TEXTS: [(Corpus, &encoding_rs::Encoding); 19] = [
    (corpus::ENGLISH, UTF_8),
    (corpus::ENGLISH, UTF_16LE),
    (corpus::ENGLISH, GBK),
    (corpus::ENGLISH, SHIFT_JIS),
    (corpus::MIXED_CHINESE, UTF_8),
    (corpus::MIXED_CHINESE, UTF_16LE),
    (corpus::MIXED_CHINESE, GBK),
    (corpus::MIXED_CHINESE, GB18030),
    (corpus::MIXED_TRADITIONAL, BIG5),
    (corpus::MIXED_JAPANESE, SHIFT_JIS),
    (corpus::MIXED_KOREAN, EUC_KR),
    (corpus::CHINESE, UTF_8),
    (corpus::CHINESE, UTF_16LE),
    (corpus::CHINESE, GBK),
    (corpus::CHINESE, GB18030),
    (corpus::TRADITIONAL, BIG5),
    (corpus::JAPANESE, SHIFT_JIS),
    (corpus::JAPANESE, EUC_JP),
    (corpus::KOREAN, EUC_KR),
];

/// Prints a row for each direction, text and size whose words hold all of `wanted`.
pub(crate) fn print(wanted: &[String]) {
    println!("nanoseconds a text, and ours divided by encoding_rs; in turn, 10th percentile of {ROUNDS}\n");
    println!(
        "{:<8}{:<10}{:<11}{:>8}{:>12}{:>14}{:>8}{:>8}",
        "", "text", "encoding", "bytes", "ours", "encoding_rs", "ratio", "target"
    );
    for (name, contenders) in [("decode", DECODE), ("encode", ENCODE)] {
        for (corpus, encoding) in TEXTS {
            // What encoding_rs writes for UTF-16 is UTF-8, and UTF-8 is copied.
            if name == "encode" && [UTF_8, UTF_16LE].contains(&encoding) {
                continue;
            }
            for size in SIZES {
                let row = format!("{name:<8}{:<10}{:<11}{size:>8}", corpus.name, encoding.name());
                if !crate::is_wanted(&row, wanted) {
                    continue;
                }
                let mut case = Case::new(corpus, encoding, size);
                let times = turns::measure(&contenders, &mut case, |contender, case| contender(case));
                let [ours, theirs] = times[..] else { unreachable!() };
                let nanoseconds = |time| time * 1e9 / case.texts.len() as f64;
                let ratio = ours / theirs;
                let target = turns::target(Some(TARGET), ratio);
                println!("{row}{:>12.1}{:>14.1}{ratio:>8.2}    {target}", nanoseconds(ours), nanoseconds(theirs));
            }
        }
    }
}

/// Every case once, with the results compared, but without times.
pub(crate) fn check() {
    for (corpus, encoding) in TEXTS {
        for size in SIZES {
            Case::new(corpus, encoding, size);
        }
    }
}

/// Texts in an encoding, and what they are converted into.
struct Case {
    encoding: &'static encoding_rs::Encoding,
    format: Text,
    texts: Vec<String>,
    wire: Vec<Vec<u8>>,
    scratch: String,
    out: BytesMut,
    vec: Vec<u8>,
}

impl Case {
    /// Both contenders are seen to give the same.
    fn new(corpus: Corpus, encoding: &'static encoding_rs::Encoding, size: usize) -> Self {
        let ours = Encoding::try_from(encoding).unwrap();
        let mut format = Text::new(ours);
        let texts = corpus.texts(ours, size, CASE);
        let mut scratch = String::new();
        let mut wire = Vec::new();
        for text in &texts {
            let (mut out, mut vec) = (BytesMut::new(), Vec::new());
            format.encode(text, &mut out).unwrap();
            assert_eq!(ours_decode(&mut format, &out, &mut scratch), text);
            assert_eq!(their_decode(encoding, &out, &mut scratch), text);
            if encoding.output_encoding() == encoding {
                assert_eq!(their_encode(encoding, text, &mut vec), out);
            }
            wire.push(out.to_vec());
        }
        Self { encoding, format, texts, wire, scratch: String::new(), out: BytesMut::new(), vec: Vec::new() }
    }
}

const DECODE: [fn(&mut Case); 2] = [
    |case| {
        for bytes in &case.wire {
            black_box(ours_decode(&mut case.format, bytes, &mut case.scratch));
        }
    },
    |case| {
        for bytes in &case.wire {
            black_box(their_decode(case.encoding, bytes, &mut case.scratch));
        }
    },
];

const ENCODE: [fn(&mut Case); 2] = [
    |case| {
        for text in &case.texts {
            case.out.clear();
            case.format.encode(text, &mut case.out).unwrap();
            see(&case.out);
        }
    },
    |case| {
        for text in &case.texts {
            case.vec.clear();
            see(their_encode(case.encoding, text, &mut case.vec));
        }
    },
];

/// Takes address and length one by one: of a `BytesMut` whose length was just set, the two in one piece are loaded slowly.
fn see(bytes: &[u8]) {
    black_box(bytes.as_ptr());
    black_box(bytes.len());
}

fn ours_decode<'a>(format: &mut Text, bytes: &'a [u8], scratch: &'a mut String) -> &'a str {
    format.view(Frame::lent(bytes, &[]), scratch).unwrap()
}

fn their_decode<'a>(encoding: &'static encoding_rs::Encoding, bytes: &[u8], scratch: &'a mut String) -> &'a str {
    scratch.clear();
    let mut decoder = encoding.new_decoder_without_bom_handling();
    scratch.reserve(decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap());
    let (result, _) = decoder.decode_to_string_without_replacement(bytes, scratch, true);
    assert_eq!(result, DecoderResult::InputEmpty);
    scratch
}

/// Into a vector that is empty.
fn their_encode<'a>(encoding: &'static encoding_rs::Encoding, text: &str, vec: &'a mut Vec<u8>) -> &'a [u8] {
    let mut encoder = encoding.new_encoder();
    vec.reserve(encoder.max_buffer_length_from_utf8_without_replacement(text.len()).unwrap());
    let (result, _) = encoder.encode_from_utf8_to_vec_without_replacement(text, vec, true);
    assert_eq!(result, EncoderResult::InputEmpty);
    vec
}
