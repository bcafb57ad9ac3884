//! `json`: payloads are JSON.

use super::{Entry, Kind, Meaning, Part, Sample};

pub(in crate::notation) static ENTRY: Entry = Entry {
    name: "json",
    aliases: &[],
    kind: Kind::Format,
    summary: "JSON (RFC 8259), in UTF-8.",
    options: &[],
    samples: &[Sample::new("length u16be | json", b"\x00\x02[]", &[b"[]"])],
    build: |_| Ok(Part::Format(Meaning::Json)),
};
