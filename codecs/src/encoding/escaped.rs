//! Any bytes as one line of text for a log, from which they can be had back.

use std::fmt;

use bytes::BytesMut;
use wirework_core::{DecodePolicy, EncodePolicy, FormatError, TextEncoding};

/// Bytes as one line of printable text, from which exactly these bytes can be had back: for logs.
///
/// ```text
/// GBK    C4 E3 BA C3        ↔   你好
///        C4 E3 FF 0A        ↔   你\xFF\x0A
///        5C 78              ↔   \\x
///        80 A2 E3           ↔   €\xA2\xE3        GBK has € twice, and writes the first
/// ```
///
/// A backslash is written twice. `\xNN` stands for each byte that is malformed; for those of control characters, of U+FFFD
/// �, and of invisible characters that break or turn a line round, so that nobody who writes into a log can forge it; and
/// for those of characters that the encoding itself would write as other bytes. Every other character is shown as it is. In
/// an encoding with escape sequences, such as ISO-2022-JP, only ASCII is, and not behind a sequence that leaves it.
///
/// This is not [`DecodePolicy::Escape`]: that gives messages to work with, in which `\xFF` may also have been sent as four
/// characters. This is for eyes, and goes both ways.
///
/// ```
/// use wirework_codecs::GBK;
///
/// let view = GBK.escaped(b"\xc4\xe3\xff\n").to_string();
/// assert_eq!(view, r"你\xFF\x0A");
/// assert_eq!(GBK.unescape(&view)?, b"\xc4\xe3\xff\n");
/// # Ok::<(), wirework_codecs::NotEscaped>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Escaped<'a> {
    encoding: &'a dyn TextEncoding,
    bytes: &'a [u8],
}

impl<'a> Escaped<'a> {
    /// A view of `bytes` in an encoding of any kind. Those of [`Encoding`](crate::Encoding) have a method for it.
    pub fn new(encoding: &'a dyn TextEncoding, bytes: &'a [u8]) -> Self {
        Self { encoding, bytes }
    }

    /// The bytes of which `view` is the view in this encoding.
    pub fn undo(encoding: &dyn TextEncoding, view: &str) -> Result<Vec<u8>, NotEscaped> {
        let mut bytes = BytesMut::new();
        let mut rest = view;
        while let Some(character) = rest.chars().next() {
            let len = match hexadecimal(rest) {
                Some(byte) => {
                    bytes.extend_from_slice(&[byte]);
                    4
                }
                None => {
                    let doubled = rest.starts_with("\\\\");
                    let bare = character == '\\' && !doubled;
                    let own = rest.get(..character.len_utf8()).unwrap_or_default();
                    if bare || encoding.encode(own, EncodePolicy::Error, &mut bytes).is_err() {
                        let offset = view.len().saturating_sub(rest.len());
                        return Err(NotEscaped { encoding: encoding.name().to_owned(), character, offset });
                    }
                    if doubled { 2 } else { own.len() }
                }
            };
            rest = rest.get(len..).unwrap_or_default();
        }
        Ok(bytes.to_vec())
    }
}

/// The byte that `view` begins with, if it begins with `\xNN`.
fn hexadecimal(view: &str) -> Option<u8> {
    let digits = view.strip_prefix("\\x")?.get(..2)?;
    // `from_str_radix` takes a sign.
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u8::from_str_radix(digits, 16).ok())?
}

/// Text that is no view of bytes in this encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotEscaped {
    encoding: String,
    character: char,
    offset: usize,
}

impl NotEscaped {
    /// Where in the text it ceases to be one, in bytes of UTF-8.
    pub fn offset(&self) -> usize {
        self.offset
    }
}

impl fmt::Display for NotEscaped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { encoding, character, offset } = self;
        match character {
            '\\' => write!(f, "a backslash that begins neither `\\\\` nor `\\xNN`, at byte {offset} of the view"),
            _ => write!(f, "{encoding} has no {character:?}, at byte {offset} of the view"),
        }
    }
}

