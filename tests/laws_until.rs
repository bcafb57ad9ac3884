//! Every framing that looks for an end against the laws.

mod laws_support;

use std::time::Duration;

use bytes::BytesMut;
use laws_support::pieces::of;
use proptest::collection::vec;
use proptest::prelude::*;
use wirework::core::{EncodeError, FrameError, Framed, Frames, Framing, Layer, Raw, Undone, encode_frame};
use wirework::framing::{Fixed, IdleGap, LastPiece, Marked, Rest, Until};
use wirework::layer::{Check, Constant, Escape};
use wirework::{FramingExt, GBK, Lines, UTF_8};
use wirework_laws::{Broken, Laws, Promises, at_size_limits, end_of_stream, memory, progress, segmentation};

const LASTS: [LastPiece; 3] = [LastPiece::Refuse, LastPiece::Give, LastPiece::Drop];
const LIMITS: [usize; 5] = [0, 1, 2, 4, 64 * 1024];

/// The laws for `until` with every limit, and at some of them with every last piece, over bytes made of these pieces.
fn check(until: &Until, pieces: &[&[u8]]) {
    for max in LIMITS {
        for last in if matches!(max, 1 | 4) { &LASTS[..] } else { &LASTS[..1] } {
            let promises = match last {
                LastPiece::Drop => Promises::default().drops_last(),
                LastPiece::Refuse | LastPiece::Give => Promises::default(),
            };
            let until = until.clone().last(*last).max_len(max);
            Laws::new(until).promises(promises).payloads(of(pieces)).wires(of(pieces)).check();
        }
    }
}

#[test]
fn lines() {
    for lines in [Lines::lf(), Lines::crlf(), Lines::any()] {
        check(&lines, &[b"\r", b"\n", b"\r\n", b"a"]);
        Laws::new(lines).check();
    }
}

#[test]
fn terminators_of_one_byte() {
    check(&Until::new("|"), &[b"|", b"a"]);
    check(&Until::new("|").or("\0"), &[b"|", b"\0", b"a"]);
    check(&Until::any_of(["|", ";", ","]), &[b"|", b";", b",", b"a"]);
    check(&Until::any_of(["|", ";", ",", "."]), &[b"|", b";", b",", b".", b"a"]);
}

#[test]
fn terminators_that_repeat_themselves() {
    check(&Until::new("aa"), &[b"a", b"b", b"aa"]);
    check(&Until::new("abab"), &[b"a", b"b", b"ab", b"x"]);
    check(&Until::new("aab"), &[b"a", b"b", b"x"]);
}

#[test]
fn terminators_that_end_in_each_other() {
    check(&Until::any_of(["c", "bc", "abc"]), &[b"a", b"b", b"c"]);
    check(&Until::any_of(["abc", "c"]), &[b"a", b"b", b"c"]);
    check(&Until::any_of(["ab", "bx", "y"]), &[b"a", b"b", b"x", b"y"]);
}

#[test]
fn terminators_that_are_kept() {
    let pieces: [&[u8]; 4] = [b"|", b"\r\n", b"\r", b"a"];
    let kept = Until::new("|").or("\r\n").keep();
    for max in LIMITS {
        // Every payload ends with a terminator, but where there are others in it.
        let payloads = (of(&pieces), prop::sample::select(&["|", "\r\n"][..]))
            .prop_map(|(payload, end)| [&payload, end.as_bytes()].concat());
        for last in [LastPiece::Refuse, LastPiece::Give] {
            let kept = kept.clone().max_len(max).last(last);
            Laws::new(kept).payloads(payloads.clone()).wires(of(&pieces)).check();
        }
    }
}

/// Payloads that end with an end and `plus` bytes behind it, where there are no others in them.
fn ended(pieces: &[&[u8]], end: &'static str, plus: usize) -> impl Strategy<Value = Vec<u8>> + Clone + use<> {
    let behind = vec(prop::sample::select(pieces.concat()), plus..plus + 2);
    (of(pieces), behind).prop_map(move |(payload, behind)| [&payload, end.as_bytes(), &behind].concat())
}

