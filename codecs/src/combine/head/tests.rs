use wirework_core::{Bytes, Codec, Format, Frames, Raw, Tail, encode_frame};

use super::*;
use crate::combine::testing::{Watched, message, messages, sent, until_blank_line};
use crate::framing::{Until, from_fn};
use crate::{FramingExt, GBK, LengthPrefix, Lines};

fn nats() -> Head<Until> {
    Head::new(Lines::crlf(), Declared::last_word(["PUB", "HPUB", "MSG", "HMSG"])).then("\r\n")
}

fn bulk() -> Head<Until> {
    Head::new(Lines::crlf(), Declared::after("$").none("-1")).then("\r\n")
}

fn language_server() -> Head<impl Framing + Clone + 'static> {
    Head::new(until_blank_line(), Declared::header("Content-Length").required()).body_only()
}

#[test]
fn the_pictures() {
    let wire = b"PUB a 5\r\nhello\r\nPING\r\n";
    let expected = [message("PUB a 5\\r\\nhello", &["PUB a 5", "hello"]), message("PING\\r\\n", &["PING"])];
    assert_eq!(messages(nats(), wire).unwrap(), expected);
    assert_eq!(sent(&nats(), b"PUB a 5\r\nhello").unwrap(), "PUB a 5\\r\\nhello\\r\\n");
    assert_eq!(sent(&nats(), b"PING\r\n").unwrap(), "PING\\r\\n");

    let expected = [message("$5\\r\\nhello", &["$5", "hello"]), message("$-1\\r\\n", &["$-1"])];
    assert_eq!(messages(bulk(), b"$5\r\nhello\r\n$-1\r\n").unwrap(), expected);
    assert_eq!(messages(bulk().body_only(), b"$5\r\nhello\r\n").unwrap(), [message("hello", &[])]);
    assert_eq!(sent(&bulk().body_only(), b"hello").unwrap(), "$5\\r\\nhello\\r\\n");

    let wire = "Content-Length: 5\\r\\n\\r\\nhello";
    assert_eq!(messages(language_server(), b"Content-Length: 5\r\n\r\nhello").unwrap(), [message("hello", &[])]);
    assert_eq!(sent(&language_server(), b"hello").unwrap(), wire);
}

#[test]
fn memcached() {
    let stores = ["set", "add", "replace", "append", "prepend"];
    let requests = Head::new(Lines::crlf(), Declared::word(5, stores)).then("\r\n");
    let wire = b"set k 0 0 2 noreply\r\n\r\n\r\nget k\r\n";
    let expected = [
        message("set k 0 0 2 noreply\\r\\n\\r\\n", &["set k 0 0 2 noreply", "\\r\\n"]),
        message("get k\\r\\n", &["get k"]),
    ];
    assert_eq!(messages(requests, wire).unwrap(), expected);
}

#[test]
fn an_empty_body_is_not_no_body() {
    let expected = [message("$0\\r\\n", &["$0", ""]), message("$-1\\r\\n", &["$-1"])];
    assert_eq!(messages(bulk(), b"$0\r\n\r\n$-1\r\n").unwrap(), expected);
    assert_eq!(sent(&bulk(), b"$0\r\n").unwrap(), "$0\\r\\n\\r\\n");
    assert_eq!(sent(&bulk(), b"$-1\r\n").unwrap(), "$-1\\r\\n");
    assert_eq!(sent(&bulk().body_only(), b"").unwrap(), "$0\\r\\n\\r\\n");
}

#[test]
fn the_number_is_filled_in_with_as_many_digits_as_it_takes() {
    for (payload, wire) in [
        ("PUB a 0\r\nhello", "PUB a 5\\r\\nhello\\r\\n"),
        ("PUB a 0\r\n0123456789", "PUB a 10\\r\\n0123456789\\r\\n"),
        ("PUB a 1000 \r\nhello", "PUB a 5 \\r\\nhello\\r\\n"),
        ("PUB a 005\r\nhello", "PUB a 005\\r\\nhello\\r\\n"),
        ("PUB a 12\r\n", "PUB a 0\\r\\n\\r\\n"),
    ] {
        assert_eq!(sent(&nats(), payload.as_bytes()).unwrap(), wire, "{payload}");
    }
    let http = Head::new(until_blank_line(), Declared::header("Content-Length"));
    let request = b"POST / HTTP/1.1\r\ncontent-length:  0\r\nHost: a\r\n\r\nhello";
    let wire = "POST / HTTP/1.1\\r\\ncontent-length:  5\\r\\nHost: a\\r\\n\\r\\nhello";
    assert_eq!(sent(&http, request).unwrap(), wire);
    assert_eq!(sent(&http, b"GET / HTTP/1.1\r\n\r\n").unwrap(), "GET / HTTP/1.1\\r\\n\\r\\n");
}