impl std::error::Error for NotEscaped {}

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut reader =
            Reader { encoding: self.encoding, text: String::new(), bytes: BytesMut::new(), shifted: false };
        let mut rest = self.bytes;
        while !rest.is_empty() {
            let (len, is_shown) = reader.next(rest);
            // At least one, so that this ends in any encoding.
            let (piece, behind) = rest.split_at_checked(len.max(1)).unwrap_or((rest, &[]));
            if is_shown {
                f.write_str(if reader.text == "\\" { "\\\\" } else { &reader.text })?;
            } else {
                piece.iter().try_for_each(|byte| write!(f, "\\x{byte:02X}"))?;
            }
            rest = behind;
        }
        Ok(())
    }
}

/// Tells characters one by one. What it shows is always what the encoding would write as these very bytes: the view is
/// lossless whatever the encoding does.
struct Reader<'a> {
    encoding: &'a dyn TextEncoding,
    /// The text of the last character.
    text: String,
    /// What the encoding would write for it.
    bytes: BytesMut,
    /// Whether an escape sequence has changed what bytes mean.
    shifted: bool,
}

impl Reader<'_> {
    /// How many bytes make the first character or malformed sequence of `rest`, and whether its text can be shown.
    fn next(&mut self, rest: &[u8]) -> (usize, bool) {
        if self.encoding.is_stateful() {
            return self.next_in_ascii(rest);
        }
        let longest = rest.get(..self.encoding.longest()).unwrap_or(rest);
        for len in 1..=longest.len() {
            match self.read(longest.get(..len).unwrap_or_default()) {
                Ok(()) => return (len, self.is_shown(longest.get(..len).unwrap_or_default())),
                Err(FormatError::Malformed { offset: 0, bytes, .. }) if len == longest.len() => {
                    return (bytes.len(), false);
                }
                Err(_) => {}
            }
        }
        (1, false)
    }

    /// The same where escape sequences change what bytes mean: these are read byte by byte, as long as that is in ASCII.
    fn next_in_ascii(&mut self, rest: &[u8]) -> (usize, bool) {
        // ISO/IEC 2022, 14.3.2: designates ASCII, in every encoding that keeps to it.
        const TO_ASCII: &[u8] = b"\x1b(B";
        if rest.starts_with(TO_ASCII) {
            self.shifted = false;
            return (TO_ASCII.len(), false);
        }
        let first = rest.get(..1).unwrap_or(rest);
        // A byte that is nothing by itself begins a sequence.
        self.shifted |= self.read(first).is_err();
        (1, !self.shifted && self.is_shown(first))
    }

    fn read(&mut self, bytes: &[u8]) -> Result<(), FormatError> {
        self.text.clear();
        self.encoding.decode(bytes, DecodePolicy::Strict, &mut self.text)
    }

    /// Whether the text that was read is printable, and would be written as these bytes, character by character.
    fn is_shown(&mut self, bytes: &[u8]) -> bool {
        self.bytes.clear();
        let is_printable = !self.text.is_empty() && self.text.chars().all(is_printable);
        is_printable
            && self.text.chars().all(|character| {
                self.encoding.encode(character.encode_utf8(&mut [0; 4]), EncodePolicy::Error, &mut self.bytes).is_ok()
            })
            && self.bytes == bytes
    }
}

