//! Pictures of fields, and what is refused.

use super::*;
use crate::{Encoding, GBK, UTF_8};

fn encoding(label: &str) -> Encoding {
    Encoding::for_label(label).unwrap()
}

fn write<E: TextEncoding + Clone + 'static>(field: &Field<E>, text: &str) -> Result<Vec<u8>, String> {
    let mut out = BytesMut::from(&b"before"[..]);
    let written = field.write(text, &mut out).map_err(|error| error.to_string());
    let own = out.strip_prefix(b"before").unwrap().to_vec();
    assert!(written.is_ok() || own.is_empty(), "nothing of a text that is refused: {own:02x?}");
    written.map(|()| own)
}

#[track_caller]
fn both_ways(field: &Field, text: &str, bytes: &[u8]) {
    assert_eq!(write(field, text).as_deref(), Ok(bytes));
    assert_eq!(field.read(bytes).unwrap(), text);
}

#[track_caller]
fn refused(field: &Field, text: &str) -> String {
    write(field, text).expect_err(text)
}

#[test]
fn the_pictures() {
    both_ways(&Field::new(6, GBK), "你好", b"\xc4\xe3\xba\xc3  ");
    both_ways(&Field::new(6, GBK).nul(), "你好", b"\xc4\xe3\xba\xc3\0\0");
    both_ways(&Field::new(6, GBK).pad('0').right(), "128", b"000128");
    both_ways(&Field::new(6, encoding("utf-16le")), "你好", b"\x60\x4f\x7d\x59 \0");
    assert_eq!(write(&Field::new(5, GBK).truncate(), "你好吗").unwrap(), b"\xc4\xe3\xba\xc3 ");
    assert_eq!(refused(&Field::new(5, GBK), "你好吗"), "the text takes 6 bytes in GBK, and the field has 5");
    both_ways(&Field::new(6, GBK).until('|'), "倈", b"\x82|||||");
    assert_eq!(Field::new(6, GBK).nul().read(b"AB\0\xff\0C").unwrap(), "AB");
    assert_eq!(Field::new(6, GBK).until(' ').read(b"AB \xff C").unwrap(), "AB");
    assert_eq!(Field::new(6, GBK).read(b"AB C  ").unwrap(), "AB C");
    assert_eq!(refused(&Field::new(6, GBK).until(' '), "AB C"), "the text holds ' ', which would end it");
    assert_eq!(refused(&Field::new(4, GBK), "AB "), "the text ends with ' ', which would be taken off as padding");
    both_ways(&Field::new(4, GBK), "AB", b"AB  ");
    assert_eq!(write(&Field::new(4, GBK).trim(), "AB ").unwrap(), b"AB  ");
}

#[test]
fn a_text_that_fills_the_field_or_is_empty_comes_out_again() {
    for field in
        [Field::new(4, GBK), Field::new(4, GBK).nul(), Field::new(4, GBK).until(' '), Field::new(4, GBK).right()]
    {
        both_ways(&field, "你好", b"\xc4\xe3\xba\xc3");
    }
    both_ways(&Field::new(2, GBK), "", b"  ");
    both_ways(&Field::new(2, GBK).nul(), "", b"\0\0");
    both_ways(&Field::new(2, GBK).right(), "", b"  ");
}

#[test]
fn what_would_not_come_out_again_is_refused_and_can_be_trimmed() {
    let (right, nul) = (Field::new(4, GBK).right(), Field::new(4, GBK).nul());
    assert_eq!(refused(&right, " AB"), "the text begins with ' ', which would be taken off as padding");
    assert_eq!(refused(&nul, "A\0B"), "the text holds '\\0', which would end it");
    assert_eq!(write(&right.trim(), "   AB").unwrap(), b"  AB");
    assert_eq!(write(&nul.trim(), "A\0secret").unwrap(), b"A\0\0\0");
    // Only the NULs at the end are padding here.
    both_ways(&Field::new(4, GBK).pad('\0'), "A\0B", b"A\0B\0");
    // It is what is written that counts: the substitute.
    assert!(refused(&Field::new(4, GBK.substitute()).pad('?'), "A😀").contains("ends with '?'"));
}

