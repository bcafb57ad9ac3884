//! Every encoding against CPython's codec, and Java's charset, of the same name: all strings of one and two bytes, and all
//! characters. Each difference stands in `tests/tables/differences.toml` with its reason, and there is no other.

mod tables;

use std::collections::BTreeMap;

use tables::differences::{Differences, Entry};
use tables::notation::hex;
use tables::{Peer, Reads};
use wirework::Encoding;
use wirework::core::{BytesMut, DecodePolicy, EncodePolicy, TextEncoding};

/// Our label, and the tables of others that it is compared with. Whoever adds an encoding adds a line.
const SINGLE_BYTE: &[(&str, &[&str])] = &[
    ("us-ascii", &["cpython/ascii"]),
    ("iso-8859-1", &["cpython/latin-1"]),
    ("iso-8859-9", &["cpython/iso8859-9"]),
    ("iso-8859-11", &["cpython/iso8859-11"]),
    ("ibm866", &["cpython/cp866"]),
    ("iso-8859-2", &["cpython/iso8859-2"]),
    ("iso-8859-3", &["cpython/iso8859-3"]),
    ("iso-8859-4", &["cpython/iso8859-4"]),
    ("iso-8859-5", &["cpython/iso8859-5"]),
    ("iso-8859-6", &["cpython/iso8859-6"]),
    ("iso-8859-7", &["cpython/iso8859-7"]),
    ("iso-8859-8", &["cpython/iso8859-8"]),
    ("iso-8859-8-i", &["cpython/iso8859-8"]),
    ("iso-8859-10", &["cpython/iso8859-10"]),
    ("iso-8859-13", &["cpython/iso8859-13"]),
    ("iso-8859-14", &["cpython/iso8859-14"]),
    ("iso-8859-15", &["cpython/iso8859-15"]),
    ("iso-8859-16", &["cpython/iso8859-16"]),
    ("koi8-r", &["cpython/koi8-r"]),
    ("koi8-u", &["cpython/koi8-u"]),
    ("macintosh", &["cpython/mac-roman"]),
    ("x-mac-cyrillic", &["cpython/mac-cyrillic"]),
    ("windows-874", &["cpython/cp874", "cpython/iso8859-11"]),
    ("windows-1250", &["cpython/cp1250"]),
    ("windows-1251", &["cpython/cp1251"]),
    ("windows-1252", &["cpython/cp1252", "cpython/latin-1", "cpython/ascii"]),
    ("windows-1253", &["cpython/cp1253"]),
    ("windows-1254", &["cpython/cp1254", "cpython/iso8859-9"]),
    ("windows-1255", &["cpython/cp1255"]),
    ("windows-1256", &["cpython/cp1256"]),
    ("windows-1257", &["cpython/cp1257"]),
    ("windows-1258", &["cpython/cp1258"]),
];

const UNICODE: &[(&str, &[&str])] = &[
    ("utf-8", &["cpython/utf-8"]),
    ("utf-16le", &["cpython/utf-16-le"]),
    ("utf-16be", &["cpython/utf-16-be"]),
    ("utf-32le", &["cpython/utf-32-le"]),
    ("utf-32be", &["cpython/utf-32-be"]),
    ("cesu-8", &["java/cesu-8"]),
    ("modified-utf-8", &["java/modified-utf-8"]),
];

const CHINESE: &[(&str, &[&str])] = &[
    ("gbk", &["cpython/gbk", "java/gbk", "java/x-mswin-936"]),
    ("gb18030", &["cpython/gb18030", "java/gb18030-2000", "java/gb18030-2022"]),
    ("big5", &["cpython/big5", "cpython/big5hkscs", "cpython/cp950", "java/big5", "java/x-windows-950"]),
];

const JAPANESE_AND_KOREAN: &[(&str, &[&str])] = &[
    ("shift_jis", &["cpython/shift_jis", "cpython/cp932", "java/shift_jis", "java/windows-31j"]),
    ("euc-jp", &["cpython/euc-jp"]),
    ("iso-2022-jp", &["cpython/iso2022-jp"]),
    ("euc-kr", &["cpython/euc-kr", "cpython/cp949", "java/x-windows-949"]),
];

/// Each is what one other has.
const VARIANTS: &[(&str, &[&str])] = &[
    ("gbk-python", &["cpython/gbk"]),
    ("gbk-java", &["java/gbk"]),
    ("cp936", &["java/x-mswin-936"]),
    ("gb18030-2000", &["cpython/gb18030"]),
    ("gb18030-2022", &["java/gb18030-2022"]),
    ("big5-python", &["cpython/big5"]),
    ("big5-java", &["java/big5"]),
    ("cp950", &["java/x-windows-950"]),
    ("cp950-python", &["cpython/cp950"]),
    ("shift_jis-python", &["cpython/shift_jis"]),
    ("shift_jis-java", &["java/shift_jis"]),
    ("cp932", &["java/windows-31j"]),
    ("cp932-python", &["cpython/cp932"]),
];

const ALL: [&[(&str, &[&str])]; 5] = [SINGLE_BYTE, UNICODE, CHINESE, JAPANESE_AND_KOREAN, VARIANTS];

#[test]
fn single_byte_encodings() {
    differ_as_listed(SINGLE_BYTE);
}

#[test]
fn forms_of_unicode() {
    differ_as_listed(UNICODE);
}

#[test]
fn chinese_encodings() {
    differ_as_listed(CHINESE);
}

#[test]
fn japanese_and_korean_encodings() {
    differ_as_listed(JAPANESE_AND_KOREAN);
}

