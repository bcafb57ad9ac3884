//! Formats: what payloads mean.

use wirework_core::{DecodePolicy, EncodePolicy};

use crate::notation::entry::{Entry, Kind, Sample};
use crate::notation::given::{Given, Refusal};
use crate::notation::option::Opt;
use crate::notation::part::{Meaning, Part};
use crate::{Encoding, Text};

#[cfg(feature = "json")]
pub(super) const ALL: &[&Entry] = &[&ENCODING, &JSON];
#[cfg(not(feature = "json"))]
pub(super) const ALL: &[&Entry] = &[&ENCODING];

/// Encodings to think of when a name is misspelt.
pub(in crate::notation) const COMMON: [&str; 12] = [
    "utf-8",
    "gbk",
    "gb18030",
    "gb2312",
    "big5",
    "shift_jis",
    "euc-jp",
    "euc-kr",
    "iso-8859-1",
    "windows-1252",
    "utf-16le",
    "utf-16be",
];

/// Stands for every encoding: the name of the stage is the encoding's label.
pub(in crate::notation) static ENCODING: Entry = Entry {
    name: "ENCODING",
    aliases: &[],
    kind: Kind::Format,
    summary: "Text in an encoding, by one of its labels in the Encoding Standard, such as `gbk` or `utf-8`.",
    options: &[
        Opt::flag("replace", "malformed bytes that come in become U+FFFD; otherwise they make the message bad"),
        Opt::flag("escape", "malformed bytes that come in become `\\xNN`"),
        Opt::flag("substitute", "characters going out that the encoding lacks become `?`; otherwise they are refused"),
    ],
    samples: &[Sample::new("lines | gbk", b"\xc4\xe3\xba\xc3\n", &[b"\xc4\xe3\xba\xc3"])],
    build: |_| Err(Refusal { option: None, why: "write the label of an encoding, such as `gbk`".to_owned() }),
};

#[cfg(feature = "json")]
static JSON: Entry = Entry {
    name: "json",
    aliases: &[],
    kind: Kind::Format,
    summary: "JSON (RFC 8259).",
    options: &[],
    samples: &[Sample::new("length u16be | json", b"\x00\x02[]", &[b"[]"])],
    build: |_| Ok(Part::Format(Meaning::Json)),
};

/// Whether an encoding has this label.
pub(in crate::notation) fn is_label(name: &str) -> bool {
    Encoding::for_label(name).is_ok()
}

/// Text in the encoding with this label.
pub(in crate::notation) fn text(label: &str, given: &Given) -> Result<Part, Refusal> {
    let encoding = Encoding::for_label(label).map_err(|unknown| Refusal { option: None, why: unknown.to_string() })?;
    let decode = match (given.flag("replace"), given.flag("escape")) {
        (true, true) => return Err(Refusal::of("escape", "malformed bytes are either replaced or escaped")),
        (true, false) => DecodePolicy::Replace,
        (false, true) => DecodePolicy::Escape,
        (false, false) => DecodePolicy::Strict,
    };
    let encode = if given.flag("substitute") { EncodePolicy::Substitute } else { EncodePolicy::Error };
    Ok(Part::Format(Meaning::Text(Text::new(encoding).on_malformed(decode).on_unmappable(encode))))
}