#[test]
fn a_number_filled_up_with_zeros_is_never_empty() {
    let number = Field::new(3, GBK).pad('0').right();
    both_ways(&number, "0", b"000");
    both_ways(&number, "10", b"010");
    assert_eq!(refused(&number, ""), "an empty text, filled up with '0', would be read as '0'");
    assert!(refused(&number, "07").contains("begins with '0'"));
    assert_eq!(write(&number.clone().trim(), "0007").unwrap(), b"007");
    assert_eq!(write(&number.trim(), "0000").unwrap(), b"000");
    both_ways(&Field::new(2, encoding("utf-16be")).pad('0').right(), "0", b"\x000");
}

#[test]
fn a_nul_is_a_character_and_what_is_behind_it_is_nothing() {
    let field = Field::new(10, encoding("utf-16le")).nul();
    // U+0100, U+6100: their zeros make no NUL together. Behind it stands half a surrogate pair.
    assert_eq!(field.read(b"\x00\x01\x00\x61\0\0\x00\xd8\x41\x00").unwrap(), "\u{100}\u{6100}");
    assert!(field.read(b"\x00\xd8A\0\0\0\0\0\0\0").is_err(), "in front of it");
    let replaced = Field::new(6, GBK.replace()).nul();
    assert_eq!(replaced.read(b"A\xff\0\xff\xffB").unwrap(), "A\u{fffd}");
    assert_eq!(
        Field::new(3, GBK).nul().read(b"A\xff\0").unwrap_err().to_string(),
        "not GBK at byte 1 of the message (FF)"
    );
    assert!(Field::new(3, GBK).read(b"A\0\xff").is_err(), "NUL ends only where it should");
}

#[test]
fn what_ends_a_text_is_the_first_of_its_character_and_not_those_at_the_end() {
    let word = Field::new(8, GBK).until(' ');
    both_ways(&word, "倈|東", b"\x82||\x96|   ");
    both_ways(&word, "", b"        ");
    both_ways(&word, "12345678", b"12345678");
    for (bytes, text) in [(&b"AB CD  X"[..], "AB"), (b" AB     ", ""), (b"AB      ", "AB"), (b"AB\0 \0\0\0\0", "AB\0")]
    {
        assert_eq!(word.read(bytes).unwrap(), text);
    }
    assert!(word.read(b"A\xff B    ").is_err(), "in front of it");
    assert_eq!(write(&word.clone().trim(), "AB secret").unwrap(), b"AB      ");
    assert_eq!(write(&word.truncate(), "123456789 ").unwrap(), b"12345678");
    let wide = Field::new(8, encoding("utf-16le")).until(' ');
    // U+2000 and U+0020 side by side: 00 20 20 00.
    both_ways(&wide, "\u{2000}", b"\x00\x20 \0 \0 \0");
    assert_eq!(wide.read(b"A\0 \0\x00\xd8A\0").unwrap(), "A");
}

#[test]
fn no_character_is_halved() {
    for (label, width, text, fits) in [
        ("gbk", 3, "你好", "你"),
        ("gb18030", 5, "a😀b", "a😀"),
        ("gb18030", 4, "a😀b", "a"),
        ("utf-8", 5, "a😀b", "a😀"),
        ("utf-8", 4, "a😀b", "a"),
        ("utf-16le", 4, "a😀b", "a"),
        ("utf-16be", 6, "a😀b", "a😀"),
        // The last escape sequence needs room, too: 1B 24 42 46 7C 1B 28 42.
        ("iso-2022-jp", 7, "日本", ""),
        ("iso-2022-jp", 9, "日本", "日"),
        ("iso-2022-jp", 10, "日本", "日本"),
        ("iso-2022-jp", 9, "日a本", "日a"),
    ] {
        let field = Field::new(width, encoding(label)).truncate();
        let bytes = write(&field, text).unwrap();
        assert_eq!((bytes.len(), &*field.read(&bytes).unwrap()), (width, fits), "{text} in {width} bytes of {label}");
    }
}

