//! All stages that there are.

pub(super) mod combinators;
pub(super) mod damage;
pub(super) mod format;
pub(super) mod framings;
pub(super) mod layers;
pub(super) mod length;

use super::entry::Entry;

/// Every kind of stage: what it is called, what it can be told, and bytes to show what it does.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    [framings::ALL, combinators::ALL, layers::ALL, damage::ALL, format::ALL].into_iter().flatten().copied()
}

/// The entry that a word names.
pub(super) fn entry(name: &str) -> Option<&'static Entry> {
    entries().find(|entry| entry.name == name || entry.aliases.contains(&name))
}
