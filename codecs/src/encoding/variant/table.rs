//! The table of a variant: that of the Encoding Standard with a patch on it.

use encoding_rs::{Encoding, GB18030};

use super::four::Four;
use crate::encoding::boundary::Pairs;

/// What is otherwise than in the Encoding Standard. A code is one byte, or two with the lead byte first.
pub(super) struct Patch {
    /// Codes that are not characters here: from a lead and a second byte to a lead and a second byte.
    pub(super) none: &'static [(u16, u16)],
    /// Codes that count up, row by row: from, to, the first character, and how far the next row is from it.
    pub(super) counted: &'static [(u16, u16, u16, u16)],
    /// Characters of one code after another in a row.
    pub(super) text: &'static [(u16, &'static str)],
    /// Characters that are written otherwise than as the first code that is read as them, one code after another.
    pub(super) written: &'static [(u16, &'static str)],
    /// Characters that are read and not written.
    pub(super) not_written: &'static str,
    /// Characters of four-byte forms, one after another, by the number of the first.
    pub(super) four: &'static [(u16, &'static str)],
}

/// Characters by code and codes by character; 0 where there is none.
pub(super) struct Table {
    characters: Box<[u16]>,
    codes: Box<[u16]>,
    pairs: Pairs,
    four: Option<Four>,
}

impl Table {
    pub(super) fn new(base: &'static Encoding, patch: &Patch) -> Self {
        let mut table = Self { characters: empty(), codes: empty(), pairs: Pairs::new(|_| false), four: None };
        table.read_as_standard(base);
        for (from, to) in patch.none {
            block(*from, *to).for_each(|(code, _, _)| table.set(code, 0));
        }
        for (from, to, first, next_row) in patch.counted {
            for (code, row, at) in block(*from, *to) {
                table.set(code, first.wrapping_add(row.wrapping_mul(*next_row)).wrapping_add(at));
            }
        }
        for (from, text) in patch.text {
            (*from..).zip(text.chars()).for_each(|(code, c)| table.set(code, basic(c)));
        }
        table.write_as_read();
        for (from, text) in patch.written {
            (*from..).zip(text.chars()).for_each(|(code, c)| table.write(basic(c), code));
        }
        patch.not_written.chars().for_each(|c| table.write(basic(c), 0));
        table.four = (base == GB18030).then(|| Four::new(base, patch.four));
        table.pairs = Pairs::new(|pair| table.character(u16::from_be_bytes(pair)).is_some());
        table
    }

    /// All codes of one and two bytes that are one character of the Basic Multilingual Plane.
    fn read_as_standard(&mut self, base: &'static Encoding) {
        let mut set = |code: u16, bytes: &[u8]| {
            let text = base.decode_without_bom_handling_and_without_replacement(bytes).unwrap_or_default();
            let mut characters = text.chars();
            if let (Some(c), None) = (characters.next(), characters.next()) {
                self.set(code, basic(c));
            }
        };
        for code in 0x80..=0xff {
            let [_, byte] = u16::to_be_bytes(code);
            set(code, &[byte]);
        }
        for code in 0x8000..=0xffff {
            let [lead, second] = u16::to_be_bytes(code);
            if second >= 0x40 {
                set(code, &[lead, second]);
            }
        }
    }

    fn write_as_read(&mut self) {
        for code in (0..=u16::MAX).rev() {
            match self.character_of(code) {
                0 => {}
                c => self.write(c, code),
            }
        }
    }

    fn set(&mut self, code: u16, character: u16) {
        if let Some(slot) = self.characters.get_mut(usize::from(code)) {
            *slot = character;
        }
    }

    fn write(&mut self, character: u16, code: u16) {
        if let Some(slot) = self.codes.get_mut(usize::from(character)) {
            *slot = code;
        }
    }

    fn character_of(&self, code: u16) -> u16 {
        self.characters.get(usize::from(code)).copied().unwrap_or_default()
    }

    /// What this code is read as. ASCII is not in the table.
    #[inline]
    pub(super) fn character(&self, code: u16) -> Option<char> {
        match self.character_of(code) {
            0 => None,
            c => char::from_u32(c.into()),
        }
    }

    /// What this character is written as. ASCII is not in the table.
    #[inline]
    pub(super) fn code(&self, character: char) -> Option<u16> {
        let at = usize::try_from(u32::from(character)).ok()?;
        self.codes.get(at).copied().filter(|code| *code != 0)
    }

    /// The four-byte forms, if there are any.
    pub(super) fn four(&self) -> Option<&Four> {
        self.four.as_ref()
    }

    /// The pairs that are a character with an ASCII byte.
    pub(super) fn pairs(&self) -> &Pairs {
        &self.pairs
    }

    /// All codes that are read as `character`.
    pub(super) fn codes(&self, character: char) -> impl Iterator<Item = u16> {
        let all = (0..=u16::MAX).zip(self.characters.iter());
        all.filter(move |(_, c)| **c != 0 && u32::from(**c) == u32::from(character)).map(|(code, _)| code)
    }
}

fn empty() -> Box<[u16]> {
    vec![0; 1 << 16].into_boxed_slice()
}

/// 0 for what no table has: these encodings know the Basic Multilingual Plane.
fn basic(character: char) -> u16 {
    u16::try_from(u32::from(character)).unwrap_or_default()
}

/// The codes of a block with the number of their row, and of their place in it.
fn block(from: u16, to: u16) -> impl Iterator<Item = (u16, u16, u16)> {
    let ([lead, first], [last_lead, last]) = (from.to_be_bytes(), to.to_be_bytes());
    (lead..=last_lead).zip(0..).flat_map(move |(lead, row)| {
        (first..=last).zip(0..).map(move |(second, at)| (u16::from_be_bytes([lead, second]), row, at))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_takes_away_counts_up_and_sets() {
        let table = Table::new(
            encoding_rs::GBK,
            &Patch {
                none: &[(0xb0a1, 0xb1a2)],
                counted: &[(0xaaa1, 0xaba2, 0xe000, 10)],
                text: &[(0xb0a1, "一丁")],
                written: &[(0xf7fe, "丁")],
                not_written: "七",
                four: &[],
            },
        );
        assert_eq!(
            [0xb0a1, 0xb0a2, 0xb0a3, 0xb1a1, 0xb1a3].map(|code| table.character(code)),
            [Some('一'), Some('丁'), Some('埃'), None, Some('保')]
        );
        assert_eq!(
            [0xaaa1, 0xaaa2, 0xaba1, 0xaba2].map(|code| table.character(code)),
            [Some('\u{e000}'), Some('\u{e001}'), Some('\u{e00a}'), Some('\u{e00b}')]
        );
        assert_eq!(
            ['一', '丁', '七', '埃', '啊'].map(|c| table.code(c)),
            [Some(0xb0a1), Some(0xf7fe), None, Some(0xb0a3), None]
        );
        assert_eq!(table.codes('一').collect::<Vec<_>>(), [0xb0a1, 0xd2bb]);
    }
}
