//! The view of bytes for logs: lossless in every encoding, and one line whatever the bytes.

#[path = "laws_support/cases.rs"]
mod cases;

use bytes::BytesMut;
use cases::holds;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use wirework::Encoding;
use wirework::core::{DecodePolicy, EncodePolicy, TextEncoding};

/// All encodings of the Encoding Standard, by one label each.
const NAMES: &str = "utf-8 ibm866 iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5 iso-8859-6 iso-8859-7 iso-8859-8 iso-8859-8-i \
    iso-8859-10 iso-8859-13 iso-8859-14 iso-8859-15 iso-8859-16 koi8-r koi8-u macintosh windows-874 windows-1250 windows-1251 \
    windows-1252 windows-1253 windows-1254 windows-1255 windows-1256 windows-1257 windows-1258 x-mac-cyrillic gbk gb18030 big5 \
    euc-jp iso-2022-jp shift_jis euc-kr utf-16be utf-16le x-user-defined";

fn encodings() -> Vec<Encoding> {
    NAMES.split_whitespace().map(|label| Encoding::for_label(label).unwrap()).collect()
}

#[track_caller]
fn is_lossless(encoding: Encoding, bytes: &[u8]) -> String {
    let view = encoding.escaped(bytes).to_string();
    assert_eq!(encoding.unescape(&view).as_deref(), Ok(bytes), "{encoding}: {view}");
    let hidden = |c: char| {
        c.is_control()
            || "\u{2028}\u{2029}\u{feff}\u{fffd}".contains(c)
            || ('\u{202a}'..='\u{202e}').contains(&c)
            || ('\u{2066}'..='\u{2069}').contains(&c)
    };
    assert!(!view.contains(hidden), "{encoding}: {view:?}");
    view
}

#[test]
fn one_and_two_bytes_come_back_in_every_encoding() {
    for encoding in encodings() {
        for first in 0..=0xff {
            is_lossless(encoding, &[first]);
            for second in 0..=0xff {
                is_lossless(encoding, &[first, second]);
            }
        }
    }
}

#[test]
fn any_bytes_come_back_in_every_encoding() {
    let some = select(
        &[0, b'\\', b'x', b'A', b'0', 0x1b, b'$', b'B', b'(', b'J', 0x81, 0x30, 0xc4, 0xe3, 0xd8, 0x8e, 0xff][..],
    );
    let bytes = vec(prop_oneof![3 => some, 1 => any::<u8>()], 0..24);
    holds((select(encodings()), bytes), |(encoding, bytes)| {
        is_lossless(encoding, &bytes);
    });
}

#[test]
fn text_reads_as_itself_with_backslashes_twice() {
    let some = select(&['a', '\\', '|', 'é', '你', '日', 'ﾆ', '가', '東', 'я', '😀', '，', '\u{3000}'][..]);
    let texts = vec(prop_oneof![3 => some, 1 => any::<char>()], 0..10).prop_map(String::from_iter);
    holds((select(encodings()), texts), |(encoding, text)| {
        let text: String = text.chars().filter(|c| c.is_alphanumeric() || "\\|，\u{3000}".contains(*c)).collect();
        let (mut bytes, mut read) = (BytesMut::new(), String::new());
        if encoding.encode(&text, EncodePolicy::Error, &mut bytes).is_err() {
            return;
        }
        encoding.decode(&bytes, DecodePolicy::Strict, &mut read).unwrap();
        // Some encodings write a character as another, and escape sequences are not shown.
        if read == text && (!encoding.is_stateful() || text.is_ascii()) {
            assert_eq!(is_lossless(encoding, &bytes), text.replace('\\', "\\\\"), "{encoding}");
        }
    });
}

/// In an encoding without escape sequences.
#[test]
fn the_view_shows_nothing_that_a_decoder_does_not_read_there() {
    let stateless: Vec<Encoding> = encodings().into_iter().filter(|encoding| !encoding.is_stateful()).collect();
    holds((select(stateless), vec(any::<u8>(), 0..24)), |(encoding, bytes)| {
        let mut read = String::new();
        encoding.decode(&bytes, DecodePolicy::Replace, &mut read).unwrap();
        let view = is_lossless(encoding, &bytes);
        let (mut read, mut rest) = (read.chars(), view.as_str());
        while let Some(shown) = rest.chars().next() {
            let (len, is_byte) = match rest.get(..2) {
                Some("\\x") => (4, true),
                Some("\\\\") => (2, false),
                _ => (shown.len_utf8(), false),
            };
            assert!(is_byte || read.any(|character| character == shown), "{encoding}: {bytes:02x?} as {view}");
            rest = &rest[len..];
        }
    });
}
