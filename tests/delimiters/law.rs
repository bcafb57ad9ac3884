//! The law: frames end, as byte offsets, where a decoder of the whole stream sees the delimiter, for all byte strings and however
//! they come; and a message is what its bytes alone decode to.

use wirework::core::{Codec, Format, Formatted, Frame, Framing};
use wirework::framing::{LastPiece, Until};
use wirework::{Composition, FramingExt, Text};
use wirework_laws::{Reads, trace};

use crate::boundaries::{counterexample, found, payloads, seen};
use crate::reference::{Item, Reference, text};
use crate::scanners;
use crate::wires::{Pieces, Random};
use crate::{DELIMITERS, ENCODINGS, REFUSED, cases, ours, pieces, table, written};

/// One encoding, and what ends frames in it.
struct Trial<'a> {
    name: &'a str,
    reference: &'a Reference,
    delimiters: &'a [&'a str],
}

impl Trial<'_> {
    /// `framing` finds what a decoder of the whole sees, when the wire comes in pieces of these lengths by turns.
    #[track_caller]
    fn finds(&self, framing: &(impl Framing + Clone), keep: bool, wire: &[u8], pieces: &[usize]) {
        let expected = |wire: &[u8]| payloads(&seen(&self.reference.items(wire), self.delimiters), keep);
        let found = |wire: &[u8]| found(framing, wire, pieces.iter().copied().cycle());
        if found(wire) != expected(wire) {
            let of = |items: &[_]| payloads(&seen(items, self.delimiters), keep);
            let wire = counterexample(self.reference, wire.to_vec(), of, found);
            let (found, expected) = (found(&wire), expected(&wire));
            let Self { name, delimiters, .. } = self;
            panic!("{name} {delimiters:?} {wire:02x?} in {pieces:?}: {found:?}, not {expected:?}");
        }
    }
}

const WHOLE: [usize; 1] = [usize::MAX];
const BYTES: [usize; 1] = [1];

fn refusal(name: &str, delimiter: &str) -> Option<&'static str> {
    let refused = REFUSED.iter().find(|(encoding, refused, _)| (*encoding, *refused) == (name, delimiter))?;
    Some(refused.2)
}

fn holds(name: &str) {
    let encoding = ours(name);
    let reference = Reference::new(table(name));
    for (number, delimiter) in DELIMITERS.into_iter().enumerate() {
        let until = Until::new(delimiter).last(LastPiece::Drop);
        let codec: Formatted<Until, Text> = until.clone().text(encoding.replace());
        let (framing, mut format) = match (codec.compose(), refusal(name, delimiter)) {
            (Ok(composed), None) => composed,
            (Err(why), Some(part)) => {
                assert!(why.to_string().contains(part), "{name} {delimiter:?}: {why}");
                continue;
            }
            (Ok(_), Some(_)) => panic!("{name} {delimiter:?} is not refused"),
            (Err(why), None) => panic!("{name} {delimiter:?} is refused: {why}"),
        };
        let (keeping, _) = until.keep().text(encoding).compose().expect("it was not refused");
        let notation = format!("until {} keep last drop | {name}", serde_json::to_string(delimiter).unwrap());
        let composition: Composition = notation.parse().unwrap_or_else(|error| panic!("{error}"));
        let of_bytes = of_bytes(name, delimiter);
        let trial = Trial { name, reference: &reference, delimiters: &[delimiter] };
        let pieces = pieces(table(name), delimiter);
        let mut random = Random::new(0x9E37_79B9_7F4A_7C15 ^ number as u64);
        for case in 0..cases() {
            let wire = pieces.stream(&mut random);
            let items = reference.items(&wire);
            let shown = || format!("{name} {delimiter:?} {wire:02x?}");
            assert_eq!(text(&items), table(name).decode_without_bom_handling(&wire).0, "the reference: {}", shown());
            trial.finds(&keeping, true, &wire, &WHOLE);
            let cuts: [usize; 4] = std::array::from_fn(|_| 1 + random.below(5));
            trial.finds(&framing, false, &wire, &cuts);
            for payload in payloads(&seen(&items, &[delimiter]), false) {
                let alone = table(name).decode_without_bom_handling(&wire[payload.clone()]).0;
                let mut scratch = String::new();
                let message = format.view(Frame::lent(&wire[payload], &[]), &mut scratch).expect("it replaces");
                assert_eq!(message, alone, "{}", shown());
            }
            if case < 2000 {
                trial.finds(composition.framing(), true, &wire, &BYTES);
                of_bytes.iter().for_each(|of_bytes| trial.finds(of_bytes, false, &wire, &cuts));
            }
        }
    }
}

/// The framing that is told the delimiter as bytes, where these are the only ones that it has.
fn of_bytes(name: &str, delimiter: &str) -> Option<Until> {
    // Both are written in two ways in GBK and in GB18030.
    if matches!((name, delimiter), ("GBK" | "gb18030", "€" | "\u{3000}")) {
        return None;
    }
    let until = Until::new(written(table(name), delimiter)).last(LastPiece::Drop);
    let (framing, _) = until.text(ours(name)).compose().expect("they are whole characters");
    Some(framing)
}

