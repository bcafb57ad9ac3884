//! Text at every cut: in every encoding, under every policy and behind every kind of framing, the messages, what is wrong
//! with the bad ones and the end are the same however the bytes come.

mod laws_support;

use laws_support::cases::number;
use laws_support::encodings::{all, written};
use laws_support::wires::{Pieces, Random, shorter};
use wirework::core::{Codec, DecodePolicy, Format, FormatError, Formatted, Frames, Framing, TextEncoding};
use wirework::framing::{LastPiece, Until};
use wirework::{Chunks, Encoding, FramingExt, LengthPrefix, Lines, Text};
use wirework_laws::{Broken, Promises, messages};

/// One of each kind. The others differ from these in their tables alone, or in the order of their bytes.
const KINDS: [&str; 16] = [
    "UTF-8",
    "UTF-16LE",
    "UTF-16BE",
    "UTF-32BE",
    "modified-UTF-8",
    "GBK",
    "gb18030",
    "Big5",
    "Shift_JIS",
    "EUC-JP",
    "EUC-KR",
    // Here only single bytes can be told.
    "ISO-2022-JP",
    "windows-1252",
    "US-ASCII",
    "ISO-8859-1",
    "x-user-defined",
];

const POLICIES: [DecodePolicy; 3] = [DecodePolicy::Strict, DecodePolicy::Replace, DecodePolicy::Escape];

/// Each with the number of wires that each framing is tried with: 2000 in all for one of each kind, and a tenth for the others.
fn encodings() -> impl Iterator<Item = (Encoding, usize)> {
    const FRAMINGS: usize = 9;
    all().map(|encoding| {
        let share = if KINDS.contains(&encoding.name()) { 1 } else { 10 };
        (encoding, number(2000_usize).div_ceil(FRAMINGS * share))
    })
}

#[test]
fn there_is_one_of_each_kind() {
    for kind in KINDS {
        assert!(all().any(|encoding| encoding.name() == kind), "no encoding has the name {kind}");
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
    for (encoding, cases) in encodings() {
        let pieces = Pieces::of(|text| written(encoding, text), delimiter);
        for policy in POLICIES {
            let codec = framing.clone().text(Text::new(encoding).on_malformed(policy));
            let is_refused = codec.compose().is_err();
            assert_eq!(is_refused, refused.contains(&encoding.name()), "{encoding}: {:?}", codec.compose().err());
            if is_refused {
                continue;
            }
            let mut random = Random::new(5);
            for _ in 0..cases {
                let reads: [usize; 3] = std::array::from_fn(|_| 1 + random.below(5));
                let law = |wire: &[u8]| messages(&codec, wire, &reads, promises);
                let wire = wire(&pieces, &mut random);
                if let Err(broken) = law(&wire) {
                    panic!("{encoding}, {policy:?}: {}", shortened(broken, law));
                }
            }
        }
    }
}

/// The same law broken by as few bytes as are left when all that can be left out is.
fn shortened(mut broken: Broken, law: impl Fn(&[u8]) -> Result<(), Broken>) -> Broken {
    loop {
        let Some(shortened) = shorter(&broken.input).find_map(|wire| law(&wire).err()) else { return broken };
        broken = shortened;
    }
}

#[test]
fn lines() {
    holds(Lines::any(), "\r\n", &Promises::default(), &[], Pieces::wire);
    holds(Lines::lf().last(LastPiece::Give).max_len(6), "\n", &Promises::default(), &[], Pieces::wire);
}

#[test]
fn pieces_until_a_delimiter() {
    holds(Until::new("|"), "|", &Promises::default(), &[], Pieces::wire);
    let narrow = |encoding: &Encoding| encoding.is_stateful() || written(*encoding, "，").is_empty();
    let narrow: Vec<Encoding> = all().filter(narrow).collect();
    let narrow: Vec<&str> = narrow.iter().map(Encoding::name).collect();
    holds(Until::new("，"), "，", &Promises::default(), &narrow, Pieces::wire);
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
    let refused = ["ISO-2022-JP"];
    // These have characters of six bytes.
    let long = [&refused[..], &["CESU-8", "modified-UTF-8"]].concat();
    holds(Chunks::new(4), "", &joined, &long, Pieces::wire);
    holds(Chunks::new(7), "", &joined, &refused, Pieces::wire);
    holds(Chunks::new(1024), "", &joined, &refused, Pieces::wire);
}

/// Which chunk is bad depends on the cut, and so does what of the text is lost with it; where the first fault stands does not.
#[test]
fn the_first_fault_of_chunks() {
    for (encoding, cases) in encodings() {
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
                    assert_eq!(found, expected, "{encoding} {wire:02x?}, a read of {first} bytes, then of {behind}");
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