#[test]
fn bytes_behind_a_terminator() {
    let pieces: [&[u8]; 4] = [b"#", b"\r\n", b"\r", b"a"];
    for until in [Until::new("#"), Until::new("\r\n"), Until::new("#").or("\r\n")] {
        for (plus, max, last) in [
            (1, 0, LastPiece::Refuse),
            (1, 4, LastPiece::Give),
            (1, 64 * 1024, LastPiece::Refuse),
            (3, 1, LastPiece::Drop),
            (3, 4, LastPiece::Refuse),
            (3, 64 * 1024, LastPiece::Give),
        ] {
            let promises = match last {
                LastPiece::Drop => Promises::default().drops_last(),
                LastPiece::Refuse | LastPiece::Give => Promises::default(),
            };
            let until = until.clone().plus(plus).max_len(max).last(last);
            let payloads = prop_oneof![ended(&pieces, "#", plus), ended(&pieces, "\r\n", plus)];
            Laws::new(until).promises(promises).payloads(payloads).wires(of(&pieces)).check();
        }
    }
    let lines: [&[u8]; 4] = [b"\r\n", b".\r\n", b".", b"a"];
    let line = Until::line(".").plus(2);
    Laws::new(line).payloads(ended(&lines, "\r\n.\r\n", 2)).wires(of(&lines)).check();
}

#[test]
fn bytes_behind_an_end_mark() {
    let pieces: [&[u8]; 5] = [b"[", b"]", b"]>", b">", b"a"];
    let wires = of(&pieces).prop_map(|wire| [b"[", &wire[..]].concat());
    for end in ["]", "]>"] {
        for plus in [1, 3] {
            for max in [0, 1, 4, 64 * 1024] {
                let marked = Marked::new("[", end).plus(plus).max_len(max);
                Laws::new(marked).payloads(ended(&pieces, end, plus)).wires(wires.clone()).check();
            }
        }
    }
}

/// What stands behind the mark is found however it is cut, and a mark in it ends nothing.
#[test]
fn a_mark_behind_a_mark_is_none() {
    let checked = || Marked::new("\x02", "\x03").plus(1).layer(Check::xor8()).layer(Constant::after("\x03"));
    let payloads = vec(prop::sample::select(&b"\0\x01\x02\x04a"[..]), 0..6);
    let wires = of(&[b"\x02", b"\x03", b"\x01", b"\x02\x03\x03"]);
    Laws::new(checked()).payloads(payloads).wires(wires).check();
    let mut out = BytesMut::new();
    encode_frame(&mut checked(), &mut Raw, b"a\x61", &mut out).unwrap();
    assert_eq!(&out[..], b"\x02aa\x03\x03");
}

/// As DF1, whose check is of the data alone, and as 3964R, whose check covers what is doubled and the mark.
#[test]
fn doubled_bytes_in_front_of_a_mark_that_is_not() {
    let lrc = || Check::lrc().behind("\x10\x03");
    let df1 = || Marked::new("\x10\x02", "\x10\x03").doubled(0x10).plus(1).layer(Escape::doubling(0x10).but_last(3));
    let r3964 = || Marked::new("\x02", "\x10\x03").doubled(0x10).plus(1).layer(Check::xor8());
    let r3964 = || r3964().layer(Constant::after("\x10\x03")).layer(Escape::doubling(0x10));
    let payloads = vec(prop::sample::select(&b"\x10\x03\x02\xed\xf0a"[..]), 0..8);
    let pieces: [&[u8]; 7] = [b"\x10", b"\x10\x10", b"\x10\x03", b"\x10\x02", b"\x02", b"\x03", b"a"];
    let wires = |begin: &'static [u8]| of(&pieces).prop_map(move |wire| [begin, &wire].concat());
    Laws::new(df1().layer(lrc())).payloads(payloads.clone()).wires(wires(b"\x10\x02")).check();
    Laws::new(r3964()).payloads(payloads.clone()).wires(wires(b"\x02")).check();
    let until = || Until::new("\x10\x03").doubled(0x10).plus(1).layer(Escape::doubling(0x10).but_last(3)).layer(lrc());
    Laws::new(until()).payloads(payloads).wires(of(&pieces)).check();
    for payload in [&b"\x10"[..], b"\x10\x03", b"\x10\x10\x03", b"\xf0", b""] {
        for framing in [df1().layer(lrc()).boxed(), r3964().boxed(), until().boxed()] {
            let taken = encode_frame(&mut framing.clone(), &mut Raw, payload, &mut BytesMut::new());
            taken.expect("every payload can be carried");
        }
    }
}

#[test]
fn a_line_of_its_own() {
    for line in ["", ".", "END", "\r", "\n"] {
        let until = Until::line(line);
        let whole = [line.as_bytes(), b"\r\n"].concat();
        check(&until, &[b"\r\n", b"\r", b"\n", b".", b"a", &whole]);
    }
    check(&Until::line(".").or("|"), &[b"\r\n", b".\r\n", b"|", b"a"]);
}

