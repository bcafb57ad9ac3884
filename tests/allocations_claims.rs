//! What is not allocated because a peer claims it: 4 bytes that claim 4 GiB reserve nothing.

use wirework::core::{FrameError, Frames, Framing};
use wirework::framing::{Counts, LengthField, Special};
use wirework::notation::Composed;
use wirework::{Error, LengthPrefix, notation};

const GIB_4: u64 = (1 << 32) - 16;

/// Every kind of length that can claim 4 GiB, and a wire that does.
fn claims_of_4_gib() -> Vec<(LengthPrefix, &'static [u8])> {
    let then = |field| LengthPrefix::u8().special(0, Special::Then(field));
    vec![
        (LengthPrefix::u32_be(), b"\xff\xff\xff\xff"),
        (LengthPrefix::u32_le(), b"\xff\xff\xff\xff"),
        (LengthPrefix::u32_be().mask(0xffff_fff0), b"\xff\xff\xff\xff"),
        (LengthPrefix::u32_be().at(1).counts(Counts::Whole).plus(4), b"P\xff\xff\xff\xff"),
        (LengthPrefix::u64_be(), b"\0\0\0\x01\0\0\0\0"),
        (LengthPrefix::u64_le().trailer(b"!"), b"\0\0\0\0\x01\0\0\0"),
        (LengthPrefix::varint(), b"\xff\xff\xff\xff\x0f"),
        (LengthPrefix::varint().at(1), b"P\xff\xff\xff\xff\x0f"),
        (LengthPrefix::decimal(10), b"4294967295"),
        (LengthPrefix::decimal(11).space_padded(), b" 4294967295"),
        (LengthPrefix::hex(8), b"ffffffff"),
        (LengthPrefix::netstring(), b"4294967295:"),
        (LengthPrefix::hex_until(b"\r\n"), b"ffffffff\r\n"),
        (LengthPrefix::bcd(5), b"\x42\x94\x96\x72\x95"),
        (LengthPrefix::ber(), b"\x84\xff\xff\xff\xff"),
        (LengthPrefix::u8().special(0, Special::Length(0xffff_ffff)), b"\0"),
        (then(LengthField::u32_be()), b"\0\xff\xff\xff\xff"),
        (then(LengthField::varint()), b"\0\xff\xff\xff\xff\x0f"),
    ]
}

/// The most bytes that are allocated at once while this claim comes, and what becomes of it.
fn reserved(framing: impl Framing, claim: &[u8]) -> (u64, Option<Error>) {
    let mut frames = Frames::new(framing);
    let mut refused = None;
    let allocated = allocation_counter::measure(|| {
        frames.push(claim);
        refused = frames.next().err();
    });
    (allocated.bytes_max, refused)
}

/// How much this claims, if it is refused as too long.
fn claims(refused: Option<&Error>) -> Option<u64> {
    match refused {
        Some(Error::Lost(lost)) => match lost.cause {
            FrameError::TooLong { claimed, .. } => claimed,
            _ => None,
        },
        _ => None,
    }
}

#[test]
fn a_claimed_length_allocates_nothing() {
    for (prefix, claim) in claims_of_4_gib() {
        let unlimited = prefix.clone().max_len(usize::MAX);
        for (reserved, refused) in
            [reserved(unlimited.clone(), claim), reserved(Composed::from(unlimited.clone()), claim)]
        {
            assert!(refused.is_none() && reserved <= 64, "{reserved} for {claim:02x?}: {prefix:?}: {refused:?}");
        }
        for (reserved, refused) in [reserved(prefix.clone(), claim), reserved(Composed::from(prefix.clone()), claim)] {
            // The error quotes the first bytes.
            assert!(reserved <= 128, "{reserved} for {claim:02x?}: {prefix:?}");
            let claimed = claims(refused.as_ref()).unwrap_or_else(|| panic!("{claim:02x?} is taken: {prefix:?}"));
            assert!(claimed >= GIB_4 >> 4, "{claimed}");
        }
    }
}

/// Wires that may claim more than 4 GiB where `sample` does not: with other digits, or with another length somewhere.
fn exaggerated(sample: &[u8]) -> Vec<Vec<u8>> {
    let mut wires = Vec::new();
    for at in 0..sample.len() {
        let (before, behind) = sample.split_at(at);
        let digits = behind.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits > 0 {
            wires.push([before, b"4294967296", &behind[digits..]].concat());
        }
        for length in [
            &[0xff; 12][..],
            b"\xff\xff\xff\xff\x0f",
            b"\x84\xff\xff\xff\xff",
            b"\x7f\0\0\0\x01\0\0\0\0",
            b"\0\0\0\x01\0\0\0\0",
        ] {
            wires.push([before, length].concat());
        }
    }
    wires
}

#[test]
fn what_a_composition_is_told_allocates_nothing() {
    let mut found = Vec::new();
    for entry in notation::entries() {
        for sample in entry.samples {
            let composition = sample.composition;
            // Those that end in a format, or are only part of a composition, are no framing.
            let Ok(framing) = composition.parse::<Composed>() else { continue };
            for claim in exaggerated(sample.wire) {
                let (limited, refused) = reserved(framing.clone(), &claim);
                if claims(refused.as_ref()).is_none_or(|claimed| claimed < GIB_4) {
                    continue;
                }
                let most = 2 * claim.len() as u64 + 256;
                assert!(limited <= most, "{limited} for {claim:02x?}: {composition}");
                if ["length", "netstring"].contains(&entry.name) && !composition.contains(" max ") {
                    let unlimited = format!("{composition} max {}", usize::MAX).parse::<Composed>().unwrap();
                    let (reserved, _) = reserved(unlimited, &claim);
                    assert!(reserved <= most, "{reserved} for {claim:02x?}: {composition}");
                }
                found.push(composition);
            }
        }
    }
    found.dedup();
    for composition in [
        "length u32be inclusive",
        "length u32be at 1 inclusive of the field",
        "length varint",
        "length dec until SP",
        "length ber at 1",
        "length u8 special 126:u16be special 127:u64be",
        "netstring",
    ] {
        assert!(found.contains(&composition), "{composition} is not tried: {found:#?}");
    }
}
