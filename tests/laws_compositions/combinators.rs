//! Combinators of every kind.

use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use proptest::prelude::*;
use wirework::Lines;
use wirework::combine::{Declared, Duplex, First, Fold, Head, Pattern, Peek, Resync, Switch};
use wirework::core::{ComposeError, Raw, encode_frame};
use wirework::framing::Until;
use wirework::notation::Composed;

use crate::drawn::{Drawn, Fit};
use crate::framings::limits;

/// Framings put together of `framings`.
pub fn combined(framings: BoxedStrategy<Drawn>) -> BoxedStrategy<Result<Drawn, ComposeError>> {
    let pair = (framings.clone(), framings.clone());
    let first = pair.clone().prop_map(|(first, then)| {
        Drawn::put_together(First::new(first.composed.clone(), then.composed.clone()), &[&first, &then])
    });
    let duplex = pair.prop_map(|(reads, writes)| {
        Drawn::put_together(Duplex::new(reads.composed.clone(), writes.composed.clone()), &[&reads, &writes])
    });
    prop_oneof![
        1 => first,
        1 => duplex,
        2 => peeks(framings.clone()),
        2 => switches(framings.clone()),
        3 => heads(framings.clone()),
        2 => folds(framings),
    ]
    .prop_map(Ok)
    .boxed()
}

/// Patterns, and something that each matches.
fn patterns() -> impl Strategy<Value = Vec<(Pattern, &'static str)>> {
    let all = vec![
        (Pattern::bytes("~"), "~"),
        (Pattern::bytes("\0"), "\0"),
        (Pattern::bytes("a"), "a"),
        (Pattern::bytes("abc"), "abc"),
        (Pattern::bytes("GET ").ignore_case(), "get "),
        (Pattern::digit(), "7"),
        (Pattern::range(b'h'..=b'z'), "h"),
        (Pattern::range(1..=9), "\x02"),
    ];
    prop::sample::subsequence(all, 1..=3)
}

/// Payloads of `drawn` that begin like this.
fn begun(drawn: &Drawn, with: &'static str) -> Drawn {
    let fits = drawn.fits.iter().map(|fit| {
        let fit = Arc::clone(fit);
        Arc::new(move |body: &[u8]| [with.as_bytes(), &fit(body)].concat()) as Fit
    });
    Drawn { fits: fits.collect(), ..drawn.clone() }.pieces([with, &with[..1]])
}

fn peeks(framings: BoxedStrategy<Drawn>) -> impl Strategy<Value = Drawn> {
    let branches = (patterns(), prop::collection::vec(framings.clone(), 3), proptest::option::of(framings));
    branches.prop_map(|(patterns, framings, otherwise)| {
        let mut peek = Peek::new();
        let mut parts: Vec<Drawn> = otherwise.iter().cloned().collect();
        for ((pattern, begins), framing) in patterns.into_iter().zip(framings) {
            peek = peek.on(pattern, framing.composed.clone());
            parts.push(begun(&framing, begins));
            parts.push(framing);
        }
        if let Some(otherwise) = otherwise {
            peek = peek.otherwise(otherwise.composed);
        }
        Drawn::put_together(peek, &parts.iter().collect::<Vec<_>>())
    })
}

fn switches(framings: BoxedStrategy<Drawn>) -> impl Strategy<Value = Drawn> {
    let cases = (framings.clone(), patterns(), prop::collection::vec((framings, any::<bool>()), 3));
    cases.prop_map(|(base, patterns, framings)| {
        let mut switch = Switch::new(base.composed.clone());
        let mut parts = vec![base.clone()];
        for ((pattern, begins), (framing, once)) in patterns.into_iter().zip(framings) {
            switch = match once {
                true => switch.once(pattern, framing.composed.clone()),
                false => switch.for_good(pattern, framing.composed.clone()),
            };
            parts.push(begun(&base, begins));
            parts.push(framing);
        }
        Drawn::put_together(switch, &parts.iter().collect::<Vec<_>>())
    })
}

/// What a head is like that declares a number: what it is written as, and where the number stands.
#[derive(Clone, Debug)]
struct Kind {
    declared: Declared,
    head: fn(usize) -> String,
}

fn kinds() -> impl Strategy<Value = Kind> {
    prop::sample::select(vec![
        Kind { declared: Declared::after("$"), head: |number| format!("${number}") },
        Kind { declared: Declared::after("$").none("-1"), head: |number| format!("${number}") },
        Kind { declared: Declared::after(""), head: |number| format!("{number}") },
        Kind { declared: Declared::word(2, ["P", "Q"]), head: |number| format!("P {number} x") },
        Kind { declared: Declared::last_word(["P"]), head: |number| format!("p x {number}") },
    ])
}

