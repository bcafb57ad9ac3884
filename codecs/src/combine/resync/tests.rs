//! Damage, and what comes behind it.

use wirework_core::{BoxFraming, Error, Frames};

use super::*;
use crate::combine::First;
use crate::framing::{Fixed, Marked, Until, from_fn};
use crate::layer::Check;
use crate::{FramingExt, GBK, LengthPrefix, Lines, UTF_8};

fn lines() -> Until {
    Lines::lf().max_len(2)
}

fn checked() -> BoxFraming {
    LengthPrefix::u8().max_len(9).layer(Check::xor8()).boxed()
}

fn marked() -> Marked {
    Marked::new(b"<", b">").max_len(8)
}

fn no_mark(at: usize, found: &str) -> String {
    format!("bad at {at}: {found} stands where a frame must begin with 3C")
}

fn wrong_check(at: usize, expected: &str, found: &str) -> String {
    format!("bad at {at}: the xor8 check fails: {expected} expected, {found} found")
}

fn next<F: Framing>(frames: &mut Frames<F>) -> Option<String> {
    match frames.next() {
        Ok(frame) => frame.map(|frame| frame.bytes().escape_ascii().to_string()),
        Err(Error::Bad(bad)) => Some(format!("bad at {}: {}", bad.location.offset, bad.cause)),
        Err(Error::Lost(lost)) => Some(format!("lost at {}: {}", lost.location.offset, lost.cause)),
        Err(other) => Some(other.to_string()),
    }
}

/// What comes out of reads of so many bytes each, and silence behind the last of these.
fn trace<F: Framing + Clone>(resync: &Resync<F>, bursts: &[&[u8]], read: usize) -> Vec<String> {
    resync.validate().unwrap();
    let mut frames = Frames::new(resync.clone());
    let mut seen = Vec::new();
    for burst in bursts {
        for read in burst.chunks(read) {
            frames.push(read);
            seen.extend(std::iter::from_fn(|| next(&mut frames)));
        }
        if frames.framing().quiet_after().is_some() && !frames.pending().is_empty() {
            frames.quiet();
        }
        seen.extend(std::iter::from_fn(|| next(&mut frames)));
    }
    frames.close();
    seen.extend(std::iter::from_fn(|| next(&mut frames)));
    assert!(frames.is_over() && frames.capacity() == 0);
    seen
}

/// The same, which is one for every length of a read.
#[track_caller]
fn bursts<F: Framing + Clone>(resync: &Resync<F>, bursts: &[&[u8]]) -> Vec<String> {
    let whole = trace(resync, bursts, usize::MAX);
    for read in 1..16 {
        assert_eq!(trace(resync, bursts, read), whole, "in reads of {read}");
    }
    whole
}

#[track_caller]
fn wire<F: Framing + Clone>(resync: &Resync<F>, wire: &[u8]) -> Vec<String> {
    bursts(resync, &[wire])
}

#[test]
fn the_pictures() {
    assert_eq!(wire(&Resync::delimiter(lines(), b"\n"), b"abc\nhi\n"), ["bad at 0: longer than 2 bytes", "hi"]);
    assert_eq!(wire(&Resync::mark(marked(), b"<"), b"ab<hi>"), [&no_mark(0, "61"), "hi"]);
    assert_eq!(
        wire(&Resync::check(checked()), b"\x07A\x02AA\x02BB\x02CC"),
        [&wrong_check(0, "03", "42")[..], "A", "B", "C"]
    );
    let gap = Resync::gap(LengthPrefix::u8().max_len(9), Duration::from_millis(50));
    let too_long = "bad at 0: longer than 9 bytes (it claims 255)";
    assert_eq!(bursts(&gap, &[b"\xffAB", b"\x01C"]), [too_long, "C"]);
}

