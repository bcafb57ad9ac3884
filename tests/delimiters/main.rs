//! Where frames of text end, against decoders of the whole stream.
//!
//! `WIREWORK_LAW_CASES=1000000 cargo test --release --test delimiters` runs a million cases for each encoding and delimiter.

#![allow(unreachable_pub, reason = "these are modules of one test")]

mod boundaries;
mod law;
#[path = "../laws_support/mod.rs"]
mod laws_support;
mod marks;
mod own;
mod reference;
mod rewriting;
mod scanners;
mod sending;

use encoding_rs::{Encoding as Table, UTF_16BE, UTF_16LE};
use laws_support::cases::number;
use laws_support::{encodings, wires};
use wires::Pieces;
use wirework::Encoding;

/// The encodings whose delimiters are told from other bytes, or stand beside those.
const ENCODINGS: [&str; 11] = [
    "GBK",
    "gb18030",
    "Big5",
    "Shift_JIS",
    "EUC-KR",
    "EUC-JP",
    "UTF-16LE",
    "UTF-16BE",
    "ISO-2022-JP",
    "UTF-8",
    "windows-1252",
];

const DELIMITERS: [&str; 16] =
    ["|", "\\", "~", "@", ",", "\n", "5", "，", "||", "END", "\r\n", "€", "\u{3000}", "$", "a\\", "55"];

/// What cannot be told, and why; everything else is.
const REFUSED: [(&str, &str, &str); 8] = [
    ("ISO-2022-JP", "，", "escape sequences"),
    ("ISO-2022-JP", "\u{3000}", "escape sequences"),
    ("ISO-2022-JP", "€", "has no character"),
    ("ISO-2022-JP", "$", "escape sequences"),
    ("Shift_JIS", "€", "has no character"),
    ("EUC-JP", "€", "has no character"),
    ("windows-1252", "，", "has no character"),
    ("windows-1252", "\u{3000}", "has no character"),
];

fn table(name: &str) -> &'static Table {
    Table::for_label(name.as_bytes()).expect("it is in the Encoding Standard")
}

fn ours(name: &str) -> Encoding {
    Encoding::try_from(table(name)).expect("something may be read in it")
}

/// How many cases are tried for each encoding and delimiter.
fn cases() -> usize {
    number(2000)
}

/// What wires are made of in this encoding.
fn pieces(encoding: &'static Table, delimiter: &str) -> Pieces {
    Pieces::of(|text| written(encoding, text), delimiter)
}

/// `text` in this encoding; nothing where the encoding lacks it.
fn written(encoding: &'static Table, text: &str) -> Vec<u8> {
    if encoding == UTF_16LE {
        return text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    }
    if encoding == UTF_16BE {
        return text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    }
    let (bytes, _, lacks) = encoding.encode(text);
    if lacks { Vec::new() } else { bytes.into_owned() }
}
