//! Every byte string that is a character.

use bytes::BytesMut;
use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, ISO_2022_JP, SHIFT_JIS};
use wirework_core::EncodePolicy;

use super::Standard;

impl Standard {
    /// As [`TextEncoding::spellings`](wirework_core::TextEncoding::spellings).
    ///
    /// Other bytes than those that are written can only be found by trying all. That takes some milliseconds, once a
    /// composition, and only for characters beyond ASCII.
    pub(in crate::encoding) fn spellings(self, character: char) -> Vec<Vec<u8>> {
        let encoding = self.table;
        if encoding == ISO_2022_JP && (!character.is_ascii() || matches!(character, '$' | '(')) {
            // Beyond ASCII its bytes are what escape sequences before them say; and these two stand in such sequences.
            return Vec::new();
        }
        let is_it = |bytes: &[u8]| {
            let text = encoding.decode_without_bom_handling_and_without_replacement(bytes);
            text.is_some_and(|text| text.chars().eq([character]))
        };
        let mut written = BytesMut::new();
        // What the encoding lacks leaves nothing written, which is no character.
        let _ = self.encode(character.encode_utf8(&mut [0; 4]), EncodePolicy::Error, &mut written);
        let mut all: Vec<Vec<u8>> = Some(written.to_vec()).filter(|bytes| is_it(bytes)).into_iter().collect();
        if !character.is_ascii() {
            let others = beyond_ascii(encoding).filter(|bytes| is_it(bytes) && *bytes != *written);
            all.extend(others);
        }
        all
    }
}

/// All that could be a character beyond ASCII, in the encodings that have two ways to write some.
fn beyond_ascii(encoding: &'static Encoding) -> impl Iterator<Item = Vec<u8>> {
    let has_pairs = [BIG5, EUC_JP, EUC_KR, GB18030, GBK, SHIFT_JIS].contains(&encoding);
    let has_triples = encoding == EUC_JP;
    let has_quads = [GB18030, GBK].contains(&encoding);
    let singles = (0x80..=0xFF).filter(move |_| has_pairs).map(|byte| vec![byte]);
    let pairs = (0x8130..=0xFEFE_u16).filter(move |_| has_pairs).map(|pair| pair.to_be_bytes().to_vec());
    let triples =
        (0xA1A1..=0xFEFE_u16).filter(move |_| has_triples).map(|pair| [&[0x8F], &pair.to_be_bytes()[..]].concat());
    let quads = (0x81..=0x84).filter(move |_| has_quads).flat_map(|first| {
        let seconds = b'0'..=b'9';
        seconds.flat_map(move |second| {
            (0x81..=0xFE).flat_map(move |third| (b'0'..=b'9').map(move |fourth| vec![first, second, third, fourth]))
        })
    });
    singles.chain(pairs).chain(triples).chain(quads)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_characters_are_written_in_two_ways() {
        for (encoding, character, expected) in [
            (GBK, '|', &[&b"|"[..]][..]),
            (GBK, '，', &[b"\xa3\xac"]),
            (GBK, '€', &[b"\x80", b"\xa2\xe3"]),
            (GBK, '\u{3000}', &[b"\xa1\xa1", b"\xa3\xa0"]),
            (GBK, '😀', &[]),
            (SHIFT_JIS, '\\', &[b"\\"]),
            (SHIFT_JIS, '¥', &[]),
            (SHIFT_JIS, '≒', &[b"\x81\xe0", b"\x87\x90"]),
            (ISO_2022_JP, '|', &[b"|"]),
            (ISO_2022_JP, '$', &[]),
            (ISO_2022_JP, '，', &[]),
            (ISO_2022_JP, '\x0e', &[]),
            (encoding_rs::UTF_16LE, '|', &[b"|\0"]),
            (encoding_rs::UTF_8, '，', &["，".as_bytes()]),
        ] {
            assert_eq!(
                Standard::new(encoding).unwrap().spellings(character),
                expected,
                "{} {character:?}",
                encoding.name()
            );
        }
    }
}
