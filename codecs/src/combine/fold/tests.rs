use wirework_core::{Bytes, Codec};

use super::*;
use crate::combine::Head;
use crate::combine::Resync;
use crate::combine::testing::{Watched, message, messages, sent};
use crate::framing::{Fixed, Until, from_fn};
use crate::{FramingExt, GBK, LengthPrefix, Lines};

fn commands() -> Fold<Until, Head<Until>> {
    let bulk = Head::new(Lines::crlf(), Declared::after("$")).then("\r\n");
    Fold::new(Lines::crlf(), Declared::after("*").none("-1"), bulk)
}

fn counted_lines() -> Fold<Until, Until> {
    Fold::new(Lines::crlf(), Declared::after(""), Lines::crlf())
}

#[test]
fn the_pictures() {
    let echo = b"*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n";
    let wire = [&echo[..], b"*0\r\n*-1\r\n"].concat();
    let all = "*2\\r\\n$4\\r\\nECHO\\r\\n$2\\r\\nhi\\r\\n";
    let expected = [message(all, &["ECHO", "hi"]), message("*0\\r\\n", &[]), message("*-1\\r\\n", &[])];
    assert_eq!(messages(commands(), &wire).unwrap(), expected);
    assert_eq!(sent(&commands(), echo).unwrap(), all);
    let expected = [message("2\\r\\none\\r\\ntwo\\r\\n", &["one", "two"])];
    assert_eq!(messages(counted_lines(), b"2\r\none\r\ntwo\r\n").unwrap(), expected);
}

#[test]
fn the_part_of_an_item_is_what_it_holds() {
    let parts = |item: Head<Until>, wire: &[u8]| {
        let fold = Fold::new(Lines::crlf(), Declared::after("*"), item);
        messages(fold, wire).unwrap().remove(0).1
    };
    let bulk = || Head::new(Lines::crlf(), Declared::after("$").none("-1")).then("\r\n");
    let wire = b"*3\r\n$-1\r\n$0\r\n\r\n$1\r\nx\r\n";
    assert_eq!(parts(bulk(), wire), ["$-1", "", "x"]);
    assert_eq!(parts(bulk().body_only(), wire), ["", "", "x"]);
    let of_folds = Fold::new(Lines::crlf(), Declared::after(""), counted_lines());
    let expected = message("2\\r\\n1\\r\\na\\r\\n0\\r\\n", &["1\\r\\na\\r\\n", "0\\r\\n"]);
    assert_eq!(messages(of_folds, b"2\r\n1\r\na\r\n0\r\n").unwrap(), [expected]);
}

#[test]
fn only_one_whole_message_is_sent() {
    for (payload, reason) in [
        ("", "lacks a head"),
        ("*1", "before the last item"),
        ("*1\r\n", "before the last item"),
        ("*2\r\n$1\r\na\r\n$1\r\nb", "before the last item"),
        ("*1\r\n$1\r\na\r\n$1\r\nb\r\n", "7 bytes stand behind the last item"),
        ("*0\r\n\r\n", "2 bytes stand behind"),
        ("*1\r\n:1\r\n", "no such message: the head has no \"$\""),
        ("PING\r\n", "no such message: the head has no \"*\""),
    ] {
        let error = sent(&commands(), payload.as_bytes()).unwrap_err();
        assert!(error.contains(reason), "{payload:?}: {error}");
    }
}