/// Framings for heads: mostly lines.
fn of_heads(framings: BoxedStrategy<Drawn>) -> impl Strategy<Value = Drawn> {
    let lines = (prop::sample::select(vec![Lines::lf(), Lines::crlf(), Lines::any(), Until::new("|")]), 8..40_usize);
    let lines =
        lines.prop_map(|(lines, max)| Drawn::of(lines.max_len(max)).pieces(["\r\n", "\n", "|", "P ", "$", "2", "-1"]));
    prop_oneof![4 => lines, 1 => framings]
}

/// A payload as a frame of `framing`; nothing if that does not take it.
fn framed(framing: &Composed, payload: &[u8]) -> Vec<u8> {
    let mut out = BytesMut::new();
    let _ = encode_frame(&mut framing.clone(), &mut Raw, payload, &mut out);
    out.to_vec()
}

fn heads(framings: BoxedStrategy<Drawn>) -> impl Strategy<Value = Drawn> {
    let then = || prop::sample::select(&["", "\r\n", "|"][..]);
    let options = || (then(), any::<bool>(), limits());
    let declared = (of_heads(framings), kinds(), options(), 0..3_usize);
    let declared = declared.prop_map(|(framing, kind, (then, body_only, max), wrong)| {
        let head = Head::new(framing.composed.clone(), kind.declared).then(then).max_len(max);
        // No head can be made that says its number in a word.
        let body_only = body_only && (kind.head)(0).len() < 3;
        let drawn = Drawn::put_together(if body_only { head.body_only() } else { head }, &[&framing]);
        if body_only {
            return drawn.fit(<[u8]>::to_vec);
        }
        drawn.fit(move |body| [&framed(&framing.composed, (kind.head)(body.len() + wrong).as_bytes()), body].concat())
    });
    let header = (options(), any::<bool>(), 20..60_usize).prop_map(|((then, body_only, max), required, head_max)| {
        let declared = Declared::header("N");
        let declared = if required { declared.required() } else { declared };
        let head = Head::new(Composed::from(Until::line("").max_len(head_max)), declared).then(then).max_len(max);
        let drawn = Drawn::of(if body_only { head.body_only() } else { head });
        let drawn = drawn.pieces(["N: ", "1", "2", "\r\n", "\r\n\r\n", "N: 1\r\n\r\n", "a: b\r\n"]);
        if body_only {
            return drawn;
        }
        drawn.fit(|body| [format!("a: b\r\nN: {}\r\n\r\n", body.len()).as_bytes(), body].concat())
    });
    prop_oneof![3 => declared, 1 => header]
}

fn folds(framings: BoxedStrategy<Drawn>) -> impl Strategy<Value = Drawn> {
    let mark = prop::sample::select(&["*", ""][..]);
    let parts = (of_heads(framings.clone()), mark, framings, limits(), prop_oneof![3 => Just(9), 1 => 0..3_usize]);
    parts.prop_map(|(head, mark, item, max, max_items)| {
        let count = Declared::after(mark);
        let fold = Fold::new(head.composed.clone(), count, item.composed.clone()).max_items(max_items).max_len(max);
        let drawn = Drawn::put_together(fold, &[&head, &item]);
        drawn.fit(move |body| {
            let items = body.chunks(4).zip(item.fits.iter().cycle());
            let items: Vec<Vec<u8>> = items.map(|(body, fit)| framed(&item.composed, &fit(body))).collect();
            let items: Vec<Vec<u8>> = items.into_iter().filter(|item| !item.is_empty()).collect();
            let count = format!("{mark}{}", items.len());
            [vec![framed(&head.composed, count.as_bytes())], items].concat().concat()
        })
    })
}

/// How a framing recovers from damage.
#[derive(Clone, Debug)]
pub struct Recovery {
    policy: usize,
    piece: prop::sample::Index,
    bytes: usize,
    failures: usize,
}

pub fn resyncs() -> impl Strategy<Value = Recovery> {
    let bytes = prop_oneof![1 => 1..9_usize, 2 => 9..200_usize];
    (0..5_usize, any::<prop::sample::Index>(), bytes, 1..9_usize)
        .prop_map(|(policy, piece, bytes, failures)| Recovery { policy, piece, bytes, failures })
}

impl Recovery {
    /// `drawn` recovers at one of its own pieces, or in another way.
    pub fn of(self, drawn: Drawn) -> Drawn {
        let Self { policy, piece, bytes, failures } = self;
        let framing = drawn.composed.clone();
        let pieces: Vec<&Vec<u8>> = drawn.pieces.iter().filter(|piece| !piece.is_empty()).collect();
        let piece = if pieces.is_empty() { &b"\n"[..] } else { piece.get(&pieces) };
        let resync = match policy {
            0 | 1 => Resync::delimiter(framing, piece),
            2 => Resync::mark(framing, piece),
            3 => Resync::check(framing),
            _ => Resync::gap(framing, Duration::from_millis(20)),
        };
        Drawn::put_together(resync.budget(bytes, failures), &[&drawn])
    }
}