/// Writes a byte twice wherever it stands.
#[derive(Clone)]
struct Twice(u8);

impl Layer for Twice {
    fn undo(&mut self, framed: Framed<'_>) -> Result<Undone, FrameError> {
        let mut plain = BytesMut::new();
        let mut bytes = framed.payload().iter();
        while let Some(byte) = bytes.next() {
            plain.extend_from_slice(&[*byte]);
            if *byte == self.0 && bytes.next() != Some(&self.0) {
                return Ok(Undone::Bad(FrameError::malformed("half of a doubled byte")));
            }
        }
        Ok(Undone::Rewritten(plain.freeze()))
    }

    fn apply(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        let plain = out.split_off(start);
        for byte in plain {
            out.extend_from_slice(&[byte, byte][..if byte == self.0 { 2 } else { 1 }]);
        }
        Ok(())
    }

    fn rewrites(&self) -> bool {
        true
    }

    fn doubles(&self) -> Option<u8> {
        Some(self.0)
    }
}

/// With its byte doubled, a payload may hold anything.
#[test]
fn doubled_bytes() {
    let pieces: [&[u8]; 5] = [b"\x10", b"\x10\x10", b"\x03", b"\x10\x02", b"a"];
    let payloads = vec(prop::sample::select(&b"\x10\x10\x03\x02a"[..]), 0..8);
    for max in [0, 1, 4, 5, 64] {
        let until = Until::new("\x10\x03").max_len(max).layer(Twice(0x10));
        Laws::new(until).payloads(payloads.clone()).wires(of(&pieces)).check();
        let marked = Marked::new("\x10\x02", "\x10\x03").max_len(max).layer(Twice(0x10));
        Laws::new(marked).payloads(payloads.clone()).wires(of(&pieces)).check();
        // The same bytes, and nothing taken off.
        let mut bare = Until::new("\x10\x03").or("\x10ab").max_len(max);
        bare.set_doubled(0x10).unwrap();
        check(&bare, &pieces);
    }
    let mut until = Until::new("\x10\x03").layer(Twice(0x10));
    for payload in [&b"\x10"[..], b"\x10\x03", b"\x10\x10\x03", b"\x03"] {
        encode_frame(&mut until, &mut Raw, payload, &mut BytesMut::new()).expect("every payload can be carried");
    }
}

/// Where the frames are, told by a loop that looks at every place anew.
#[test]
fn the_first_end_is_that_of_a_plain_loop() {
    let sets: [(&[&str], &[u8; 4]); 5] = [
        (&["|"], b"ab|c"),
        (&["\n", "\r\n"], b"a\r\nb"),
        (&["ab", "b|", "|"], b"ab|c"),
        (&["c", "bc", "abc"], b"abcx"),
        (&["aa", "xaa"], b"abxy"),
    ];
    for (set, alphabet) in sets {
        for number in 0..4_usize.pow(7) {
            let wire: Vec<u8> = (0..7).map(|place| alphabet[(number >> (2 * place)) % 4]).collect();
            let mut expected = Vec::new();
            let mut start = 0;
            for end in 1..=wire.len() {
                let ends = set.iter().filter(|one| wire[start..end].ends_with(one.as_bytes())).map(|one| one.len());
                if let Some(longest) = ends.max() {
                    expected.push(wire[start..end - longest].to_vec());
                    start = end;
                }
            }
            let mut frames = Frames::new(Until::any_of(set.iter().copied()));
            frames.push(&wire);
            let mut found = Vec::new();
            while let Some(frame) = frames.next().expect("no frame is too long") {
                found.push(frame.bytes().to_vec());
            }
            assert_eq!(found, expected, "{set:?} {:?}", wire.escape_ascii().to_string());
        }
    }
}

#[test]
fn marks() {
    for (begin, end) in [("[", "]"), ("~", "~"), ("\x0b", "\x1c\r"), ("<<", ">>"), ("aab", "ba")] {
        let halves: Vec<&[u8]> = begin.as_bytes().chunks(1).chain(end.as_bytes().chunks(1)).collect();
        let pieces = [&halves[..], &[begin.as_bytes(), end.as_bytes(), b"a"]].concat();
        // Wires that begin as they must, or nothing but the loss at the first byte is seen.
        let wires = (of(&pieces), any::<bool>()).prop_map(move |(wire, begun)| match begun {
            true => [begin.as_bytes(), &wire].concat(),
            false => wire,
        });
        for max in LIMITS {
            Laws::new(Marked::new(begin, end).max_len(max)).payloads(of(&pieces)).wires(wires.clone()).check();
        }
        Laws::new(Marked::new(begin, end)).check();
    }
}