#[test]
fn what_is_cut_off_need_not_be_writable_and_padding_at_the_cut_is_none() {
    let field = Field::new(3, GBK).truncate();
    assert_eq!(write(&field, "abc😀").unwrap(), b"abc");
    assert_eq!(write(&field, "ab你😀").unwrap(), b"ab ");
    assert_eq!(refused(&field, "ab😀"), "GBK has no '😀' (U+1F600), at byte 2 of the text");
    assert_eq!(write(&Field::new(3, GBK.substitute()).truncate(), "ab😀d").unwrap(), b"ab?");
    assert_eq!(write(&field, "a  b").unwrap(), b"a  ");
    assert!(refused(&field, "a ").contains("ends with"), "nothing was cut");
    assert!(refused(&Field::new(3, GBK).nul().truncate(), "a\0bc").contains("which would end it"));
    assert!(refused(&Field::new(1, GBK).pad('0').right().truncate(), "你").contains("would be read as '0'"));
}

#[test]
fn a_field_that_cannot_be_filled_up_is_refused_with_what_to_write_instead() {
    let refusal = |field: Field| {
        let why = field.validate().unwrap_err().to_string();
        assert!(field.read(&[0; 5]).unwrap_err().to_string() == why && write(&field, "").unwrap_err() == why);
        why
    };
    assert_eq!(
        refusal(Field::new(5, encoding("utf-16le"))),
        "a field of 5 bytes cannot be filled up with ' ', which takes 2 bytes in UTF-16LE; make it 4 or 6 bytes wide"
    );
    assert!(refusal(Field::new(1, encoding("utf-16le"))).ends_with("make it 2 bytes wide"));
    assert!(refusal(Field::new(5, UTF_8).pad('\u{3000}')).ends_with("make it 3 or 6 bytes wide"));
    assert!(refusal(Field::new(5, GBK).pad('😀')).starts_with("GBK has no '😀' to fill up with"));
    assert!(refusal(Field::new(5, encoding("iso-2022-jp")).pad('\u{3000}')).ends_with("a character of ASCII"));
    assert!(refusal(Field::new(5, encoding("shift_jis")).pad('¥')).starts_with("Shift_JIS has no '¥' to fill up with"));
    assert!(refusal(Field::new(5, Text::new(GBK).sends(UTF_8))).ends_with("give it the encoding alone"));
    assert!(refusal(Field::new(5, Text::new(UTF_8).strip_mark())).ends_with("give it the encoding alone"));
    assert!(refusal(Field::new(5, GBK).nul().right()).contains("use `pad('\\0')` with `right`"));
    assert!(refusal(Field::new(5, GBK).right().until(' ')).contains("use `pad(' ')` with `right`"));
    assert!(refusal(Field::new(5, encoding("utf-16le")).until('|')).ends_with("make it 4 or 6 bytes wide"));
    assert!(refusal(Field::new(0, GBK)).ends_with("make it 1 byte wide or more"));
    assert!(refusal(Field::new(usize::MAX, GBK)).contains("at most 16777216 bytes"));
    assert!(Field::new(6, Encoding::GB18030).pad('\u{3000}').right().validate().is_ok());
    assert!(Field::new(5, GBK).right().nul().pad(' ').validate().is_ok(), "the last word counts");
}

#[test]
fn padding_that_does_not_come_out_even_is_refused() {
    let wide = Field::new(4, GBK).pad('\u{3000}');
    both_ways(&wide, "你", b"\xc4\xe3\xa1\xa1");
    assert_eq!(refused(&wide, "a"), "behind the text 3 bytes are left, which '\\u{3000}' of 2 bytes does not fill");
}

#[test]
fn only_the_whole_field_is_read() {
    assert_eq!(Field::new(3, GBK).read(b"ab").unwrap_err().to_string(), "a field has 3 bytes, not 2");
    assert!(matches!(Field::new(3, GBK).read(b"ab ").unwrap(), Cow::Borrowed("ab")), "lent");
}
