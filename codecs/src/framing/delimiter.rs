//! What a framing looks for, as characters or as bytes.

use std::borrow::Cow;

use bytes::{Bytes, BytesMut};
use wirework_core::{ComposeError, DecodePolicy, EncodePolicy, Hex, TextEncoding};

/// What ends a frame, or begins one: characters, or bytes.
///
/// ```text
///                            without text    GBK       UTF-16LE
/// Until::new("，")           EF BC 8C        A3 AC     0C FF
/// Until::new(b"\xa3\xac")    A3 AC           A3 AC     A3 AC (U+ACA3)
/// Until::new("|")            7C              7C        7C 00
/// Until::new(b"|")           7C              7C        refused: half a character
/// ```
///
/// Characters are written in the encoding of the text in the payloads, and in UTF-8 where the payloads are no text. Bytes
/// are what they are on the wire; in text they must be whole characters of its encoding.
///
/// It is made of what there is: characters of `&str`, `String`, `Cow<str>` and `char`, bytes of slices, arrays, `Vec<u8>` and
/// `Bytes`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Delimiter {
    /// Characters, in whichever encoding the text is.
    Text(String),
    /// Bytes, as they stand on the wire.
    Bytes(Vec<u8>),
}

impl Delimiter {
    /// What it is on the wire where payloads are no text.
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }

    /// Whether there is nothing to look for.
    pub(crate) fn is_empty(&self) -> bool {
        self.bytes().is_empty()
    }

    /// The same with other characters behind it. Bytes are followed by those of UTF-8.
    pub(crate) fn followed_by(mut self, text: &str) -> Self {
        match &mut self {
            Self::Text(own) => own.push_str(text),
            Self::Bytes(bytes) => bytes.extend_from_slice(text.as_bytes()),
        }
        self
    }

    /// Every way in which it is written in text of this encoding, the one that is sent first.
    pub(crate) fn spellings(&self, encoding: &dyn TextEncoding) -> Result<Vec<Vec<u8>>, ComposeError> {
        match self {
            Self::Text(text) => spellings(text, encoding),
            Self::Bytes(bytes) => {
                let mut text = String::new();
                let whole = encoding.decode(bytes, DecodePolicy::Strict, &mut text);
                match whole {
                    Ok(()) if spellings(&text, encoding)?.contains(bytes) => Ok(vec![bytes.clone()]),
                    _ => Err(ComposeError::new(format!(
                        "{} is no whole character of {}; name the characters that are looked for, as text",
                        Hex(bytes),
                        encoding.name()
                    ))),
                }
            }
        }
    }
}

/// Every way in which `text` is written.
fn spellings(text: &str, encoding: &dyn TextEncoding) -> Result<Vec<Vec<u8>>, ComposeError> {
    text.chars().try_fold(vec![Vec::new()], |all: Vec<Vec<u8>>, character| {
        let next = encoding.spellings(character);
        if next.is_empty() {
            return Err(not_found(character, encoding));
        }
        if all.len().saturating_mul(next.len()) > MOST_SPELLINGS {
            return Err(ComposeError::new(format!(
                "there are too many ways to write {text:?} in {}; take a shorter delimiter",
                encoding.name()
            )));
        }
        Ok(all.iter().flat_map(|begun| next.iter().map(move |next| [&begun[..], next].concat())).collect())
    })
}

/// Each is compared with every place where one may end.
const MOST_SPELLINGS: usize = 16;

#[cold]
fn not_found(character: char, encoding: &dyn TextEncoding) -> ComposeError {
    let name = encoding.name();
    let mut written = BytesMut::new();
    let lacks = encoding.encode(character.encode_utf8(&mut [0; 4]), EncodePolicy::Error, &mut written).is_err();
    let reason = match lacks {
        true => format!("{name} has no character {character:?}, so that nothing could end a frame"),
        false if encoding.is_stateful() => format!(
            "in {name} the escape sequences before them say what bytes are, so that {character:?} ({}) cannot be told in the \
             middle of a stream; end frames with an ASCII character, but not with $ or (",
            Hex(&written)
        ),
        false => format!("in {name} {character:?} is {}, which is read as something else", Hex(&written)),
    };
    ComposeError::new(reason)
}

