//! Text fields of a fixed width, in many encodings.

#[path = "laws_support/cases.rs"]
mod cases;

use std::sync::Arc;

use bytes::BytesMut;
use cases::holds;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use wirework::core::{Cursor, DecodePolicy, EncodeError, EncodePolicy, FormatError, TextEncoding};
use wirework::format::Field;
use wirework::{Encoding, Text};

/// One of each kind: single bytes, one to four bytes, units of two bytes, escape sequences.
const NAMES: [&str; 11] = [
    "utf-8",
    "gbk",
    "gb18030",
    "big5",
    "shift_jis",
    "euc-jp",
    "euc-kr",
    "windows-1252",
    "utf-16le",
    "utf-16be",
    "iso-2022-jp",
];

fn encodings() -> impl Strategy<Value = Encoding> {
    select(&NAMES[..]).prop_map(|label| Encoding::for_label(label).unwrap())
}

/// Text with much of what fields are filled up with, and characters that only some encodings have.
fn texts() -> impl Strategy<Value = String> {
    let some =
        select(&[' ', ' ', '\0', '0', '0', 'A', '7', '|', '你', '日', 'é', '가', '€', '¥', '😀', '\u{3000}'][..]);
    vec(prop_oneof![4 => some, 1 => any::<char>()], 0..10).prop_map(String::from_iter)
}

/// How a field is filled up, with what it makes of the text of a whole field.
#[derive(Clone, Copy, Debug)]
enum Fill {
    Behind(char),
    InFront(char),
    Until(char),
}

impl Fill {
    fn field<E: TextEncoding + Clone + 'static>(self, width: usize, text: Text<E>) -> Field<E> {
        match self {
            Self::Behind(pad) => Field::new(width, text).pad(pad),
            Self::InFront(pad) => Field::new(width, text).pad(pad).right(),
            Self::Until(end) => Field::new(width, text).until(end),
        }
    }

    /// The text in what stands in a field, character by character.
    fn text(self, all: &str) -> String {
        let mut all: Vec<char> = all.chars().collect();
        match self {
            Self::Behind(pad) => {
                while all.last() == Some(&pad) {
                    all.pop();
                }
            }
            Self::InFront(pad) => {
                while all.first() == Some(&pad) && !(pad == '0' && all.len() == 1) {
                    all.remove(0);
                }
            }
            Self::Until(end) => {
                let len = all.iter().position(|character| *character == end).unwrap_or(all.len());
                all.truncate(len);
            }
        }
        String::from_iter(all)
    }
}

fn fills() -> impl Strategy<Value = Fill> {
    let pad = select(&[' ', '0', '\0', '*', '\u{3000}'][..]);
    prop_oneof![
        pad.clone().prop_map(Fill::Behind),
        pad.clone().prop_map(Fill::InFront),
        pad.prop_map(Fill::Until),
        Just(Fill::Until('\0')),
    ]
}

/// The text as its encoding writes and reads it, in how many bytes; `None` if it cannot.
fn on_the_wire(encoding: &Encoding, policy: EncodePolicy, text: &str) -> Option<(String, usize)> {
    let mut bytes = BytesMut::new();
    encoding.encode(text, policy, &mut bytes).ok()?;
    let mut read = String::new();
    encoding.decode(&bytes, DecodePolicy::Strict, &mut read).unwrap();
    Some((read, bytes.len()))
}

fn policies() -> impl Strategy<Value = EncodePolicy> {
    select(&[EncodePolicy::Error, EncodePolicy::Substitute][..])
}

#[test]
fn what_is_written_is_exactly_as_wide_and_comes_out_again_and_the_rest_is_refused() {
    let cases = (encodings(), policies(), fills(), 1..24usize, texts());
    holds(cases, |(encoding, policy, fill, width, text)| {
        let field = fill.field(width, Text::new(encoding).on_unmappable(policy));
        let mut out = BytesMut::from(&b"before"[..]);
        let written = field.write(&text, &mut out);
        prop_assert!(out.starts_with(b"before"));
        let own = &out[6..];
        let wire = on_the_wire(&encoding, policy, &text);
        if written.is_ok() {
            prop_assert_eq!(own.len(), width);
            let (due, len) = wire.unwrap();
            prop_assert!(len <= width);
            prop_assert_eq!(field.read(own).unwrap(), due);
            return Ok(());
        }
        prop_assert!(own.is_empty());
        // Nothing is refused that could have been written.
        let (Fill::Behind(pad) | Fill::InFront(pad) | Fill::Until(pad)) = fill;
        let unit = on_the_wire(&encoding, EncodePolicy::Error, &String::from(pad)).map_or(0, |(_, len)| len);
        let is_possible = field.validate().is_ok()
            && wire.is_some_and(|(due, len)| {
                let is_never_empty = matches!(fill, Fill::InFront('0')) && due.is_empty();
                len <= width && (width - len) % unit == 0 && fill.text(&due) == due && !is_never_empty
            });
        prop_assert!(!is_possible, "{:?} was refused: {}", text, written.unwrap_err());
        Ok(())
    });
}

#[test]
fn what_is_trimmed_is_what_reading_would_have_taken_off() {
    holds((encodings(), fills(), 1..24usize, texts()), |(encoding, fill, width, text)| {
        let field = fill.field(width, Text::new(encoding));
        let (mut trimmed, mut plain) = (BytesMut::new(), BytesMut::new());
        let is_written = field.clone().trim().write(&text, &mut trimmed).is_ok();
        prop_assert!(is_written || field.write(&text, &mut plain).is_err(), "what is written stays so");
        if field.write(&fill.text(&text), &mut plain).is_ok() {
            prop_assert_eq!(trimmed, plain);
        }
        Ok(())
    });
}

