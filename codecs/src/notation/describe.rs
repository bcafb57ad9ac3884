//! From a composition to what the notation says of it.

use wirework_core::{DecodePolicy, EncodePolicy, TextEncoding};

use super::Meaning;
use super::entry::Entry;
use super::given::Given;
use super::registry::{combinators, damage, format, framings, layers, length};
use crate::composed::{Base, Composed};

/// The stages of a framing, with its layers.
pub(super) fn framing(framing: &Composed) -> Vec<(&'static Entry, Given)> {
    let mut stages = match framing.base() {
        Base::Chunks(chunks) => vec![framings::describe::chunks(chunks)],
        Base::Rest(rest) => vec![framings::describe::rest(rest)],
        Base::Until(until) => vec![framings::describe::until(until)],
        Base::Length(prefix) => vec![length::describe(prefix)],
        Base::Fixed(fixed) => vec![framings::describe::fixed(fixed)],
        Base::Marked(marked) => vec![framings::describe::marked(marked)],
        Base::IdleGap(idle) => vec![framings::describe::idle(idle)],
        Base::Head(head) => vec![combinators::describe::head(head)],
        Base::Fold(fold) => vec![combinators::describe::fold(fold)],
        Base::Peek(peek) => vec![combinators::describe::peek(peek)],
        Base::First(first) => vec![combinators::describe::first(first)],
        Base::Duplex(duplex) => vec![combinators::describe::duplex(duplex)],
        Base::Switch(switch) => vec![combinators::describe::switch(switch)],
        Base::Resync(resync) => {
            let mut stages = self::framing(&resync.framing);
            stages.push(damage::describe(resync));
            stages
        }
    };
    stages.extend(framing.layers().iter().map(layers::describe));
    stages
}

/// The stage that says what payloads mean: its name, and what it is told. Bytes need none.
pub(super) fn meaning(meaning: &Meaning) -> Option<(String, Given)> {
    match meaning {
        Meaning::Bytes => None,
        Meaning::Text(text) => {
            let given = Given::new()
                .with_flag("replace", text.decode == DecodePolicy::Replace)
                .with_flag("escape", text.decode == DecodePolicy::Escape)
                .with_flag("substitute", text.encode == EncodePolicy::Substitute);
            Some((text.encoding.name().to_ascii_lowercase(), given))
        }
        #[cfg(feature = "json")]
        Meaning::Json => Some(("json".to_owned(), Given::new())),
    }
}

/// How the stage is written.
pub(super) fn print_meaning(meaning: &Meaning) -> Option<String> {
    self::meaning(meaning).map(|(name, given)| {
        let words = given.print(&format::ENCODING);
        // The entry stands for every encoding.
        words.replacen(format::ENCODING.name, &name, 1)
    })
}
