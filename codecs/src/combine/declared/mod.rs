//! A number that a head declares.

mod search;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use bytes::BytesMut;
use memchr::{memchr, memmem};
use wirework_core::{ComposeError, Encodings, FrameError};

use self::search::{Word, header_lines, parts_words, trim, word};
use super::decimal::{Digits, parse};
use crate::encoding::doubt;

/// A number that a head declares, by the place where it stands: how long the [body](crate::combine::Head) is, or how many items
/// [follow](crate::combine::Fold).
///
/// ```text
/// Declared::header("Content-Length")      Host: a CR LF Content-Length: [5] CR LF      5
/// Declared::word(5, ["set", "add"])       set key 0 0 [5]                              5
/// Declared::word(5, ["set", "add"])       get key                                      none
/// Declared::last_word(["PUB", "HPUB"])    PUB subject inbox [5]                        5
/// Declared::after("$")                    $[5]                                         5
/// Declared::after("$").none("-1")         $-1                                          none
/// ```
///
/// A number is 1 to 20 decimal digits. Whatever else stands in its place is malformed, and loses the stream: nobody can
/// tell where the message ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Declared {
    pub(crate) place: Place,
    /// What means that there is none.
    pub(crate) none: Option<Arc<[u8]>>,
    pub(crate) required: bool,
}

/// Where the number stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Place {
    Header(Arc<str>),
    Word(Which, Arc<[String]>),
    After(Arc<[u8]>),
    Function(Function),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// Counted from 1.
    Nth(usize),
    Last,
}

/// A function of the head, equal to itself only.
#[derive(Clone)]
pub(crate) struct Function(Arc<Find>);

type Find = dyn Fn(&[u8]) -> Result<Option<usize>, FrameError> + Send + Sync;

/// A number that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) value: u64,
    /// Where in the head its digits stand, if it has any.
    pub(super) digits: Option<Range<usize>>,
}

impl Declared {
    /// In the field `name` of header lines, such as `Content-Length: 5` (RFC 9110, sections 5 and 8.6). Without the field
    /// there is no number.
    ///
    /// The name is compared without regard to case. Lines end with CR LF, or all of them with LF. Malformed, because others
    /// would read it otherwise: the field twice with different numbers, a blank before the colon, a CR or LF alone among
    /// lines that end with CR LF.
    pub fn header(name: impl Into<String>) -> Self {
        Self::at(Place::Header(name.into().into()))
    }

    /// The `number`-th word of a line whose first word is one of `verbs`, such as the 5th of `set key 0 0 5`. The verb
    /// itself is the first. In any other line there is no number.
    ///
    /// Words are parted by blanks, and verbs are ASCII, compared without regard to case. Of a head of several lines only the
    /// first is looked at. A line of these verbs without such a word is malformed.
    pub fn word<V: Into<String>>(number: usize, verbs: impl IntoIterator<Item = V>) -> Self {
        Self::at(Place::Word(Which::Nth(number), verbs.into_iter().map(Into::into).collect()))
    }

    /// The last word of a line whose first word is one of `verbs`, such as `PUB subject 5`; as [`word`](Declared::word).
    pub fn last_word<V: Into<String>>(verbs: impl IntoIterator<Item = V>) -> Self {
        Self::at(Place::Word(Which::Last, verbs.into_iter().map(Into::into).collect()))
    }

    /// Behind the first `mark`, such as `$5` or `{5}`; behind an empty mark the head begins with it. A head without the mark
    /// is malformed, and so is a number that goes on with a letter, a sign or a point.
    pub fn after(mark: impl AsRef<[u8]>) -> Self {
        Self::at(Place::After(mark.as_ref().into()))
    }

    /// What this function of the head says. It cannot be written into a head: the number must be right already when a message
    /// is sent. Use the others where they do.
    pub fn from_fn<D>(declared: D) -> Self
    where
        D: Fn(&[u8]) -> Result<Option<usize>, FrameError> + Send + Sync + 'static,
    {
        Self::at(Place::Function(Function(Arc::new(declared))))
    }

