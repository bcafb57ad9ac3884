//! docs/encodings.md says what the tables and the encodings say: what stands there between two marks is made here.
//! `WIREWORK_WRITE_DOCS=1 cargo test --test encodings_docs` writes it.

mod made;
mod tables;

use std::collections::BTreeMap;
use std::fmt::Write;

use tables::Peer;
use tables::differences::Entry;
use tables::labels::labels;
use tables::notation::{code, hex};
use wirework::Encoding;
use wirework::core::{DecodePolicy, TextEncoding};

const PAGE: &str = "docs/encodings.md";

#[test]
fn the_page_is_that_of_the_tables() {
    let found = made::read(PAGE);
    let mut made = String::new();
    let mut rest = found.as_str();
    let mut sections = 0;
    while let Some((before, after)) = rest.split_once("<!-- made: ") {
        let (name, after) = after.split_once(" -->\n").expect("a mark has an end");
        let (_, after) = after.split_once("<!-- end -->").expect("what is made has an end");
        write!(made, "{before}<!-- made: {name} -->\n\n{}\n<!-- end -->", section(name)).unwrap();
        rest = after;
        sections += 1;
    }
    made += rest;
    assert_eq!(sections, 10, "a mark is lost");
    made::is(PAGE, &made);
}

fn section(name: &str) -> String {
    match name {
        "labels" => encodings(),
        "differences" => differences(),
        "one way" => one_way(),
        "gbk" => codes(
            &["gbk", "cpython/gbk", "java/gbk", "java/x-mswin-936"],
            "80 A1A1 A2AB A2E3 A3A0 A6D9 A892 A8BC A8BF A989 AAA1 F8A1 FE50 FE59",
        ),
        "gb18030" => codes(
            &["gb18030", "java/gb18030-2000", "java/gb18030-2022", "cpython/gb18030"],
            "80 A2E3 A3A0 A6D9 84318236 A8BC 8135F437 FE51 FE59 82359037 90308130",
        ),
        "big5" => codes(
            &["big5", "cpython/big5", "cpython/cp950", "cpython/big5hkscs", "java/big5", "java/x-windows-950"],
            "8140 8740 A145 A14E A15A A1C2 A1E3 A1F2 A241 A246 A3E1 C6A1 C6E7 F9D6 F9FE FA40",
        ),
        "shift_jis" => codes(
            &["shift_jis", "cpython/shift_jis", "java/shift_jis", "cpython/cp932", "java/windows-31j"],
            "5C 7E 80 A0 FD 815C 815F 8160 8161 817C 8191 81CA 8740 ED40 FA5C F040",
        ),
        "japanese" => {
            codes(&["euc-jp", "cpython/euc-jp"], "5C 7E A1C0 A1C1 A1C2 A1DD A1F1 A2CC ADA1 F9A1 8FA2B7 8FB0A1")
        }
        "euc-kr" => codes(
            &["euc-kr", "cpython/euc-kr", "cpython/cp949", "java/x-windows-949"],
            "80 8141 A2E6 B0A1 C652 C9A1 FEA1",
        ),
        "latin1" => codes(
            &["iso-8859-1", "us-ascii", "windows-1252", "cpython/latin-1", "cpython/ascii", "cpython/cp1252"],
            "80 81 85 92 9F A0 E9",
        ),
        _ => panic!("{name} is not known"),
    }
}

/// Every encoding, what it is, and its labels.
fn encodings() -> String {
    let mut made = String::from("| encoding | what it is | labels |\n|---|---|---|\n");
    for (name, what, labels) in labels() {
        for label in &labels {
            let found = Encoding::for_label(&label.to_uppercase()).unwrap();
            assert_eq!(found.name(), name, "{label}");
        }
        let labels = labels.iter().map(|label| format!("`{label}`")).collect::<Vec<_>>().join(" ");
        writeln!(made, "| {name} | {what} | {labels} |").unwrap();
    }
    made
}

/// What a code is read as.
type Reader = dyn Fn(&[u8]) -> Option<String>;

/// Who reads which code as what. A name with a `/` is a table of somebody else, another a label of ours.
fn codes(columns: &[&str], which: &str) -> String {
    let mut made = String::from("| code |");
    let mut sides: Vec<Box<Reader>> = Vec::new();
    for column in columns {
        write!(made, " {} |", title(column)).unwrap();
        if column.contains('/') {
            let reads = Peer::read(column).states.remove(0).1;
            sides.push(Box::new(move |code| reads.get(code).cloned()));
        } else {
            let encoding = Encoding::for_label(column).unwrap();
            sides.push(Box::new(move |code| decoded(&encoding, code)));
        }
    }
    writeln!(made, "\n|---|{}", "---|".repeat(columns.len())).unwrap();
    for one in which.split(' ') {
        write!(made, "| `{}` |", spaced(&code(one))).unwrap();
        for side in &sides {
            write!(made, " {} |", side(&code(one)).map_or_else(|| String::from("–"), |text| drawn(&text))).unwrap();
        }
        made.push('\n');
    }
    made
}

