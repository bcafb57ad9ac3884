//! Every combinator that chooses among framings against the laws.

mod laws_support;

use std::time::Duration;

use laws_support::layers::{owned, pipes};
use laws_support::pieces::of;
use wirework::combine::{Duplex, First, Pattern, Peek, Resync, Switch};
use wirework::core::{BoxFraming, Framing};
use wirework::framing::{Counts, Fixed, IdleGap, LastPiece, Marked, Rest, Until};
use wirework::layer::{Check, Escape};
use wirework::{Chunks, FramingExt, LengthPrefix, Lines};
use wirework_laws::{Laws, Promises, at_size_limits, memory, progress, segmentation};

fn check(framing: impl Framing + Clone + 'static, pieces: &[&[u8]]) {
    Laws::new(framing.clone()).payloads(of(pieces)).wires(of(pieces)).check();
    Laws::new(framing).cases(200).check();
}

#[test]
fn peek_by_one_byte() {
    let peek = Peek::new().on(Pattern::bytes(b"*"), Fixed::new(3).boxed()).otherwise(Lines::any().max_len(4).boxed());
    check(peek, &[b"*", b"a", b"\r", b"\n"]);
}

/// RFC 6587: octet counting begins with a digit, and lines do not.
#[test]
fn peek_at_a_counted_or_a_delimited_frame() {
    let counted = LengthPrefix::decimal_until(b" ").max_len(12).boxed();
    for last in [LastPiece::Refuse, LastPiece::Give] {
        let lines = Lines::lf().last(last).max_len(20).boxed();
        let peek = Peek::new().on(Pattern::range(b'1'..=b'9'), counted.clone()).otherwise(lines);
        check(peek, &[b"<", b"1 ", b"2", b"3 ", b"a", b"\n"]);
    }
}

#[test]
fn peek_by_patterns_of_several_lengths() {
    let peek = Peek::new()
        .on(Pattern::bytes(b"a"), Lines::lf().max_len(3).boxed())
        .on(Pattern::bytes(b"abc"), pipes(6).boxed())
        .on(Pattern::bytes(b"ab").ignore_case(), Fixed::new(4).boxed())
        .on(Pattern::digit(), Fixed::new(1).boxed());
    let pieces: &[&[u8]] = &[b"a", b"b", b"B", b"c", b"abc", b"\n", b"|", b"7"];
    check(peek.clone(), pieces);
    check(peek.otherwise(owned().boxed()), &[pieces, &[b"\x01", b"\x02"]].concat());
}

#[test]
fn peek_at_a_limit_below_its_patterns() {
    let peek = Peek::new().on(Pattern::bytes(b"ab"), Lines::lf().boxed()).otherwise(pipes(1).boxed());
    check(peek, &[b"a", b"b", b"\n", b"|"]);
    let peek = Peek::new().on(Pattern::bytes(b"abc"), pipes(1).boxed()).otherwise(pipes(2).boxed());
    check(peek, &[b"a", b"b", b"c", b"|"]);
}

#[test]
fn peek_at_headers_of_several_lengths() {
    let peek = Peek::new()
        .on(Pattern::range(0..=3), LengthPrefix::u16_be().boxed())
        .on(Pattern::bytes(b"~"), Marked::shared(b"~").layer(Escape::xor(0x7d, 0x20, [0x7e, 0x7d])).boxed())
        .on(Pattern::range(0x80..=0xff), LengthPrefix::u8().boxed())
        .otherwise(Lines::lf().layer(Check::xor8()).boxed());
    check(peek, &[b"\0", b"\x01", b"\x02", b"\x80", b"~", b"\x7d", b"a", b"\n"]);
}

#[test]
fn peek_inside_of_peek_and_behind_layers() {
    let inner = Peek::new().on(Pattern::bytes(b"+-"), Fixed::new(3).boxed()).otherwise(Lines::lf().max_len(5).boxed());
    let peek = Peek::new().on(Pattern::bytes(b"+"), inner.boxed()).otherwise(LengthPrefix::u8().max_len(9).boxed());
    check(peek.clone(), &[b"+", b"-", b"\n", b"\x01", b"\x02", b"a"]);
    check(peek.layer(Check::xor8()), &[b"+", b"-", b"\n", b"\x01", b"\x02", b"a"]);
}

/// A branch that is in damage is left to it, however the damage is cut.
#[test]
fn peek_at_branches_that_recover_from_damage() {
    let lines = Resync::delimiter(Lines::lf().max_len(2), b"\n").boxed();
    let marked = Resync::mark(Marked::new(b"<", b">").max_len(2), b"<").boxed();
    let pieces: &[&[u8]] = &[b"a", b"\n", b"<", b">", b"b"];
    check(Peek::new().on(Pattern::bytes(b"<"), marked.clone()).otherwise(lines.clone()), pieces);
    check(First::new(marked.clone(), lines.clone()), pieces);
    check(Switch::new(lines).once(Pattern::bytes(b"a"), marked), pieces);
}

