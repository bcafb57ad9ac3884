//! Encodings whose characters are bytes and pairs of bytes.

use wirework_core::Cursor;

/// The bytes that may begin a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::encoding) enum Leads {
    /// `81` to `FE`: GBK, Big5, EUC-KR.
    Wide,
    /// `81` to `9F` and `E0` to `FC`: Shift_JIS.
    ShiftJis,
}

/// Which ASCII bytes are the second of a pair, behind which lead byte.
#[derive(Clone)]
pub(in crate::encoding) struct Pairs {
    /// A bit for each second byte, for each lead byte from `80`.
    seconds: [u128; 128],
    /// Those that stand behind any.
    any: u128,
}

impl Leads {
    #[inline]
    pub(in crate::encoding) fn have(self, byte: u8) -> bool {
        match self {
            Self::Wide => matches!(byte, 0x81..=0xFE),
            Self::ShiftJis => matches!(byte, 0x81..=0x9F | 0xE0..=0xFC),
        }
    }

    /// How many of these `bytes` end with.
    #[inline]
    pub(in crate::encoding) fn run(self, bytes: &[u8]) -> usize {
        match self {
            Self::Wide => run(bytes, |byte| Self::Wide.have(byte)),
            Self::ShiftJis => run(bytes, |byte| Self::ShiftJis.have(byte)),
        }
    }
}

/// How many bytes at the end of `bytes` are such. A block at a time, which a compiler makes a few instructions of.
#[inline(always)]
fn run(bytes: &[u8], is_such: impl Fn(u8) -> bool) -> usize {
    let (head, blocks) = bytes.as_rchunks::<16>();
    let whole =
        blocks.iter().rev().take_while(|block| block.iter().fold(true, |all, byte| all & is_such(*byte))).count();
    let rest = match blocks.len().checked_sub(whole + 1).and_then(|next| blocks.get(next)) {
        Some(block) => &block[..],
        None => head,
    };
    whole * 16 + rest.iter().rev().take_while(|byte| is_such(**byte)).count()
}

impl Pairs {
    /// Those that `is_character` says are one.
    pub(in crate::encoding) fn new(is_character: impl Fn([u8; 2]) -> bool) -> Self {
        let seconds: [u128; 128] = std::array::from_fn(|lead| {
            let lead = u8::try_from(lead + 0x80).unwrap_or(u8::MAX);
            (0..0x80).filter(|second| is_character([lead, *second])).fold(0, |bits, second| bits | 1 << second)
        });
        Self { any: seconds.iter().fold(0, |any, bits| any | bits), seconds }
    }

    /// Whether this is a pair. The second byte is ASCII.
    #[inline]
    pub(super) fn have(&self, lead: u8, second: u8) -> bool {
        let seconds = self.seconds.get(usize::from(lead.wrapping_sub(0x80))).copied().unwrap_or_default();
        seconds.checked_shr(second.into()).unwrap_or_default() & 1 == 1
    }

    /// Whether this ASCII byte is the second of any pair.
    pub(super) fn have_second(&self, byte: u8) -> bool {
        self.any.checked_shr(byte.into()).unwrap_or_default() & 1 == 1
    }

    /// How many bytes a decoder reads at a lead byte with this one behind it: the pair, or, where they make none, the lead
    /// byte and whatever is not ASCII.
    #[inline]
    pub(super) fn item(&self, lead: u8, second: u8) -> usize {
        if second.is_ascii() && !self.have(lead, second) { 1 } else { 2 }
    }

    /// As [`TextEncoding::begins_at`](wirework_core::TextEncoding::begins_at).
    #[inline]
    pub(super) fn begins_at(&self, leads: Leads, bytes: &[u8], at: usize, cursor: &mut Cursor) -> bool {
        let run = leads.run(bytes.get(cursor.at..at).unwrap_or_default());
        cursor.at = at;
        if run.is_multiple_of(2) {
            return true;
        }
        let pair = at.checked_sub(1).and_then(|lead| bytes.get(lead)).zip(bytes.get(at));
        let len = pair.map_or(1, |(lead, second)| self.item(*lead, *second));
        cursor.at = at + len - 1;
        len == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_counted_from_the_end() {
        for len in 0..70 {
            for start in 0..=len {
                let bytes: Vec<u8> = (0..len).map(|at| if at < start { b'a' } else { 0x81 }).collect();
                assert_eq!(Leads::Wide.run(&bytes), len - start);
                assert_eq!(Leads::ShiftJis.run(&bytes), len - start);
            }
        }
        assert_eq!((Leads::Wide.run(b"\x81\xa1"), Leads::ShiftJis.run(b"\x81\xa1")), (2, 0));
    }

    #[test]
    fn a_byte_that_is_no_second_one_is_read_again() {
        let pairs = Pairs::new(|[lead, second]| lead == 0x81 && second == b'|');
        let begins = |bytes: &[u8], at, from| {
            let mut cursor = Cursor { at: from, shift: 0 };
            (pairs.begins_at(Leads::Wide, bytes, at, &mut cursor), cursor.at)
        };
        assert_eq!(begins(b"\x81|", 1, 0), (false, 2));
        assert_eq!(begins(b"\x81\x81|", 2, 0), (true, 2));
        assert_eq!(begins(b"\x81\x81|", 2, 1), (false, 3), "where a character is known to begin");
        assert_eq!(begins(b"\x82|", 1, 0), (true, 1));
        assert_eq!(begins(b"\x82\x81|", 1, 0), (false, 2), "a malformed pair is read together");
        assert!(pairs.have_second(b'|') && !pairs.have_second(b',') && !pairs.have_second(0x81));
    }
}
