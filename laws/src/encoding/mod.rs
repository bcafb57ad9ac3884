//! The laws that every text encoding obeys, as property tests for anybody's own.
//!
//! | law | what it says |
//! |---|---|
//! | [`policies`] | what is malformed is told where it is, and is the same bytes under every policy |
//! | [`comes_back`] | what is written is read as the same text; what cannot be is refused with its place, or becomes `?` |
//! | [`unfinished`] | text that is cut where nothing is unfinished is the text of the whole |
//! | [`begins`] | a character begins where a decoder of the whole begins one, as soon as that is told and ever after |
//! | [`plain`] | what is plain is itself wherever its bytes stand |
//! | [`spellings`] | every spelling of a character is read as it, and the first is what is written |
//!
//! Each is a function of its inputs, so that a known breach can be pinned down in a test of its own; [`EncodingLaws`] runs all of
//! them. Where escape sequences say what bytes are ([`is_stateful`](TextEncoding::is_stateful)), the laws say less: nothing about
//! chunks, which such text is not cut into, and about places only that no character is found where none is.

mod begins;
mod comes_back;
mod places;
mod plain;
mod policies;
mod spellings;
mod unfinished;

use std::sync::Arc;

use bytes::BytesMut;
use proptest::collection::vec;
use proptest::prelude::*;
use wirework_core::{DecodePolicy, EncodePolicy, FormatError, TextEncoding};

use crate::no_panic::guarded;
use crate::runner::{self, Runner, all_broken};
use crate::{Broken, Law};
use places::Places;

pub use begins::begins;
pub use comes_back::comes_back;
pub use plain::plain;
pub use policies::policies;
pub use spellings::spellings;
pub use unfinished::unfinished;

/// All laws for one text encoding.
///
/// ```
/// # use bytes::BytesMut;
/// # use wirework_core::{Cursor, DecodePolicy, EncodeError, EncodePolicy, FormatError, TextEncoding};
/// use wirework_laws::EncodingLaws;
///
/// /// The seven-bit code of a cash register: ASCII, with `£` in the place of `#`.
/// #[derive(Clone, Copy, Debug)]
/// struct Register;
///
/// impl TextEncoding for Register {
///     fn name(&self) -> &str {
///         "register"
///     }
///
///     fn decode(&self, bytes: &[u8], policy: DecodePolicy, text: &mut String) -> Result<(), FormatError> {
///         for (offset, &byte) in bytes.iter().enumerate() {
///             match (byte, policy) {
///                 (b'#', _) => text.push('£'),
///                 (..0x80, _) => text.push(char::from(byte)),
///                 (_, DecodePolicy::Strict) => {
///                     return Err(FormatError::Malformed { encoding: "register".into(), offset, bytes: vec![byte] });
///                 }
///                 (_, DecodePolicy::Replace) => text.push(char::REPLACEMENT_CHARACTER),
///                 (_, DecodePolicy::Escape) => *text += &format!("\\x{byte:02X}"),
///             }
///         }
///         Ok(())
///     }
///
///     fn encode(&self, text: &str, policy: EncodePolicy, out: &mut BytesMut) -> Result<(), EncodeError> {
///         for (offset, character) in text.char_indices() {
///             let byte = match (character, policy) {
///                 ('£', _) => b'#',
///                 (character, _) if character.is_ascii() && character != '#' => character as u8,
///                 (_, EncodePolicy::Substitute) => b'?',
///                 (_, EncodePolicy::Error) => {
///                     return Err(EncodeError::Unmappable { encoding: "register".into(), character, offset });
///                 }
///             };
///             out.extend_from_slice(&[byte]);
///         }
///         Ok(())
///     }
///
///     // A character is a byte, so that there is nothing between two of them.
///     fn unfinished(&self, _: &[u8]) -> usize {
///         0
///     }
///     fn longest(&self) -> usize {
///         1
///     }
///     fn is_plain(&self, _: &[u8]) -> bool {
///         true
///     }
///     fn begins_at(&self, _: &[u8], _: usize, _: &mut Cursor) -> Option<bool> {
///         Some(true)
///     }
///     fn is_stateful(&self) -> bool {
///         false
///     }
/// }
///
/// // In a #[test]:
/// EncodingLaws::new(Register).check();
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is tried before `check`"]
pub struct EncodingLaws {
    encoding: Arc<dyn TextEncoding>,
    bytes: BoxedStrategy<Vec<u8>>,
    texts: BoxedStrategy<String>,
    runner: Runner,
}