/// What comes back as another character, for the encoders of the Encoding Standard, and of others.
fn one_way() -> String {
    let mut made = String::from("| encoder | characters | are written as | and read back as |\n|---|---|---|---|\n");
    for (name, ..) in labels() {
        let table = encoding_rs::Encoding::for_label(name.as_bytes());
        let Some(table) = table.filter(|table| table.name() == name && table.output_encoding() == *table) else {
            continue;
        };
        let written = |c: char| {
            let text = String::from(c);
            let (bytes, _, lacks) = table.encode(&text);
            let back = table.decode_without_bom_handling(&bytes).0.into_owned();
            (!lacks && back != text).then(|| (c, bytes.to_vec(), back))
        };
        let found: Vec<_> = ('\0'..=char::MAX).filter_map(written).collect();
        one_way_row(&format!("Encoding Standard `{name}`"), &found, &mut made);
    }
    for name in ONE_WAY_PEERS {
        let peer = Peer::read(name);
        let reads = &peer.states[0].1;
        let back = |code: &[u8]| reads.get(code).cloned().unwrap_or_default();
        let all = ('\0'..=char::MAX).filter_map(|c| Some((c, peer.writes(c)?.to_vec(), back(peer.writes(c)?))));
        let found: Vec<_> = all.filter(|(c, _, back)| *back != String::from(*c)).collect();
        one_way_row(&title(name), &found, &mut made);
    }
    made
}

/// The double-byte codecs of others; those that have no such character have no row.
const ONE_WAY_PEERS: [&str; 10] = [
    "cpython/gbk",
    "cpython/big5",
    "cpython/cp950",
    "cpython/shift_jis",
    "cpython/cp932",
    "java/gbk",
    "java/big5",
    "java/x-windows-950",
    "java/shift_jis",
    "java/windows-31j",
];

fn one_way_row(name: &str, found: &[(char, Vec<u8>, String)], out: &mut String) {
    let list = |each: fn(&(char, Vec<u8>, String)) -> String| {
        let all: Vec<String> = found.iter().map(each).collect();
        match &all[..] {
            [first, .., last] if all.len() > 24 => format!("{first} … {last}"),
            _ => all.join(" "),
        }
    };
    if !found.is_empty() {
        let number = format!("{}: {}", found.len(), list(|(c, _, _)| drawn(&String::from(*c))));
        let bytes = list(|(_, bytes, _)| format!("`{}`", spaced(bytes)));
        writeln!(out, "| {name} | {number} | {bytes} | {} |", list(|(_, _, back)| drawn(back))).unwrap();
    }
}

/// The list of differences: how many, why, and the first of them.
fn differences() -> String {
    let mut made =
        String::from("| ours | theirs | reading | writing | why | for example |\n|---|---|---|---|---|---|\n");
    let mut origins: BTreeMap<String, String> = BTreeMap::new();
    for entry in Entry::list() {
        let found = entry.differences();
        let origin = origins.entry(entry.peer.clone()).or_insert_with(|| title(&entry.peer));
        let side = |text: &Option<String>| text.as_ref().map_or_else(|| String::from("–"), |text| drawn(text));
        let bytes = |code: &Option<Vec<u8>>| {
            code.as_ref().map_or_else(|| String::from("–"), |code| format!("`{}`", spaced(code)))
        };
        let example = match (found.reads.first_key_value(), found.writes.first_key_value()) {
            (Some((code, (theirs, ours))), _) => {
                format!("`{}`: theirs {}, ours {}", spaced(code), side(theirs), side(ours))
            }
            (None, Some((c, (theirs, ours)))) => {
                format!("{}: theirs {}, ours {}", drawn(&String::from(*c)), bytes(theirs), bytes(ours))
            }
            (None, None) => String::new(),
        };
        let (reads, writes) = (found.reads.len(), found.writes.len());
        let why = entry.reason.replace('\\', "\\\\").replace('~', "\\~").replace('|', "\\|");
        writeln!(made, "| {} | {origin} | {reads} | {writes} | {why} | {example} |", entry.encoding).unwrap();
    }
    made
}

fn decoded(encoding: &Encoding, bytes: &[u8]) -> Option<String> {
    let mut text = String::new();
    encoding.decode(bytes, DecodePolicy::Strict, &mut text).ok().map(|()| text)
}

/// `CPython gbk`, `Java GBK`.
fn title(name: &str) -> String {
    match name.split_once('/') {
        Some(("cpython", codec)) => format!("CPython `{codec}`"),
        Some((_, charset)) => format!("Java `{charset}`"),
        None => format!("`{name}`"),
    }
}

fn spaced(code: &[u8]) -> String {
    hex(code).as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap()).collect::<Vec<_>>().join(" ")
}

/// A character with its number; what does not show itself is its number alone.
fn drawn(text: &str) -> String {
    let drawn = |c: char| {
        let number = format!("U+{:04X}", u32::from(c));
        match c {
            '\\' | '|' | '~' | '`' | '*' | '_' | '<' => format!("\\{c} {number}"),
            _ if c.is_whitespace() || c.escape_debug().nth(1).is_some() => number,
            _ => format!("{c} {number}"),
        }
    };
    text.chars().map(drawn).collect::<Vec<_>>().join(" and ")
}