#[test]
fn what_would_not_come_out_again_is_refused() {
    let fixed = Head::new(Lines::crlf(), Declared::from_fn(|head| Ok((head != b"none").then_some(head.len()))));
    assert_eq!(sent(&fixed, b"abc\r\n123").unwrap(), "abc\\r\\n123");
    let twice = Head::new(until_blank_line(), Declared::header("N"));
    let narrow = Head::new(Lines::crlf().max_len(2), Declared::after("$"));
    for (refused, reason) in [
        (sent(&nats(), b""), "lacks a head"),
        (sent(&nats(), b"PUB a 5"), "lacks a whole head"),
        (sent(&nats(), b"PING\r\nhello"), "declares no length, and 5 bytes"),
        (sent(&bulk(), b"$-1\r\nhello"), "declares no length, and 5 bytes"),
        (sent(&nats(), b"PUB a b\r\nhello"), "the last word is not a number"),
        (sent(&nats().max_len(4), b"PUB a 4\r\nhello"), "more than the 4"),
        (sent(&bulk().body_only().max_len(4), b"hello"), "more than the 4"),
        (sent(&fixed, b"abcd\r\n123"), "cannot be filled in"),
        (sent(&fixed, b"none\r\n123"), "declares no length"),
        (sent(&twice, b"N: 4\r\nn: 4\r\n\r\nhello"), "twice, and differs"),
        (sent(&narrow, b"$0\r\n0123456789"), "longer than 2 bytes"),
    ] {
        let error = refused.unwrap_err();
        assert!(error.contains(reason), "{error}");
    }
    assert_eq!(sent(&twice, b"N: 5\r\nn: 5\r\n\r\nhello").unwrap(), "N: 5\\r\\nn: 5\\r\\n\\r\\nhello");
}

