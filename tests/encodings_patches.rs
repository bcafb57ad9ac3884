//! The patches of the variants are what the tables of others have otherwise than the Encoding Standard:
//! `WIREWORK_WRITE_DOCS=1 cargo test --test encodings_patches` writes `codecs/src/encoding/variant/patches.rs`.

mod made;
mod tables;

use std::collections::BTreeMap;
use std::fmt::Write;

use encoding_rs::{BIG5, Encoding, GB18030, GBK, SHIFT_JIS};
use tables::Peer;

/// The name of the patch, the encoding that it is laid on, and the table that it makes of it.
const PATCHES: [(&str, &Encoding, &str); 13] = [
    ("GBK_PYTHON", GBK, "cpython/gbk"),
    ("GBK_JAVA", GBK, "java/gbk"),
    ("CP936", GBK, "java/x-mswin-936"),
    ("CP932", SHIFT_JIS, "java/windows-31j"),
    ("CP932_PYTHON", SHIFT_JIS, "cpython/cp932"),
    ("SHIFT_JIS_PYTHON", SHIFT_JIS, "cpython/shift_jis"),
    ("SHIFT_JIS_JAVA", SHIFT_JIS, "java/shift_jis"),
    ("CP950", BIG5, "java/x-windows-950"),
    ("CP950_PYTHON", BIG5, "cpython/cp950"),
    ("BIG5_PYTHON", BIG5, "cpython/big5"),
    ("BIG5_JAVA", BIG5, "java/big5"),
    ("GB18030_2000", GB18030, "cpython/gb18030"),
    ("GB18030_2022", GB18030, "java/gb18030-2022"),
];

type Codes = BTreeMap<u16, String>;
type Block = (u16, u16);

#[test]
fn the_patches_are_those_of_the_tables() {
    let mut made = String::from(
        "// Written by tests/encodings_patches.rs from tests/tables/: what others have otherwise than the Encoding Standard.\n\n\
         use super::table::Patch;\n",
    );
    for (name, base, peer) in PATCHES {
        patch(name, base, &Peer::read(peer), &mut made);
    }
    made::is("codecs/src/encoding/variant/patches.rs", &made);
}

fn patch(name: &str, base: &'static Encoding, peer: &Peer, out: &mut String) {
    let short = peer.states[0].1.iter().filter(|(code, _)| code.len() < 4);
    let theirs: Codes = short.map(|(code, text)| (number(code), text.clone())).collect();
    let standard: Codes = (0x80..=0xff).chain(0x8000..=0xffff).filter_map(|code| read(base, code)).collect();
    writeln!(out, "\n/// {}, on {}.\npub(super) static {name}: Patch = Patch {{", peer.origin, base.name()).unwrap();
    out.push_str("    none: &[\n");
    for (from, to) in blocks(removed(&standard, &theirs)) {
        writeln!(out, "        (0x{from:04x}, 0x{to:04x}),").unwrap();
    }
    out.push_str("    ],\n    counted: &[\n");
    let (counted, text) = set(&standard, &theirs);
    for (from, to, first, next_row) in counted_blocks(counted) {
        writeln!(out, "        (0x{from:04x}, 0x{to:04x}, 0x{first:04x}, {next_row}),").unwrap();
    }
    out.push_str("    ],\n    text: &[\n");
    text.iter().for_each(|(code, text)| line(*code, text, out));
    out.push_str("    ],\n    written: &[\n");
    let (written, not_written) = written(&theirs, peer);
    written.iter().for_each(|(code, text)| line(*code, text, out));
    writeln!(out, "    ],\n    not_written: {},\n    four: &[", literal(&not_written)).unwrap();
    four(base, peer).iter().for_each(|(number, text)| line(*number, text, out));
    out.push_str("    ],\n};\n");
}

fn line(code: u16, text: &str, out: &mut String) {
    writeln!(out, "        (0x{code:04x}, {}),", literal(text)).unwrap();
}

fn literal(text: &str) -> String {
    let shown: String = text
        .chars()
        .map(|c| match c.escape_debug().nth(1) {
            Some(_) => c.escape_unicode().to_string(),
            // Spaces that are not seen.
            None if c.is_whitespace() => c.escape_unicode().to_string(),
            None => String::from(c),
        })
        .collect();
    format!("\"{shown}\"")
}

fn number(code: &[u8]) -> u16 {
    code.iter().fold(0, |number, byte| number << 8 | u16::from(*byte))
}

fn read(base: &'static Encoding, code: u16) -> Option<(u16, String)> {
    let [lead, second] = code.to_be_bytes();
    let bytes: &[u8] = if lead == 0 { &[second] } else { &[lead, second] };
    let text = base.decode_without_bom_handling_and_without_replacement(bytes)?;
    // Two bytes that are two characters are not a code.
    let one = text.chars().count() == 1 || lead != 0 && base == BIG5 && text.chars().nth(1) > Some('\u{2ff}');
    one.then(|| (code, text.into_owned()))
}

/// Rows of codes to take away: each as long as no character of theirs is in it.
fn removed(standard: &Codes, theirs: &Codes) -> Vec<Block> {
    let mut rows = Vec::new();
    for lead in std::iter::once(0).chain(0x81..=0xfe) {
        let (mut start, mut any) = (None, None);
        for second in (if lead == 0 { 0x80 } else { 0x40 })..=0xff {
            let code = lead << 8 | second;
            if second == 0xff || theirs.contains_key(&code) {
                if let (Some(start), Some(last)) = (start, any) {
                    rows.push((start, last));
                }
                (start, any) = (None, None);
            } else {
                if standard.contains_key(&code) && one_basic(&standard[&code]) {
                    start = start.or(Some(code));
                    any = Some(code);
                }
            }
        }
    }
    // Where whole rows go, they go alike.
    let whole = |row: &mut Block| {
        let lead = row.0 & 0xff00;
        if lead != 0 && (0x40..=0xfe).all(|second| !theirs.contains_key(&(lead | second))) {
            *row = (lead | 0x40, lead | 0xfe);
        }
    };
    rows.iter_mut().for_each(whole);
    rows
}

