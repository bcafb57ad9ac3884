//! What a case is for: the pattern in front of its colon.

use super::NotationError;
use super::literal;
use super::syntax::{Arg, ArgKind};
use crate::combine::{Begins, Pattern};

/// When a case holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum On {
    /// A frame begins like this; `for good` is said of a change that never goes back.
    Pattern { pattern: Pattern, for_good: bool },
    /// No other case holds.
    Else,
}

impl On {
    /// What stands in front of a colon: `"GET "`, `*`, `digit` or `80..FF`, with `any case` and `for good` behind it.
    pub(super) fn read(key: &[Arg]) -> Result<Self, NotationError> {
        let (key, for_good) = without(key, ["for", "good"]);
        let (key, any_case) = without(key, ["any", "case"]);
        let pattern = match key {
            [Arg { what: ArgKind::Quoted(quoted), span }] => {
                let bytes = quoted.as_bytes().map_err(|why| NotationError::new(span.clone(), why))?;
                Some(Pattern::bytes(bytes))
            }
            [Arg { what: ArgKind::Word(word), .. }] => named(word),
            _ => None,
        };
        match pattern {
            Some(pattern) if any_case => Ok(Self::Pattern { pattern: pattern.ignore_case(), for_good }),
            Some(pattern) => Ok(Self::Pattern { pattern, for_good }),
            None => {
                let span = match key {
                    [] => 0..0,
                    [first, .., last] => first.span.start..last.span.end,
                    [only] => only.span.clone(),
                };
                let why =
                    "this is no pattern; write bytes such as `*` or `\"GET \"`, `digit`, or a range such as `80..FF`";
                Err(NotationError::new(span, why))
            }
        }
    }

    pub(super) fn print(&self) -> String {
        match self {
            Self::Pattern { pattern, for_good: true } => format!("{} for good", print_pattern(pattern)),
            Self::Pattern { pattern, for_good: false } => print_pattern(pattern),
            Self::Else => "else".to_owned(),
        }
    }
}

/// A pattern, without what is said of it besides.
pub(crate) fn print_pattern(pattern: &Pattern) -> String {
    let hex = |byte: &u8| literal::plain_hex(&[*byte]);
    let begins = match &pattern.begins {
        Begins::With(bytes) => literal::print_text(bytes),
        Begins::Within(range) if *range == (b'0'..=b'9') => "digit".to_owned(),
        Begins::Within(range) => format!("{}..{}", hex(range.start()), hex(range.end())),
    };
    format!("{begins}{}", if pattern.ignore_case { " any case" } else { "" })
}

/// The key without these words at its end, and whether they stood there.
fn without<'a>(key: &'a [Arg], words: [&str; 2]) -> (&'a [Arg], bool) {
    let is = |arg: &Arg, word: &str| matches!(&arg.what, ArgKind::Word(found) if found == word);
    match key {
        [rest @ .., first, second] if is(first, words[0]) && is(second, words[1]) => (rest, true),
        _ => (key, false),
    }
}

fn named(word: &str) -> Option<Pattern> {
    match (word, word.split_once("..")) {
        ("digit", _) => Some(Pattern::digit()),
        (_, Some((first, last))) => match (literal::hex(first)?.as_slice(), literal::hex(last)?.as_slice()) {
            ([first], [last]) => Some(Pattern::range(*first..=*last)),
            _ => None,
        },
        _ => literal::bytes(word).map(Pattern::bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notation::syntax::args;

    #[test]
    fn patterns_print_as_they_are_read() {
        for pattern in
            ["digit", "80..FF", "\"*\"", "\"GET \" any case", "CRLF", "00FF for good", "\"a\" any case for good"]
        {
            assert_eq!(On::read(&args(pattern).unwrap()).unwrap().print(), pattern);
        }
    }

    #[test]
    fn a_pattern_beyond_ascii_is_hexadecimal() {
        assert_eq!(On::read(&args(r#""\xC3\xA9""#).unwrap()).unwrap().print(), "C3A9");
        let error = On::read(&args("\"é\" any case").unwrap()).unwrap_err();
        assert!(error.span() == Some(0..4) && error.message().ends_with("`C3A9`"), "{error}");
    }

    #[test]
    fn what_is_no_pattern_is_marked() {
        for (key, span) in [("GET", 0..3), ("80..100", 0..7), ("\"a\" \"b\"", 0..7), ("GET any case", 0..3)] {
            assert_eq!(On::read(&args(key).unwrap()).unwrap_err().span(), Some(span), "{key}");
        }
    }
}
