//! Text: a stage that is called by the label of an encoding.

use wirework_core::{DecodePolicy, EncodePolicy, TextEncoding};

use super::{Entry, Given, Kind, Meaning, Opt, Part, Refusal, Sample};
use crate::{Encoding, Text};

/// Stands for every encoding: the name of the stage is the encoding's label.
pub(in crate::notation) static ENTRY: Entry = Entry {
    name: "ENCODING",
    aliases: &[],
    kind: Kind::Format,
    summary: "Text in an encoding, by one of its labels in the Encoding Standard, such as `gbk` or `utf-8`.",
    options: &[
        Opt::flag("replace", "malformed bytes become U+FFFD; otherwise they make the message bad"),
        Opt::flag("escape", "malformed bytes become `\\xNN`, in hexadecimal"),
        Opt::flag("substitute", "what the encoding lacks is sent as `?`; otherwise the message is refused"),
    ],
    samples: &[
        Sample::new("lines | gbk", b"\xc4\xe3\xba\xc3\n", &[b"\xc4\xe3\xba\xc3"]),
        Sample::new("lines | gbk replace", b"\xc4\n", &[b"\xc4"]),
        Sample::new("lines | gbk escape", b"\xc4\n", &[b"\xc4"]),
        Sample::new("lines | windows-1252 substitute", b"gar\xe7on\n", &[b"gar\xe7on"]),
    ],
    build,
};

/// Encodings to think of when a name is misspelt.
pub(super) const COMMON: [&str; 12] = [
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

fn build(given: &Given) -> Result<Part, Refusal> {
    let encoding = Encoding::for_label(&given.name)
        .map_err(|_| Refusal::new("`ENCODING` stands for the label of an encoding; write one, such as `gbk`"))?;
    let decode = match (given.flag("replace"), given.flag("escape")) {
        (true, true) => return Err(Refusal::of("escape", "malformed bytes are either replaced or escaped")),
        (true, false) => DecodePolicy::Replace,
        (false, true) => DecodePolicy::Escape,
        (false, false) => DecodePolicy::Strict,
    };
    let encode = if given.flag("substitute") { EncodePolicy::Substitute } else { EncodePolicy::Error };
    Ok(Part::Format(Meaning::Text(Text::new(encoding).on_malformed(decode).on_unmappable(encode))))
}

pub(in crate::notation) fn describe(text: &Text) -> Given {
    Given::called(&ENTRY, text.encoding.name().to_ascii_lowercase())
        .with_flag("replace", text.decode == DecodePolicy::Replace)
        .with_flag("escape", text.decode == DecodePolicy::Escape)
        .with_flag("substitute", text.encode == EncodePolicy::Substitute)
}