/// Whether a character can stand in a log: is no control character, and none that is invisible and breaks a line, turns it
/// round (Unicode Standard Annex #9, table 4) or stands for something that is gone.
fn is_printable(character: char) -> bool {
    let turns =
        matches!(character, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let breaks = matches!(character, '\u{2028}'..='\u{2029}');
    !character.is_control() && !turns && !breaks && !matches!(character, '\u{feff}' | char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use crate::{Encoding, GBK, UTF_8};

    #[track_caller]
    fn both_ways(encoding: Encoding, bytes: &[u8], view: &str) {
        assert_eq!(encoding.escaped(bytes).to_string(), view);
        assert_eq!(encoding.unescape(view).as_deref(), Ok(bytes));
    }

    fn encoding(label: &str) -> Encoding {
        Encoding::for_label(label).unwrap()
    }

    #[test]
    fn the_pictures() {
        both_ways(GBK, b"\xc4\xe3\xba\xc3", "你好");
        both_ways(GBK, b"\xc4\xe3\xff\n", "你\\xFF\\x0A");
        both_ways(GBK, b"\\x", "\\\\x");
        both_ways(GBK, b"\x80\xa2\xe3", "€\\xA2\\xE3");
    }

    #[test]
    fn characters_with_another_spelling_are_told_by_their_bytes() {
        both_ways(GBK, b"\xa3\xa0\xa1\xa1", "\\xA3\\xA0\u{3000}");
        // Big5 reads 88 62 as two characters and writes neither so; the `b` is none of its own.
        both_ways(encoding("big5"), b"\x88\x62b", "\\x88\\x62b");
        both_ways(encoding("shift_jis"), b"\\\x81\x5f~", "\\\\＼~");
    }

    #[test]
    fn nothing_in_a_log_can_be_forged() {
        both_ways(UTF_8, b"a\x1b[31m\r\n\x7f\xc2\x85", "a\\x1B[31m\\x0D\\x0A\\x7F\\xC2\\x85");
        for hidden in "\u{61c}\u{200e}\u{200f}\u{202a}\u{202e}\u{2066}\u{2069}\u{2028}\u{2029}\u{feff}\u{fffd}".chars()
        {
            let bytes = String::from(hidden);
            let view = UTF_8.escaped(bytes.as_bytes()).to_string();
            assert!(view.starts_with("\\x") && view.is_ascii(), "{view}");
            assert_eq!(UTF_8.unescape(&view).as_deref(), Ok(bytes.as_bytes()));
        }
    }

    #[test]
    fn what_is_malformed_is_left_where_the_decoder_leaves_it() {
        // Half a surrogate pair is two bytes, so what follows is not read one byte off.
        both_ways(encoding("utf-16le"), b"\x00\xd8A\0\\\0B", "\\x00\\xD8A\\\\\\x42");
        both_ways(Encoding::GB18030, b"\x81\x30\x81 \x81\x30", "\\x810\\x81 \\x81\\x30");
        both_ways(UTF_8, b"\xf0\x9f\x98a\xe4\xbd", "\\xF0\\x9F\\x98a\\xE4\\xBD");
        // FE is the second byte of what is malformed, and does not take the A1 behind it.
        both_ways(encoding("euc-kr"), b"\xc9\xfe\xa1\xa2", &format!("\\xC9\\xFE{}", "、"));
    }

    #[test]
    fn escape_sequences_and_what_they_rule_are_shown_as_bytes() {
        both_ways(
            encoding("iso-2022-jp"),
            b"a\n\x1b$B\x46\x7c\x1b(Bb\\\x1b(J\\\x1b(B~",
            "a\\x0A\\x1B\\x24\\x42\\x46\\x7C\\x1B\\x28\\x42b\\\\\\x1B\\x28\\x4A\\x5C\\x1B\\x28\\x42~",
        );
    }

    #[test]
    fn what_is_no_view_is_told_where() {
        for (view, at, why) in [
            ("你\\", 3, "a backslash that begins neither `\\\\` nor `\\xNN`, at byte 3 of the view"),
            ("\\\\\\x4", 2, "a backslash that begins neither `\\\\` nor `\\xNN`, at byte 2 of the view"),
            ("\\x+4", 0, "a backslash that begins neither `\\\\` nor `\\xNN`, at byte 0 of the view"),
            ("\\x你", 0, "a backslash that begins neither `\\\\` nor `\\xNN`, at byte 0 of the view"),
            ("a😀", 1, "GBK has no '😀', at byte 1 of the view"),
        ] {
            let error = GBK.unescape(view).unwrap_err();
            assert_eq!((error.offset(), &*error.to_string()), (at, why));
        }
        assert_eq!(GBK.unescape("\\xfF"), Ok(vec![0xff]), "digits in either case");
    }
}
