//! `constant`: fixed bytes.

use super::{Entry, Given, Kind, Opt, Sample, Takes, Value, layer};
use crate::layer::{Constant, Place};

pub(in crate::notation) static ENTRY: Entry = Entry {
    name: "constant",
    aliases: &[],
    kind: Kind::Layer,
    summary: "Fixed bytes stand in front of the payload, or behind it, and are taken off. Without them a frame is bad.",
    options: &[Opt::place("bytes", Takes::Hex, "the bytes"), Opt::flag("at end", "they stand behind the payload")],
    samples: &[
        Sample::new("length u8 | constant 0102", b"\x04\x01\x02AB", &[b"AB"]),
        Sample::new("length u8 | constant FF at end", b"\x03AB\xff", &[b"AB"]),
    ],
    build: |given| {
        let bytes = given.bytes("bytes").unwrap_or_default();
        layer(if given.flag("at end") { Constant::after(bytes) } else { Constant::before(bytes) })
    },
};

pub(in crate::notation) fn describe(constant: &Constant) -> Given {
    let given = Given::of(&ENTRY).with("bytes", Value::Bytes(constant.bytes.to_vec()));
    given.with_flag("at end", constant.place == Place::After)
}
