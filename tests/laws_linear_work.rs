//! Linear work, in instructions: of an unfinished frame that comes byte by byte, of many short ones, and of text in which
//! nothing is right.

mod laws_support;

use std::time::Duration;

use bytes::BytesMut;
use laws_support::callgrind::{instructions, is_there, work};
use laws_support::layers::{Tilde, Xor, owned};
use wirework::combine::Resync;
use wirework::core::{BoxFraming, Codec, Format, Frame, Framing};
use wirework::framing::{Marked, Rest, Until};
use wirework::{Chunks, Encoding, FramingExt, GBK, LengthPrefix, Lines, UTF_8};
use wirework_laws::{feed_byte_by_byte, linear_work};

/// What is fed: a framing, how its wire begins, and what is repeated behind that.
type Work = (&'static str, BoxFraming, &'static [u8], &'static [u8]);

fn unfinished() -> Vec<Work> {
    vec![
        ("lf", Lines::lf().boxed(), b"", b"x"),
        ("crlf", Lines::crlf().boxed(), b"", b"\n"),
        ("any", Lines::any().boxed(), b"", b"\r"),
        ("until", Until::any_of(["abab", "xab"]).boxed(), b"", b"aab"),
        ("line", Until::line(".").boxed(), b"", b".\r\n."),
        ("marked", Marked::new("<", ">>").boxed(), b"<", b">a"),
        ("shared", Marked::shared("~").boxed(), b"~", b"a"),
        ("doubled", doubled().boxed(), b"\x10\x02", b"\x10"),
        ("rest", Rest::new().boxed(), b"", b"a"),
        ("length", LengthPrefix::u32_be().boxed(), b"\x00\x0f\x00\x00", b"x"),
    ]
}

fn doubled() -> Marked {
    let mut marked = Marked::new("\x10\x02", "\x10\x03");
    marked.set_doubled(0x10).expect("it begins with the doubled byte");
    marked
}

fn short() -> Vec<Work> {
    vec![
        ("lines", Lines::any().boxed(), b"", b"ab\r\n"),
        ("marked", Marked::new("<", ">>").boxed(), b"", b"<a>>"),
        ("shared", Marked::shared("~").boxed(), b"", b"~a~~"),
        ("length", LengthPrefix::u16_le().at(1).boxed(), b"", b"P\x02\x00ab"),
        ("gbk", chunks(GBK), b"", b"\xc4\xe3"),
        ("gb18030", chunks(Encoding::GB18030), b"", b"\x81\x30\x81"),
        ("utf-8", chunks(UTF_8), b"", b"\xf0\x9f\x98\x80"),
        ("layers", Lines::lf().layer(Tilde).layer(Xor).boxed(), b"", b"~1|\n"),
        ("owned", owned().boxed(), b"", b"\x02ab"),
    ]
}

fn chunks(encoding: Encoding) -> BoxFraming {
    let (framing, _) = Chunks::new(1024).text(encoding).compose().expect("the encoding can be cut into chunks");
    framing.boxed()
}

fn damaged() -> Vec<Work> {
    fn long<F: Framing + Clone + 'static>(resync: Resync<F>) -> BoxFraming {
        resync.budget(1 << 20, 1 << 20).boxed()
    }
    let checked = LengthPrefix::u8().max_len(9).layer(Xor);
    vec![
        ("delimiter", long(Resync::delimiter(Lines::lf().max_len(9), "aab")), b"x", b"aa"),
        ("mark", long(Resync::mark(Marked::new("<<", ">"), "<<")), b"x", b"<a"),
        ("check", long(Resync::check(checked)), b"", b"\xff\x02ab"),
        ("gap", long(Resync::gap(Marked::new("<<", ">"), Duration::from_secs(1))), b"x", b"a"),
    ]
}

/// Counts each of `works` in a run of its own of the test `test`, which comes back here to do it.
fn count(test: &str, works: Vec<Work>, n: usize) {
    if let Some((name, n)) = work() {
        let (_, framing, head, behind) = works.into_iter().find(|work| work.0 == name).expect("a known name");
        let wire: Vec<u8> = head.iter().chain(behind.iter().cycle()).copied().take(n).collect();
        feed_byte_by_byte(framing, &wire);
        return;
    }
    if is_there() {
        for (name, ..) in works {
            if let Err(broken) = linear_work(n, |n| instructions(test, name, n)) {
                panic!("{name}: {broken}");
            }
        }
    }
}

#[test]
fn of_unfinished_frames() {
    // Enough bytes for a search from the start to show, also one that takes 32 bytes at a time.
    count("of_unfinished_frames", unfinished(), 4096);
}

#[test]
fn of_short_frames() {
    count("of_short_frames", short(), 1024);
}

#[test]
fn of_damage() {
    count("of_damage", damaged(), 1024);
}

/// Each byte, or character, has a fault of its own.
#[test]
fn of_faulty_text() {
    let convert = |name: &str, n: usize| {
        let mut text = GBK.replace().substitute();
        match name {
            "replace" => text.view(Frame::lent(&vec![0xff; n], &[]), &mut String::new()).map(|_| ()).expect("replaced"),
            "escape" => GBK.escape().own(Frame::lent(&vec![0xff; n], &[])).map(|_| ()).expect("escaped"),
            _ => text.encode(&"😀".repeat(n / 4), &mut BytesMut::new()).expect("substituted"),
        }
    };
    if let Some((name, n)) = work() {
        convert(&name, n);
    } else if is_there() {
        for name in ["replace", "escape", "substitute"] {
            if let Err(broken) = linear_work(32 * 1024, |n| instructions("of_faulty_text", name, n)) {
                panic!("{name}: {broken}");
            }
        }
    }
}
