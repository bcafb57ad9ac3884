//! Lines, beside the `LinesCodec` of tokio-util 0.7.20, which gives a `String`.
//!
//! | row | a frame is |
//! |---|---|
//! | `Bytes` | owned, a copy up to 256 bytes, beyond that sharing the read buffer |
//! | lent | `&[u8]`, until the next one |
//! | by hand | as lent, in a loop around `memchr` without any framework: the floor |
//! | `&str` | checked as UTF-8, until the next one |
//! | `String` | checked as UTF-8 and owned |
//!
//! Where tokio-util has one way to hand a frame out, it stands beside each of ours; what it does more (a line is always a
//! checked `String`) is what those who need less pay there. Lines are ASCII, and end with LF.

use tokio_util::codec::LinesCodec;
use wirework::core::Format;
use wirework::{Lines, Text, UTF_8};

use crate::group::{Contender, Group, Ours, SIZES, text};
use crate::lent::{Lend, by_hand, lent};
use crate::read::{pushed, tokio_util};

pub(crate) const GROUP: Group = Group {
    name: "lines",
    sizes: SIZES,
    payload: text,
    write: |wire, payload| {
        wire.extend_from_slice(payload);
        wire.push(b'\n');
    },
    theirs: Contender { name: "LinesCodec", read: |wire| tokio_util(LinesCodec::new(), wire) },
    ours: &[
        Ours {
            contender: Contender { name: "Bytes", read: |wire| pushed(Lines::any(), wire, |frame| frame.to_bytes()) },
            target: |size| (size <= 256).then_some(0.6),
        },
        Ours { contender: LENT, target: |size| (size <= 256).then_some(0.3) },
        Ours { contender: Contender { name: "by hand", read: |wire| by_hand(b'\n', wire) }, target: |_| None },
        Ours {
            contender: Contender { name: "&str", read: |wire| lent(Lines::any(), wire, Text::new(UTF_8)) },
            target: |size| (size <= 256).then_some(0.5),
        },
        Ours {
            contender: Contender {
                name: "String",
                read: |wire| {
                    let mut text = Text::new(UTF_8);
                    pushed(Lines::any(), wire, |frame| text.own(frame).unwrap())
                },
            },
            target: |size| match size {
                ..=64 => Some(0.75),
                65..=256 => Some(0.9),
                _ => None,
            },
        },
    ],
};

pub(crate) const LENT: Contender = Contender { name: "lent", read: |wire| lent(Lines::any(), wire, Lend) };
