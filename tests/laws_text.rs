//! Text at every cut: in every encoding, under every policy and behind every kind of framing, the messages, what is wrong
//! with the bad ones and the end are the same however the bytes come.

mod laws_support;

use laws_support::wires::{Pieces, Random};
use wirework::core::{
    BytesMut, Codec, DecodePolicy, EncodePolicy, Format, FormatError, Formatted, Frames, Framing, TextEncoding,
};
use wirework::framing::{LastPiece, Until};
use wirework::{Chunks, Encoding, FramingExt, LengthPrefix, Lines, Text};
use wirework_laws::{Broken, Promises, messages};

/// One of each kind with characters of several bytes, which can be told in the middle of a stream.
const WIDE: [&str; 11] = [
    "utf-8",
    "utf-16le",
    "utf-16be",
    "utf-32be",
    "modified-utf-8",
    "gbk",
    "gb18030",
    "big5",
    "shift_jis",
    "euc-jp",
    "euc-kr",
];

/// Those that differ from these in their tables alone, or in the order of their bytes.
const OTHER_WIDE: [&str; 15] = [
    "utf-32le",
    "cesu-8",
    "gbk-python",
    "gbk-java",
    "cp936",
    "gb18030-2000",
    "gb18030-2022",
    "big5-python",
    "big5-java",
    "cp950",
    "cp950-python",
    "shift_jis-python",
    "shift_jis-java",
    "cp932",
    "cp932-python",
];

/// One of each kind in which only single bytes can be told.
const NARROW: [&str; 5] = ["iso-2022-jp", "windows-1252", "us-ascii", "iso-8859-1", "x-user-defined"];

/// Those that differ from these in their tables alone.
const OTHER_NARROW: [&str; 29] = [
    "ibm866",
    "iso-8859-2",
    "iso-8859-3",
    "iso-8859-4",
    "iso-8859-5",
    "iso-8859-6",
    "iso-8859-7",
    "iso-8859-8",
    "iso-8859-8-i",
    "iso-8859-9",
    "iso-8859-10",
    "iso-8859-11",
    "iso-8859-13",
    "iso-8859-14",
    "iso-8859-15",
    "iso-8859-16",
    "koi8-r",
    "koi8-u",
    "macintosh",
    "windows-874",
    "windows-1250",
    "windows-1251",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "windows-1257",
    "windows-1258",
    "x-mac-cyrillic",
];

const POLICIES: [DecodePolicy; 3] = [DecodePolicy::Strict, DecodePolicy::Replace, DecodePolicy::Escape];

/// Each with the number of wires that each framing is tried with: 2000 in all for one of each kind, and a tenth for the others.
fn encodings() -> impl Iterator<Item = (&'static str, Encoding, usize)> {
    const FRAMINGS: usize = 9;
    let cases = std::env::var("WIREWORK_LAW_CASES").ok().and_then(|number| number.parse().ok()).unwrap_or(2000_usize);
    let encoding = |label| Encoding::for_label(label).unwrap_or_else(|unknown| panic!("{unknown}"));
    let with = move |share: usize| move |label| (label, encoding(label), cases.div_ceil(FRAMINGS * share));
    let kinds = WIDE.into_iter().chain(NARROW).map(with(1));
    kinds.chain(OTHER_WIDE.into_iter().chain(OTHER_NARROW).map(with(10)))
}

/// `text` in this encoding; nothing where it lacks a character.
fn written(encoding: Encoding, text: &str) -> Vec<u8> {
    let mut out = BytesMut::new();
    match encoding.encode(text, EncodePolicy::Error, &mut out) {
        Ok(()) => out.to_vec(),
        Err(_) => Vec::new(),
    }
}

/// The law for `framing` in every encoding but those that it refuses, with wires of that encoding, which may hold what
/// `delimiter` says.
fn holds<F: Framing + Clone + 'static>(
    framing: F,
    delimiter: &str,
    promises: &Promises,
    refused: &[&str],
    wire: impl Fn(&Pieces, &mut Random) -> Vec<u8>,
) {
    for (label, encoding, cases) in encodings() {
        let pieces = Pieces::of(|text| written(encoding, text), delimiter);
        for policy in POLICIES {
            let codec = framing.clone().text(Text::new(encoding).on_malformed(policy));
            assert_eq!(codec.compose().is_err(), refused.contains(&label), "{label}: {:?}", codec.compose().err());
            if refused.contains(&label) {
                continue;
            }
            let mut random = Random::new(5);
            for _ in 0..cases {
                let reads: [usize; 3] = std::array::from_fn(|_| 1 + random.below(5));
                let law = |wire: &[u8]| messages(&codec, wire, &reads, promises);
                let wire = wire(&pieces, &mut random);
                if let Err(broken) = law(&wire) {
                    panic!("{label}, {policy:?}: {}", shortened(broken, law));
                }
            }
        }
    }
}

