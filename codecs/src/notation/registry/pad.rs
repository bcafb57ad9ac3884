//! `pad`: payloads that are filled up.

use super::{Entry, Given, Kind, Opt, Refusal, Sample, Takes, Value, layer};
use crate::layer::{Pad, UpTo};

pub(in crate::notation) static ENTRY: Entry = Entry {
    name: "pad",
    aliases: &[],
    kind: Kind::Layer,
    summary: "The payload is filled up at its end with a byte, which is taken off; a payload that ends with it is refused.",
    options: &[
        Opt::named("to", Takes::Size, "none", "up to this many bytes"),
        Opt::named("multiple", Takes::Size, "none", "up to a multiple of this many bytes"),
        Opt::named("with", Takes::Hex, "none", "the byte that it is filled up with").needed(),
    ],
    samples: &[
        Sample::new("fixed 5 | pad to 5 with SP", b"AB   ", &[b"AB"]),
        Sample::new("length u8 | pad multiple 4 with 00", b"\x04AB\x00\x00", &[b"AB"]),
    ],
    build: |given| {
        let with = given.byte("with")?.unwrap_or_default();
        match (given.size("to"), given.size("multiple")) {
            (Some(to), None) => layer(Pad::to(to, with)),
            (None, Some(multiple)) => layer(Pad::multiple_of(multiple, with)),
            _ => Err(Refusal::new("`pad` fills up `to N` bytes or to a `multiple N` of bytes; write one of them")),
        }
    },
};

pub(in crate::notation) fn describe(pad: &Pad) -> Given {
    let (name, bytes) = match pad.upto {
        UpTo::Length(bytes) => ("to", bytes),
        UpTo::MultipleOf(bytes) => ("multiple", bytes),
    };
    Given::of(&ENTRY).with(name, Value::Size(bytes as u64)).with("with", Value::Bytes(vec![pad.byte]))
}