macro_rules! from {
    ($variant:ident: $($source:ty => $make:expr),* $(,)?) => {$(
        impl From<$source> for Delimiter {
            fn from(source: $source) -> Self {
                Self::$variant($make(source))
            }
        }
    )*};
}

from!(Text: &str => str::to_owned, &String => String::clone, String => String::from, char => String::from);
from!(Text: &&str => |text: &&str| (*text).to_owned(), Cow<'_, str> => Cow::into_owned);
from!(Bytes: &[u8] => <[u8]>::to_vec, Vec<u8> => Vec::from, &Vec<u8> => Vec::clone, Bytes => Vec::from);

impl<const N: usize> From<[u8; N]> for Delimiter {
    fn from(bytes: [u8; N]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl<const N: usize> From<&[u8; N]> for Delimiter {
    fn from(bytes: &[u8; N]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Encoding, GBK};

    fn utf_16() -> Encoding {
        Encoding::for_label("utf-16le").unwrap()
    }

    #[test]
    fn the_pictures() {
        let text = Delimiter::from("，");
        assert_eq!(text.bytes(), b"\xef\xbc\x8c");
        assert_eq!(text.spellings(&GBK).unwrap(), [b"\xa3\xac"]);
        assert_eq!(text.spellings(&utf_16()).unwrap(), [b"\x0c\xff"]);
        let bytes = Delimiter::from(b"\xa3\xac");
        assert_eq!(bytes.bytes(), b"\xa3\xac");
        assert_eq!(bytes.spellings(&GBK).unwrap(), [b"\xa3\xac"]);
        assert_eq!(bytes.spellings(&utf_16()).unwrap(), [b"\xa3\xac"]);
        assert_eq!(Delimiter::from("|").spellings(&utf_16()).unwrap(), [b"|\0"]);
        assert!(
            Delimiter::from(b"|").spellings(&utf_16()).unwrap_err().to_string().contains("7C is no whole character")
        );
    }

    #[test]
    fn it_is_made_of_what_there_is() {
        let characters = Delimiter::Text("|".to_owned());
        let owned = String::from("|");
        assert_eq!(["|"].iter().map(Delimiter::from).next(), Some(characters.clone()));
        for made in [Cow::Borrowed("|").into(), Cow::<str>::Owned(owned.clone()).into(), Delimiter::from(&owned)] {
            assert_eq!(made, characters);
        }
        let bytes = Bytes::from_static(b"\xa3\xac");
        assert_eq!(Delimiter::from(bytes.clone()), Delimiter::Bytes(bytes.to_vec()));
    }

    #[test]
    fn what_has_two_spellings_is_looked_for_in_both() {
        let euros = Delimiter::from("€|€").spellings(&GBK).unwrap();
        assert_eq!(euros, [&b"\x80|\x80"[..], b"\x80|\xa2\xe3", b"\xa2\xe3|\x80", b"\xa2\xe3|\xa2\xe3"]);
        assert_eq!(Delimiter::from(b"\xa2\xe3").spellings(&GBK).unwrap(), [b"\xa2\xe3"], "bytes are those bytes");
        let refused = Delimiter::from("€€€€€").spellings(&GBK).unwrap_err().to_string();
        assert!(refused.contains("too many ways"), "{refused}");
    }

    #[test]
    fn what_cannot_be_found_is_refused_with_the_reason() {
        let japanese = Encoding::for_label("iso-2022-jp").unwrap();
        for (delimiter, encoding, reason) in [
            (Delimiter::from("😀"), GBK, "GBK has no character '😀'"),
            (Delimiter::from("，"), japanese, "cannot be told in the middle"),
            (Delimiter::from('$'), japanese, "escape sequence"),
            (Delimiter::from(b"\xff"), GBK, "FF is no whole character of GBK"),
            (Delimiter::from(b"\x1b$B!$\x1b(B"), japanese, "escape sequence"),
        ] {
            let refused = delimiter.spellings(&encoding).unwrap_err().to_string();
            assert!(refused.contains(reason), "{refused}");
        }
    }
}