#[test]
fn what_loses_the_stream() {
    for (wire, reason) in [
        (&b"$5\r\nhelloXY"[..], r#"behind the body stands "XY" in place of "\r\n""#),
        (b"$5\r\nhello\r\r", r#"behind the body stands "\r\r""#),
        (b"$5x\r\n", "is not a number: \"5x\""),
        (b"hello\r\n", "the head has no \"$\""),
        (b"$101\r\n", "longer than 100 bytes (it claims 101)"),
        (b"$18446744073709551615\r\n", "it claims 18446744073709551615"),
        (b"$5\r\nhello", "ended inside it, after 9 bytes"),
        (b"$5", "ended inside it, after 2 bytes"),
    ] {
        let error = messages(bulk().max_len(100), wire).unwrap_err();
        assert!(error.starts_with("lost at 1:0") && error.contains(reason), "{error}");
    }
}

#[test]
fn the_limit_of_the_head_is_its_framings() {
    let short = Head::new(from_fn(first_byte_says, |_: &mut BytesMut, _| Ok(())).max_len(3), Declared::after("$"));
    assert_eq!(messages(short.clone(), b"\x02$5hello").unwrap(), [message("\\x02$5hello", &["$5", "hello"])]);
    assert!(messages(short, b"\x03$05hello").unwrap_err().contains("longer than 3 bytes"));
}

/// A head of one byte that says how long it is, handed over as it stands, or, where it is long, rewritten.
fn first_byte_says(input: Input<'_>) -> Result<Step, FrameError> {
    let Some((len, rest)) = input.bytes.split_first() else { return Ok(Step::More(1)) };
    let len = usize::from(*len & 0x0f);
    match rest.get(..len) {
        None => Ok(Step::More(len - rest.len())),
        Some(head) if head.starts_with(b"!") => {
            Ok(Step::Bad { advance: 1 + len, error: FrameError::malformed("the check fails") })
        }
        Some(b"-") => Ok(Step::Skip(2)),
        Some(head) if head.starts_with(b"~") => {
            Ok(Step::Owned { frame: Bytes::from([b"$", &head[1..]].concat()), advance: 1 + len })
        }
        Some(_) => Ok(Step::Frame { span: 1..1 + len, advance: 1 + len }),
    }
}

#[test]
fn a_head_that_is_rewritten_skipped_or_bad() {
    let head = Head::new(from_fn(first_byte_says, |_: &mut BytesMut, _| Ok(())), Declared::after("$"));
    let expected = [message("\\x02~5hello", &["\\x02~5", "hello"]), message("\\x02$1x", &["$1", "x"])];
    assert_eq!(messages(head.clone(), b"\x01-\x02~5hello\x01-\x01-\x02$1x").unwrap(), expected);
    let error = messages(head.clone(), b"\x02$0\x02!5hello").unwrap_err();
    assert_eq!(error, "lost at 2:3: how long the body is cannot be told: the check fails");
    assert_eq!(sent(&head, b"\x02~5hello").unwrap(), "\\x02~5hello");
    for (payload, reason) in [
        (&b"\x02~4hello"[..], "cannot be filled in"),
        (b"\x01-\x02$1x", "belong to no head"),
        (b"\x02!1x", "check fails"),
    ] {
        let error = sent(&head, payload).unwrap_err();
        assert!(error.contains(reason), "{error}");
    }
}

#[test]
fn the_framing_of_heads_is_asked_by_its_contract() {
    let head = Head::new(Watched::new("\n", "\r\r"), Declared::after("$").none("-1")).then(";").body_only();
    let expected = [message("hello", &[]), message("", &[]), message("y", &[])];
    assert_eq!(messages(head, b"$5\nhello;$-1\n$1\ny;").unwrap(), expected);
}

#[test]
fn what_is_written_is_read_by_the_other_side() {
    let head = Head::new(Watched::new("\n", "\r\r"), Declared::after("$"));
    assert_eq!(messages(head.clone(), b"$5\nhello").unwrap().len(), 1);
    assert_eq!(sent(&head, b"$0\r\rhello").unwrap(), "$5\\r\\rhello");
    let mut bodies = head.body_only();
    assert_eq!((bodies.header_len(), sent(&bodies, b"hello").unwrap()), (10, "$5\\r\\rhello".into()));
    bodies.swap_sides();
    assert_eq!((bodies.header_len(), sent(&bodies, b"hello").unwrap()), (9, "$5\\nhello".into()));
    assert_eq!(messages(bodies, b"$5\r\rhello").unwrap(), [message("hello", &[])]);
}

#[test]
fn silence_matters_to_an_unfinished_head_only_and_a_reset_forgets() {
    let mut head = Head::new(Watched::new("\n", "\n"), Declared::after("$"));
    assert_eq!(head.quiet_after(), Some(Duration::from_secs(1)));
    let open = |bytes| Input { bytes, tail: Tail::Open };
    assert!(matches!(head.split(open(b"$5\nhe")), Ok(Step::More(3))));
    assert_eq!(head.quiet_after(), None);
    head.reset();
    assert!(matches!(head.split(open(b"$1\nx")), Ok(Step::Frame { advance: 4, .. })));
}

#[test]
fn a_head_is_looked_at_once() {
    let looks = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = looks.clone();
    let declared = Declared::from_fn(move |_| {
        counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Ok(Some(5))
    });
    let mut frames = Frames::new(Head::new(Lines::lf(), declared));
    for byte in b"x\nhello" {
        assert!(frames.next().unwrap().is_none());
        frames.push(&[*byte]);
    }
    assert!(frames.next().unwrap().is_some());
    assert_eq!(looks.load(std::sync::atomic::Ordering::Relaxed), 1);
}

#[test]
fn a_head_that_is_made_wrong_for_one_length_is_refused() {
    let seven = Head::new(Lines::crlf(), Declared::after("$").none("7")).body_only();
    assert!(sent(&seven, b"1234567").unwrap_err().contains("does not declare the 7 bytes"));
    assert_eq!(sent(&seven, b"123456").unwrap(), "$6\\r\\n123456");
    let longer_for_less = from_fn(
        |input| {
            Ok(input
                .bytes
                .iter()
                .position(|b| *b == b';')
                .map_or(Step::More(1), |at| Step::Frame { span: 0..at, advance: at + 1 }))
        },
        |out: &mut BytesMut, start| {
            out.extend_from_slice(if out.len() - start < 3 { b"      ;" } else { b";" });
            Ok(())
        },
    );
    let head = Head::new(longer_for_less, Declared::after("$")).max_len(10).body_only();
    assert!(sent(&head, b"hello").unwrap_err().contains("a head of 9 bytes is longer"));
    assert_eq!(sent(&head, b"0123456789").unwrap(), "$10;0123456789");
}

#[test]
fn sending_in_between_does_not_disturb_receiving() {
    let mut head = bulk();
    let bytes = b"$5\r\nhello\r\n";
    for cut in 1..bytes.len() {
        assert!(matches!(head.split(Input { bytes: &bytes[..cut], tail: Tail::Open }), Ok(Step::More(_))));
        encode_frame(&mut head, &mut Raw, b"$1\r\nx", &mut BytesMut::new()).unwrap();
    }
    let whole = head.split(Input { bytes, tail: Tail::Open });
    assert!(matches!(whole, Ok(Step::Frame { advance: 11, .. })));
}

#[test]
fn what_cannot_work_is_refused_when_it_is_composed() {
    let refused = |head: &dyn Framing| head.validate().unwrap_err().to_string();
    assert!(refused(&nats().body_only()).contains("leave `body_only` out"));
    assert!(refused(&Head::new(Lines::crlf(), Declared::header("a b"))).contains("cannot be named \"a b\""));
    assert!(refused(&Head::new(Lines::crlf(), Declared::header("N")).body_only()).contains("none of this framing"));
    let short = Head::new(Lines::crlf().max_len(4), Declared::after("$")).body_only();
    assert!(refused(&short).contains("body of 1048576 bytes"));
    assert_eq!(short.max_len(999).validate(), Ok(()));
    let none = Declared::after("$").none("1048576");
    assert!(refused(&Head::new(Lines::crlf(), none).body_only()).contains("none of this framing: \"$1048576\\r\\n\""));
}

#[test]
fn only_the_body_is_text_where_only_the_body_is_the_message() {
    let utf_16 = crate::Encoding::for_label("utf-16be").unwrap();
    assert!(bulk().text(utf_16).compose().is_err());
    assert!(Head::new(LengthPrefix::u8(), Declared::after("|")).text(GBK).compose().is_err());
    let (mut framing, mut format) = bulk().body_only().text(utf_16).compose().unwrap();
    let mut out = BytesMut::new();
    encode_frame(&mut framing, &mut format, "\u{a}$", &mut out).unwrap();
    assert_eq!(out, b"$4\r\n\0\n\0$\r\n"[..]);
    bulk().text(GBK).compose().unwrap();
}

#[test]
fn a_layer_in_front_of_the_body_knows_where_it_stands() {
    assert!(nats().fills_in() && !bulk().body_only().fills_in());
    let mut bulk = bulk().body_only();
    let mut out = BytesMut::new();
    encode_frame(&mut bulk, &mut Raw, b"hello", &mut out).unwrap();
    assert_eq!(bulk.trailer_len(), 2);
    let mut nats = nats();
    encode_frame(&mut nats, &mut Raw, b"PUB a 1\r\nx", &mut out).unwrap();
    assert_eq!(nats.trailer_len(), 2);
    encode_frame(&mut nats, &mut Raw, b"PING\r\n", &mut out).unwrap();
    assert_eq!(nats.trailer_len(), 0, "there is nothing behind a message without a body");
}

#[test]
fn equal_is_what_was_put_together_alike() {
    let head = || Head::new(LengthPrefix::u8(), Declared::after("$"));
    let mut started = head();
    let bytes = b"\x02$5he";
    assert!(matches!(started.split(Input { bytes, tail: Tail::Open }), Ok(Step::More(3))));
    assert_eq!(started, head());
    let others = [
        head().then("x"),
        head().max_len(1),
        head().body_only(),
        Head::new(LengthPrefix::u16_be(), Declared::after("$")),
    ];
    for other in others {
        assert_ne!(other, head());
    }
}

#[test]
fn owned_parts_share_a_large_frame() {
    let wire = [&b"$5000\r\n"[..], &[b'x'; 5000], b"\r\n"].concat();
    let (framing, mut format) = bulk().in_parts().compose().unwrap();
    let mut frames = Frames::new(framing);
    frames.push(&wire);
    let frame = frames.next().unwrap().unwrap();
    let parts = format.own(frame).unwrap();
    assert_eq!((&parts[0][..], parts[1].len()), (&b"$5000"[..], 5000));
    assert_eq!(parts[1].as_ptr(), frame.bytes()[7..].as_ptr());
}