#[test]
fn each_policy_recovers_from_one_damaged_frame_between_good_ones() {
    let delimiter = Resync::delimiter(Lines::crlf().max_len(2), b"\r\n");
    assert_eq!(wire(&delimiter, b"a\r\nbcd\r\r\ne\r\n"), ["a", "bad at 3: longer than 2 bytes", "e"]);
    let mark = Resync::mark(marked(), b"<");
    assert_eq!(wire(&mark, b"<a>xx<e>"), ["a", &no_mark(3, "78"), "e"]);
    let check = Resync::check(checked());
    let damaged = b"\x02aa\x06bb\x02ee";
    assert_eq!(
        wire(&check, damaged),
        ["a", "bad at 3: the stream ended inside it, after 6 bytes", "e"],
        "its length was damaged, and reaches beyond the end"
    );
    assert_eq!(wire(&check, b"\x02aa\x02bc\x02ee"), ["a", &wrong_check(3, "62", "63"), "e"]);
    let gap = Resync::gap(LengthPrefix::u8().max_len(9), Duration::from_millis(50));
    let damaged = ["a", "bad at 2: longer than 9 bytes (it claims 255)", "e"];
    for middle in [&b"\xff"[..], b"\xffb", b"\xff\x01c\x01d"] {
        assert_eq!(bursts(&gap, &[&[b"\x01a", middle].concat(), b"\x01e"]), damaged, "{middle:?}");
    }
}

#[test]
fn a_gap_is_silence_and_not_the_end_of_a_read() {
    let gap = Resync::gap(LengthPrefix::u8().max_len(9), Duration::from_millis(50));
    let mut frames = Frames::new(gap);
    assert_eq!(frames.framing().quiet_after(), Some(Duration::from_millis(50)));
    frames.push(b"\xff");
    assert_eq!(next(&mut frames), None, "not reported: silence could not be told any more");
    frames.push(b"x\x01a");
    assert_eq!(next(&mut frames).as_deref(), Some("bad at 0: longer than 9 bytes (it claims 255)"));
    assert_eq!(next(&mut frames), None);
    assert_eq!(frames.pending(), b"a", "one byte is held for the silence");
    frames.push(b"\x01b");
    assert_eq!(next(&mut frames), None);
    frames.quiet();
    assert_eq!(next(&mut frames), None);
    assert!(frames.pending().is_empty() && !frames.framing().is_recovering());
    frames.push(b"\x01c");
    assert_eq!(next(&mut frames).as_deref(), Some("c"));
}

#[test]
fn a_mark_is_looked_for_behind_the_first_byte_and_is_kept() {
    let two = Resync::mark(
        from_fn(
            |input| match input.bytes {
                [b'<', b'<', _, ..] => Ok(Step::Frame { span: 2..3, advance: 3 }),
                [] | [b'<'] | [b'<', b'<'] => Ok(Step::More(1)),
                _ => Err(FrameError::malformed("no mark")),
            },
            |_, _| Ok(()),
        ),
        b"<<",
    );
    assert_eq!(wire(&two, b"x<<a<x<<b"), ["bad at 0: no mark", "a", "bad at 4: no mark", "b"]);
    assert_eq!(wire(&two, b"x<y<"), ["bad at 0: no mark"]);
    assert_eq!(wire(&two, b"x<<"), ["bad at 0: no mark", "bad at 1: the stream ended inside it, after 2 bytes"]);
}

#[test]
fn a_bad_frame_whose_end_is_known_is_no_damage() {
    let lines = Lines::lf().layer(Check::xor8());
    let resync = Resync::delimiter(lines, b"\n").budget(1, 1);
    assert_eq!(
        wire(&resync, b"ab\nab\nab\naa\n"),
        [&wrong_check(0, "61", "62")[..], &wrong_check(3, "61", "62"), &wrong_check(6, "61", "62"), "a"]
    );
}