#[test]
fn first() {
    let pieces: &[&[u8]] = &[b"a", b"\n", b"\0", b"\x01", b"\x02", b"|"];
    check(First::new(Lines::lf().max_len(3), LengthPrefix::u8()), pieces);
    check(First::new(LengthPrefix::u16_be(), First::new(pipes(5), Lines::lf())), pieces);
    check(First::new(LengthPrefix::u8().layer(Check::xor8()), owned()), pieces);
    check(First::new(owned(), Lines::lf().layer(Check::sum8())).layer(Check::xor8()), pieces);
}

/// PostgreSQL: a first message without a type, and all others with one.
#[test]
fn first_with_lengths_that_are_filled_in() {
    let fill_in = |payload: &[u8]| {
        let mut payload = payload.to_vec();
        payload[0] = payload.len() as u8;
        payload
    };
    let message = LengthPrefix::u8().counts(Counts::Whole).keep();
    Laws::new(First::new(message.clone(), message)).promises(Promises::default().fills_in(fill_in)).check();
}

/// Each end reads what the other writes; here they are framings of which one reads what the other writes.
#[test]
fn duplex() {
    let payloads = of(&[b"a", b"b", b"|"]);
    let wires = of(&[b"a", b"|", b"\r", b"\n"]);
    let duplex = Duplex::new(Lines::any().max_len(4), Lines::crlf().max_len(4));
    Laws::new(duplex).payloads(payloads.clone()).wires(wires.clone()).check();
    let duplex = Duplex::new(Until::any_of([b"|", b"\n"]).max_len(4), Lines::lf().max_len(3));
    Laws::new(duplex).payloads(of(&[b"a", b"b", b"\n"])).wires(wires).check();
}

#[test]
fn switch() {
    let pieces: &[&[u8]] = &[b"a", b"ab", b"A", b"r", b"\n", b"\x01", b"\x02", b"|"];
    let switch = Switch::new(Lines::lf().max_len(4).boxed())
        .once(Pattern::bytes(b"a").ignore_case(), LengthPrefix::u8().boxed())
        .once(Pattern::bytes(b"ab"), pipes(5).boxed())
        .for_good(Pattern::bytes(b"r"), Fixed::new(2).boxed());
    check(switch.clone(), pieces);
    check(switch.clone().layer(Check::xor8()), pieces);
    check(Switch::new(owned().boxed()).once(Pattern::bytes(b"a"), switch.boxed()), pieces);
}

/// Several payloads may come out as one, so that the laws which need more than one are left out.
fn frames_that_end_otherwise(framing: &(impl Framing + Clone + 'static), promises: &Promises) {
    at_size_limits(framing, &Promises::default()).unwrap();
    let letters = b"ab\n";
    for len in 0..8 {
        for number in 0..3_usize.pow(len) {
            let wire: Vec<u8> = (0..len).map(|place| letters[number / 3_usize.pow(place) % 3]).collect();
            segmentation(framing, &wire, &[2, 3], promises).unwrap();
            progress(framing, &wire).unwrap();
            memory(framing, &wire, &[2]).unwrap();
        }
    }
}

#[test]
fn framings_that_end_with_silence_or_with_the_stream() {
    let gap = IdleGap::new(Duration::from_millis(20)).max_len(5).boxed();
    for last in [gap, Rest::new().max_len(5).boxed()] {
        let promises = Promises::default();
        let peek = Peek::new().on(Pattern::bytes(b"ab"), Lines::lf().max_len(9).boxed());
        frames_that_end_otherwise(&peek.otherwise(last.clone()), &promises);
        frames_that_end_otherwise(&First::new(Lines::lf().max_len(9), last.clone()), &promises);
        let switch = Switch::new(Lines::lf().max_len(9).boxed()).once(Pattern::bytes(b"a"), last);
        frames_that_end_otherwise(&switch, &promises);
    }
    frames_that_end_otherwise(&First::new(Lines::lf().max_len(9), Chunks::new(3)), &Promises::default().joined());
}

#[test]
fn framings_of_one_type_need_no_box() {
    let peek: Peek<Until> = Peek::new().on(Pattern::bytes(b"+"), Lines::crlf()).otherwise(Lines::lf());
    assert_eq!(peek, peek.clone());
    check(peek, &[b"+", b"a", b"\r", b"\n"]);
    let _: BoxFraming = Switch::new(Lines::lf()).once(Pattern::digit(), Lines::crlf()).boxed();
}