#[test]
fn what_is_cut_is_the_longest_prefix_that_fits() {
    let cases = (encodings(), policies(), fills(), 1..16usize, texts());
    holds(cases, |(encoding, policy, fill, width, text)| {
        let field = fill.field(width, Text::new(encoding).on_unmappable(policy)).truncate();
        let mut out = BytesMut::new();
        if field.write(&text, &mut out).is_err() {
            prop_assert!(out.is_empty());
            return Ok(());
        }
        prop_assert_eq!(out.len(), width);
        let wire = |end: usize| on_the_wire(&encoding, policy, &text[..end]);
        // The slow way: one character after the other.
        let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
        let fitting = ends.take_while(|end| wire(*end).is_some_and(|(_, len)| len <= width)).last().unwrap();
        let (due, len) = wire(fitting).unwrap();
        if let Some(next) = text[fitting..].chars().next() {
            let more = wire(fitting + next.len_utf8());
            prop_assert!(len == width || more.is_some(), "no room, or it does not fit");
        }
        let due = if fitting < text.len() && matches!(fill, Fill::Behind(_)) { fill.text(&due) } else { due };
        prop_assert_eq!(field.read(&out).unwrap(), due);
        Ok(())
    });
}

/// Bytes with much of what ends, fills up, leads and shifts.
fn wires() -> impl Strategy<Value = Vec<u8>> {
    let some = select(&[0, 0, 0, 0x20, 0x30, 0x1b, b'$', b'B', b'(', 0x81, 0x30, 0xc4, 0xe3, 0xd8, 0xff][..]);
    vec(prop_oneof![3 => some, 1 => any::<u8>()], 1..24)
}

#[test]
fn any_bytes_are_read_as_the_decoder_reads_them_all() {
    let policies = select(&[DecodePolicy::Strict, DecodePolicy::Replace, DecodePolicy::Escape][..]);
    holds((encodings(), policies, fills(), wires()), |(encoding, policy, fill, bytes)| {
        let field = fill.field(bytes.len(), Text::new(encoding).on_malformed(policy));
        let read = field.read(&bytes);
        if field.validate().is_err() {
            prop_assert!(read.is_err());
            return Ok(());
        }
        let mut all = String::new();
        match (encoding.decode(&bytes, policy, &mut all), read) {
            (Ok(()), Ok(read)) => prop_assert_eq!(read, fill.text(&all)),
            (Err(_), Err(FormatError::Malformed { offset, .. })) => {
                let mut front = String::new();
                encoding.decode(&bytes[..offset], DecodePolicy::Strict, &mut front).unwrap();
                prop_assert!(!matches!(fill, Fill::Until(end) if front.contains(end)));
            }
            (Err(FormatError::Malformed { offset, .. }), Ok(read)) => {
                prop_assert!(
                    matches!(fill, Fill::Until(_)),
                    "only there may something malformed stand behind the text"
                );
                // The replacement shows what is behind the end as something else, and what is in front of it as it is.
                let mut replaced = String::new();
                encoding.decode(&bytes, DecodePolicy::Replace, &mut replaced).unwrap();
                prop_assert_eq!(&read, &fill.text(&replaced));
                prop_assert!(read.len() <= 3 * offset);
            }
            (all, read) => prop_assert!(false, "{:?}, and {:?}", all, read),
        }
        Ok(())
    });
}

/// An encoding of one's own: every letter is moved by one, NUL is `FF`, and there is nothing else.
#[derive(Clone, Debug)]
struct Moved;

impl TextEncoding for Moved {
    fn name(&self) -> &str {
        "moved"
    }
    fn decode(&self, bytes: &[u8], policy: DecodePolicy, text: &mut String) -> Result<(), FormatError> {
        for (offset, byte) in bytes.iter().enumerate() {
            match (*byte, policy) {
                (b'B'..=b'Z', _) => text.push(char::from(byte - 1)),
                (0xff, _) => text.push('\0'),
                (_, DecodePolicy::Strict) => {
                    return Err(FormatError::Malformed { encoding: "moved".into(), offset, bytes: vec![*byte] });
                }
                _ => text.push(char::REPLACEMENT_CHARACTER),
            }
        }
        Ok(())
    }
    fn encode(&self, text: &str, _: EncodePolicy, out: &mut BytesMut) -> Result<(), EncodeError> {
        for (offset, character) in text.char_indices() {
            out.extend_from_slice(&[match character {
                'A'..='Y' => character as u8 + 1,
                '\0' => 0xff,
                _ => return Err(EncodeError::Unmappable { encoding: "moved".into(), character, offset }),
            }]);
        }
        Ok(())
    }
    fn unfinished(&self, _: &[u8]) -> usize {
        0
    }
    fn longest(&self) -> usize {
        1
    }
    fn is_plain(&self, _: &[u8]) -> bool {
        false
    }
    fn begins_at(&self, _: &[u8], _: usize, _: &mut Cursor) -> Option<bool> {
        Some(true)
    }
    fn is_stateful(&self) -> bool {
        false
    }
}

#[test]
fn an_encoding_of_ones_own_has_its_own_nul() {
    let field = Field::new(4, Moved).nul();
    let mut out = BytesMut::new();
    field.write("AB", &mut out).unwrap();
    assert_eq!(out, &b"BC\xff\xff"[..]);
    assert_eq!(field.read(b"BC\xff\0").unwrap(), "AB");
    let erased: Arc<dyn TextEncoding> = Arc::new(Moved);
    assert_eq!(
        Field::new(4, erased).validate().unwrap_err().to_string(),
        "moved has no ' ' to fill up with; use a character that it has"
    );
}