#[test]
fn what_loses_the_stream() {
    for (wire, reason) in [
        (&b"*4\r\n"[..], "lost at 1:0: the head declares 4 items, more than the 3 that a message may have"),
        (b"*1\r\n$1\r\nabc", r#"lost at 1:0: behind the body stands "bc" in place of "\r\n""#),
        (b"*0\r\n*1\r\n$1\r\n", "lost at 2:4: the stream ended inside it, after 8 bytes"),
        (b"*3\r\n$1\r\na\r\n$1\r\na\r\n$1\r\na\r\n", "lost at 1:0: longer than 20 bytes"),
        (b"*2\r\n$1\r\na\r\n$22\r\n", "lost at 1:0: longer than 20 bytes"),
        (b"*2\r\n$9\r\nabcdefghi\r\n$x", "lost at 1:0: longer than 20 bytes"),
    ] {
        assert_eq!(messages(commands().max_items(3).max_len(20), wire).unwrap_err(), reason);
    }
}

#[test]
fn a_message_as_long_as_the_limit() {
    let wire = b"*2\r\n$9\r\nabcdefghi\r\n$1\r\na\r\n";
    assert_eq!(messages(commands().max_len(26), wire).unwrap().len(), 1);
    assert_eq!(sent(&commands().max_len(26), wire).unwrap().len(), 36);
    for max in [19, 20, 25] {
        let error = messages(commands().max_len(max), wire).unwrap_err();
        assert_eq!(error, format!("lost at 1:0: longer than {max} bytes"));
        let error = sent(&commands().max_len(max), wire).unwrap_err();
        assert_eq!(error, format!("26 bytes are more than the {max} that a frame may hold"));
    }
}

#[test]
fn a_stream_of_nothing_ends_well_whatever_the_head_would_take() {
    let fold = Fold::new(Fixed::new(100), Declared::after("*"), Lines::crlf()).max_len(10);
    assert_eq!(messages(fold.clone(), b"").unwrap(), []);
    messages(fold, b"a").unwrap_err();
}

#[test]
fn head_and_items_are_asked_by_their_contract() {
    let mut fold = Fold::new(Watched::new(";", "\n\n"), Declared::after(""), Watched::new(",,", "\n"));
    let expected = [message("2;a,,b,,", &["a", "b"]), message("0;", &[]), message("1;c,,", &["c"])];
    assert_eq!(messages(fold.clone(), b"2;a,,b,,0;1;c,,").unwrap(), expected);
    assert_eq!(sent(&fold, b"2\n\na\nb\n").unwrap(), "2\\n\\na\\nb\\n");
    assert_eq!(fold.quiet_after(), Some(Duration::from_secs(1)));
    assert!(matches!(fold.split(Input { bytes: b"2;a", tail: Tail::Open }), Ok(Step::More(1))));
    assert_eq!(fold.quiet_after(), Some(Duration::from_secs(2)));
}

#[test]
fn many_items_are_not_made_room_for_ever_after() {
    let mut fold = counted_lines();
    let wire = [&b"1000\r\n"[..], &b"\r\n".repeat(1000), b"1\r\n\r\n"].concat();
    assert!(matches!(fold.split(Input { bytes: &wire, tail: Tail::Open }), Ok(Step::Frame { advance: 2006, .. })));
    assert_eq!(fold.parts().len(), 1000);
    assert!(matches!(fold.split(Input { bytes: &wire[2006..], tail: Tail::Open }), Ok(Step::Frame { .. })));
    assert!(fold.parts.capacity() <= 64);
}

/// Items of one digit that says what becomes of it; two bytes are skipped where it is a minus.
fn digits() -> impl Framing + Clone {
    let bad = || FrameError::malformed("the check fails");
    from_fn(
        move |input| match input.bytes {
            [b'0', ..] => Ok(Step::Bad { advance: 1, error: bad() }),
            [b'1', ..] => Ok(Step::Owned { frame: Bytes::from_static(b"one"), advance: 1 }),
            [b'-', _, ..] => Ok(Step::Skip(2)),
            [] | [b'-'] => Ok(Step::More(1)),
            _ => Ok(Step::Frame { span: 0..1, advance: 1 }),
        },
        |_: &mut BytesMut, _| Ok(()),
    )
}

#[test]
fn one_bad_item_is_one_bad_message() {
    let fold = Fold::new(digits(), Declared::after(""), digits());
    assert_eq!(messages(fold.clone(), b"2-x3-y-z4").unwrap(), [message("2-x3-y-z4", &["3", "4"])]);
    let error = messages(fold.clone(), b"299-x3450").unwrap_err();
    assert_eq!(error, "bad at 2:5: item 3: the check fails", "what is skipped before a head belongs to no message");
    assert!(messages(fold.clone(), b"201").unwrap_err().contains("item 1: the check fails"), "the first is told");
    let error = messages(fold.clone(), b"215").unwrap_err();
    assert!(error.starts_with("bad at 1:0: item 1: a layer rewrites it"), "{error}");
    assert!(sent(&fold, b"204").unwrap_err().contains("item 1: the check fails"));
    let mut frames = wirework_core::Frames::new(fold);
    frames.push(b"2003456");
    assert!(!frames.next().unwrap_err().is_fatal());
    assert_eq!(frames.next().unwrap().unwrap().bytes(), b"3456", "the next message comes unharmed");
}

#[test]
fn both_ends_hold_together() {
    let bulk = Head::new(Lines::crlf(), Declared::last_word(["x"])).body_only();
    assert!(Fold::new(Lines::crlf(), Declared::after("*"), bulk).validate().is_err());
    assert!(Fold::new(Lines::crlf(), Declared::word(1, ["x"]), Lines::crlf()).validate().is_err());
    assert!(Fold::new(Lines::crlf(), Declared::after("|"), Lines::crlf()).text(GBK).compose().is_err());
    commands().text(GBK).compose().unwrap();
}

#[test]
fn equal_is_what_was_put_together_alike() {
    let fold = || Fold::new(LengthPrefix::u8(), Declared::after("*"), LengthPrefix::u8());
    let mut started = fold();
    let bytes = b"\x02*2\x01x";
    assert!(matches!(started.split(Input { bytes, tail: Tail::Open }), Ok(Step::More(1))));
    assert_eq!(started, fold());
    for other in [fold().max_len(1), fold().max_items(1)] {
        assert_ne!(other, fold());
    }
}

/// An item that makes something of the end of the stream must not hide that the message is too long.
#[test]
fn too_long_is_so_whether_or_not_the_end_is_known() {
    let item = Resync::delimiter(LengthPrefix::u8(), b"|");
    for closed in [false, true] {
        let mut frames =
            wirework_core::Frames::new(Fold::new(Lines::lf(), Declared::after(""), item.clone()).max_len(4));
        frames.push(b"1\n\x09a");
        if closed {
            frames.close();
        }
        let error = frames.next().unwrap_err().to_string();
        assert!(error.contains("longer than 4 bytes"), "{closed}: {error}");
    }
}

#[test]
fn nothing_is_not_too_long_where_every_message_is() {
    let fold = Fold::new(LengthPrefix::u32_le(), Declared::after(""), Lines::lf()).max_len(2);
    assert_eq!(messages(fold, b"").unwrap(), []);
}