#[test]
fn shared_marks() {
    for mark in ["~", "ab", "aa", "aab"] {
        let halves: Vec<&[u8]> = mark.as_bytes().chunks(1).collect();
        let pieces = [&halves[..], &[mark.as_bytes(), mark.as_bytes(), b"x"]].concat();
        let wires = (of(&pieces), any::<bool>()).prop_map(move |(wire, begun)| match begun {
            true => [mark.as_bytes(), &wire].concat(),
            false => wire,
        });
        for max in [1, 2, 4, 64 * 1024] {
            Laws::new(Marked::shared(mark).max_len(max)).payloads(of(&pieces)).wires(wires.clone()).check();
        }
        Laws::new(Marked::shared(mark)).check();
    }
}

#[test]
fn fixed_lengths() {
    for len in [1, 2, 5] {
        Laws::new(Fixed::new(len)).payloads(vec(any::<u8>(), len - 1..len + 2)).check();
    }
}

fn gap(max: usize) -> IdleGap {
    IdleGap::new(Duration::from_millis(1)).max_len(max)
}

#[test]
fn all_there_is() {
    let joined = || Promises::default().joined();
    Laws::new(Rest::new()).promises(joined()).check();
    Laws::new(gap(64 * 1024)).promises(joined()).check();
}

/// By one payload at a time: several are too long together.
#[test]
fn all_there_is_at_a_limit() {
    for len in 0..8 {
        let wire = vec![b'x'; len];
        for max in [1, 4] {
            at_a_limit(&Rest::new().max_len(max), &wire).unwrap();
            at_a_limit(&gap(max), &wire).unwrap();
        }
    }
}

fn at_a_limit<F: Framing + Clone + 'static>(framing: &F, wire: &[u8]) -> Result<(), Broken> {
    let promises = Promises::default();
    at_size_limits(framing, &Promises::default().joined())?;
    segmentation(framing, wire, &[2, 3], &promises)?;
    progress(framing, wire)?;
    memory(framing, wire, &[2])?;
    end_of_stream(framing, wire, wire, 3, &promises)
}

/// Silence ends a frame, and nothing else does before the end.
#[test]
fn a_gap_ends_a_frame_at_any_place() {
    let wire = b"abcdef";
    for quiet in 0..1_u32 << wire.len() {
        let mut frames = Frames::new(gap(64));
        let mut found = Vec::new();
        for (place, byte) in wire.iter().enumerate() {
            frames.push(&[*byte]);
            if quiet >> place & 1 == 1 {
                frames.quiet();
            }
            while let Some(frame) = frames.next().expect("no frame is too long") {
                found.push(frame.bytes().to_vec());
            }
        }
        assert_eq!(found.len(), quiet.count_ones() as usize, "{quiet:06b}");
        let ended = 32 - quiet.leading_zeros() as usize;
        assert_eq!(found.concat(), &wire[..ended], "{quiet:06b}");
    }
}

#[test]
fn with_formats() {
    Laws::new(Until::new(";").text(GBK)).messages().check();
    Laws::new(Until::line(".").text(UTF_8)).messages().check();
    Laws::new(Marked::new("\x0b", "\x1c\r").text(GBK)).messages().check();
    Laws::new(Fixed::new(4).text(UTF_8)).messages().payloads(vec(any::<u8>(), 4)).check();
}

#[test]
fn where_the_type_is_erased() {
    Laws::new(Until::any_of(["|", "\r\n"]).max_len(4).boxed()).check();
    Laws::new(Marked::shared("~").max_len(4).boxed()).check();
}

/// Far ahead of what is asked for, as only long inputs are searched.
#[test]
fn what_is_seen_ahead_is_what_split_finds() {
    for too_long in (0..400).step_by(7) {
        let line = |number: usize| {
            let len = if number == too_long { 13 } else { number * 5 % 13 };
            let end = if number.is_multiple_of(3) { "\r\n" } else { "\n" };
            "x".repeat(len) + end
        };
        let wire: String = (0..400).map(line).collect();
        let behind = Until::new("\n").plus(1);
        for until in [Lines::lf(), Lines::any(), Lines::any().keep(), Until::new("x\n"), Lines::crlf(), behind] {
            let until = until.max_len(if too_long % 2 == 0 { 12 } else { 60 });
            for reads in [&[usize::MAX][..], &[700, 1, 300]] {
                wirework_laws::glance(&until, wire.as_bytes(), reads).unwrap();
            }
        }
    }
}
