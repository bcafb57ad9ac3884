//! What ends a frame on the wire, and what cannot be found there.

use std::cmp::Reverse;
use std::sync::Arc;

use wirework_core::{ByteKept, BytesKept, ComposeError, Cursor, DecodePolicy, Hex, TextEncoding, TextKept};

use super::end::End;
use crate::encoding::doubt;
use crate::framing::Delimiter;

/// The terminators of a frame as they stand on the wire.
#[derive(Clone, Debug)]
pub(super) struct Spelt {
    /// The longest first.
    pub(super) list: Vec<Terminator>,
    /// The one that is sent: that which was named first.
    pub(super) sent: Vec<u8>,
    /// The text in which they are characters, where their bytes can stand for something else.
    pub(super) text: Option<Arc<dyn TextEncoding>>,
    /// The byte that a layer writes twice: a terminator that begins with it begins behind an even number of them.
    pub(super) doubled: Option<u8>,
    /// How many bytes of each stand behind the one that is searched for.
    pub(super) behind: usize,
    /// The bytes behind which the only one, of one byte, is itself in that text.
    plain_behind: [u128; 2],
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Terminator {
    pub(super) bytes: Vec<u8>,
    /// What must stand in front of it, unless the frame begins with it, where it must be a whole line.
    pub(super) line_end: Option<Vec<u8>>,
}

/// What is known of the payloads in which terminators are looked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Payloads<'a> {
    /// The encodings in which the text may be.
    pub(crate) encodings: &'a [Arc<dyn TextEncoding>],
    /// What of the text stands in them.
    pub(crate) kept: &'a TextKept,
    /// The byte that a layer writes twice.
    pub(crate) doubled: Option<u8>,
    /// Whether bytes of the payload stand behind the terminator.
    pub(crate) goes_on: bool,
}

impl Spelt {
    fn new(mut list: Vec<Terminator>) -> Self {
        let sent = list.first().map_or_else(Vec::new, |first| first.bytes.clone());
        list.sort_by_key(|terminator| Reverse(terminator.bytes.len()));
        Self { list, sent, text: None, doubled: None, behind: 0, plain_behind: [0; 2] }
    }

    /// Those of payloads that are no text.
    pub(super) fn bytes(ends: &[End]) -> Self {
        let list = ends.iter().map(|end| Terminator {
            bytes: end.delimiter.bytes().to_vec(),
            line_end: end.whole_line.then(|| End::LINE_END.as_bytes().to_vec()),
        });
        Self::new(list.collect())
    }

    /// Those of payloads of text.
    pub(super) fn in_text(ends: &[End], payloads: Payloads<'_>) -> Result<Self, ComposeError> {
        let mut spelt = match (payloads.kept, payloads.encodings) {
            (_, []) => Self::bytes(ends),
            (TextKept::Rewritten(_), encodings) => Self::rewritten(ends, encodings)?,
            (kept, [encoding, others @ ..]) => Self::in_one_of(ends, encoding, others, *kept == TextKept::Within)?,
        };
        spelt.validate()?;
        if let Some(doubled) = payloads.doubled {
            spelt = spelt.behind_doubled(doubled)?;
        }
        if let TextKept::Rewritten(bytes) = payloads.kept {
            spelt.list.iter().try_for_each(|terminator| spelt.is_told(terminator, bytes, payloads))?;
        }
        Ok(spelt)
    }