/// The table holds these; of others nothing needs to be taken away.
fn one_basic(text: &str) -> bool {
    text.chars().count() == 1 && text.chars().all(|c| c <= '\u{ffff}')
}

/// Rows that are alike and follow one another.
fn blocks(rows: Vec<Block>) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    for row in rows {
        let lengthened = found.iter_mut().find(|block| {
            block.1 >> 8 == (row.0 >> 8) - u16::from(row.0 >> 8 > 0)
                && block.0 >> 8 > 0
                && (block.0 & 0xff, block.1 & 0xff) == (row.0 & 0xff, row.1 & 0xff)
        });
        match lengthened {
            Some(block) => block.1 = row.1,
            None => found.push(row),
        }
    }
    found
}

type Counted = Vec<(u16, u16, u16)>;
type Text = Vec<(u16, String)>;

/// Four-byte forms that they read otherwise, by number.
fn four(base: &'static Encoding, peer: &Peer) -> Text {
    let mut text: Text = Vec::new();
    for (code, theirs) in peer.states[0].1.iter().filter(|(code, _)| code.len() == 4) {
        if base.decode_without_bom_handling_and_without_replacement(code).as_deref() == Some(theirs) {
            continue;
        }
        let [a, b, c, d] = [code[0] - 0x81, code[1] - b'0', code[2] - 0x81, code[3] - b'0'].map(u16::from);
        let number = ((a * 10 + b) * 126 + c) * 10 + d;
        match text.last_mut() {
            Some((first, run)) if usize::from(*first) + run.chars().count() == usize::from(number) => *run += theirs,
            _ => text.push((number, theirs.clone())),
        }
    }
    text
}

/// Codes that they read otherwise, in runs that count up and in others.
fn set(standard: &Codes, theirs: &Codes) -> (Counted, Text) {
    let other: Vec<(u16, char)> = theirs
        .iter()
        .filter(|(code, text)| **code >= 0x80 && standard.get(code) != Some(text))
        .map(|(code, text)| (*code, text.chars().next().unwrap()))
        .collect();
    let (mut counted, mut text): (Counted, Text) = Default::default();
    let mut rest = &other[..];
    while let Some(&(code, c)) = rest.first() {
        let up = |at: u16, step: u32| rest.get(usize::from(at)) == Some(&(code + at, next(c, step)));
        let len = (1..).take_while(|at| up(*at, u32::from(*at))).count() + 1;
        if len > 3 {
            counted.push((code, code + len as u16 - 1, u32::from(c) as u16));
            rest = &rest[len..];
            continue;
        }
        match text.last_mut() {
            Some((first, run)) if usize::from(*first) + run.chars().count() == usize::from(code) => run.push(c),
            _ => text.push((code, String::from(c))),
        }
        rest = &rest[1..];
    }
    (counted, text)
}

fn next(c: char, step: u32) -> char {
    char::from_u32(u32::from(c) + step).unwrap()
}

/// Rows that go on where the one before ends, or as far behind it as the next is behind them.
fn counted_blocks(rows: Counted) -> Vec<(u16, u16, u16, u16)> {
    let mut found: Vec<(u16, u16, u16, u16)> = Vec::new();
    for (from, to, first) in rows {
        let lengthened = found.iter_mut().find(|(start, end, character, step)| {
            let number = (*end >> 8) - (*start >> 8) + 1;
            *end >> 8 == (from >> 8) - 1
                && (*start & 0xff, *end & 0xff) == (from & 0xff, to & 0xff)
                && first > *character
                && (number == 1 || *character + number * *step == first)
        });
        match lengthened {
            Some((_, end, character, step)) => {
                if *step == 0 {
                    *step = first - *character;
                }
                *end = to;
            }
            None => found.push((from, to, first, 0)),
        }
    }
    found
}

/// What is not written as the first code that is read as it.
fn written(theirs: &Codes, peer: &Peer) -> (Text, String) {
    let mut first: BTreeMap<char, u16> = BTreeMap::new();
    for (code, text) in theirs {
        first.entry(text.chars().next().unwrap()).or_insert(*code);
    }
    let mut other: Vec<(u16, char)> = Vec::new();
    let mut not_written = String::new();
    for c in '\u{80}'..='\u{ffff}' {
        let short = peer.writes(c).filter(|code| code.len() < 4).map(number);
        match (short, first.get(&c)) {
            (Some(code), known) if known != Some(&code) => other.push((code, c)),
            (None, Some(_)) => not_written.push(c),
            _ => {}
        }
    }
    let is_long = |c: char| peer.writes(c).is_none_or(|code| code.len() == 4);
    assert!(('\u{10000}'..=char::MAX).all(is_long), "beyond what a table holds");
    other.sort();
    let mut text: Text = Vec::new();
    for (code, c) in other {
        match text.last_mut() {
            Some((first, run)) if usize::from(*first) + run.chars().count() == usize::from(code) => run.push(c),
            _ => text.push((code, String::from(c))),
        }
    }
    (text, not_written)
}
