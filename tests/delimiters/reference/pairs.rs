//! Encodings whose characters are bytes and pairs of bytes: Big5, EUC-KR, Shift_JIS; and EUC-JP, which has triples too.

use encoding_rs::Encoding;

use super::Items;

/// Which pairs are characters. Some pairs of Big5 are two.
pub struct Index(Vec<[Option<char>; 2]>);

impl Index {
    /// Reads each pair between `before` and `behind`.
    pub(super) fn new(encoding: &'static Encoding, before: &[u8], behind: &[u8]) -> Self {
        let is_single = |byte: u8| encoding.decode_without_bom_handling_and_without_replacement(&[byte]).is_some();
        let pair = |pair: u16| {
            let pair = pair.to_be_bytes();
            if before.is_empty() && is_single(pair[0]) {
                return [None; 2];
            }
            let bytes = [before, &pair, behind].concat();
            match encoding.decode_without_bom_handling_and_without_replacement(&bytes) {
                Some(text) => {
                    let mut characters = text.chars();
                    [characters.next(), characters.next()]
                }
                None => [None; 2],
            }
        };
        Self((0..=u16::MAX).map(pair).collect())
    }

    pub(super) fn get(&self, first: u8, second: u8) -> [Option<char>; 2] {
        self.0[usize::from(u16::from_be_bytes([first, second]))]
    }
}

#[derive(Clone, Copy)]
pub enum Leads {
    Wide,
    ShiftJis,
}

pub(super) fn read(items: &mut Items<'_>, index: &Index, leads: Leads) {
    while let Some(byte) = items.byte(0) {
        let is_lead = match leads {
            Leads::Wide => matches!(byte, 0x81..=0xFE),
            Leads::ShiftJis => matches!(byte, 0x81..=0x9F | 0xE0..=0xFC),
        };
        match (byte, items.byte(1)) {
            (0x00..=0x7F, _) => items.put(1, Some(char::from(byte))),
            (0x80, _) if matches!(leads, Leads::ShiftJis) => items.put(1, Some('\u{80}')),
            // Half-width katakana.
            (0xA1..=0xDF, _) if !is_lead => items.put(1, char::from_u32(0xFF61 - 0xA1 + u32::from(byte))),
            _ if !is_lead => items.put(1, None),
            (_, None) => items.cut_off(),
            (_, Some(second)) => pair(items, index.get(byte, second), second),
        }
    }
}

/// A pair. Where it is no character, an ASCII byte is read again.
pub(super) fn pair(items: &mut Items<'_>, characters: [Option<char>; 2], second: u8) {
    match characters {
        [None, _] if second.is_ascii() => items.put(1, None),
        [first, None] => items.put(2, first),
        [first, combining] => {
            items.put(2, first);
            items.put(0, combining);
        }
    }
}

pub(super) fn read_euc_jp(items: &mut Items<'_>, pairs: &Index, triples: &Index) {
    while let Some(byte) = items.byte(0) {
        match (byte, items.byte(1), items.byte(2)) {
            (0x00..=0x7F, ..) => items.put(1, Some(char::from(byte))),
            (0x8E | 0x8F | 0xA1..=0xFE, None, _) => items.cut_off(),
            (0x8E, Some(kana @ 0xA1..=0xDF), _) => {
                items.put(2, char::from_u32(0xFF61 - 0xA1 + u32::from(kana)));
            }
            (0x8F, Some(0xA1..=0xFE), None) => items.cut_off(),
            (0x8F, Some(second @ 0xA1..=0xFE), Some(third)) => match triples.get(second, third) {
                [None, _] if third.is_ascii() => items.put(2, None),
                [character, _] => items.put(3, character),
            },
            (0xA1..=0xFE, Some(second @ 0xA1..=0xFE), _) => pair(items, pairs.get(byte, second), second),
            (0x8E | 0x8F | 0xA1..=0xFE, Some(second), _) => pair(items, [None; 2], second),
            _ => items.put(1, None),
        }
    }
}
