//! The protocols as a page to look them up in.

use std::fmt::Write;

use wirework::Text;
use wirework::core::{Format, Frame};
use wirework::notation::Meaning;

use crate::gallery_support::Protocol;

/// The groups, in the order of the page.
const GROUPS: [&str; 10] = [
    "Industry and buildings",
    "Vehicles, ships and navigation",
    "Telecommunications",
    "Banks and exchanges",
    "Hospitals and laboratories",
    "Network services",
    "Mail, news and the web",
    "Databases, caches and queues",
    "Remote calls and tools",
    "Framings to build on",
];

const HEAD: &str = "\
# Real protocols, one line each

Find the protocol, copy its line. Each is a composition in the text notation: give it to `decode` or `encode` in a shell, to
`\"...\".parse::<Composition>()` in Rust, or write it into a configuration file. Under the line stand bytes as they are on the
wire, and the messages that they decode to: as text where most of the wire can be printed, otherwise in hexadecimal. What is
long is shortened.

This page is written by `tests/gallery.rs` from [`tests/gallery/protocols.toml`](../tests/gallery/protocols.toml). That test
decodes the bytes of each protocol in one read, byte by byte and lent, and encodes the messages to the same bytes again.
";

/// The page. A group that is not among those known stands nowhere, so it is refused.
pub(crate) fn docs(protocols: &[Protocol]) -> String {
    let mut page = HEAD.to_owned();
    page += "\n";
    let links: Vec<String> = GROUPS.iter().map(|group| format!("[{group}](#{})", anchor(group))).collect();
    writeln!(page, "**Contents:** {}.", links.join(" · ")).unwrap();
    for group in GROUPS {
        let mut members: Vec<&Protocol> = protocols.iter().filter(|protocol| protocol.group == group).collect();
        members.sort_by_key(|protocol| protocol.name.to_lowercase());
        let names: Vec<String> =
            members.iter().map(|protocol| format!("[{}](#{})", protocol.name, anchor(&protocol.name))).collect();
        writeln!(page, "\n## {group}\n\n{}", names.join(" · ")).unwrap();
        for protocol in members {
            page += &section(protocol);
        }
    }
    let known = |protocol: &&Protocol| !GROUPS.contains(&protocol.group.as_str());
    assert!(protocols.iter().find(known).is_none(), "a group that is not known: {:?}", protocols.iter().find(known));
    page
}

fn section(protocol: &Protocol) -> String {
    let Protocol { name, reference, composition, bytes_from, note, .. } = protocol;
    let mut section = format!("\n### {name}\n\n```text\n{composition}\n```\n\n{note}\n\n```text\n");
    let text = is_text(&protocol.wire);
    writeln!(section, "   {}", shown(&protocol.wire, text)).unwrap();
    const MOST: usize = 5;
    let composition = protocol.composition().expect("a composition that was tried");
    for frame in protocol.frames.iter().take(MOST) {
        let message = match composition.meaning() {
            Meaning::Text(text) if !frame.is_ascii() => decoded(text.clone(), frame),
            _ => shown(frame, text),
        };
        writeln!(section, "→  {}", if message.is_empty() { "(nothing)" } else { &message }).unwrap();
    }
    if let more @ 1.. = protocol.frames.len().saturating_sub(MOST) {
        writeln!(section, "   and {more} more").unwrap();
    }
    section += "```\n\n";
    writeln!(section, "Reference: {reference}.  \nBytes: {bytes_from}.").unwrap();
    section
}

/// What these bytes say.
fn decoded(mut text: Text, bytes: &[u8]) -> String {
    let frame = Frame::lent(bytes, &[]);
    text.own(frame).expect("text in this encoding").escape_debug().to_string().replace("\\\"", "\"").replace("\\'", "'")
}

/// Whether nearly all of these can be printed.
fn is_text(bytes: &[u8]) -> bool {
    let printable = |byte: &&u8| matches!(byte, b' '..=b'~' | b'\r' | b'\n' | b'\t');
    10 * bytes.iter().filter(printable).count() >= 8 * bytes.len()
}

/// Bytes as text or in hexadecimal, the middle left out where they are many.
fn shown(bytes: &[u8], text: bool) -> String {
    let show = |bytes: &[u8]| match text {
        true => bytes.escape_ascii().to_string().replace("\\\"", "\"").replace("\\'", "'"),
        false => bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(" "),
    };
    let most = if text { 96 } else { 40 };
    if bytes.len() <= most {
        return show(bytes);
    }
    let (head, tail) = (&bytes[..most * 3 / 4], &bytes[bytes.len() - most / 4..]);
    let gap = if text { "" } else { " " };
    format!("{}{gap}…{gap}{}   ({} bytes)", show(head), show(tail), bytes.len())
}

/// The anchor that a heading gets.
fn anchor(heading: &str) -> String {
    let kept = |character: &char| character.is_alphanumeric() || matches!(character, ' ' | '-' | '_');
    heading
        .to_lowercase()
        .chars()
        .filter(kept)
        .map(|character| if character == ' ' { '-' } else { character })
        .collect()
}
