//! CRCs by their names.

use std::fmt;
use std::sync::Arc;

use crc::Table;

use super::catalogue::{ALIASES, CATALOGUE, Entry, Parameters};

/// A cyclic redundancy check of 8, 16 or 32 bits, by the name that the
/// [catalogue of parametrised CRC algorithms](https://reveng.sourceforge.io/crc-catalogue/all.htm) gives it.
///
/// ```
/// use wirework_codecs::layer::Crc;
///
/// let crc = Crc::named("crc-16/modbus")?;
/// assert_eq!(crc.checksum(b"123456789"), 0x4B37);
/// # Ok::<(), wirework_codecs::layer::UnknownCrc>(())
/// ```
///
/// Its table, 4 KiB for each byte of its width, is made here, and shared by all clones.
#[derive(Clone)]
pub struct Crc {
    entry: &'static Entry,
    tables: Tables,
}

#[derive(Clone)]
enum Tables {
    Crc8(Arc<crc::Crc<u8, Table<16>>>),
    Crc16(Arc<crc::Crc<u16, Table<16>>>),
    Crc32(Arc<crc::Crc<u32, Table<16>>>),
}

/// No CRC of the catalogue has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no CRC is called {name:?}; did you mean {nearest}?")]
pub struct UnknownCrc {
    name: String,
    nearest: &'static str,
}

impl Crc {
    /// The CRC with this name of the catalogue, in any case, with `/`, `-` and `_` alike: `CRC-16/MODBUS`, `crc-16-modbus`.
    ///
    /// # Errors
    /// Where there is none, with the nearest name. Names that the catalogue does not use, such as `CRC-32`, are errors too:
    /// people mean different CRCs by some of them.
    pub fn named(name: &str) -> Result<Self, UnknownCrc> {
        let wanted = plain(name);
        let entry = CATALOGUE.iter().find(|entry| plain(entry.name) == wanted);
        let entry = entry.ok_or_else(|| UnknownCrc { name: name.to_owned(), nearest: nearest(&wanted) })?;
        let tables = match entry.parameters {
            Parameters::Crc8(algorithm) => Tables::Crc8(Arc::new(crc::Crc::<u8, Table<16>>::new(algorithm))),
            Parameters::Crc16(algorithm) => Tables::Crc16(Arc::new(crc::Crc::<u16, Table<16>>::new(algorithm))),
            Parameters::Crc32(algorithm) => Tables::Crc32(Arc::new(crc::Crc::<u32, Table<16>>::new(algorithm))),
        };
        Ok(Self { entry, tables })
    }

    /// All names, in the order of the catalogue.
    pub fn names() -> impl Iterator<Item = &'static str> {
        CATALOGUE.iter().map(|entry| entry.name)
    }

    /// The name that the catalogue gives it.
    pub fn name(&self) -> &'static str {
        self.entry.name
    }

    /// How many bytes its value takes.
    pub fn bytes(&self) -> usize {
        match self.entry.parameters {
            Parameters::Crc8(_) => 1,
            Parameters::Crc16(_) => 2,
            Parameters::Crc32(_) => 4,
        }
    }

    /// Its value of `data`.
    #[inline]
    pub fn checksum(&self, data: &[u8]) -> u64 {
        match &self.tables {
            Tables::Crc8(crc) => u64::from(crc.checksum(data)),
            Tables::Crc16(crc) => u64::from(crc.checksum(data)),
            Tables::Crc32(crc) => u64::from(crc.checksum(data)),
        }
    }
}

impl PartialEq for Crc {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Crc {}

impl fmt::Debug for Crc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Crc({})", self.name())
    }
}

/// A name as it is compared.
fn plain(name: &str) -> String {
    name.chars().map(|c| if matches!(c, '/' | '_') { '-' } else { c.to_ascii_lowercase() }).collect()
}

/// The name of the catalogue that `wanted` was meant to be: by another name of the same CRC, by what stands behind its
/// width, or with the fewest typing errors.
fn nearest(wanted: &str) -> &'static str {
    let names = Crc::names().map(|name| (name, name));
    let all = names.chain(ALIASES.iter().copied());
    let distance = |(name, _): &(&str, &str)| {
        let tail = name.split_once('/').map_or(*name, |(_, tail)| tail);
        edits(&plain(name), wanted).min(edits(&plain(tail), wanted))
    };
    all.min_by_key(distance).map_or("", |(_, name)| name)
}

/// How many characters must be typed, deleted or replaced to make one of the other (Levenshtein's distance).
fn edits(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (i, a) in one.chars().enumerate() {
        let (mut diagonal, mut left) = (i, i + 1);
        let mut cells = row.iter_mut();
        if let Some(first) = cells.next() {
            *first = left;
        }
        for (cell, b) in cells.zip(other.chars()) {
            let best = (diagonal + usize::from(a != b)).min(left + 1).min(*cell + 1);
            (diagonal, left, *cell) = (*cell, best, best);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_answer_of_the_catalogue() {
        let mut count = [0; 5];
        for entry in CATALOGUE {
            let crc = Crc::named(entry.name).unwrap();
            let check = match entry.parameters {
                Parameters::Crc8(algorithm) => u64::from(algorithm.check),
                Parameters::Crc16(algorithm) => u64::from(algorithm.check),
                Parameters::Crc32(algorithm) => u64::from(algorithm.check),
            };
            assert_eq!(crc.checksum(b"123456789"), check, "{}", entry.name);
            let (width, _) = entry.name.split_once('/').unwrap();
            assert_eq!(width, format!("CRC-{}", 8 * crc.bytes()));
            count[crc.bytes()] += 1;
        }
        assert_eq!(count, [0, 20, 31, 0, 12], "of 8, 16 and 32 bits, as the catalogue has them");
    }

    #[test]
    fn long_data_is_summed_as_byte_by_byte() {
        let data: Vec<u8> = (0..=255).cycle().take(1000).collect();
        let fast = Crc::named("CRC-32/ISO-HDLC").unwrap().checksum(&data);
        assert_eq!(fast, u64::from(crc::Crc::<u32, crc::NoTable>::new(&crc::CRC_32_ISO_HDLC).checksum(&data)));
    }

    #[test]
    fn names_are_found_however_they_are_written() {
        for name in ["CRC-16/MODBUS", "crc-16/modbus", "crc_16_modbus", "Crc-16-Modbus"] {
            assert_eq!(Crc::named(name).unwrap().name(), "CRC-16/MODBUS");
        }
        for name in Crc::names() {
            assert_eq!(Crc::named(&plain(name)).unwrap().name(), name);
        }
    }

    #[test]
    fn an_unknown_name_names_the_nearest() {
        for (name, nearest) in [
            ("crc-16/modbuss", "CRC-16/MODBUS"),
            ("modbus", "CRC-16/MODBUS"),
            ("CRC-32", "CRC-32/ISO-HDLC"),
            ("crc32c", "CRC-32/ISCSI"),
            ("crc-16/ccitt-false", "CRC-16/IBM-3740"),
            ("x25", "CRC-16/IBM-SDLC"),
        ] {
            let error = Crc::named(name).unwrap_err().to_string();
            assert_eq!(error, format!("no CRC is called {name:?}; did you mean {nearest}?"));
        }
        assert!(ALIASES.iter().all(|(_, name)| Crc::names().any(|known| known == *name)));
    }

    #[test]
    fn edits_are_counted() {
        assert_eq!([edits("", "abc"), edits("abc", "abc"), edits("abc", "axc"), edits("abcd", "bd")], [3, 0, 1, 2]);
    }
}
