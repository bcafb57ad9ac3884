//! Heads with a body and folds of items against the laws.

mod laws_support;

use std::cell::Cell;

use bytes::BytesMut;
use laws_support::callgrind::{instructions, is_there, work};
use laws_support::layers::{Tilde, Xor, pipes};
use proptest::collection::vec;
use proptest::prelude::*;
use wirework::combine::{Declared, Fold, Head};
use wirework::core::{BoxFraming, EncodeError, FrameError, Frames, Framing, Input, Step};
use wirework::framing::{LastPiece, Until, from_fn};
use wirework::{FramingExt, LengthPrefix, Lines, UTF_8};
use wirework_laws::{Laws, Promises, feed_byte_by_byte, linear_work};

const STORES: [&str; 5] = ["set", "add", "replace", "append", "prepend"];

/// All before a blank line, at most `max` bytes with it.
fn until_blank_line(max: usize) -> impl Framing + Clone + 'static {
    let end = |bytes: &[u8]| match bytes {
        [b'\r', b'\n', ..] => Some(0),
        _ => bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 2),
    };
    from_fn(
        move |input: Input<'_>| match end(input.bytes) {
            Some(end) => Ok(Step::Frame { span: 0..end, advance: end + 2 }),
            None => Ok(Step::More(1)),
        },
        move |out: &mut BytesMut, start| {
            let len = out.len() - start;
            out.extend_from_slice(b"\r\n");
            if end(&out[start..]) == Some(len) {
                return Ok(());
            }
            Err(EncodeError::Incomplete("it does not end with the first blank line".into()))
        },
    )
    .max_len(max)
}

fn nats(max: usize) -> Head<Until> {
    Head::new(Lines::crlf().max_len(64), Declared::last_word(["PUB", "HPUB"])).then("\r\n").max_len(max)
}

fn memcached(max: usize) -> Head<Until> {
    Head::new(Lines::crlf().max_len(64), Declared::word(5, STORES)).then("\r\n").max_len(max)
}

fn bulk(max: usize) -> Head<Until> {
    Head::new(Lines::crlf().max_len(24), Declared::after("$").none("-1")).then("\r\n").max_len(max)
}

fn http(max: usize) -> Head<impl Framing + Clone + 'static> {
    Head::new(until_blank_line(80), Declared::header("Content-Length")).max_len(max)
}

fn commands() -> Fold<Until, Head<Until>> {
    Fold::new(Lines::crlf().max_len(24), Declared::after("*").none("-1"), bulk(8))
}

fn counted_lines() -> Fold<Until, Until> {
    Fold::new(Lines::any().max_len(4), Declared::after(""), Lines::any().max_len(4).last(LastPiece::Give))
}

/// Messages and pieces of them, right and wrong, one behind the other.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    const HEADS: &[&str] =
        &["PUB a ", "PING", "set k 0 0 ", "get k", "$", "*", "Content-Length: ", "Host: a\r\n", "|", "~"];
    const NUMBERS: &[&str] =
        &["0", "1", "2", "5", "12", "-1", "007", "65537", "99999999999", "99999999999999999999", "x", ""];
    const ENDS: &[&str] = &["\r\n", "\r\n", "\r\n\r\n", "\n", "\r", " ", "|"];
    const BODIES: &[&str] = &["", "a", "hello", "\r\n", "$1\r\n", "xx\r\n"];
    let one_of = prop::sample::select::<&'static str>;
    let right =
        (one_of(HEADS), vec(any::<u8>(), 0..12), one_of(&["\r\n", "\r\n\r\n", "|"])).prop_map(|(head, body, end)| {
            let behind = if end == "\r\n" { end } else { "" };
            [format!("{head}{}{end}", body.len()).as_bytes(), &body, behind.as_bytes()].concat()
        });
    let wrong = (one_of(HEADS), one_of(NUMBERS), one_of(ENDS), one_of(BODIES))
        .prop_map(|(head, number, end, body)| format!("{head}{number}{end}{body}").into_bytes());
    let lines = "[0-3]\r?\n([a-c]{0,5}\r?\n){0,4}[a-c]{0,2}".prop_map(String::into_bytes);
    let loose = prop_oneof![one_of(HEADS), one_of(NUMBERS), one_of(ENDS)].prop_map(|piece| piece.as_bytes().to_vec());
    vec(prop_oneof![3 => right, 2 => wrong, 3 => command(), 1 => lines, 1 => loose], 1..4).prop_map(|all| all.concat())
}

