//! Every encoding there is, by its line in `tests/tables/labels.tsv`: whoever adds one there adds it to the laws.

use bytes::BytesMut;
use encoding_rs::Encoding as Table;
use wirework::Encoding;
use wirework::core::{EncodePolicy, TextEncoding};

#[path = "../tables/labels.rs"]
mod labels;

fn names() -> impl Iterator<Item = &'static str> {
    labels::labels().into_iter().map(|(name, ..)| name)
}

/// That of the Encoding Standard, where it has one of this name. `ISO-8859-1` is to it a label of another.
fn table(name: &str) -> Option<&'static Table> {
    Table::for_label(name.as_bytes()).filter(|table| table.name() == name)
}

fn encoding(name: &str) -> Encoding {
    Encoding::for_label(name).unwrap_or_else(|why| panic!("{name} of tests/tables/labels.tsv: {why}"))
}

/// All of them.
pub fn all() -> impl Iterator<Item = Encoding> {
    names().map(encoding)
}

/// Those of the Encoding Standard, each with what `encoding_rs` makes of it.
pub fn standard() -> impl Iterator<Item = (Encoding, &'static Table)> {
    names().filter_map(|name| Some((encoding(name), table(name)?)))
}

/// What the Encoding Standard lacks.
pub fn own() -> impl Iterator<Item = Encoding> {
    names().filter(|name| table(name).is_none()).map(encoding)
}

/// `text` in this encoding; nothing where it lacks a character.
pub fn written(encoding: Encoding, text: &str) -> Vec<u8> {
    let mut out = BytesMut::new();
    match encoding.encode(text, EncodePolicy::Error, &mut out) {
        Ok(()) => out.to_vec(),
        Err(_) => Vec::new(),
    }
}
