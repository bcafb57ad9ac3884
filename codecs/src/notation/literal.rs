//! Bytes as people write them.

use super::token::is_mark;
use crate::framing::Delimiter;

/// Control characters by name, and what is often written.
const NAMES: &[(&str, &[u8])] = &[
    ("CRLF", b"\r\n"),
    ("CR", b"\r"),
    ("LF", b"\n"),
    ("SP", b" "),
    ("TAB", b"\t"),
    ("NUL", &[0x00]),
    ("SOH", &[0x01]),
    ("STX", &[0x02]),
    ("ETX", &[0x03]),
    ("EOT", &[0x04]),
    ("ENQ", &[0x05]),
    ("ACK", &[0x06]),
    ("BEL", &[0x07]),
    ("VT", &[0x0B]),
    ("DLE", &[0x10]),
    ("NAK", &[0x15]),
    ("SYN", &[0x16]),
    ("ETB", &[0x17]),
    ("ESC", &[0x1B]),
    ("FS", &[0x1C]),
    ("GS", &[0x1D]),
    ("RS", &[0x1E]),
    ("US", &[0x1F]),
];

/// The bytes that an unquoted word stands for: pairs of hexadecimal digits (`7E`, `1C0D`), the name of a control
/// character (`CRLF`), or one character that is neither letter nor digit (`*`).
pub(super) fn bytes(word: &str) -> Option<Vec<u8>> {
    if let Some((_, bytes)) = NAMES.iter().find(|(name, _)| *name == word) {
        return Some(bytes.to_vec());
    }
    match word.as_bytes() {
        [mark] if mark.is_ascii_punctuation() => Some(vec![*mark]),
        _ => hex(word),
    }
}

/// What an unquoted word stands for where characters are told from bytes: the name of one and a sign are characters, pairs of
/// hexadecimal digits are bytes.
pub(super) fn delimiter(word: &str) -> Option<Delimiter> {
    let bytes = bytes(word)?;
    Some(match hex(word) {
        Some(bytes) => Delimiter::Bytes(bytes),
        None => quoted(bytes),
    })
}

/// What quoted text stands for, which is bytes only where it is no text.
pub(super) fn quoted(bytes: Vec<u8>) -> Delimiter {
    match String::from_utf8(bytes) {
        Ok(text) => Delimiter::Text(text),
        Err(no_text) => Delimiter::Bytes(no_text.into_bytes()),
    }
}

/// Characters by their name, where they have one, and otherwise quoted; bytes in hexadecimal.
pub(crate) fn print_delimiter(delimiter: &Delimiter) -> String {
    match delimiter {
        Delimiter::Text(text) => print_characters(text),
        Delimiter::Bytes(bytes) if bytes.is_empty() => quote(""),
        Delimiter::Bytes(bytes) => plain_hex(bytes),
    }
}

/// Characters by their name, where they have one, and otherwise quoted.
pub(crate) fn print_characters(text: &str) -> String {
    named(text.as_bytes()).map_or_else(|| quote(text), str::to_owned)
}

/// Pairs of hexadecimal digits.
pub(super) fn hex(word: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = word.as_bytes().as_chunks::<2>();
    if pairs.is_empty() || !rest.is_empty() {
        return None;
    }
    let digit = |byte: u8| u8::try_from(char::from(byte).to_digit(16)?).ok();
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

/// Bytes as a name, where they have one, and otherwise in hexadecimal.
pub(super) fn print_hex(bytes: &[u8]) -> String {
    match named(bytes) {
        Some(name) => name.to_owned(),
        None if bytes.is_empty() => "\"\"".to_owned(),
        None => plain_hex(bytes),
    }
}

/// Pairs of hexadecimal digits.
pub(super) fn plain_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// Bytes as a name, as quoted text where they are ASCII that can be read, and otherwise in hexadecimal.
pub(crate) fn print_text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        _ if named(bytes).is_some() => print_hex(bytes),
        Ok(text) if text.is_ascii() && bytes.iter().any(u8::is_ascii_graphic) => quote(text),
        _ => print_hex(bytes),
    }
}

/// A word, in quotation marks where it would fall apart without them.
pub(super) fn print_word(word: &str) -> String {
    let parts = |c: char| c.is_whitespace() || c.is_control() || c == '"' || is_mark(c);
    if word.is_empty() || word.contains(parts) { quote(word) } else { word.to_owned() }
}

/// Text in quotation marks.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\r' => quoted.push_str("\\r"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            control if control.is_control() => {
                let mut utf8 = [0; 4];
                quoted.extend(control.encode_utf8(&mut utf8).bytes().map(|byte| format!("\\x{byte:02X}")));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

fn named(bytes: &[u8]) -> Option<&'static str> {
    NAMES.iter().find(|(_, named)| *named == bytes).map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_are_bytes() {
        for (word, expected) in [
            ("7E", Some(&b"~"[..])),
            ("1c0D", Some(b"\x1c\r")),
            ("CRLF", Some(b"\r\n")),
            ("*", Some(b"*")),
            ("abc", None),
            ("7", None),
            ("", None),
            ("é", None),
        ] {
            assert_eq!(bytes(word).as_deref(), expected, "{word}");
        }
    }

    #[test]
    fn characters_are_told_from_bytes() {
        for (word, expected) in [
            ("7C", Delimiter::from(b"|")),
            ("CRLF", Delimiter::from("\r\n")),
            ("*", Delimiter::from("*")),
            ("A3AC", Delimiter::from(b"\xa3\xac")),
        ] {
            assert_eq!(delimiter(word), Some(expected), "{word}");
        }
        assert_eq!(delimiter("abc"), None);
        for (delimiter, printed) in [
            (Delimiter::from(b"|"), "7C"),
            (Delimiter::from("|"), "\"|\""),
            (Delimiter::from("\x02"), "STX"),
            (Delimiter::from("，"), "\"，\""),
            (Delimiter::from(b""), "\"\""),
        ] {
            assert_eq!(print_delimiter(&delimiter), printed);
        }
    }

    #[test]
    fn bytes_that_are_printed_as_one_reads_them() {
        assert_eq!(print_text(b"|"), "\"|\"");
        assert_eq!(print_text(b"\r\n.\r\n"), r#""\r\n.\r\n""#);
        assert_eq!(print_text(b"\r\n"), "CRLF");
        assert_eq!(print_text(b"\xff\xd8"), "FFD8");
        assert_eq!(print_text("，".as_bytes()), "EFBC8C");
        assert_eq!(print_text("a\u{85}".as_bytes()), "61C285");
        assert_eq!(print_characters("a\u{85}，"), r#""a\xC2\x85，""#);
        assert_eq!(print_hex(b"~"), "7E");
        assert_eq!([print_hex(b""), print_text(b"")], [r#""""#; 2]);
    }
}