    fn at(place: Place) -> Self {
        Self { place, none: None, required: false }
    }

    /// This text in place of the number means that there is none: `-1` in RESP.
    pub fn none(mut self, text: impl AsRef<[u8]>) -> Self {
        self.none = Some(text.as_ref().into());
        self
    }

    /// A head that does not say is malformed.
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The number that `head` declares.
    pub(super) fn find(&self, head: &[u8]) -> Result<Option<Number>, FrameError> {
        let found = match &self.place {
            Place::Header(name) => self.find_header(head, name)?,
            Place::Word(which, verbs) => match word(head, *which, verbs) {
                Word::Found(place) => Some(self.number(head, place)?),
                Word::Missing => return Err(FrameError::malformed(format!("{} is missing", self.place))),
                Word::OtherVerb => None,
            },
            Place::After(mark) => Some(self.find_after(head, mark)?),
            Place::Function(function) => {
                (function.0)(head)?.map(|value| Some(Number { value: value as u64, digits: None }))
            }
        };
        if found.is_none() && self.required {
            return Err(FrameError::malformed(format!("the head does not say {}", self.place)));
        }
        Ok(found.flatten())
    }

    /// The number behind the mark with which `head` begins, if there is nothing else in it: most often there is not.
    #[inline]
    pub(super) fn glance(&self, head: &[u8]) -> Option<u64> {
        let Place::After(mark) = &self.place else { return None };
        let none_is_number = self.none.as_ref().is_some_and(|none| none.first().is_none_or(u8::is_ascii_digit));
        if none_is_number { None } else { parse(head.strip_prefix(&mark[..])?) }
    }

    /// Where in `head` the digits of the number stand, if it declares one.
    pub(crate) fn digits(&self, head: &[u8]) -> Option<Range<usize>> {
        self.find(head).ok().flatten()?.digits
    }

    fn find_header(&self, head: &[u8], wanted: &str) -> Result<Option<Option<Number>>, FrameError> {
        let mut found: Option<Option<Number>> = None;
        for line in header_lines(head)? {
            let Some(colon) = memchr(b':', head.get(line.clone()).unwrap_or_default()) else { continue };
            let name = head.get(line.start..line.start + colon).unwrap_or_default();
            if !name.trim_ascii().eq_ignore_ascii_case(wanted.as_bytes()) {
                continue;
            }
            if name.len() != wanted.len() {
                return Err(FrameError::malformed(format!("there is a blank in the name of {}", self.place)));
            }
            let number = self.number(head, trim(head, line.start + colon + 1..line.end))?;
            let value = |number: &Option<Number>| number.as_ref().map(|number| number.value);
            match &found {
                Some(first) if value(first) != value(&number) => {
                    return Err(FrameError::malformed(format!("{} stands there twice, and differs", self.place)));
                }
                Some(_) => {}
                None => found = Some(number),
            }
        }
        Ok(found)
    }

    fn find_after(&self, head: &[u8], mark: &[u8]) -> Result<Option<Number>, FrameError> {
        let Some(start) = memmem::find(head, mark).map(|at| at + mark.len()) else {
            return Err(FrameError::malformed(format!("the head has no \"{}\"", mark.escape_ascii())));
        };
        let goes_on = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.' | b'_');
        let rest = head.get(start..).unwrap_or_default();
        if let Some(none) = &self.none
            && let Some(behind) = rest.strip_prefix(&none[..])
            && !behind.first().is_some_and(goes_on)
        {
            return Ok(None);
        }
        let len = rest.iter().position(|byte| !goes_on(byte)).unwrap_or(rest.len());
        self.number(head, start..start + len)
    }

