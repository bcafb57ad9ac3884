//! Encodings that the Encoding Standard lacks: what each reads at the start of bytes and writes for a character, and what
//! follows from that.

mod cesu_8;
mod single_byte;
mod utf_32;

use bytes::BytesMut;
use wirework_core::{DecodePolicy, EncodeError, EncodePolicy, FormatError};

use super::boundary::Boundaries;
use super::malformed::malformed;

pub(super) use cesu_8::{CESU_8, MODIFIED_UTF_8};
pub(super) use single_byte::{ISO_8859_1, ISO_8859_9, ISO_8859_11, US_ASCII};
pub(super) use utf_32::{UTF_32BE, UTF_32LE};

/// What stands at the start of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// This character, of so many bytes.
    Character(char, usize),
    /// So many bytes that are none, whatever stands behind them.
    Malformed(usize),
    /// All that there is begins a character; if nothing comes, so many bytes of it are malformed together.
    Unfinished(usize),
}

/// An encoding of our own.
pub(super) trait Own: Sync {
    fn name(&self) -> &'static str;

    /// How many bytes the longest character takes.
    fn longest(&self) -> usize;

    /// How its characters lie in its bytes.
    fn boundaries(&'static self) -> Boundaries;

    /// What stands at the start of `bytes`, which are not empty.
    fn read(&self, bytes: &[u8]) -> Next;

    /// Appends a character; false if the encoding lacks it.
    fn write(&self, character: char, out: &mut BytesMut) -> bool;

    /// Whether this byte, where a character begins, is one: the same as in UTF-8.
    fn is_ascii(&self, byte: u8) -> bool {
        byte.is_ascii()
    }

    /// The bytes themselves, where they are the same text in UTF-8.
    fn as_utf8<'a>(&self, bytes: &'a [u8]) -> Option<&'a str> {
        if bytes.is_ascii() { std::str::from_utf8(bytes).ok() } else { None }
    }

    /// Appends the text of all of `bytes`.
    fn decode(&self, bytes: &[u8], policy: DecodePolicy, text: &mut String) -> Result<(), FormatError> {
        text.reserve(bytes.len());
        let mut at = 0;
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            let ascii = rest.iter().take_while(|byte| self.is_ascii(**byte)).count();
            let (ascii, rest) = rest.split_at_checked(ascii).unwrap_or_default();
            text.push_str(std::str::from_utf8(ascii).unwrap_or_default());
            at += ascii.len();
            if rest.is_empty() {
                return Ok(());
            }
            match self.read(rest) {
                Next::Character(character, len) => {
                    text.push(character);
                    at += len;
                }
                Next::Malformed(len) | Next::Unfinished(len) => {
                    malformed(self.name(), at, rest.get(..len).unwrap_or(rest), policy, text)?;
                    at += len;
                }
            }
        }
    }

    /// Appends the bytes of `text`.
    fn encode(&self, text: &str, policy: EncodePolicy, out: &mut BytesMut) -> Result<(), EncodeError> {
        out.reserve(text.len());
        let mut rest = text;
        loop {
            let ascii = rest.bytes().take_while(|byte| self.is_ascii(*byte)).count();
            let (ascii, behind) = rest.split_at_checked(ascii).unwrap_or_default();
            out.extend_from_slice(ascii.as_bytes());
            let mut characters = behind.chars();
            let Some(character) = characters.next() else { return Ok(()) };
            if !self.write(character, out) {
                if policy == EncodePolicy::Error {
                    let offset = text.len().saturating_sub(behind.len());
                    return Err(EncodeError::Unmappable { encoding: self.name().into(), character, offset });
                }
                self.write('?', out);
            }
            rest = characters.as_str();
        }
    }

    /// How many bytes at the end of `bytes` begin a character that they do not finish.
    fn unfinished(&self, bytes: &[u8]) -> usize {
        let mut rest = bytes;
        while !rest.is_empty() {
            match self.read(rest) {
                Next::Unfinished(_) => return rest.len(),
                Next::Character(_, len) | Next::Malformed(len) => rest = rest.get(len..).unwrap_or_default(),
            }
        }
        0
    }

    /// Every way to write `character`.
    fn spellings(&self, character: char) -> Vec<Vec<u8>> {
        let mut written = BytesMut::new();
        if self.write(character, &mut written) { vec![written.to_vec()] } else { Vec::new() }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::encoding) fn decoded(
        own: &dyn Own,
        bytes: &[u8],
        policy: DecodePolicy,
    ) -> Result<String, FormatError> {
        let mut text = String::new();
        own.decode(bytes, policy, &mut text)?;
        Ok(text)
    }

    pub(in crate::encoding) fn encoded(own: &dyn Own, text: &str) -> Result<Vec<u8>, EncodeError> {
        let mut out = BytesMut::new();
        own.encode(text, EncodePolicy::Error, &mut out)?;
        Ok(out.to_vec())
    }

    /// Every character comes back, alone and in a row, and is whole at no earlier byte; gives how many there are.
    pub(in crate::encoding) fn every_character_comes_back(own: &dyn Own) -> usize {
        let mut all = String::new();
        let mut row = Vec::new();
        for character in '\0'..=char::MAX {
            let Ok(bytes) = encoded(own, character.encode_utf8(&mut [0; 4])) else { continue };
            assert_eq!(own.read(&bytes), Next::Character(character, bytes.len()), "{bytes:02x?}");
            assert!(bytes.len() <= own.longest(), "{character:?}");
            for cut in 1..bytes.len() {
                assert!(matches!(own.read(&bytes[..cut]), Next::Unfinished(_)), "{character:?} {cut}");
                assert_eq!(own.unfinished(&bytes[..cut]), cut, "{character:?}");
            }
            row.extend_from_slice(&bytes);
            all.push(character);
        }
        assert!(decoded(own, &row, DecodePolicy::Strict).unwrap() == all, "{}", own.name());
        assert!(encoded(own, &all).unwrap() == row, "{}", own.name());
        all.chars().count()
    }

    /// Bytes, and what they are with malformed sequences escaped; strict decoding ends where the first begins.
    pub(in crate::encoding) fn escapes_as(own: &dyn Own, bytes: &[u8], shown: &str, sequences: usize) {
        assert_eq!(decoded(own, bytes, DecodePolicy::Escape).unwrap(), shown, "{} {bytes:02x?}", own.name());
        let replaced = decoded(own, bytes, DecodePolicy::Replace).unwrap();
        assert_eq!(replaced.matches('\u{fffd}').count(), sequences, "{} {bytes:02x?}", own.name());
        assert_eq!(decoded(own, bytes, DecodePolicy::Strict).is_err(), sequences > 0, "{} {bytes:02x?}", own.name());
    }
}
