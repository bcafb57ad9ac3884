//! Framings of every kind.

use std::time::Duration;

use proptest::prelude::*;
use wirework::core::ComposeError;
use wirework::framing::{ByteOrder, Counts, Fixed, IdleGap, LastPiece, LengthField, Marked, Rest, Special, Until};
use wirework::{Chunks, LengthPrefix};

use crate::drawn::Drawn;

/// Limits of nothing, of next to nothing, and of enough.
pub fn limits() -> impl Strategy<Value = usize> {
    prop_oneof![1 => 0..4_usize, 2 => 4..16_usize, 4 => 16..100_usize]
}

pub fn framings() -> BoxedStrategy<Result<Drawn, ComposeError>> {
    let greedy = prop_oneof![
        (1..6_usize).prop_map(|max| Drawn { cut_by_reads: true, runs_on: true, ..Drawn::of(Chunks::new(max)) }),
        limits().prop_map(|max| Drawn { runs_on: true, ..Drawn::of(Rest::new().max_len(max.max(1))) }),
        limits().prop_map(|max| {
            let idle = IdleGap::new(Duration::from_millis(20)).max_len(max.max(1));
            Drawn { runs_on: true, ..Drawn::of(idle) }
        }),
    ];
    let fixed = (1..6_usize).prop_map(|len| {
        Drawn::of(Fixed::new(len)).fit(move |body| body.iter().chain(b"xxxxx").copied().take(len).collect())
    });
    prop_oneof![1 => greedy, 5 => until(), 7 => length(), 1 => fixed, 3 => marked()].prop_map(Ok).boxed()
}

fn until() -> impl Strategy<Value = Drawn> {
    const SETS: [&[&str]; 11] = [
        &["\n"],
        &["\r\n"],
        &["\n", "\r\n"],
        &["|"],
        &["\0"],
        &["|", ";", "\r\n"],
        &["aa"],
        &["c", "bc", "abc"],
        &["ab", "bx"],
        &["\x10\x03"],
        &["~"],
    ];
    const LINES: [&str; 4] = ["", ".", "END", "\r"];
    let set = prop::sample::select(&SETS[..]);
    let last = prop::sample::select(&[LastPiece::Refuse, LastPiece::Refuse, LastPiece::Give, LastPiece::Drop][..]);
    let terminated = (set, any::<bool>(), last.clone(), limits()).prop_map(|(set, keep, last, max)| {
        let until = Until::any_of(set.iter().copied()).last(last).max_len(max);
        let halves = set.iter().flat_map(|end| end.as_bytes().chunks(1));
        let drawn = Drawn::of(if keep { until.keep() } else { until }).pieces(set).pieces(halves);
        let drawn = if keep { drawn.fit(move |body| [body, set[0].as_bytes()].concat()) } else { drawn };
        Drawn { drops: last == LastPiece::Drop, ..drawn }
    });
    let lines = (prop::sample::select(&LINES[..]), last, limits()).prop_map(|(line, last, max)| {
        let drawn = Drawn::of(Until::line(line).last(last).max_len(max));
        let whole = format!("{line}\r\n");
        let drawn = drawn.pieces([&whole, "\r\n", "\r", "\n", "."]).fit(|body| match body {
            [] => Vec::new(),
            body => [body, b"\r\n"].concat(),
        });
        Drawn { drops: last == LastPiece::Drop, ..drawn }
    });
    prop_oneof![3 => terminated, 1 => lines]
}

/// A field, and a header of that kind which says some length.
fn fields() -> impl Strategy<Value = (LengthField, Vec<u8>)> {
    let unsigned = (1..9_usize, any::<bool>()).prop_map(|(bytes, big)| {
        let order = if big { ByteOrder::Big } else { ByteOrder::Little };
        (LengthField::unsigned(bytes, order), vec![0; bytes])
    });
    let digits = (1..5_usize, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(width, hex, upper, spaces)| {
        let field = if hex { LengthField::hex(width) } else { LengthField::decimal(width) };
        let field = if upper && hex { field.uppercase() } else { field };
        (if spaces { field.space_padded() } else { field }, vec![b'0'; width])
    });
    let mark = prop::sample::select(&[":", " ", "\r\n"][..]);
    let digits_until = (mark, any::<bool>()).prop_map(|(mark, hex)| {
        let field = if hex { LengthField::hex_until(mark) } else { LengthField::decimal_until(mark) };
        (field, format!("0{mark}").into_bytes())
    });
    prop_oneof![
        4 => unsigned,
        2 => digits,
        2 => digits_until,
        1 => Just((LengthField::varint(), vec![0])),
        1 => Just((LengthField::ber(), vec![0])),
        1 => (1..3_usize).prop_map(|bytes| (LengthField::bcd(bytes), vec![0; bytes])),
    ]
}

fn length() -> impl Strategy<Value = Drawn> {
    let counts = prop_oneof![
        3 => Just(Counts::Body),
        1 => Just(Counts::Whole),
        1 => Just(Counts::Field),
        1 => (0..12_usize).prop_map(Counts::From),
    ];
    let place = (prop_oneof![3 => Just(0), 1 => 1..4_usize], prop::bool::weighted(0.1));
    let behind = (prop_oneof![3 => Just(0), 1 => 1..3_usize], prop::sample::select(&["", "", "", ",", "\r\n"][..]));
    let special = prop_oneof![
        8 => Just(None),
        1 => (0..9_u64, 0..20_u64).prop_map(|(value, length)| Some((value, Special::Length(length)))),
        1 => (0..9_u64).prop_map(|value| Some((value, Special::Refuse))),
        1 => (0..9_u64).prop_map(|value| Some((value, Special::Then(LengthField::u16_be())))),
    ];
    (fields(), counts, place, behind, special, limits()).prop_map(
        |((field, header), counts, (at, keep), (plus, trailer), special, max)| {
            let mut length = LengthPrefix::new(field).at(at).counts(counts).plus(plus).trailer(trailer).max_len(max);
            if let Some((value, meaning)) = special {
                length = length.special(value, meaning);
            }
            if keep {
                length = length.keep();
            }
            let pieces = [&header[..], &header[1..], trailer.as_bytes(), b"\0", b"\x01", b"\x02", b"0", b"2", b"3"];
            let drawn = Drawn::of(length).pieces(pieces);
            if at == 0 && !keep {
                return drawn;
            }
            drawn.fit(move |body| [&vec![b'h'; at][..], &header, body].concat())
        },
    )
}

fn marked() -> impl Strategy<Value = Drawn> {
    const PAIRS: [(&str, &str); 6] =
        [("<", ">"), ("~", "~"), ("\x10\x02", "\x10\x03"), ("\x0b", "\x1c\r"), ("<<", ">>"), ("aab", "ba")];
    let pair = (prop::sample::select(&PAIRS[..]), limits()).prop_map(|((begin, end), max)| {
        let halves = [begin, end].into_iter().flat_map(|mark| mark.as_bytes().chunks(1));
        Drawn::of(Marked::new(begin, end).max_len(max)).pieces([begin, end]).pieces(halves)
    });
    let shared = (prop::sample::select(&["~", "ab", "aa", "\x10\x7e"][..]), limits()).prop_map(|(mark, max)| {
        Drawn::of(Marked::shared(mark).max_len(max.max(1))).pieces([mark, mark]).pieces(mark.as_bytes().chunks(1))
    });
    prop_oneof![pair, shared]
}