    /// The number whose digits stand at `place`, or `None` where what means none stands there.
    fn number(&self, head: &[u8], place: Range<usize>) -> Result<Option<Number>, FrameError> {
        let text = head.get(place.clone()).unwrap_or_default();
        if self.none.as_deref() == Some(text) {
            return Ok(None);
        }
        match parse(text) {
            Some(value) => Ok(Some(Number { value, digits: Some(place) })),
            None => {
                let quoted = text.get(..text.len().min(Self::QUOTED)).unwrap_or_default().escape_ascii();
                Err(FrameError::malformed(format!("{} is not a number: \"{quoted}\"", self.place)))
            }
        }
    }

    /// How many bytes of what is no number an error quotes.
    const QUOTED: usize = 32;

    /// Whether a head can be made from a number, by [`write`](Declared::write).
    pub(super) fn makes_heads(&self) -> bool {
        matches!(self.place, Place::Header(_) | Place::After(_))
    }

    /// Appends a head that declares `value`, if one can be made.
    pub(super) fn write(&self, value: u64, out: &mut BytesMut) {
        match &self.place {
            Place::Header(name) => {
                out.extend_from_slice(name.as_bytes());
                out.extend_from_slice(b": ");
                out.extend_from_slice(Digits::of(value).as_bytes());
                out.extend_from_slice(b"\r\n");
            }
            Place::After(mark) => {
                out.extend_from_slice(mark);
                out.extend_from_slice(Digits::of(value).as_bytes());
            }
            Place::Word(..) | Place::Function(_) => {}
        }
    }

    /// Whether it can be found at all.
    pub(super) fn validate(&self) -> Result<(), ComposeError> {
        match &self.place {
            Place::Header(name) if !is_token(name) => Err(ComposeError::new(format!(
                "a header cannot be named {name:?}: write the name alone, such as Content-Length"
            ))),
            Place::Word(Which::Nth(0 | 1), _) => Err(ComposeError::new(
                "the first word of a line is its verb: the number can be word 2 or one behind it, or the last word",
            )),
            Place::Word(_, verbs) if verbs.is_empty() => Err(ComposeError::new(
                "no line has a number when there are no verbs: write those whose lines have one, such as PUB",
            )),
            Place::Word(_, verbs) => match verbs.iter().find(|verb| !is_verb(verb)) {
                Some(verb) if verb.is_ascii() => {
                    Err(ComposeError::new(format!("a verb is one word, which {verb:?} is not")))
                }
                Some(verb) => Err(ComposeError::new(format!(
                    "a verb is ASCII, which {verb:?} is not: it is compared as bytes, which are not the same in every encoding"
                ))),
                None => Ok(()),
            },
            Place::Header(_) | Place::After(_) | Place::Function(_) => Ok(()),
        }
    }

    /// Whether the number can be found in a head that is text in any of `encodings`.
    pub(super) fn agree(&self, encodings: &Encodings) -> Result<(), ComposeError> {
        let looked_for: &[u8] = match &self.place {
            Place::Header(_) => b"\r\n:",
            Place::Word(..) => b" \t\r\n",
            Place::After(mark) => mark,
            Place::Function(_) => b"",
        };
        match encodings.iter().find_map(|encoding| doubt(&**encoding, looked_for)) {
            Some(doubt) => Err(ComposeError::new(format!(
                "{} cannot be found in text: {doubt}; take the message as bytes, or only its body as text",
                self.place
            ))),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(name) => write!(f, "the header {name}"),
            Self::Word(Which::Nth(number), _) => write!(f, "word {number}"),
            Self::Word(Which::Last, _) => f.write_str("the last word"),
            Self::After(mark) if mark.is_empty() => f.write_str("the beginning of the head"),
            Self::After(mark) => write!(f, "what follows \"{}\"", mark.escape_ascii()),
            Self::Function(_) => f.write_str("the number"),
        }
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Function")
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

fn is_verb(word: &str) -> bool {
    !word.is_empty() && word.is_ascii() && !word.bytes().any(parts_words)
}

/// RFC 9110, section 5.6.2.
fn is_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
mod tests;
