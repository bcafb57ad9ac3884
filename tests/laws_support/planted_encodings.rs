//! GBK with one mistake.

use bytes::BytesMut;
use wirework::GBK;
use wirework::core::{Cursor, DecodePolicy, EncodeError, EncodePolicy, FormatError, TextEncoding};

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// The offset of an error is behind what is malformed.
    NamesTheByteBehind,
    LeavesOutWhatIsMalformed,
    /// `&#128512;`
    WritesReferences,
    KnowsNoHalves,
    BeginsEverywhere,
    /// Reads two bytes wherever one could begin a pair, whatever the second is.
    SkipsBehindALead,
    IsPlain,
    MovesTheCursorTooFar,
    SpellsOneWay,
    ReadsABellByPanic,
    WritesABellByPanic,
    WritesTwoBellsByPanic,
}

/// GBK but for this mistake.
#[derive(Clone, Copy, Debug)]
pub struct Mistaken(pub Mistake);

impl TextEncoding for Mistaken {
    fn name(&self) -> &str {
        "mistaken"
    }

    fn decode(&self, bytes: &[u8], policy: DecodePolicy, text: &mut String) -> Result<(), FormatError> {
        assert!(self.0 != Mistake::ReadsABellByPanic || !bytes.contains(&0x07), "a bell");
        let before = text.len();
        GBK.decode(bytes, policy, text).map_err(|error| match error {
            FormatError::Malformed { encoding, offset, bytes } if self.0 == Mistake::NamesTheByteBehind => {
                FormatError::Malformed { encoding, offset: offset + 1, bytes }
            }
            error => error,
        })?;
        if self.0 == Mistake::LeavesOutWhatIsMalformed {
            let kept = text[before..].replace('\u{fffd}', "");
            text.truncate(before);
            text.push_str(&kept);
        }
        Ok(())
    }

    fn encode(&self, text: &str, policy: EncodePolicy, out: &mut BytesMut) -> Result<(), EncodeError> {
        match self.0 {
            Mistake::WritesABellByPanic => assert!(!text.contains('\x07'), "a bell"),
            Mistake::WritesTwoBellsByPanic => assert!(!text.contains("\x07\x07"), "two bells"),
            _ => {}
        }
        if self.0 != Mistake::WritesReferences {
            return GBK.encode(text, policy, out);
        }
        for character in text.chars() {
            let own = GBK.encode(character.encode_utf8(&mut [0; 4]), EncodePolicy::Error, out);
            if own.is_err() {
                out.extend_from_slice(format!("&#{};", u32::from(character)).as_bytes());
            }
        }
        Ok(())
    }

    fn unfinished(&self, bytes: &[u8]) -> usize {
        if self.0 == Mistake::KnowsNoHalves { 0 } else { GBK.unfinished(bytes) }
    }

    fn longest(&self) -> usize {
        GBK.longest()
    }

    fn spellings(&self, character: char) -> Vec<Vec<u8>> {
        let mut all = GBK.spellings(character);
        if self.0 == Mistake::SpellsOneWay {
            all.truncate(1);
        }
        all
    }

    fn is_plain(&self, characters: &[u8]) -> bool {
        let plain = [Mistake::IsPlain, Mistake::BeginsEverywhere, Mistake::SkipsBehindALead];
        plain.contains(&self.0) || GBK.is_plain(characters)
    }

    fn begins_at(&self, bytes: &[u8], at: usize, cursor: &mut Cursor) -> Option<bool> {
        match self.0 {
            Mistake::BeginsEverywhere => Some(true),
            Mistake::SkipsBehindALead => {
                while cursor.at < at {
                    cursor.at += if matches!(bytes[cursor.at], 0x81..=0xfe) { 2 } else { 1 };
                }
                Some(cursor.at == at)
            }
            Mistake::MovesTheCursorTooFar => {
                let begins = GBK.begins_at(bytes, at, cursor);
                cursor.at = at + 1;
                begins
            }
            _ => GBK.begins_at(bytes, at, cursor),
        }
    }

    fn is_stateful(&self) -> bool {
        false
    }
}