    /// Those of text in this encoding or in any of the others; bytes that are no text may be mixed with it.
    fn in_one_of(
        ends: &[End],
        encoding: &Arc<dyn TextEncoding>,
        others: &[Arc<dyn TextEncoding>],
        mixed: bool,
    ) -> Result<Self, ComposeError> {
        let list = spell(ends, &**encoding)?;
        for other in others {
            if spell(ends, &**other)? != list {
                return Err(ComposeError::new(format!(
                    "what ends a frame is written in one way in {} and in another in {}, and which it is only the frame can \
                     say; use a length prefix",
                    encoding.name(),
                    other.name()
                )));
            }
        }
        let mut spelt = Self::new(list);
        let in_doubt = |encoding: &Arc<dyn TextEncoding>| {
            let terminator = spelt.list.iter().find(|terminator| !encoding.is_plain(&terminator.bytes))?;
            Some(doubt(&**encoding, &terminator.bytes).unwrap_or_default())
        };
        match [encoding].into_iter().chain(others).find_map(in_doubt) {
            None => {}
            Some(_) if others.is_empty() && !mixed => spelt.set_text(encoding.clone()),
            Some(doubt) if mixed => {
                let has_digits = encoding.decode(b"0", DecodePolicy::Strict, &mut String::new()).is_ok();
                let digits = if has_digits { "write a check as digits, or " } else { "" };
                return Err(ComposeError::new(format!(
                    "{doubt}; and where characters begin cannot be told behind bytes that are no text, such as those of a \
                     check; {digits}use a length prefix"
                )));
            }
            Some(doubt) => {
                return Err(ComposeError::new(format!(
                    "{doubt}; and which encoding it is only the frame can say; end frames with another character, or use a \
                     length prefix"
                )));
            }
        }
        Ok(spelt)
    }

    /// Those of text of which a layer has written some bytes as others.
    fn rewritten(ends: &[End], encodings: &[Arc<dyn TextEncoding>]) -> Result<Self, ComposeError> {
        for (end, encoding) in ends.iter().flat_map(|end| encodings.iter().map(move |encoding| (end, encoding))) {
            let Delimiter::Text(text) = &end.delimiter else { continue };
            if end.delimiter.spellings(&**encoding)?.iter().any(|spelling| spelling != end.delimiter.bytes()) {
                return Err(ComposeError::new(format!(
                    "a layer writes bytes of the text as others, so that {text:?} cannot be looked for as a character of {}; \
                     name the bytes that stand on the wire",
                    encoding.name()
                )));
            }
        }
        Ok(Self::bytes(ends))
    }

    /// Whether what a layer wrote holds this one only where the text does, or not at all.
    fn is_told(
        &self,
        Terminator { bytes, line_end }: &Terminator,
        kept: &BytesKept,
        payloads: Payloads<'_>,
    ) -> Result<(), ComposeError> {
        let whole = [line_end.as_deref().unwrap_or_default(), bytes].concat();
        let holds_any = |those: ByteKept| whole.iter().find(|byte| kept.get(**byte) == those);
        if holds_any(ByteKept::Out).is_some() || self.doubled.is_some() && self.doubled.as_ref() == bytes.first() {
            return Ok(());
        }
        match holds_any(ByteKept::Beside) {
            Some(_) if payloads.goes_on => return Ok(()),
            Some(beside) => {
                return Err(ComposeError::new(format!(
                    "an escape keeps {beside:02X} out of the text, and a layer in front of it, such as a check, may write it; \
                     put that layer behind the escape"
                )));
            }
            None => {}
        }
        if let Some(unsure) = holds_any(ByteKept::Unsure) {
            return Err(ComposeError::new(format!(
                "where a layer writes bytes as others, {unsure:02X} can stand for another, and would be taken for what ends a \
                 frame; end frames with a byte that the layer keeps out of what it writes, as an escape does with those in \
                 its table"
            )));
        }
        let delimiter = Delimiter::Bytes(whole.clone());
        for encoding in payloads.encodings {
            delimiter.spellings(&**encoding)?;
            if !encoding.is_plain(&whole) {
                return Err(ComposeError::new(format!(
                    "{}; and where characters begin cannot be told behind a layer that writes bytes as others; have it escape \
                     {} too, or end frames with what it keeps out of the text",
                    doubt(&**encoding, &whole).unwrap_or_default(),
                    Hex(whole.get(..1).unwrap_or_default())
                )));
            }
        }
        Ok(())
    }