#[test]
fn the_budget_of_bytes_closes_at_the_same_place_for_every_cut() {
    let long = "bad at 0: longer than 2 bytes";
    let lost = "lost at 6: more than 6 bytes of damage since the last good frame";
    let delimiter = Resync::delimiter(lines(), b"\n").budget(6, 9);
    assert_eq!(wire(&delimiter, b"12345\na\n"), [long, "a"]);
    assert_eq!(wire(&delimiter, b"123456\na\n"), [long, lost]);
    assert_eq!(wire(&delimiter, b"1234567890\na\n"), [long, lost]);
    assert_eq!(
        wire(&delimiter, b"123\n456\na\n"),
        [long, "bad at 4: longer than 2 bytes", "lost at 6: more than 6 bytes of damage since the last good frame"]
    );
    assert_eq!(wire(&delimiter, b"123456"), [long], "the stream ended, and nothing else was there");

    let mark = Resync::mark(marked(), b"<").budget(6, 9);
    assert_eq!(wire(&mark, b"123456<a>"), [&no_mark(0, "31"), "a"]);
    assert_eq!(wire(&mark, b"1234567<a>"), [&no_mark(0, "31"), lost]);

    let check = Resync::check(checked()).budget(6, 9);
    let long = "bad at 0: longer than 9 bytes (it claims 255)";
    assert_eq!(wire(&check, b"\xff\xff\xff\xff\xff\xff\x02aa"), [long, "a"]);
    assert_eq!(wire(&check, b"\xff\xff\xff\xff\xff\xff\xff\x02aa"), [long, lost]);

    let gap = Resync::gap(LengthPrefix::u8().max_len(9), Duration::from_millis(50)).budget(6, 9);
    assert_eq!(bursts(&gap, &[b"\xff23456", b"\x01a"]), [long, "a"]);
    assert_eq!(bursts(&gap, &[b"\xff234567", b"\x01a"]), [long, lost]);
}

#[test]
fn the_budget_of_failures_closes_and_a_good_frame_fills_it_up_again() {
    let resync = Resync::delimiter(lines(), b"\n").budget(100, 2);
    let bad = |at| format!("bad at {at}: longer than 2 bytes");
    assert_eq!(wire(&resync, b"123\n123\na\n123\n123\nb\n"), [&bad(0), &bad(4), "a", &bad(10), &bad(14), "b"]);
    let lost = "lost at 8: damaged more than 2 times since the last good frame: longer than 2 bytes";
    assert_eq!(wire(&resync, b"123\n123\n123\na\n"), [&bad(0), &bad(4), lost]);
    let bytes = Resync::delimiter(lines(), b"\n").budget(4, 9);
    assert_eq!(wire(&bytes, b"123\na\n123\nb\n"), [&bad(0), "a", &bad(6), "b"]);
}

#[test]
fn the_default_budget_passes_over_a_line_that_is_too_long_for_the_default_limit() {
    let resync = Resync::delimiter(Lines::lf(), b"\n");
    let line = [&vec![b'x'; 100_000][..], b"\nhi\n"].concat();
    assert_eq!(trace(&resync, &[&line], 4096), ["bad at 0: longer than 65536 bytes", "hi"]);
}

/// Ten MiB without a delimiter, in reads of 64 KiB: one error, and nothing of it is kept.
#[test]
fn memory_is_bounded_while_a_line_is_passed_over() {
    const MAX: usize = 4096;
    let mut frames = Frames::new(Resync::delimiter(Lines::lf().max_len(MAX), b"\n").budget(16 << 20, 1));
    let read = vec![b'x'; 64 * 1024];
    let mut errors = 0;
    for _ in 0..160 {
        let buffer = [frames.pending(), &read].concat();
        let mut lent = frames.lend(&buffer);
        while lent.next().map_or_else(|error| !error.is_fatal(), |frame| frame.is_some()) {
            errors += 1;
        }
        drop(lent);
        assert_eq!(frames.capacity(), 0);
    }
    let mut lent = frames.lend(b"\nhi\n");
    assert_eq!(lent.next().unwrap().unwrap().bytes(), b"hi");
    drop(lent);
    assert!(errors == 1 && !frames.is_over());
}

#[test]
fn a_limit_that_is_left_to_the_driver_is_kept_here() {
    let unlimited = from_fn(
        |input| match input.bytes.iter().position(|byte| *byte == b'\n') {
            Some(end) => Ok(Step::Frame { span: 0..end, advance: end + 1 }),
            None => Ok(Step::More(1)),
        },
        |_, _| Ok(()),
    );
    let resync = Resync::delimiter(unlimited.max_len(3), b"\n");
    assert_eq!(wire(&resync, b"123\nhi\n"), ["bad at 0: longer than 3 bytes", "hi"]);
}