#[test]
fn variants() {
    differ_as_listed(VARIANTS);
}

#[test]
fn the_list_is_of_pairs_that_are_compared() {
    for entry in Entry::list() {
        let known = ALL
            .iter()
            .copied()
            .flatten()
            .any(|(label, peers)| *label == entry.encoding && peers.contains(&entry.peer.as_str()));
        assert!(known, "{} and {} are not compared", entry.encoding, entry.peer);
        assert!(!entry.differences().is_empty(), "{} and {}: {}", entry.encoding, entry.peer, entry.reason);
        assert!(!entry.reason.is_empty(), "{} and {}: no reason", entry.encoding, entry.peer);
    }
}

fn differ_as_listed(pairs: &[(&str, &[&str])]) {
    let list = Entry::list();
    let mut wrong = String::new();
    for (label, peers) in pairs {
        for peer in *peers {
            let mut listed = Differences::default();
            for entry in list.iter().filter(|entry| entry.encoding == *label && entry.peer == *peer) {
                for (code, both) in entry.differences().reads {
                    assert!(listed.reads.insert(code.clone(), both).is_none(), "{peer} {}: twice", hex(&code));
                }
                for (c, both) in entry.differences().writes {
                    assert!(listed.writes.insert(c, both).is_none(), "{peer} {c:?}: twice");
                }
            }
            let found = compared(label, &Peer::read(peer));
            for (what, rest) in [("not listed", found.without(&listed)), ("not there", listed.without(&found))] {
                if !rest.is_empty() {
                    let (reads, writes) = rest.lines();
                    wrong += &format!(
                        "\n# {label} and {peer}, {what}:\nreads = '''\n{reads}'''\nwrites = '''\n{writes}'''\n"
                    );
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// All differences between our encoding and `peer`.
fn compared(label: &str, peer: &Peer) -> Differences {
    let encoding = Encoding::for_label(label).unwrap_or_else(|error| panic!("{error}"));
    let mut found = Differences::default();
    for (escape, reads) in &peer.states {
        compare_reading(&encoding, escape, reads, &mut found);
    }
    let mut out = BytesMut::new();
    let mut utf8 = [0; 4];
    for c in '\0'..=char::MAX {
        out.clear();
        let ours = encoding.encode(c.encode_utf8(&mut utf8), EncodePolicy::Error, &mut out).is_ok().then_some(&out[..]);
        let theirs = peer.writes(c);
        if ours != theirs {
            found.writes.insert(c, (theirs.map(<[u8]>::to_vec), ours.map(<[u8]>::to_vec)));
        }
    }
    found
}

/// What is found in one state: behind the escape sequence (mostly none).
///
/// A string of two bytes that is two characters of one byte on both sides says nothing that the two do not say.
fn compare_reading(encoding: &Encoding, escape: &[u8], reads: &Reads, found: &mut Differences) {
    // A state of two bytes must be left, or the text is not whole.
    let end: &[u8] = if escape.starts_with(b"\x1b$") { b"\x1b(B" } else { b"" };
    let mut wire = Vec::new();
    let mut text = String::new();
    let mut ours = |code: &[u8]| {
        wire.clear();
        [escape, code, end].into_iter().for_each(|part| wire.extend_from_slice(part));
        text.clear();
        encoding.decode(&wire, DecodePolicy::Strict, &mut text).is_ok().then(|| text.clone())
    };
    let mut differ = |code: &[u8], theirs: Option<String>, ours: Option<String>| {
        if theirs != ours {
            found.reads.insert([escape, code].concat(), (theirs, ours));
        }
    };
    let bytes = || (0..=255u8).filter(|byte| escape.is_empty() || *byte != 0x1b);
    let theirs_of_one: BTreeMap<u8, String> = bytes().filter_map(|a| Some((a, reads.get(&vec![a])?.clone()))).collect();
    let ours_of_one: BTreeMap<u8, String> = bytes().filter_map(|a| Some((a, ours(&[a])?))).collect();
    for a in bytes() {
        differ(&[a], theirs_of_one.get(&a).cloned(), ours_of_one.get(&a).cloned());
        for b in bytes() {
            let apart = |ones: &BTreeMap<u8, String>| Some(ones.get(&a)?.clone() + ones.get(&b)?);
            let (theirs_apart, ours_apart) = (apart(&theirs_of_one), apart(&ours_of_one));
            let theirs = reads.get(&vec![a, b]).cloned().or_else(|| theirs_apart.clone());
            let ours = ours(&[a, b]);
            if theirs != theirs_apart || ours != ours_apart {
                differ(&[a, b], theirs, ours);
            }
        }
    }
    // Longer codes: those of the table, and those that we read as well.
    for (code, theirs) in reads.iter().filter(|(code, _)| code.len() > 2) {
        differ(code, Some(theirs.clone()), ours(code));
    }
    let mut also = |code: &[u8]| {
        if !reads.contains_key(code) {
            differ(code, None, ours(code));
        }
    };
    if reads.contains_key(&b"\x81\x30\x81\x30"[..]) {
        for a in 0x81..=0xfe {
            for b in b'0'..=b'9' {
                for c in 0x81..=0xfe {
                    (b'0'..=b'9').for_each(|d| also(&[a, b, c, d]));
                }
            }
        }
    }
    if reads.keys().any(|code| code.len() == 3 && code[0] == 0x8f) {
        for b in 0xa1..=0xfe {
            (0xa1..=0xfe).for_each(|c| also(&[0x8f, b, c]));
        }
    }
}
