//! The protocols as a page to look them up in.

use std::fmt::Write;

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
wire, and the messages that they decode to; what is printable is shown as text, all else in hexadecimal, and what is long is
shortened. Where a composition ends in an encoding or in JSON, the bytes of the text are shown.

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
    writeln!(section, "   {}", shown(&protocol.wire)).unwrap();
    const MOST: usize = 5;
    for frame in protocol.frames.iter().take(MOST) {
        writeln!(section, "→  {}", if frame.is_empty() { "(nothing)".to_owned() } else { shown(frame) }).unwrap();
    }
    if let more @ 1.. = protocol.frames.len().saturating_sub(MOST) {
        writeln!(section, "   and {more} more").unwrap();
    }
    section += "```\n\n";
    writeln!(section, "Reference: {reference}.  \nBytes: {bytes_from}.").unwrap();
    section
}

/// Bytes as text where nearly all of them are, or in hexadecimal; the middle left out where they are many.
fn shown(bytes: &[u8]) -> String {
    let printable = |byte: &&u8| matches!(byte, b' '..=b'~' | b'\r' | b'\n' | b'\t');
    let text = bytes.len() > 1 && 10 * bytes.iter().filter(printable).count() >= 8 * bytes.len();
    let show = |bytes: &[u8]| match text {
        true => bytes.escape_ascii().to_string().replace("\\\"", "\"").replace("\\'", "'"),
        false => bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(" "),
    };
    let most = if text { 96 } else { 32 };
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