/// A command as Redis has them, mostly with the right count.
fn command() -> impl Strategy<Value = Vec<u8>> {
    (0..6_usize, vec(vec(any::<u8>(), 0..10), 0..4)).prop_map(|(kind, items)| {
        let count = if kind == 0 { 2 } else { items.len() };
        let items = items.iter().map(|item| [format!("${}\r\n", item.len()).as_bytes(), item, b"\r\n"].concat());
        [format!("*{count}\r\n").into_bytes()].into_iter().chain(items).collect::<Vec<_>>().concat()
    })
}

/// Heads with a number in place of each `#`, right or wrong, and a body behind those that have one.
fn messages(heads: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let body = prop_oneof![vec(any::<u8>(), 0..14), "[\r\n$*0-9]{0,11}".prop_map(String::into_bytes)];
    (prop::sample::select(heads), 0..4_usize, 0..120_usize, body).prop_map(|(head, kind, number, body)| {
        let number = match kind {
            0 => format!("{:03}", body.len()),
            1 => body.len().to_string(),
            _ => number.to_string(),
        };
        let body = if head.contains('#') { body } else { Vec::new() };
        [head.replace('#', &number).as_bytes(), &body].concat()
    })
}

/// What stands between `before` and `behind` in a head that ends with `end` becomes the length of the body, if it is another.
fn filled_in(before: &'static [&'static str], behind: &'static str, end: &'static str) -> Promises {
    Promises::default().fills_in(move |payload| {
        let split = payload.windows(end.len()).position(|found| found == end.as_bytes()).unwrap() + end.len();
        let (head, body) = payload.split_at(split);
        let head = std::str::from_utf8(head).unwrap();
        let Some((from, before)) = before.iter().find_map(|before| Some((head.find(before)?, before))) else {
            return payload.to_vec();
        };
        let (before, rest) = head.split_at(from + before.len());
        let (number, rest) = rest.split_at(rest.find(behind).unwrap());
        let right = number == "-1" || number.parse() == Ok(body.len());
        let number = if right { number.to_owned() } else { body.len().to_string() };
        [before.as_bytes(), number.as_bytes(), rest.as_bytes(), body].concat()
    })
}

const LIMITS: [usize; 4] = [0, 1, 9, 1024 * 1024];

#[test]
fn the_last_word_of_a_line() {
    for max in LIMITS {
        Laws::new(nats(max))
            .payloads(messages(&["PUB a #\r\n", "PUB a #\r\n", "pub a #\r\n", "PING\r\n"]))
            .wires(pieces())
            .promises(filled_in(&["PUB a ", "pub a "], "\r\n", "\r\n"))
            .check();
    }
}

#[test]
fn a_word_of_a_line() {
    for max in LIMITS {
        Laws::new(memcached(max))
            .payloads(messages(&["set k 0 0 # \r\n", "set k 0 0 # noreply\r\n", "get k 0 0 7\r\n"]))
            .wires(pieces())
            .promises(filled_in(&["set k 0 0 "], " ", "\r\n"))
            .check();
    }
}

#[test]
fn behind_a_mark() {
    for max in LIMITS {
        Laws::new(bulk(max))
            .payloads(messages(&["$#\r\n", "$#\r\n", "$-1\r\n", "#\r\n"]))
            .wires(pieces())
            .promises(filled_in(&["$"], "\r\n", "\r\n"))
            .check();
    }
}

#[test]
fn a_header() {
    for max in LIMITS {
        Laws::new(http(max))
            .payloads(messages(&[
                "A: b\r\nContent-Length: #\r\n\r\n",
                "Content-Length: #\r\nA: b\r\n\r\n",
                "A: b\r\n\r\n",
            ]))
            .wires(pieces())
            .promises(filled_in(&["Content-Length: "], "\r\n", "\r\n\r\n"))
            .check();
    }
}

