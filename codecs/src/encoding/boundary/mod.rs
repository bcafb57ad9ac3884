//! Where characters begin, told from as few bytes as can tell.
//!
//! In the encodings with two bytes a character, a byte begins one unless it is the second of a pair. Going back from it to the
//! last byte that cannot be the first of a pair is enough to know: whatever came before, a character begins behind that
//! one. So a delimiter is found by looking for its bytes, and by counting the bytes in front of it that may begin a pair.

mod euc_jp;
mod gb18030;
mod iso_2022_jp;
mod pairs;

use wirework_core::Cursor;

pub(super) use pairs::{Leads, Pairs};

/// How characters lie in the bytes of an encoding.
#[derive(Clone, Copy)]
pub(super) enum Boundaries {
    /// Whole characters are found by their bytes: of single bytes, and of UTF-8, whose first bytes are never others.
    Everywhere,
    /// Units of so many bytes, from the start on.
    Units(usize),
    /// A byte, or a pair that one of these begins.
    Double(Leads, &'static Pairs),
    /// The same with forms of four bytes.
    Gb18030(&'static Pairs),
    EucJp,
    Iso2022Jp,
}

impl Boundaries {
    /// As [`TextEncoding::begins_at`](wirework_core::TextEncoding::begins_at).
    pub(super) fn begins_at(self, bytes: &[u8], at: usize, cursor: &mut Cursor) -> Option<bool> {
        match self {
            Self::Everywhere => Some(true),
            Self::Units(len) => Some(at.saturating_sub(cursor.at).is_multiple_of(len)),
            Self::Double(leads, pairs) => Some(pairs.begins_at(leads, bytes, at, cursor)),
            Self::Gb18030(pairs) => gb18030::begins_at(pairs, bytes, at, cursor),
            Self::EucJp => scan(bytes, at, cursor, u8::is_ascii, euc_jp::item),
            Self::Iso2022Jp => iso_2022_jp::begins_at(bytes, at, cursor),
        }
    }

    /// Whether this ASCII character is itself behind the byte `before`, wherever both stand.
    pub(super) fn is_plain_behind(self, before: u8, byte: u8) -> bool {
        match self {
            Self::Double(leads, _) => !leads.have(before),
            Self::Gb18030(_) => !Leads::Wide.have(before) && !byte.is_ascii_digit(),
            _ => self.is_plain(byte),
        }
    }

    /// Whether this ASCII character is itself wherever its byte stands.
    pub(super) fn is_plain(self, byte: u8) -> bool {
        match self {
            Self::Everywhere | Self::EucJp => true,
            Self::Double(_, pairs) => !pairs.have_second(byte),
            Self::Gb18030(pairs) => !pairs.have_second(byte) && !byte.is_ascii_digit(),
            Self::Units(_) | Self::Iso2022Jp => false,
        }
    }
}

/// Goes from one character to the next, from the last byte before `at` behind which one begins in any case, and no further
/// back than the cursor.
fn scan(
    bytes: &[u8],
    at: usize,
    cursor: &mut Cursor,
    ends: impl Fn(&u8) -> bool,
    item: impl Fn(&[u8]) -> Option<usize>,
) -> Option<bool> {
    let unknown = bytes.get(cursor.at..at).unwrap_or_default();
    let mut here = unknown.iter().rposition(ends).map_or(cursor.at, |end| cursor.at + end + 1);
    while here < at {
        cursor.at = here;
        here += item(bytes.get(here..).unwrap_or_default())?;
    }
    cursor.at = here;
    Some(here == at)
}
