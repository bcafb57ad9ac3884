use super::*;
use crate::{Encoding, GBK};

fn content_length() -> Declared {
    Declared::header("Content-Length")
}

/// The number, and the text of its digits.
fn find<'a>(declared: &Declared, head: &'a str) -> Result<Option<(u64, &'a str)>, String> {
    let found = declared.find(head.as_bytes()).map_err(|error| error.to_string())?;
    Ok(found.map(|number| (number.value, &head[number.digits.unwrap_or_default()])))
}

#[test]
fn the_pictures() {
    for (declared, head, found) in [
        (content_length(), "Host: a\r\nContent-Length: 5\r\n", Some((5, "5"))),
        (Declared::word(5, ["set", "add"]), "set key 0 0 5", Some((5, "5"))),
        (Declared::word(5, ["set", "add"]), "get key", None),
        (Declared::last_word(["PUB", "HPUB"]), "PUB subject inbox 5", Some((5, "5"))),
        (Declared::after("$"), "$5", Some((5, "5"))),
        (Declared::after("$").none("-1"), "$-1", None),
    ] {
        assert_eq!(find(&declared, head), Ok(found), "{declared:?}");
        assert_eq!(declared.validate(), Ok(()));
    }
}

#[test]
fn a_glance_sees_what_a_search_finds() {
    let all = ["$5", "$", "5", "", "-1"].map(Declared::after);
    let none = |declared: &Declared| ["-1", "5", ""].map(|none| declared.clone().none(none));
    for declared in all.iter().cloned().chain(all.iter().flat_map(none)) {
        for head in ["", "$", "$5", "$55", "$-1", "5", "57", "55 ", "-1", "-12", "a5", "$5$5", "99999999999999999999"] {
            if let Some(value) = declared.glance(head.as_bytes()) {
                assert_eq!(declared.find(head.as_bytes()).unwrap().unwrap().value, value, "{declared:?} {head}");
            }
        }
    }
    assert_eq!(Declared::after("$").none("-1").glance(b"$57"), Some(57));
    assert_eq!(content_length().glance(b"Content-Length: 5\r\n"), None);
}

#[test]
fn a_header_by_the_rules_of_http() {
    for (head, found) in [
        ("", None),
        ("GET http://a:80/ HTTP/1.1\r\n", None),
        ("X-Content-Length: 5\r\nContent-Lengths: 6\r\n", None),
        ("content-LENGTH:\t 007 \t\r\nHost: a\r\n", Some((7, "007"))),
        ("Content-Length: 5", Some((5, "5"))),
        ("CONNECTED\ncontent-length:5\nx:y\n", Some((5, "5"))),
        ("Content-Length: 5\r\nContent-Length: 05\r\n", Some((5, "5"))),
    ] {
        assert_eq!(find(&content_length(), head), Ok(found), "{head:?}");
    }
    for (head, reason) in [
        ("Content-Length: 5\r\nContent-Length: 6\r\n", "twice"),
        ("Content-Length : 5\r\n", "blank in the name"),
        (" Content-Length: 5\r\n", "blank in the name"),
        ("Content-Length:\r\n 5\r\n", "not a number: \"\""),
        ("Content-Length: 5, 5\r\n", "not a number: \"5, 5\""),
        ("Content-Length: +5\r\n", "not a number"),
        ("Host: a\nContent-Length: 5\r\n", "alone at byte 7"),
        ("Host: a\rContent-Length: 5\r\n", "alone at byte 7"),
    ] {
        let error = find(&content_length(), head).unwrap_err();
        assert!(error.contains(reason), "{head:?}: {error}");
    }
    let error = find(&content_length().required(), "Host: a\r\n").unwrap_err();
    assert_eq!(error, "the head does not say the header Content-Length");
}

#[test]
fn words_of_a_line() {
    let set = Declared::word(5, ["set", "add"]);
    assert_eq!(find(&set, "SeT  key\t0 0 12 noreply\r\nx"), Ok(Some((12, "12"))));
    for other in ["", "  ", "sets key 0 0 5", "get a b c d"] {
        assert_eq!(find(&set, other), Ok(None), "{other:?}");
    }
    assert_eq!(find(&set, "set key 0 0\r\n5").unwrap_err(), "word 5 is missing");
    assert_eq!(find(&set, "set key 0 0 x").unwrap_err(), "word 5 is not a number: \"x\"");
    assert_eq!(find(&set.none("-"), "set key 0 0 -"), Ok(None));
    let publish = Declared::last_word(["PUB"]);
    assert_eq!(find(&publish, "pub a b 3 \r\n4"), Ok(Some((3, "3"))));
    assert_eq!(find(&publish, "PUB").unwrap_err(), "the last word is missing");
    assert_eq!(find(&publish.required(), "PING").unwrap_err(), "the head does not say the last word");
}

#[test]
fn behind_a_mark() {
    let bulk = Declared::after("$").none("-1");
    assert_eq!(find(&Declared::after("{"), "A1 LOGIN {11}"), Ok(Some((11, "11"))));
    assert_eq!(find(&Declared::after(""), "11 x"), Ok(Some((11, "11"))));
    assert_eq!(find(&bulk, "$5\r\n"), Ok(Some((5, "5"))));
    for malformed in ["$", "$-10", "$-2", "$+5", "$5x", "$5.0", "$ 5", "5", ""] {
        assert!(find(&bulk, malformed).is_err(), "{malformed:?}");
    }
    assert_eq!(find(&bulk, "+OK").unwrap_err(), "the head has no \"$\"");
}

#[test]
fn a_function_of_the_head() {
    let len = Declared::from_fn(|head| match head {
        [] => Err(FrameError::malformed("empty")),
        head => Ok((head != b"none").then_some(head.len())),
    });
    assert_eq!(len.find(b"abc").unwrap(), Some(Number { value: 3, digits: None }));
    assert_eq!(len.find(b"none").unwrap(), None);
    assert_eq!(find(&len, "").unwrap_err(), "empty");
    assert_eq!(len.clone(), len);
    assert_ne!(len, Declared::from_fn(|_| Ok(None)));
}

#[test]
fn heads_that_are_made_are_found() {
    for declared in [content_length(), Declared::after("$")] {
        let mut head = BytesMut::new();
        declared.write(42, &mut head);
        assert_eq!(declared.find(&head).unwrap().map(|number| number.value), Some(42), "{declared:?}");
    }
}

#[test]
fn what_cannot_be_found_is_refused() {
    for refused in [
        Declared::header(""),
        Declared::header("Content-Length:"),
        Declared::word(1, ["PUB"]),
        Declared::word(2, [""; 0]),
        Declared::word(2, [""]),
        Declared::last_word(["PUB "]),
    ] {
        refused.validate().unwrap_err();
    }
    let utf_16 = Encoding::for_label("utf-16le").unwrap();
    for (declared, encoding, fits) in [
        (content_length(), &GBK, true),
        (content_length(), &utf_16, false),
        (Declared::word(2, ["PUB"]), &utf_16, false),
        (Declared::after("$"), &GBK, true),
        (Declared::after("|"), &GBK, false),
    ] {
        assert_eq!(declared.agree(&Encodings::one(*encoding)).is_ok(), fits, "{declared:?} {encoding:?}");
    }
}
