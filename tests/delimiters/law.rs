//! The law: frames end, as byte offsets, where a decoder of the whole stream sees the delimiter, for all byte strings and however
//! they come; and a message is what its bytes alone decode to.

use wirework::core::{Codec, Format, Frames, Framing};
use wirework::framing::{LastPiece, Until};
use wirework::{Composition, Encoding, FramingExt};

use crate::reference::{Item, Reference, text};
use crate::scanners;
use crate::wires::Random;
use crate::{DELIMITERS, ENCODINGS, REFUSED, cases, pieces, table};

/// Where the delimiter ends each time that it is seen. Its characters stand side by side: between two of them there is no escape
/// sequence.
fn seen(items: &[Item], delimiter: &str) -> Vec<usize> {
    let wanted: Vec<char> = delimiter.chars().collect();
    let (mut ends, mut from) = (Vec::new(), 0);
    for upto in 1..=items.len() {
        let Some(start) = upto.checked_sub(wanted.len()).filter(|start| *start >= from) else { continue };
        let last = &items[start..upto];
        let side_by_side = last.windows(2).all(|pair| pair[0].end == pair[1].start);
        if side_by_side && last.iter().map(|item| item.character).eq(wanted.iter().copied().map(Some)) {
            ends.push(last[wanted.len() - 1].end);
            from = upto;
        }
    }
    ends
}

/// Where frames end that keep their delimiter, when the wire comes in pieces of these lengths.
fn found(framing: &(impl Framing + Clone), wire: &[u8], pieces: impl IntoIterator<Item = usize>) -> Vec<usize> {
    let mut frames = Frames::new(framing.clone());
    let (mut ends, mut end, mut rest) = (Vec::new(), 0, wire);
    let mut pieces = pieces.into_iter();
    while !frames.is_over() {
        match pieces.next() {
            Some(len) if !rest.is_empty() => {
                let (piece, behind) = rest.split_at(len.clamp(1, rest.len()));
                frames.push(piece);
                rest = behind;
            }
            _ => frames.close(),
        }
        while let Some(frame) = frames.next().expect("no frame is too long") {
            end += frame.bytes().len();
            ends.push(end);
        }
    }
    ends
}

/// A wire as short as it can be made that a scanner reads otherwise than the decoder of the whole.
fn counterexample(
    reference: &Reference,
    delimiter: &str,
    wire: Vec<u8>,
    scan: impl Fn(&[u8]) -> Vec<usize>,
) -> Vec<u8> {
    let differs = |wire: &[u8]| scan(wire) != seen(&reference.items(wire), delimiter);
    let mut wire = wire;
    loop {
        let Some(shorter) = shorter(&wire).find(|wire| differs(wire)) else { return wire };
        wire = shorter;
    }
}

/// All that is left when a byte, or two that may be a pair, are taken away.
fn shorter(wire: &[u8]) -> impl Iterator<Item = Vec<u8>> + use<'_> {
    let without = |(at, len): (usize, usize)| Some([&wire[..at], wire.get(at + len..)?].concat());
    (0..wire.len()).flat_map(|at| [(at, 1), (at, 2)]).filter_map(without)
}

fn holds(name: &str) {
    let encoding = Encoding::from(table(name));
    let reference = Reference::new(table(name));
    for (number, delimiter) in DELIMITERS.into_iter().enumerate() {
        let until = Until::new(delimiter).last(LastPiece::Drop);
        let refused = REFUSED.iter().find(|(encoding, refused, _)| (*encoding, *refused) == (name, delimiter));
        let (keeping, texts) = match (until.clone().keep().text(encoding).compose(), refused) {
            (Ok((keeping, _)), None) => (keeping, until.text(encoding.replace())),
            (Err(why), Some((_, _, part))) => {
                assert!(why.to_string().contains(part), "{name} {delimiter:?}: {why}");
                continue;
            }
            (Ok(_), Some(_)) => panic!("{name} {delimiter:?} is not refused"),
            (Err(why), None) => panic!("{name} {delimiter:?} is refused: {why}"),
        };
        let notation = format!("until {} keep last drop | {name}", serde_json::to_string(delimiter).unwrap());
        let composition: Composition = notation.parse().unwrap_or_else(|error| panic!("{error}"));
        let pieces = pieces(table(name), delimiter);
        let mut random = Random::new(0x9E37_79B9_7F4A_7C15 ^ number as u64);
        for case in 0..cases() {
            let wire = pieces.wire(&mut random);
            let items = reference.items(&wire);
            let expected = seen(&items, delimiter);
            let shown = || format!("{name} {delimiter:?} {wire:02x?}");
            assert_eq!(text(&items), table(name).decode_without_bom_handling(&wire).0, "the reference: {}", shown());
            let whole = found(&keeping, &wire, [wire.len()]);
            if whole != expected {
                let wire = counterexample(&reference, delimiter, wire, |wire| found(&keeping, wire, [wire.len()]));
                panic!(
                    "{name} {delimiter:?} {wire:02x?}: {:?}, not {:?}",
                    found(&keeping, &wire, [wire.len()]),
                    seen(&reference.items(&wire), delimiter)
                );
            }
            let cuts: [usize; 4] = std::array::from_fn(|_| 1 + random.below(5));
            assert_eq!(found(&keeping, &wire, cuts.into_iter().cycle()), expected, "in {cuts:?}: {}", shown());
            if case < 2000 {
                assert_eq!(found(composition.framing(), &wire, [1].into_iter().cycle()), expected, "{}", shown());
                decodes_alone(&texts, &wire, name);
            }
        }
    }
}

