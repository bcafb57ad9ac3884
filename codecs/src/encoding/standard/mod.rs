//! The encodings of the Encoding Standard, by way of `encoding_rs`.

mod decode;
mod encode;
mod one_way;
mod shape;
mod spellings;

use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, ISO_2022_JP, REPLACEMENT, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE,
    WINDOWS_1252,
};

pub(super) use decode::decode;
use one_way::OneWay;
pub(super) use shape::{boundaries, longest, unfinished};

/// One of them, and what would otherwise be asked anew for every message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Standard {
    pub(super) table: &'static Encoding,
    writes: Writes,
}

/// How text is written.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Writes {
    /// As it is.
    Utf8,
    /// In units of two bytes.
    Utf16 { big_endian: bool },
    /// By an encoder. Some write ASCII as it is, and some write a few characters as others.
    Encoder { keeps_ascii: bool, one_way: OneWay },
}

impl Standard {
    pub(super) const UTF_8: Self = Self { table: UTF_8, writes: Writes::Utf8 };
    pub(super) const UTF_16LE: Self = Self { table: UTF_16LE, writes: Writes::Utf16 { big_endian: false } };
    pub(super) const UTF_16BE: Self = Self { table: UTF_16BE, writes: Writes::Utf16 { big_endian: true } };
    pub(super) const GBK: Self = Self::beside_ascii(GBK, OneWay::Gb);
    pub(super) const GB18030: Self = Self::beside_ascii(GB18030, OneWay::Gb);
    pub(super) const BIG5: Self = Self::beside_ascii(BIG5, OneWay::None);
    pub(super) const SHIFT_JIS: Self = Self::beside_ascii(SHIFT_JIS, OneWay::Japanese);
    pub(super) const EUC_JP: Self = Self::beside_ascii(EUC_JP, OneWay::Japanese);
    pub(super) const EUC_KR: Self = Self::beside_ascii(EUC_KR, OneWay::None);
    pub(super) const WINDOWS_1252: Self = Self::beside_ascii(WINDOWS_1252, OneWay::None);

    /// One whose encoder writes ASCII as it is.
    const fn beside_ascii(table: &'static Encoding, one_way: OneWay) -> Self {
        Self { table, writes: Writes::Encoder { keeps_ascii: true, one_way } }
    }

    /// Nothing for the table that stands for what nobody may read.
    pub(super) fn new(table: &'static Encoding) -> Option<Self> {
        let writes = match table {
            utf_8 if utf_8 == UTF_8 => Writes::Utf8,
            utf_16 if utf_16 == UTF_16LE => Writes::Utf16 { big_endian: false },
            utf_16 if utf_16 == UTF_16BE => Writes::Utf16 { big_endian: true },
            none if none == REPLACEMENT => return None,
            table => {
                let keeps_ascii = table.is_ascii_compatible();
                let one_way = match table {
                    gb if gb == GBK || gb == GB18030 => OneWay::Gb,
                    japanese if japanese == SHIFT_JIS || japanese == EUC_JP => OneWay::Japanese,
                    japanese if japanese == ISO_2022_JP => OneWay::Iso2022Jp,
                    _ => OneWay::None,
                };
                Writes::Encoder { keeps_ascii, one_way }
            }
        };
        Some(Self { table, writes })
    }
}

/// Whether what a byte means depends on escape sequences somewhere before it.
pub(super) fn is_stateful(encoding: &'static Encoding) -> bool {
    encoding == ISO_2022_JP
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_with_a_name_are_what_is_made_of_their_tables() {
        for named in [
            Standard::UTF_8,
            Standard::UTF_16LE,
            Standard::UTF_16BE,
            Standard::GBK,
            Standard::GB18030,
            Standard::BIG5,
            Standard::SHIFT_JIS,
            Standard::EUC_JP,
            Standard::EUC_KR,
            Standard::WINDOWS_1252,
        ] {
            assert_eq!(Standard::new(named.table), Some(named));
        }
    }
}
