//! All stages that there are, a file each: what it is called, what it can be told, bytes to show what it does, how it is
//! built from what it was told, and how one that was built is described.

pub(super) mod check;
pub(super) mod chunk;
pub(super) mod constant;
mod declared;
pub(super) mod duplex;
pub(super) mod encoding;
pub(super) mod escape;
pub(super) mod first;
pub(super) mod fixed;
pub(super) mod fold;
pub(super) mod head;
pub(super) mod idle;
#[cfg(feature = "json")]
pub(super) mod json;
pub(super) mod length;
pub(super) mod lines;
pub(super) mod marked;
pub(super) mod netstring;
pub(super) mod pad;
pub(super) mod peek;
pub(super) mod rest;
pub(super) mod resync;
pub(super) mod switch;
pub(super) mod until;

use wirework_core::{COUNTED_FRAME, SEARCHED_FRAME};

use super::case::On;
use super::entry::{Entry, Kind, Sample};
use super::given::{Given, Refusal};
use super::literal;
use super::option::{Opt, Takes};
use super::part::{Meaning, Part};
use super::value::Value;
use crate::Encoding;
use crate::composed::{AnyLayer, Composed};
use crate::encoding::COMMON;

static ENTRIES: &[&Entry] = &[
    &lines::ENTRY,
    &until::ENTRY,
    &length::ENTRY,
    &netstring::ENTRY,
    &marked::ENTRY,
    &fixed::ENTRY,
    &chunk::ENTRY,
    &rest::ENTRY,
    &idle::ENTRY,
    &head::ENTRY,
    &fold::ENTRY,
    &peek::ENTRY,
    &first::ENTRY,
    &switch::ENTRY,
    &duplex::ENTRY,
    &escape::ENTRY,
    &check::ENTRY,
    &constant::ENTRY,
    &pad::ENTRY,
    &resync::ENTRY,
    &encoding::ENTRY,
    #[cfg(feature = "json")]
    &json::ENTRY,
];

/// Every kind of stage: what it is called, what it can be told, and bytes to show what it does.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    ENTRIES.iter().copied()
}

/// The entry that a word names: its own name, another one, or the label of an encoding.
pub(super) fn entry(name: &str) -> Option<&'static Entry> {
    let named = entries().find(|entry| entry.name == name || entry.aliases.contains(&name));
    // A label that is refused gets there too, to be refused with the reason.
    let is_label = || Encoding::for_label(name).map_or_else(|why| why.is_known(), |_| true);
    named.or_else(|| is_label().then_some(&encoding::ENTRY))
}

/// The names to think of when one is misspelt.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let named = entries().filter(|entry| !std::ptr::eq(*entry, &encoding::ENTRY));
    named.flat_map(|entry| std::iter::once(&entry.name).chain(entry.aliases)).chain(&COMMON).copied()
}

fn framing(framing: impl Into<Composed>) -> Result<Part, Refusal> {
    Ok(Part::Framing(framing.into()))
}

fn layer(layer: impl Into<AnyLayer>) -> Result<Part, Refusal> {
    Ok(Part::Layer(layer.into()))
}

/// The limit of framings that search for an end.
const MAX_SEARCHED: Opt = Opt::named(
    "max",
    Takes::Size,
    "64KiB",
    "the most bytes of one payload; a longer one ends the stream, and is refused when it is sent",
);
/// The limit of framings that count.
const MAX_COUNTED: Opt = Opt::named(
    "max",
    Takes::Size,
    "1MiB",
    "the most bytes behind the length; more ends the stream before any of it is kept, and is refused when it is sent",
);