#[test]
fn a_function_of_the_head() {
    let letters = Declared::from_fn(|head| Ok((!head.is_empty()).then_some(head.len() / 2)));
    Laws::new(Head::new(Lines::any().max_len(9), letters).then("|"))
        .payloads("([a-c]{2}\n[a-c\n]|[a-c]{4}\n[a-c|]{2}|[a-c]{0,4}\n[a-c]{0,2})".prop_map(String::into_bytes))
        .wires("([a-c]{0,5}\n[a-c|]{0,3}){0,4}".prop_map(String::into_bytes))
        .check();
}

#[test]
fn only_bodies() {
    for max in LIMITS {
        Laws::new(bulk(max).body_only()).wires(pieces()).check();
        Laws::new(http(max).body_only()).wires(pieces()).check();
        Laws::new(Head::new(until_blank_line(80), Declared::header("N").required()).max_len(max).body_only())
            .wires(pieces())
            .check();
    }
}

#[test]
fn heads_in_other_framings() {
    Laws::new(Head::new(LengthPrefix::u8(), Declared::after("")).max_len(12).body_only()).check();
    Laws::new(Head::new(pipes(7), Declared::after("")).max_len(120).body_only()).wires(pieces()).check();
    // The head is rewritten: `|5` goes out as `~15|`.
    Laws::new(Head::new(pipes(9).layer(Tilde), Declared::after("|")).max_len(99).body_only())
        .wires(prop_oneof![pieces(), "(~1[0-3]\\||[a~|]){0,8}".prop_map(String::into_bytes)])
        .check();
    Laws::new(Head::new(LengthPrefix::u8().layer(Xor), Declared::after("$")).max_len(99).body_only()).check();
    Laws::new(Head::new(Lines::crlf().boxed(), Declared::after("$").none("-1")).then("\r\n").body_only())
        .wires(pieces())
        .check();
}

#[test]
fn layers_and_formats_over_bodies() {
    Laws::new(bulk(9).body_only().layer(Xor)).wires(pieces()).check();
    Laws::new(http(9).body_only().layer(Tilde).boxed()).wires(pieces()).check();
    Laws::new(bulk(9).body_only().text(UTF_8)).wires(pieces()).check();
    Laws::new(nats(9).in_parts())
        .payloads(messages(&["PUB a #\r\n", "PING\r\n"]))
        .wires(pieces())
        .promises(filled_in(&["PUB a "], "\r\n", "\r\n"))
        .check();
    Laws::new(http(99).body_only().json::<serde_json::Value, serde_json::Value>())
        .payloads("[0-9]{1,3}|\\[\\]".prop_map(String::into_bytes))
        .wires(pieces())
        .check();
}

#[test]
fn folds_of_heads() {
    Laws::new(commands()).payloads(command()).wires(pieces()).check();
    Laws::new(commands().boxed()).payloads(command()).wires(pieces()).check();
    for max in [4, 11, 20] {
        Laws::new(commands().max_len(max)).payloads(command()).wires(pieces()).check();
    }
    Laws::new(commands().max_items(2)).payloads(command()).wires(pieces()).check();
}

#[test]
fn folds_of_lines_and_of_folds() {
    let lines = || "[0-2]\n([a-c]{0,5}\r?\n){0,3}".prop_map(String::into_bytes);
    let wires = || "([0-3]\r?\n([a-c]{0,5}\r?\n){0,4}){0,3}[a-c]{0,2}".prop_map(String::into_bytes);
    for max in [2, 4, 1024] {
        Laws::new(counted_lines().max_len(max)).payloads(lines()).wires(wires()).check();
    }
    let folds = "[0-2]\n([01]\n([a-c]{0,3}\n){0,1}){0,2}".prop_map(String::into_bytes);
    let of_folds = Fold::new(Lines::any(), Declared::after(""), counted_lines().max_len(9));
    Laws::new(of_folds).payloads(folds).wires(wires()).check();
}

