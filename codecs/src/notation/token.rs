//! Words, quoted text and brackets.

use std::ops::Range;

use super::NotationError;
use super::literal::plain_hex;

/// One token, and where it stands in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) what: What,
    pub(super) span: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    Word(String),
    Quoted(Quoted),
    /// One of `( ) { } , |`.
    Mark(char),
}

/// What stands in quotation marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Quoted {
    /// With its escapes undone, and its characters in UTF-8.
    pub(super) bytes: Vec<u8>,
    /// Whether a character beyond ASCII stands there as itself: what its bytes are depends on the encoding.
    characters: bool,
}

impl Quoted {
    /// The bytes, where bytes are asked for; or why they are not told.
    pub(super) fn as_bytes(&self) -> Result<&[u8], String> {
        match self.characters {
            false => Ok(&self.bytes),
            true => Err(format!(
                "bytes stand here, whatever the encoding is; write them in hexadecimal: in UTF-8 these characters are `{}`",
                plain_hex(&self.bytes)
            )),
        }
    }
}

/// The tokens of `text`.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, NotationError> {
    let mut tokens = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((start, first)) = chars.next() {
        let what = match first {
            space if space.is_whitespace() => continue,
            '"' => quoted(text, start, &mut chars)?,
            mark if is_mark(mark) => What::Mark(mark),
            _ => {
                while chars.next_if(|(_, next)| !next.is_whitespace() && !is_mark(*next) && *next != '"').is_some() {}
                let end = chars.peek().map_or(text.len(), |(at, _)| *at);
                What::Word(text.get(start..end).unwrap_or_default().to_owned())
            }
        };
        let end = chars.peek().map_or(text.len(), |(at, _)| *at);
        tokens.push(Token { what, span: start..end });
    }
    Ok(tokens)
}

/// Whether a character stands for itself and parts words.
pub(super) fn is_mark(character: char) -> bool {
    matches!(character, '(' | ')' | '{' | '}' | ',' | '|')
}

type Chars<'a> = std::iter::Peekable<std::str::CharIndices<'a>>;

/// What stands behind an opening quotation mark, up to the closing one.
fn quoted(text: &str, start: usize, chars: &mut Chars<'_>) -> Result<What, NotationError> {
    let mut bytes = Vec::new();
    let mut characters = false;
    while let Some((at, next)) = chars.next() {
        match next {
            '"' => return Ok(What::Quoted(Quoted { bytes, characters })),
            '\\' => {
                let escaped = escaped(chars);
                let end = chars.peek().map_or(text.len(), |(at, _)| *at);
                bytes.push(escaped.ok_or_else(|| {
                    NotationError::new(at..end, r#"this is no escape; there are \r \n \t \0 \\ \" and \xNN"#)
                })?);
            }
            other => {
                characters |= !other.is_ascii();
                bytes.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
    }
    Err(NotationError::new(start..text.len(), "this quotation mark is not closed"))
}

fn escaped(chars: &mut Chars<'_>) -> Option<u8> {
    Some(match chars.next()?.1 {
        'r' => b'\r',
        'n' => b'\n',
        't' => b'\t',
        '0' => 0,
        '\\' => b'\\',
        '"' => b'"',
        'x' => {
            let mut digit = || chars.next().and_then(|(_, digit)| u8::try_from(digit.to_digit(16)?).ok());
            digit()? << 4 | digit()?
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_quotes_and_marks() {
        let found: Vec<What> =
            tokens(r#"until "|\r\x7e\"" | peek{*:a}"#).unwrap().into_iter().map(|t| t.what).collect();
        let word = |text: &str| What::Word(text.to_owned());
        assert_eq!(
            found,
            [
                word("until"),
                What::Quoted(Quoted { bytes: b"|\r~\"".to_vec(), characters: false }),
                What::Mark('|'),
                word("peek"),
                What::Mark('{'),
                word("*:a"),
                What::Mark('}')
            ]
        );
    }

    #[test]
    fn characters_are_told_from_bytes_that_are_written_as_escapes() {
        for (text, bytes) in
            [(r#""\xE4\xB8\xAD""#, Ok(&b"\xe4\xb8\xad"[..])), ("\"é\"", Err("`C3A9`")), ("\"a中\"", Err("`61E4B8AD`"))]
        {
            let [Token { what: What::Quoted(quoted), .. }] = &tokens(text).unwrap()[..] else { panic!("{text}") };
            match (quoted.as_bytes(), bytes) {
                (Err(why), Err(hex)) => assert!(why.ends_with(hex), "{why}"),
                (found, expected) => assert_eq!(found.ok(), expected.ok(), "{text}"),
            }
        }
    }

    #[test]
    fn what_is_not_closed_or_no_escape_is_shown() {
        assert_eq!(tokens(r#"a "b"#).unwrap_err().span(), Some(2..4));
        assert_eq!(tokens(r#"a "\q""#).unwrap_err().span(), Some(3..5));
        assert_eq!(tokens(r#""\x4"#).unwrap_err().span(), Some(1..4));
    }
}