/// The same law broken by as few bytes as are left when each that can be left out is.
fn shortened(mut broken: Broken, law: impl Fn(&[u8]) -> Result<(), Broken>) -> Broken {
    let without = |wire: &[u8], at: usize| [&wire[..at], &wire[at + 1..]].concat();
    while let Some(shorter) = (0..broken.input.len()).find_map(|at| law(&without(&broken.input, at)).err()) {
        broken = shorter;
    }
    broken
}

#[test]
fn lines() {
    holds(Lines::any(), "\r\n", &Promises::default(), &[], Pieces::wire);
    holds(Lines::lf().last(LastPiece::Give).max_len(6), "\n", &Promises::default(), &[], Pieces::wire);
}

#[test]
fn pieces_until_a_delimiter() {
    holds(Until::new("|"), "|", &Promises::default(), &[], Pieces::wire);
    holds(Until::new("，"), "，", &Promises::default(), &[&NARROW[..], &OTHER_NARROW].concat(), Pieces::wire);
    holds(Until::new("5").last(LastPiece::Give).max_len(6), "5", &Promises::default(), &[], Pieces::wire);
}

#[test]
fn counted_text() {
    let counted = |pieces: &Pieces, random: &mut Random| {
        let mut wire = Vec::new();
        for _ in 0..random.below(4) {
            let text = pieces.wire(random);
            wire.extend(u16::try_from(text.len()).expect("it is short").to_be_bytes());
            wire.extend(text);
        }
        if random.below(4) == 0 {
            wire.pop();
        }
        wire
    };
    holds(LengthPrefix::u16_be(), "", &Promises::default(), &[], counted);
}

#[test]
fn chunks() {
    let joined = Promises::default().joined();
    let refused = ["iso-2022-jp"];
    // These have characters of six bytes.
    let long = [&refused[..], &["cesu-8", "modified-utf-8"]].concat();
    holds(Chunks::new(4), "", &joined, &long, Pieces::wire);
    holds(Chunks::new(7), "", &joined, &refused, Pieces::wire);
    holds(Chunks::new(1024), "", &joined, &refused, Pieces::wire);
}

/// Which chunk is bad depends on the cut, and so does what of the text is lost with it; where the first fault stands does not.
#[test]
fn the_first_fault_of_chunks() {
    for (label, encoding, cases) in encodings() {
        let codec = Chunks::new(6).text(encoding);
        if codec.compose().is_err() {
            continue;
        }
        let pieces = Pieces::of(|text| written(encoding, text), "");
        let mut random = Random::new(5);
        for _ in 0..cases {
            let wire = pieces.wire(&mut random);
            let alone = encoding.decode(&wire, DecodePolicy::Strict, &mut String::new()).err();
            let expected = alone.map(|error| fault(&error));
            for first in 0..=wire.len() {
                for behind in [1, 3, usize::MAX] {
                    let found = first_fault(&codec, &wire, first, behind);
                    assert_eq!(found, expected, "{label} {wire:02x?}, a read of {first} bytes, then of {behind}");
                }
            }
        }
    }
}

/// Where the first malformed sequence stands in the stream, and which bytes it is. The first read has `first` bytes, the
/// others `behind`.
fn first_fault(codec: &Formatted<Chunks, Text>, wire: &[u8], first: usize, behind: usize) -> Option<(usize, Vec<u8>)> {
    let (framing, mut format) = codec.compose().expect("it was composed before");
    let mut frames = Frames::new(framing);
    let (head, rest) = wire.split_at(first);
    let mut begin = 0;
    for read in [head].into_iter().chain(rest.chunks(behind)).map(Some).chain([None]) {
        match read {
            Some(read) => frames.push(read),
            None => frames.close(),
        }
        while let Some(frame) = frames.next().expect("chunks are never bad") {
            if let Err(error) = format.own(frame) {
                let (offset, bytes) = fault(&error);
                return Some((begin + offset, bytes));
            }
            begin += frame.bytes().len();
        }
    }
    None
}

fn fault(error: &FormatError) -> (usize, Vec<u8>) {
    match error {
        FormatError::Malformed { offset, bytes, .. } => (*offset, bytes.clone()),
        error => panic!("{error}"),
    }
}