    /// They are characters of this text. In UTF-16 and UTF-32 every other byte may be zero, so that another is searched for.
    fn set_text(&mut self, encoding: Arc<dyn TextEncoding>) {
        let shortest = self.list.last().map_or(0, |shortest| shortest.bytes.len());
        let is_rare = |behind: &usize| {
            self.list.iter().all(|Terminator { bytes, .. }| bytes.iter().rev().nth(*behind) != Some(&0))
        };
        self.behind = (0..shortest).find(is_rare).unwrap_or_default();
        let bits = |half: u8| {
            let plain = (0..128).filter(|before| encoding.is_plain_behind(half | before, &self.sent));
            plain.fold(0, |bits, before| bits | 1_u128 << before)
        };
        self.plain_behind = [bits(0), bits(0x80)];
        self.text = Some(encoding);
    }

    #[inline]
    pub(super) fn is_plain_behind(&self, before: u8) -> bool {
        let [low, high] = self.plain_behind;
        let bits = if before.is_ascii() { low } else { high };
        bits >> (before & 0x7F) & 1 == 1
    }

    /// Whether each of them can end a frame.
    pub(super) fn validate(&self) -> Result<(), ComposeError> {
        if self.list.is_empty() {
            return Err(ComposeError::new(
                "without a terminator nothing ends a frame; name one, as in Until::new(\"\\n\"), or use Rest for all that \
                 comes",
            ));
        }
        for Terminator { bytes, line_end } in &self.list {
            if bytes.is_empty() {
                return Err(ComposeError::new(
                    "an empty terminator ends every frame before it begins; name the bytes that end one",
                ));
            }
            if let Some(line_end) = line_end
                && bytes.strip_suffix(&line_end[..]).is_none_or(|line| self.holds(line, line_end))
            {
                return Err(ComposeError::new(format!(
                    "the line {} holds a CR LF itself; name the last line alone",
                    Hex(bytes)
                )));
            }
            let inside = bytes.split_last().map_or(&[][..], |(_, inside)| inside);
            if let Some(earlier) = self.list.iter().find(|other| self.holds(inside, &other.bytes)) {
                return Err(ComposeError::new(format!(
                    "the terminator {} is never found, because {} stands in it and ends the frame first; leave one of \
                     them out",
                    Hex(bytes),
                    Hex(&earlier.bytes)
                )));
            }
        }
        Ok(())
    }

    /// Whether `part` stands in `bytes`, which begin with a whole character.
    fn holds(&self, bytes: &[u8], part: &[u8]) -> bool {
        let begins = |at: usize| match &self.text {
            Some(encoding) => encoding.begins_at(bytes, at, &mut Cursor::default()) == Some(true),
            None => true,
        };
        let len = part.len();
        (0..bytes.len()).any(|at| len > 0 && bytes.get(at..).is_some_and(|rest| rest.starts_with(part)) && begins(at))
    }

    /// The same where a layer writes `doubled` twice wherever it stands in a payload.
    pub(super) fn behind_doubled(&self, doubled: u8) -> Result<Self, ComposeError> {
        for Terminator { bytes, line_end } in &self.list {
            let told = match &**bytes {
                _ if self.text.is_some() => false,
                [first, second, ..] if *first == doubled => *second != doubled && line_end.is_none(),
                _ => !bytes.contains(&doubled),
            };
            if !told {
                return Err(ComposeError::new(format!(
                    "the terminator {} cannot be told from a doubled {doubled:02X}; take one without that byte, or one \
                     that begins with it and goes on with another",
                    Hex(bytes)
                )));
            }
        }
        let concerns = self.list.iter().any(|terminator| terminator.bytes.contains(&doubled));
        Ok(Self { doubled: if concerns { Some(doubled) } else { self.doubled }, ..self.clone() })
    }
}

/// Every way in which `ends` are written in text of this encoding.
fn spell(ends: &[End], encoding: &dyn TextEncoding) -> Result<Vec<Terminator>, ComposeError> {
    let mut list = Vec::new();
    for end in ends {
        let line_end = match end.whole_line {
            true => End::new(End::LINE_END).delimiter.spellings(encoding)?.into_iter().next(),
            false => None,
        };
        let spellings = end.delimiter.spellings(encoding)?;
        list.extend(spellings.into_iter().map(|bytes| Terminator { bytes, line_end: line_end.clone() }));
    }
    Ok(list)
}