/// Each message is what its own bytes decode to.
fn decodes_alone(codec: &wirework::core::Formatted<Until, wirework::Text>, wire: &[u8], name: &str) {
    let (framing, mut format) = codec.compose().expect("it was composed before");
    let mut frames = Frames::new(framing);
    frames.push(wire);
    while let Some(frame) = frames.next().expect("no frame is too long") {
        let alone = table(name).decode_without_bom_handling(frame.bytes()).0;
        let message = format.view(frame, &mut String::new()).expect("it replaces").to_owned();
        assert_eq!(message, alone, "{name} {wire:02x?}");
    }
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

/// With a limit, too: the same frames, and the same end, for every cut.
#[test]
fn the_limit_holds_for_every_cut() {
    for name in ENCODINGS {
        for delimiter in ["|", "5", "，", "||"] {
            let until = Until::new(delimiter).last(LastPiece::Give).max_len(3);
            let Ok((framing, _)) = until.text(Encoding::from(table(name))).compose() else { continue };
            let pieces = pieces(table(name), delimiter);
            let mut random = Random::new(7);
            for _ in 0..cases() {
                let wire = pieces.wire(&mut random);
                let trace = |len: usize| {
                    let mut frames = Frames::new(framing.clone());
                    let mut trace = Vec::new();
                    for piece in wire.chunks(len).map(Some).chain([None]) {
                        match piece {
                            Some(piece) => frames.push(piece),
                            None => frames.close(),
                        }
                        loop {
                            match frames.next() {
                                Ok(Some(frame)) => trace.push(frame.bytes().to_vec()),
                                Ok(None) => break,
                                Err(wirework::Error::Lost(lost)) => {
                                    trace.push(format!("{} {}", lost.location.offset, lost.cause).into_bytes());
                                    return trace;
                                }
                                Err(error) => panic!("{error}"),
                            }
                        }
                    }
                    trace
                };
                let whole = trace(wire.len().max(1));
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
        let broken = |delimiter: &str, scan: &dyn Fn(&[u8]) -> Vec<usize>| {
            let reference = Reference::new(table(name));
            let pieces = pieces(table(name), delimiter);
            let mut random = Random::new(1);
            let mut wires = std::iter::repeat_with(|| pieces.wire(&mut random)).take(2000);
            let differs = |wire: &Vec<u8>| scan(wire) != seen(&reference.items(wire), delimiter);
            let wire = wires.find(differs).unwrap_or_else(|| panic!("{name}: it was never wrong"));
            counterexample(&reference, delimiter, wire, scan)
        };
        let half = broken("|", &|wire| scanners::bytes(wire, b'|'));
        let alone = broken("\n", &|wire| scanners::skipping(wire, b'\n', is_lead));
        let behind = broken("|", &|wire| scanners::in_range(wire, b'|', is_lead));
        assert!(matches!(*half, [lead, b'|'] if is_lead(lead)), "{name} {half:02x?}");
        assert!(matches!(*alone, [lead, b'\n'] if is_lead(lead)), "{name} {alone:02x?}");
        assert!(matches!(*behind, [.., last, b'|'] if is_lead(last)) && behind.len() <= 3, "{name} {behind:02x?}");
    }
}
