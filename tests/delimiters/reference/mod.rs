//! Decoders that say where each character stands: slow, one step of the Encoding Standard after the other, and told apart from
//! the product's by knowing nothing of it.
//!
//! Which pairs are characters is read out of `encoding_rs`; where characters begin and end is not, for it does not say. That
//! all together is the text that `encoding_rs` reads is a test.

mod gb18030;
mod iso_2022_jp;
mod pairs;
mod utf_16;

use encoding_rs::{EUC_JP, Encoding, GB18030, GBK, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};
use pairs::{Index, Leads};

/// A character, or a malformed sequence, and the bytes that it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    pub start: usize,
    pub end: usize,
    /// `None`: it is malformed.
    pub character: Option<char>,
}

/// A decoder of one encoding.
pub enum Reference {
    Single(&'static Encoding),
    Utf8,
    Utf16 { big_endian: bool },
    Gb18030(Index),
    Pairs(Index, Leads),
    EucJp { pairs: Index, triples: Index },
    Iso2022Jp(Index),
}

impl Reference {
    pub fn new(encoding: &'static Encoding) -> Self {
        match encoding {
            utf_8 if utf_8 == UTF_8 => Self::Utf8,
            utf_16 if utf_16 == UTF_16LE => Self::Utf16 { big_endian: false },
            utf_16 if utf_16 == UTF_16BE => Self::Utf16 { big_endian: true },
            gb if gb == GB18030 || gb == GBK => Self::Gb18030(Index::new(encoding, &[], &[])),
            jp if jp == ISO_2022_JP => Self::Iso2022Jp(Index::new(encoding, b"\x1b$B", b"\x1b(B")),
            jp if jp == EUC_JP => {
                Self::EucJp { pairs: Index::new(encoding, &[], &[]), triples: Index::new(encoding, b"\x8f", &[]) }
            }
            jp if jp.name() == "Shift_JIS" => Self::Pairs(Index::new(encoding, &[], &[]), Leads::ShiftJis),
            single if single.is_single_byte() => Self::Single(single),
            _ => Self::Pairs(Index::new(encoding, &[], &[]), Leads::Wide),
        }
    }

    /// What a decoder of all of `bytes` reads.
    pub fn items(&self, bytes: &[u8]) -> Vec<Item> {
        let mut items = Items { bytes, here: 0, list: Vec::new() };
        match self {
            Self::Single(encoding) => {
                while let Some(byte) = items.byte(0) {
                    let byte = [byte];
                    let text = encoding.decode_without_bom_handling_and_without_replacement(&byte);
                    items.put(1, text.and_then(|text| text.chars().next()));
                }
            }
            Self::Utf8 => utf_8(&mut items),
            Self::Utf16 { big_endian } => utf_16::read(&mut items, *big_endian),
            Self::Gb18030(index) => gb18030::read(&mut items, index),
            Self::Pairs(index, leads) => pairs::read(&mut items, index, *leads),
            Self::EucJp { pairs, triples } => pairs::read_euc_jp(&mut items, pairs, triples),
            Self::Iso2022Jp(index) => iso_2022_jp::read(&mut items, index),
        }
        items.list
    }
}

/// The text of all of them, as a decoder that replaces gives it.
pub fn text(items: &[Item]) -> String {
    items.iter().map(|item| item.character.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// What has been read so far.
struct Items<'a> {
    bytes: &'a [u8],
    here: usize,
    list: Vec<Item>,
}

impl Items<'_> {
    /// The byte so far ahead.
    fn byte(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.here + ahead).copied()
    }

    /// The next `len` bytes are this.
    fn put(&mut self, len: usize, character: Option<char>) {
        let end = (self.here + len).min(self.bytes.len());
        self.list.push(Item { start: self.here, end, character });
        self.here = end;
    }

    /// All that is left is one malformed sequence.
    fn cut_off(&mut self) {
        self.put(self.bytes.len() - self.here, None);
    }
}

/// The Unicode Standard's practice of replacing maximal subparts, as the standard library has it.
fn utf_8(items: &mut Items<'_>) {
    for chunk in items.bytes.utf8_chunks() {
        chunk.valid().chars().for_each(|character| items.put(character.len_utf8(), Some(character)));
        if !chunk.invalid().is_empty() {
            items.put(chunk.invalid().len(), None);
        }
    }
}
