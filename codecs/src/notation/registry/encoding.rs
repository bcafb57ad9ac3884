//! Text: a stage that is called by the label of an encoding.

use bytes::BytesMut;
use wirework_core::{DecodePolicy, EncodePolicy, TextEncoding};

use super::{Entry, Given, Kind, Meaning, Opt, Part, Refusal, Sample, Takes, Value};
use crate::format::ByteOrderMark;
use crate::{Encoding, Text};

/// Stands for every encoding: the name of the stage is the encoding's label.
pub(in crate::notation) static ENTRY: Entry = Entry {
    name: "ENCODING",
    aliases: &[],
    kind: Kind::Format,
    summary: "Text in an encoding, by one of its labels, such as `gbk`, `utf-8` or `latin1`.",
    options: &[
        Opt::flag("replace", "malformed bytes become U+FFFD; otherwise they make the message bad"),
        Opt::flag("escape", "malformed bytes become `\\xNN`, in hexadecimal"),
        Opt::flag("substitute", "what the encoding lacks is sent as `?`; otherwise the message is refused"),
        Opt::named("sends", Takes::Word, "the same", "the encoding in which text is sent, if it comes in another"),
        Opt::named(
            "mark",
            Takes::Choice(&["keep", "strip", "require"]),
            "keep",
            "U+FEFF at the beginning of a message belongs to its text; or it does not and may be missing, and none is sent; or \
             it does not and must be there, and one is sent",
        ),
    ],
    samples: &[
        Sample::new("lines | gbk", b"\xc4\xe3\xba\xc3\n", &[b"\xc4\xe3\xba\xc3"]),
        Sample::new("lines | gbk replace", b"\xc4\n", &[b"\xc4"]),
        Sample::new("lines | gbk escape", b"\xc4\n", &[b"\xc4"]),
        Sample::new("lines | windows-1252 substitute", b"gar\xe7on\n", &[b"gar\xe7on"]),
        Sample::new("lines | utf-32le", b"a\0\0\0\n\0\0\0", &[b"a\0\0\0"]),
        Sample::new("lines | gbk sends utf-8", b"\xc4\xe3\n", &[b"\xc4\xe3"]),
        Sample::new("lines | utf-8 mark strip", b"\xef\xbb\xbfa\nb\n", &[b"\xef\xbb\xbfa", b"b"]),
        Sample::new("lines | utf-16le mark require", b"\xff\xfea\0\n\0", &[b"\xff\xfea\0"]),
    ],
    build,
};

fn build(given: &Given) -> Result<Part, Refusal> {
    let encoding = Encoding::for_label(&given.name).map_err(|why| {
        if why.is_known() {
            return Refusal::new(why);
        }
        Refusal::new("`ENCODING` stands for the label of an encoding; write one, such as `gbk`")
    })?;
    let malformed = match (given.flag("replace"), given.flag("escape")) {
        (true, true) => return Err(Refusal::of("escape", "malformed bytes are either replaced or escaped")),
        (true, false) => DecodePolicy::Replace,
        (false, true) => DecodePolicy::Escape,
        (false, false) => DecodePolicy::Strict,
    };
    let unmappable = if given.flag("substitute") { EncodePolicy::Substitute } else { EncodePolicy::Error };
    let text = encoding.on_malformed(malformed).on_unmappable(unmappable);
    let text = match given.word("sends") {
        Some(label) => text.sends(Encoding::for_label(label).map_err(|why| Refusal::of("sends", why))?),
        None => text,
    };
    let text = text.mark(match given.word("mark") {
        Some("strip") => ByteOrderMark::Strip,
        Some("require") => ByteOrderMark::Require,
        _ => ByteOrderMark::Keep,
    });
    match [text.encoding, *text.sent_in()].into_iter().find(lacks_mark) {
        Some(encoding) if text.policies.mark == ByteOrderMark::Require => {
            Err(Refusal::of("mark", format!("{encoding} has no byte-order mark; leave `mark require` out")))
        }
        _ => Ok(Part::Format(Meaning::Text(text))),
    }
}

fn lacks_mark(encoding: &Encoding) -> bool {
    encoding.encode("\u{FEFF}", EncodePolicy::Error, &mut BytesMut::new()).is_err()
}

/// The label by which an encoding is printed.
fn label(encoding: &Encoding) -> String {
    encoding.name().to_ascii_lowercase()
}

pub(in crate::notation) fn describe(text: &Text) -> Given {
    let mark = match text.policies.mark {
        ByteOrderMark::Keep => None,
        ByteOrderMark::Strip => Some("strip"),
        ByteOrderMark::Require => Some("require"),
    };
    let sends = Some(text.sent_in()).filter(|sends| **sends != text.encoding);
    Given::called(&ENTRY, label(&text.encoding))
        .with_flag("replace", text.policies.malformed == DecodePolicy::Replace)
        .with_flag("escape", text.policies.malformed == DecodePolicy::Escape)
        .with_flag("substitute", text.policies.unmappable == EncodePolicy::Substitute)
        .with_if("sends", sends.map(|sends| Value::Word(label(sends))))
        .with_if("mark", mark.map(|mark| Value::Word(mark.to_owned())))
}