macro_rules! holds_for {
    ($($test:ident: $name:literal),* $(,)?) => {
        $(
            #[test]
            fn $test() {
                holds($name);
            }
        )*

        #[test]
        fn every_encoding_is_tried() {
            assert_eq!(ENCODINGS, [$($name),*]);
        }
    };
}

holds_for! {
    gbk: "GBK",
    gb18030: "gb18030",
    big5: "Big5",
    shift_jis: "Shift_JIS",
    euc_kr: "EUC-KR",
    euc_jp: "EUC-JP",
    utf_16le: "UTF-16LE",
    utf_16be: "UTF-16BE",
    iso_2022_jp: "ISO-2022-JP",
    utf_8: "UTF-8",
    windows_1252: "windows-1252",
}

/// Where one of several ends a frame, it is the first that ends, and of those that end there the longest.
#[test]
fn several_delimiters_at_once() {
    let sets: [&[&str]; 13] = [
        &["\n", "\r\n"],
        &["|", "，"],
        &["|", "abcde"],
        &["~", "|", "abcde"],
        &["||", "5"],
        &["€", "a"],
        &["END", "5", "|"],
        &["|5", "5|"],
        &["|\\", "~"],
        // What an escape sequence says goes on behind a frame.
        &["|", "\\", "~"],
        &["5a", "55", "|"],
        &["，，", "5", "|"],
        &["\\a", "a\\", "\u{3000}"],
    ];
    for name in ENCODINGS {
        let reference = Reference::new(table(name));
        for delimiters in sets {
            let until = Until::any_of(delimiters.iter().copied()).last(LastPiece::Drop);
            let composed = until.text(ours(name)).compose();
            let refused = delimiters.iter().any(|set| set.chars().any(|one| refusal(name, &one.to_string()).is_some()));
            assert_eq!(composed.is_err(), refused, "{name} {delimiters:?}: {:?}", composed.err());
            let Ok((framing, _)) = composed else { continue };
            let trial = Trial { name, reference: &reference, delimiters };
            let pieces = delimiters.iter().map(|delimiter| pieces(table(name), delimiter)).reduce(Pieces::and).unwrap();
            let mut random = Random::new(11);
            for _ in 0..cases() {
                let wire = pieces.stream(&mut random);
                trial.finds(&framing, false, &wire, &WHOLE);
                trial.finds(&framing, false, &wire, &[1 + random.below(3), 1 + random.below(3)]);
            }
        }
    }
}

/// With a limit, too: the same frames, and the same end, for every cut.
#[test]
fn the_limit_holds_for_every_cut() {
    for name in ENCODINGS {
        let lasts = [LastPiece::Give, LastPiece::Refuse, LastPiece::Drop];
        for (delimiter, last) in ["|", "5", "，", "||"].into_iter().flat_map(|one| lasts.map(|last| (one, last))) {
            let until = Until::new(delimiter).or("xyz").last(last).max_len(3);
            let Ok((framing, _)) = until.text(ours(name)).compose() else { continue };
            let pieces = pieces(table(name), delimiter);
            let mut random = Random::new(7);
            for _ in 0..cases() {
                let wire = pieces.wire(&mut random);
                let trace = |len| trace(&framing, &wire, &Reads::of([len]));
                let whole = trace(usize::MAX);
                for len in [1, 2, 3] {
                    assert_eq!(trace(len), whole, "{name} {delimiter:?} {wire:02x?} in pieces of {len}");
                }
            }
        }
    }
}

/// The ways that come to mind first break the law, each in each of these, and how: a delimiter that is half of a character; one
/// behind a byte that begins no character; one behind a character whose last byte could begin one.
#[test]
fn the_obvious_scanners_break_it() {
    type IsLead = fn(u8) -> bool;
    let wide: IsLead = |byte| matches!(byte, 0x81..=0xFE);
    let shift_jis: IsLead = |byte| matches!(byte, 0x81..=0x9F | 0xE0..=0xFC);
    for (name, is_lead) in [("GBK", wide), ("gb18030", wide), ("Big5", wide), ("Shift_JIS", shift_jis)] {
        let reference = Reference::new(table(name));
        let broken = |delimiter: &str, scan: &dyn Fn(&[u8]) -> Vec<usize>| {
            let ends = |items: &[Item]| seen(items, &[delimiter]).iter().map(|seen| seen.end).collect();
            let pieces = pieces(table(name), delimiter);
            let mut random = Random::new(1);
            let mut wires = std::iter::repeat_with(|| pieces.wire(&mut random)).take(2000);
            let differs = |wire: &Vec<u8>| scan(wire) != ends(&reference.items(wire));
            let wire = wires.find(differs).unwrap_or_else(|| panic!("{name}: it was never wrong"));
            counterexample(&reference, wire, ends, scan)
        };
        let half = broken("|", &|wire| scanners::bytes(wire, b'|'));
        let alone = broken("\n", &|wire| scanners::skipping(wire, b'\n', is_lead));
        let behind = broken("|", &|wire| scanners::in_range(wire, b'|', is_lead));
        assert!(matches!(*half, [lead, b'|'] if is_lead(lead)), "{name} {half:02x?}");
        assert!(matches!(*alone, [lead, b'\n'] if is_lead(lead)), "{name} {alone:02x?}");
        assert!(matches!(*behind, [.., last, b'|'] if is_lead(last)) && behind.len() <= 3, "{name} {behind:02x?}");
    }
}
