//! From a composition to what the notation says of it.

use super::Meaning;
use super::given::Given;
#[cfg(feature = "json")]
use super::registry::json;
use super::registry::{
    check, chunk, constant, duplex, encoding, escape, first, fixed, fold, head, idle, length, lines, marked, netstring,
    pad, peek, rest, resync, switch, until,
};
use crate::composed::{AnyLayer, Base, Composed};

/// The stages of a framing, with its layers.
pub(super) fn framing(framing: &Composed) -> Vec<Given> {
    let mut stages = match framing.base() {
        Base::Chunks(chunks) => vec![chunk::describe(chunks)],
        Base::Rest(rest) => vec![rest::describe(rest)],
        Base::Until(until) => vec![lines::describe(until).unwrap_or_else(|| until::describe(until))],
        Base::Length(prefix) => vec![netstring::describe(prefix).unwrap_or_else(|| length::describe(prefix))],
        Base::Fixed(fixed) => vec![fixed::describe(fixed)],
        Base::Marked(marked) => vec![marked::describe(marked)],
        Base::IdleGap(idle) => vec![idle::describe(idle)],
        Base::Head(head) => vec![head::describe(head)],
        Base::Fold(fold) => vec![fold::describe(fold)],
        Base::Peek(peek) => vec![peek::describe(peek)],
        Base::First(first) => vec![first::describe(first)],
        Base::Duplex(duplex) => vec![duplex::describe(duplex)],
        Base::Switch(switch) => vec![switch::describe(switch)],
        Base::Resync(resync) => {
            let mut stages = self::framing(&resync.framing);
            stages.push(resync::describe(resync));
            stages
        }
    };
    stages.extend(framing.layers().iter().map(layer));
    stages
}

fn layer(layer: &AnyLayer) -> Given {
    match layer {
        AnyLayer::Escape(escape) => escape::describe(escape),
        AnyLayer::Check(check) => check::describe(check),
        AnyLayer::Constant(constant) => constant::describe(constant),
        AnyLayer::Pad(pad) => pad::describe(pad),
    }
}

/// The stage that says what payloads mean. Bytes need none.
pub(super) fn meaning(meaning: &Meaning) -> Option<Given> {
    match meaning {
        Meaning::Bytes => None,
        Meaning::Text(text) => Some(encoding::describe(text)),
        #[cfg(feature = "json")]
        Meaning::Json => Some(Given::of(&json::ENTRY)),
    }
}