/// The laws that are tried.
const TRIED: [Law; 7] =
    [Law::Policies, Law::ComesBack, Law::Unfinished, Law::Begins, Law::Plain, Law::Spellings, Law::NoPanic];

/// Of how many characters beyond ASCII all spellings are asked for: an encoding may have to look for them.
const SPELT: usize = 32;

impl EncodingLaws {
    /// The laws for `encoding`.
    pub fn new(encoding: impl TextEncoding + 'static) -> Self {
        let encoding: Arc<dyn TextEncoding> = Arc::new(encoding);
        Self {
            bytes: any_bytes(&encoding),
            texts: vec(any_character(&encoding), 0..8).prop_map(String::from_iter).boxed(),
            encoding,
            runner: Runner::default(),
        }
    }

    /// What is decoded. Default: characters that the decoder makes of noise, their halves, bytes that are nothing by themselves,
    /// and any others, in any order.
    pub fn bytes(mut self, bytes: impl Strategy<Value = Vec<u8>> + 'static) -> Self {
        self.bytes = bytes.boxed();
        self
    }

    /// What is encoded. Default: characters that the decoder makes of noise, and any others.
    pub fn texts(mut self, texts: impl Strategy<Value = String> + 'static) -> Self {
        self.texts = texts.boxed();
        self
    }

    /// How many cases are tried, unless `WIREWORK_LAW_CASES` says otherwise. Default: 2000.
    pub fn cases(mut self, cases: u32) -> Self {
        self.runner = Runner::of(cases);
        self
    }

    /// Tries all laws.
    ///
    /// # Panics
    /// When a law is broken, with the smallest input that was found.
    #[track_caller]
    pub fn check(self) {
        if let Some(broken) = self.next_broken(&TRIED) {
            panic!("{}: {broken}", self.encoding.name());
        }
    }

    /// All laws that are broken, each by the smallest input that was found.
    pub fn broken(&self) -> Vec<Broken> {
        all_broken(&TRIED, |laws| self.next_broken(laws))
    }

    /// One of `laws` that is broken, if any is.
    fn next_broken(&self, laws: &[Law]) -> Option<Broken> {
        let inputs = (self.bytes.clone(), self.texts.clone());
        self.misspelt(laws)
            .or_else(|| self.runner.smallest(&inputs, |(bytes, text)| self.first_broken(bytes, text, laws)))
    }

    /// The first of `laws` that is broken by these bytes or this text, if any is; a panic on the way breaks another.
    fn first_broken(&self, bytes: &[u8], text: &str, laws: &[Law]) -> Option<Broken> {
        let encoding = &*self.encoding;
        let is_misread = runner::attempt(&TRIED, bytes, || policies(encoding, bytes)).is_some();
        runner::first_broken(laws, bytes, |law| match law {
            Law::Policies => policies(encoding, bytes),
            Law::ComesBack => guarded(text.as_bytes(), || comes_back(encoding, text))?,
            Law::Unfinished => unfinished(encoding, bytes),
            // Where it is wrong what is malformed, nobody knows where characters are.
            Law::Begins | Law::Plain if is_misread => Ok(()),
            Law::Begins => begins(encoding, bytes),
            Law::Plain => plain(encoding, bytes),
            _ => Ok(()),
        })
    }