#[test]
fn what_cannot_work_is_refused_with_the_reason() {
    let refused = |resync: Resync<Until>| resync.validate().unwrap_err().to_string();
    assert!(refused(Resync::delimiter(lines(), b"")).contains("the delimiter is empty"));
    assert!(refused(Resync::mark(lines(), b"")).contains("the mark is empty"));
    assert!(refused(Resync::gap(lines(), Duration::ZERO)).contains("a silence of no time"));
    assert!(refused(Resync::check(lines()).budget(0, 1)).contains("leave the resync out"));
    assert!(refused(Resync::check(lines()).budget(1, 0)).contains("leave the resync out"));
    let mut resync = Resync::delimiter(LengthPrefix::u8(), b"|");
    let why = resync.set_encodings(&Encodings::one(GBK)).unwrap_err().to_string();
    assert!(why.contains("the byte 7C can be part of another character: 亅 is 81 7C"), "{why}");
    resync.set_encodings(&Encodings::one(UTF_8)).unwrap();
}

#[test]
fn a_budget_that_is_used_up_allows_no_more_damage() {
    let resync = Resync::delimiter(lines(), b"\n").budget(4, 9);
    let lost = "lost at 4: more than 4 bytes of damage since the last good frame";
    assert_eq!(wire(&resync, b"123\n456\n"), ["bad at 0: longer than 2 bytes", lost]);
    let check = Resync::check(checked()).budget(2, 1);
    let bad = |at| format!("bad at {at}: longer than 9 bytes (it claims 255)");
    assert_eq!(wire(&check, b"\xff\xff\x02aa\xff\xff\x02bb"), [&bad(0), "a", &bad(5), "b"]);
}

/// The length of four bytes is read at a glance where that is the same.
#[test]
fn a_glance_passes_over_no_damage_and_fills_the_budget_up() {
    let resync = Resync::delimiter(LengthPrefix::u32_be().max_len(2), b"\n").budget(12, 1);
    let bad = |at| format!("bad at {at}: longer than 2 bytes (it claims 4294967295)");
    let damage = b"\xff\xff\xff\xff\0\0\0\x01x\n\0\0\0\x01a";
    assert_eq!(wire(&resync, damage), [&bad(0), "a"]);
    assert_eq!(wire(&resync, &damage.repeat(2)), [&bad(0), "a", &bad(15), "a"]);
    assert_eq!(wire(&resync, b"\xff\0\0\0\x01x\n\0\0\0\x01a").len(), 2);
}

#[test]
fn a_reset_leaves_damage_behind() {
    let mut frames = Frames::new(Resync::delimiter(Lines::lf().max_len(1), b"\r\n"));
    frames.push(b"ab\r");
    assert_eq!(next(&mut frames).as_deref(), Some("bad at 0: longer than 1 bytes"));
    assert_eq!(next(&mut frames), None);
    frames.push(b"raw");
    frames.take(3).unwrap();
    frames.push(b"c\nd\n");
    assert_eq!(next(&mut frames).as_deref(), Some("c"));
    let mut frames = Frames::new(Resync::delimiter(LengthPrefix::u8().max_len(9), b"\r\n"));
    frames.push(b"\xff\r");
    assert_eq!(next(&mut frames).as_deref(), Some("bad at 0: longer than 9 bytes (it claims 255)"));
    assert_eq!(next(&mut frames), None);
    frames.push(b"raw\n\x01a");
    frames.take(3).unwrap();
    assert_eq!(next(&mut frames).as_deref(), Some("bad at 5: longer than 9 bytes (it claims 10)"));
    assert_eq!(next(&mut frames), None, "what came before the raw bytes begins no delimiter");
}

/// The framing inside starts afresh behind damage, and would read the same bytes otherwise the second time.
#[test]
fn damage_that_is_held_is_still_damage_when_more_has_come() {
    let first = First::new(Resync::delimiter(Lines::lf().max_len(0), b"\n").budget(1, 9), Fixed::new(1));
    let resync = Resync::mark(first, b"<<");
    let lost = "bad at 1: more than 1 bytes of damage since the last good frame";
    for read in [1, 9] {
        let mut frames = Frames::new(resync.clone());
        let mut seen = Vec::new();
        for bytes in b"ab<<".chunks(read) {
            frames.push(bytes);
            seen.extend(std::iter::from_fn(|| next(&mut frames)));
        }
        assert_eq!(seen, ["bad at 0: longer than 0 bytes", lost, "<", "<"], "in reads of {read}");
    }
}
