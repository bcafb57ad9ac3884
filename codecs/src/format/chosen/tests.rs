//! Messages that say their encoding, and directions that are told.

use super::*;
use crate::{Chunks, FramingExt, GBK, Lines, UTF_8, framing::Until};
use wirework_core::Codec;

/// As in the picture, and two more.
fn rule(message: &[u8], now: Encoding) -> Result<Choice, BoxError> {
    match message.last() {
        Some(b'g') => Ok(Choice::This(GBK)),
        Some(b'G') => Ok(Choice::FromNow(GBK)),
        Some(b'n') => Ok(Choice::FromNext(if now == GBK { UTF_8 } else { GBK })),
        Some(b'5') => Ok(Choice::FromNow(big5())),
        Some(b'!') => Err(FormatError::Malformed { encoding: "ours".into(), offset: 0, bytes: vec![] })?,
        Some(b'?') => Err("what?")?,
        _ => Ok(Choice::AsBefore),
    }
}

fn big5() -> Encoding {
    Encoding::for_label("big5").unwrap()
}

fn read(format: &mut Chosen, bytes: &[u8]) -> Result<String, String> {
    let mut scratch = String::new();
    let mut other = format.clone();
    let lent = other.view(Frame::lent(bytes, &[]), &mut scratch).map(str::to_owned);
    let owned = format.own(Frame::lent(bytes, &[]));
    assert_eq!(lent.as_ref().ok(), owned.as_ref().ok());
    assert_eq!((other.last, other.reads.now), (format.last, format.reads.now), "lent as owned");
    owned.map_err(|error| error.to_string())
}

fn write(format: &mut Chosen, text: &str) -> Result<Vec<u8>, String> {
    let mut out = BytesMut::new();
    format.encode(text, &mut out).map_err(|error| error.to_string())?;
    Ok(out.to_vec())
}

#[test]
fn the_picture() {
    let chosen = Chosen::one_of(UTF_8, [GBK]).by(rule);
    let (mut reads, mut writes) = (chosen.clone(), chosen);
    for (bytes, text, replied) in [
        (&b"\xe4\xbd\xa0"[..], "你", &b"\xe4\xbd\xa0"[..]),
        (b"\xc4\xe3g", "你g", b"\xc4\xe3"),
        (b"\xe4\xbd\xa0", "你", b"\xe4\xbd\xa0"),
        (b"\xc4\xe3G", "你G", b"\xc4\xe3"),
        (b"\xc4\xe3", "你", b"\xc4\xe3"),
        (b"\xc4\xe3n", "你n", b"\xc4\xe3"),
        (b"\xe4\xbd\xa0", "你", b"\xe4\xbd\xa0"),
    ] {
        assert_eq!(read(&mut reads, bytes).unwrap(), text);
        writes.follow(&reads);
        assert_eq!(write(&mut writes, "你").unwrap(), replied, "after {text}");
    }
}

#[test]
fn a_bad_message_changes_nothing() {
    let mut chosen = Chosen::one_of(UTF_8, [GBK]).by(rule);
    for (bytes, error) in [
        (&b"\xc4\xff\xffG"[..], "not GBK at byte 0"),
        (b"5", "Big5 is not among the encodings that were declared: UTF-8, GBK"),
        (b"!", "not ours at byte 0"),
        (b"?", "what?"),
    ] {
        let bad = read(&mut chosen, bytes).unwrap_err();
        assert!(bad.contains(error), "{bad}");
        assert_eq!(write(&mut chosen, "你").unwrap(), "你".as_bytes());
        assert_eq!(read(&mut chosen, "你".as_bytes()).unwrap(), "你");
    }
}

#[test]
fn replies_say_it_themselves_or_are_fixed() {
    let by = |reply: &str, _: Encoding| rule(reply.as_bytes(), UTF_8);
    let mut chosen = Chosen::one_of(UTF_8, [GBK]).by(rule).replies_by(by);
    assert_eq!(write(&mut chosen, "你g").unwrap(), b"\xc4\xe3g");
    assert_eq!(write(&mut chosen, "你").unwrap(), "你".as_bytes());
    assert!(write(&mut chosen, "5").unwrap_err().contains("Big5 is not among"));
    assert!(write(&mut chosen, "😀G").unwrap_err().contains("GBK has no"));
    assert_eq!(write(&mut chosen, "你").unwrap(), "你".as_bytes(), "what cannot be sent changes nothing");
    assert_eq!(write(&mut chosen, "你G").unwrap(), b"\xc4\xe3G");
    read(&mut chosen, "你".as_bytes()).unwrap();
    assert_eq!(write(&mut chosen, "你").unwrap(), b"\xc4\xe3", "it was for all that follow");

    let mut fixed = Chosen::one_of(UTF_8, [GBK]).by(rule).replies_one_of(big5(), []);
    read(&mut fixed, b"\xc4\xe3g").unwrap();
    assert_eq!(write(&mut fixed, "你").unwrap(), b"\xa7A");
    let other = fixed.clone();
    fixed.follow(&other);
    assert_eq!(write(&mut fixed, "你").unwrap(), b"\xa7A");
}

#[test]
fn each_direction_is_told_for_itself() {
    let mut chosen = Chosen::one_of(UTF_8, [GBK]).replies_one_of(UTF_8, [big5()]);
    chosen.read_in(GBK).unwrap();
    chosen.write_in(big5()).unwrap();
    let undeclared = chosen.read_in(big5()).unwrap_err();
    assert_eq!((undeclared.encoding.as_str(), undeclared.declared.len()), ("Big5", 2));
    assert_eq!(
        chosen.write_in(GBK).unwrap_err().to_string(),
        "GBK is not among the encodings that were declared: UTF-8, Big5"
    );
    assert_eq!(read(&mut chosen, b"\xc4\xe3").unwrap(), "你");
    assert_eq!(write(&mut chosen, "你").unwrap(), b"\xa7A");
}