    /// A character that is spelt wrongly: one of ASCII, one that a single byte is, and some others, among them such as two bytes are
    /// that are not the ones that are written.
    fn misspelt(&self, laws: &[Law]) -> Option<Broken> {
        if !laws.contains(&Law::Spellings) {
            return None;
        }
        let encoding = &*self.encoding;
        let own = |character| own(encoding, character);
        let drawn = self.runner.draw(&self.bytes);
        let beyond_ascii =
            drawn.filter_map(|bytes| unless_it_panics(|| Places::of(encoding, &bytes).first_beyond_ascii()));
        let singles = (0..=u8::MAX).map(|byte| vec![byte]);
        let ascii = ('\0'..='\x7f').map(own);
        let others = (0..=u16::MAX).map(|pair| pair.to_be_bytes().to_vec()).filter(|pair| {
            let character = unless_it_panics(|| one_character(encoding, pair));
            character.is_some_and(|character| own(character) != *pair)
        });
        let mut characters = singles.chain(ascii).chain(others.take(SPELT)).chain(beyond_ascii.take(SPELT));
        characters.find_map(|bytes| runner::attempt(laws, &bytes, || spellings(encoding, &bytes)))
    }
}

/// A character: one that the decoder makes of noise, or any other.
fn any_character(encoding: &Arc<dyn TextEncoding>) -> BoxedStrategy<char> {
    let own = encoding.clone();
    let read = vec(any::<u8>(), 1..5).prop_map(move |noise| {
        let text = unless_it_panics(|| Some(replaced(&*own, &noise))).unwrap_or_default();
        text.chars().find(|character| *character != char::REPLACEMENT_CHARACTER).unwrap_or('a')
    });
    prop_oneof![4 => read, 1 => any::<char>(), 1 => proptest::char::range('\0', '\x7f')].boxed()
}

/// Bytes that look like text, that are, and that are not.
fn any_bytes(encoding: &Arc<dyn TextEncoding>) -> BoxedStrategy<Vec<u8>> {
    let writer = encoding.clone();
    let whole = any_character(encoding).prop_map(move |character| own(&*writer, character));
    let half = (whole.clone(), any::<bool>()).prop_map(|(bytes, front)| {
        let (head, tail) = bytes.split_at(bytes.len() / 2);
        if front { head.to_vec() } else { tail.to_vec() }
    });
    let is_whole = |byte| unless_it_panics(|| decoded(&**encoding, &[byte], DecodePolicy::Strict).ok()).is_some();
    let leads = (0..=u8::MAX).filter(|byte| !is_whole(*byte));
    let leads: Vec<u8> = leads.chain(*b"\x1b").collect();
    let lead = proptest::sample::select(leads).prop_map(|byte| vec![byte]);
    let ascii = (0..0x80u8).prop_map(|byte| vec![byte]);
    let any = vec(any::<u8>(), 0..4);
    vec(prop_oneof![4 => whole, 1 => half, 2 => lead, 1 => ascii, 1 => any], 0..9)
        .prop_map(|pieces| pieces.concat())
        .boxed()
}

/// The bytes of this character; nothing where the encoding lacks it.
fn own(encoding: &dyn TextEncoding, character: char) -> Vec<u8> {
    unless_it_panics(|| written(encoding, character.encode_utf8(&mut [0; 4]))).unwrap_or_default()
}

/// What is made of an encoding in order to draw from it. Where it panics there is nothing: a law will say so.
fn unless_it_panics<T>(make: impl FnOnce() -> Option<T>) -> Option<T> {
    guarded(b"", make).ok().flatten()
}

/// The text of `bytes`.
fn decoded(encoding: &dyn TextEncoding, bytes: &[u8], policy: DecodePolicy) -> Result<String, FormatError> {
    let mut text = String::new();
    encoding.decode(bytes, policy, &mut text).map(|()| text)
}

/// The text of `bytes` in which what is malformed is U+FFFD.
fn replaced(encoding: &dyn TextEncoding, bytes: &[u8]) -> String {
    decoded(encoding, bytes, DecodePolicy::Replace).unwrap_or_default()
}

/// What `bytes` are read as, if that is one character.
fn one_character(encoding: &dyn TextEncoding, bytes: &[u8]) -> Option<char> {
    let text = decoded(encoding, bytes, DecodePolicy::Strict).ok()?;
    let mut characters = text.chars();
    characters.next().filter(|_| characters.next().is_none())
}

/// The bytes of `text`, if the encoding has all of it.
fn written(encoding: &dyn TextEncoding, text: &str) -> Option<Vec<u8>> {
    let mut out = BytesMut::new();
    encoding.encode(text, EncodePolicy::Error, &mut out).ok().map(|()| out.to_vec())
}
