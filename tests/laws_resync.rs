//! Every policy of recovering from damage against the laws.

mod laws_support;

use std::ops::Range;
use std::time::Duration;

use laws_support::layers::{owned, pipes};
use laws_support::pieces::strung;
use wirework::combine::{Duplex, First, Pattern, Peek, Resync};
use wirework::core::Framing;
use wirework::framing::{Fixed, LastPiece, Marked};
use wirework::layer::Check;
use wirework::{FramingExt, LengthPrefix, Lines};
use wirework_laws::{Laws, Promises};

/// How many pieces are strung: enough to be damaged, and to recover.
const COUNT: Range<usize> = 0..16;

/// The laws with budgets that are used up within a few bytes, within a few frames, and hardly ever.
fn check<F: Framing + Clone + 'static>(resync: Resync<F>, pieces: &[&[u8]]) {
    for (bytes, failures) in [(1, 9), (2, 9), (3, 1), (5, 2), (8, 3), (1000, 1000)] {
        let resync = resync.clone().budget(bytes, failures);
        Laws::new(resync).payloads(strung(pieces, COUNT)).wires(strung(pieces, COUNT)).cases(500).check();
    }
    Laws::new(resync).cases(200).check();
}

#[test]
fn behind_the_next_delimiter() {
    for max in [0, 1, 2, 4] {
        check(Resync::delimiter(Lines::lf().max_len(max), b"\n"), &[b"a", b"\n"]);
        check(Resync::delimiter(Lines::crlf().max_len(max), b"\r\n"), &[b"a", b"\r", b"\n", b"\r\n"]);
    }
    check(Resync::delimiter(pipes(3), b"|"), &[b"a", b"|"]);
    check(Resync::delimiter(Fixed::new(3).layer(Check::xor8()), b"aab"), &[b"a", b"b"]);
    check(Resync::delimiter(LengthPrefix::u8().max_len(3), b"\n"), &[b"\x02", b"\x03", b"\x04", b"a", b"\n"]);
    let last = Lines::lf().max_len(2).last(LastPiece::Drop);
    let resync = Resync::delimiter(last, b"\n").budget(4, 2);
    Laws::new(resync).wires(strung(&[b"a", b"\n"], COUNT)).promises(Promises::default().drops_last()).check();
}

#[test]
fn at_the_next_mark() {
    check(Resync::mark(Marked::new(b"<", b">").max_len(2), b"<"), &[b"<", b">", b"a"]);
    check(Resync::mark(Marked::shared(b"~").max_len(2), b"~"), &[b"~", b"a"]);
    check(Resync::mark(Marked::new(b"aab", b"c").max_len(3), b"aab"), &[b"a", b"b", b"aab", b"c"]);
    check(Resync::mark(Marked::new(b"aab", b"c").max_len(3), b"aa"), &[b"a", b"b", b"aab", b"c"]);
    // A mark that is longer than a frame may be.
    check(Resync::mark(pipes(2), b"abcd"), &[b"a", b"b", b"abcd", b"|"]);
}

#[test]
fn at_the_next_frame_whose_check_holds() {
    let pieces: &[&[u8]] = &[b"\0", b"\x01", b"\x02", b"\x03", b"a", b"\x02aa", b"\x03ab\x03"];
    check(Resync::check(LengthPrefix::u8().max_len(5).layer(Check::xor8())), pieces);
    check(Resync::check(owned().layer(Check::xor8())), pieces);
    check(Resync::check(Fixed::new(3).layer(Check::xor8())), pieces);
    check(Resync::check(Marked::shared(b"~").max_len(4).layer(Check::xor8())), &[b"~", b"a", b"aa~", b"b"]);
}

#[test]
fn behind_the_next_silence() {
    let gap = Duration::from_millis(20);
    check(Resync::gap(LengthPrefix::u8().max_len(2), gap), &[b"\0", b"\x01", b"\x02", b"\x03"]);
    check(Resync::gap(Marked::new(b"<", b">").max_len(0), gap), &[b"<", b">", b"a"]);
}

#[test]
fn around_framings_that_are_put_together() {
    let pieces: &[&[u8]] = &[b"*", b"a", b"\n", b"\x01", b"\x09"];
    let peek = Peek::new().on(Pattern::bytes(b"*"), Lines::lf().max_len(2).boxed());
    check(Resync::delimiter(peek.on(Pattern::range(1..=9), LengthPrefix::u8().max_len(2).boxed()), b"\n"), pieces);
    check(Resync::delimiter(First::new(LengthPrefix::u8().max_len(2), Lines::lf().max_len(2)), b"\n"), pieces);
    check(Resync::delimiter(Duplex::new(Lines::lf().max_len(2), Lines::lf().max_len(2)), b"\n"), pieces);
    let inner = Resync::mark(Marked::new(b"*", b"\n").max_len(2), b"*").budget(2, 2);
    check(Resync::delimiter(inner, b"\n"), pieces);
}

#[test]
fn behind_a_layer() {
    let resync = Resync::delimiter(Lines::lf().max_len(4), b"\n").budget(5, 2);
    Laws::new(resync.layer(Check::xor8())).wires(strung(&[b"a", b"\n", b"aa\n", b"aaaaaa"], COUNT)).check();
}