#[test]
fn what_was_told_is_not_undone_by_what_comes() {
    let mut writes = Chosen::one_of(UTF_8, [GBK]);
    let reads = writes.clone();
    writes.write_in(GBK).unwrap();
    writes.follow(&reads);
    assert_eq!(write(&mut writes, "你").unwrap(), b"\xc4\xe3");
}

#[test]
fn policies_are_those_of_text() {
    let mut chosen = Chosen::one_of(GBK, [UTF_8]).substitute().escape();
    assert_eq!(read(&mut chosen, b"\xc4\xe3\xff").unwrap(), "你\\xFF");
    assert_eq!(write(&mut chosen.clone(), "你😀").unwrap(), b"\xc4\xe3?");
    assert_eq!(read(&mut chosen.replace(), b"\xff").unwrap(), "\u{fffd}");
}

/// The rule takes a mark for what it says.
fn marked(message: &[u8], _now: Encoding) -> Result<Choice, BoxError> {
    Ok(match message {
        [0xff, 0xfe, ..] => Choice::This(Encoding::UTF_16LE),
        [0xfe, 0xff, ..] => Choice::This(Encoding::UTF_16BE),
        _ => Choice::AsBefore,
    })
}

#[test]
fn a_mark_is_that_of_the_encoding_of_its_message() {
    let chosen = Chosen::one_of(UTF_8, [Encoding::UTF_16LE, Encoding::UTF_16BE]).by(marked);
    assert!(
        read(&mut chosen.clone().by(rule).require_mark(), b"\xff\xfea\0").unwrap_err().contains("not UTF-8 at byte 0")
    );
    let cases: [(&[u8], &[u8]); 3] =
        [(b"\xff\xfe", b"\x60\x4f"), (b"\xfe\xff", b"\x4f\x60"), (b"\xef\xbb\xbf", "你".as_bytes())];
    for (mark, own) in cases {
        let whole = [mark, own].concat();
        for (policy, text, sent) in [
            (ByteOrderMark::Keep, "\u{feff}你", own),
            (ByteOrderMark::Strip, "你", own),
            (ByteOrderMark::Require, "你", &whole),
        ] {
            let mut chosen = chosen.clone().mark(policy);
            assert_eq!(read(&mut chosen, &whole).as_deref(), Ok(text), "{policy:?}");
            assert_eq!(write(&mut chosen, "你").as_deref(), Ok(sent), "{policy:?}");
        }
    }
}

#[test]
fn without_its_mark_a_message_is_bad_and_changes_nothing() {
    let mut required = Chosen::one_of(UTF_8, [GBK]).by(rule).require_mark();
    assert!(read(&mut required, b"\xc4\xe3G").unwrap_err().contains("does not begin with the byte-order mark"));
    assert_eq!(read(&mut required, "\u{feff}你".as_bytes()).unwrap(), "你");
    assert_eq!(write(&mut required, "你").unwrap(), "\u{feff}你".as_bytes());
    assert_eq!(read(&mut required, b"\x84\x31\x95\x33\xc4\xe3G").unwrap(), "你G");

    let replies = |reply: &str, now| rule(reply.as_bytes(), now);
    let mut stripped = Chosen::one_of(UTF_8, [GBK]).replies_by(replies).strip_mark();
    assert!(write(&mut stripped, "\u{feff}G").unwrap_err().starts_with("the text begins with U+FEFF"));
    assert_eq!(write(&mut stripped, "你").unwrap(), "你".as_bytes());
}

#[test]
fn a_framing_must_tell_its_end_in_all_of_them() {
    let utf_16 = Encoding::for_label("utf-16le").unwrap();
    let refused = |codec: Result<_, wirework_core::ComposeError>| codec.map(drop).unwrap_err().to_string();
    Lines::any().format(Chosen::one_of(UTF_8, [GBK])).compose().unwrap();
    let pipe = refused(Until::new("|").format(Chosen::one_of(UTF_8, [GBK])).compose().map(drop));
    assert!(pipe.contains("in GBK the byte 7C can be part of another character: 亅 is 81 7C"), "{pipe}");
    assert!(pipe.contains("which encoding it is only the frame can say"), "{pipe}");
    let lines = refused(Lines::any().format(Chosen::one_of(UTF_8, [utf_16])).compose().map(drop));
    assert!(lines.contains("in one way in UTF-8 and in another in UTF-16LE"), "{lines}");
    let replies =
        refused(Lines::any().format(Chosen::one_of(UTF_8, []).replies_one_of(GBK, [utf_16])).compose().map(drop));
    assert!(replies.contains("in one way in GBK and in another in UTF-16LE"), "{replies}");
    let chunks = refused(Chunks::new(64).format(Chosen::one_of(UTF_8, [GBK])).compose().map(drop));
    assert!(chunks.contains("before it is known in which encoding it is"), "{chunks}");
    Until::new("|").format(Chosen::one_of(GBK, [GBK])).compose().expect("they are one");
    Chunks::new(64).format(Chosen::one_of(UTF_8, [])).compose().expect("it is one");
    let mark = refused(Chunks::new(64).format(Chosen::one_of(UTF_8, []).strip_mark()).compose().map(drop));
    assert!(mark.contains("which byte-order mark begins the text"), "{mark}");
}