/// Items of one letter; `x` is bad, and a blank belongs to none.
#[test]
fn folds_of_items_that_may_be_bad() {
    let letters = from_fn(
        |input: Input<'_>| match input.bytes {
            [] => Ok(Step::More(1)),
            [b' ', ..] => Ok(Step::Skip(1)),
            [b'x', ..] => Ok(Step::Bad { advance: 1, error: FrameError::malformed("an x") }),
            [b'!', ..] => Err(FrameError::malformed("no letter")),
            _ => Ok(Step::Frame { span: 0..1, advance: 1 }),
        },
        |_: &mut BytesMut, _| Ok(()),
    );
    Laws::new(Fold::new(Lines::lf(), Declared::after(""), letters).max_len(7))
        .payloads("[0-4]\n[ab x]{0,6}".prop_map(String::into_bytes))
        .wires("([0-4]\n[ab x!]{0,6}){0,4}".prop_map(String::into_bytes))
        .check();
}

/// Every frame and its parts.
fn parts<F: Framing + Clone>(framing: &F, wire: &[u8], len: usize) -> Vec<(Vec<u8>, Vec<Vec<u8>>)> {
    let mut frames = Frames::new(framing.clone());
    let mut seen = Vec::new();
    for read in wire.chunks(len.max(1)) {
        frames.push(read);
        while let Ok(Some(frame)) = frames.next() {
            let of_it = frame.parts().iter().map(|part| frame.bytes()[part.clone()].to_vec()).collect();
            seen.push((frame.bytes().to_vec(), of_it));
        }
    }
    seen
}

#[test]
fn parts_are_the_same_for_every_cut() {
    let seen = Cell::new(0);
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(wire in pieces(), len in 1..6_usize)| {
        for framing in [bulk(12).boxed(), nats(12).boxed(), commands().boxed()] {
            let whole = parts(&framing, &wire, usize::MAX);
            prop_assert_eq!(&whole, &parts(&framing, &wire, len));
            seen.set(seen.get() + whole.iter().map(|(_, parts)| parts.len()).sum::<usize>());
        }
    });
    assert!(seen.get() > 100, "only {} parts were seen", seen.get());
}

#[test]
fn a_fold_is_the_same_where_its_parts_tell_nothing_at_a_glance() {
    let both = |max| {
        let head = Lines::crlf().max_len(24).boxed();
        (commands().max_len(max), Fold::new(head, Declared::after("*").none("-1"), bulk(8).boxed()).max_len(max))
    };
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(command in command(), wire in pieces(), len in 1..40_usize, max in 4..40_usize)| {
        let (fast, slow) = both(max);
        for wire in [[&command[..], &wire].concat(), [&wire[..], &command].concat()] {
            prop_assert_eq!(parts(&fast, &wire, len), parts(&slow, &wire, len));
        }
    });
}

/// What is fed: a framing, how its wire begins, and what is repeated behind that.
type Work = (&'static str, BoxFraming, &'static [u8], &'static [u8]);

fn works() -> Vec<Work> {
    let long = Head::new(Lines::crlf(), Declared::after("$")).then("\r\n");
    let fold = Fold::new(Lines::crlf(), Declared::after("*"), long.clone());
    vec![
        ("head", long.clone().boxed(), b"$", b"0"),
        ("body", long.clone().boxed(), b"$99999\r\n", b"x"),
        ("messages", long.body_only().boxed(), b"", b"$2\r\nab\r\n"),
        ("items", fold.clone().boxed(), b"*9999\r\n", b"$2\r\nab\r\n"),
        ("item", fold.clone().boxed(), b"*9999\r\n$2\r\nab\r\n", b"0"),
        ("folds", fold.boxed(), b"", b"*1\r\n$1\r\na\r\n"),
    ]
}

#[test]
fn linear() {
    if let Some((name, n)) = work() {
        let (_, framing, head, behind) = works().into_iter().find(|work| work.0 == name).expect("a known name");
        let wire: Vec<u8> = head.iter().chain(behind.iter().cycle()).copied().take(n).collect();
        feed_byte_by_byte(framing, &wire);
        return;
    }
    if is_there() {
        for (name, ..) in works() {
            if let Err(broken) = linear_work(2048, |n| instructions("linear", name, n)) {
                panic!("{name}: {broken}");
            }
        }
    }
}
