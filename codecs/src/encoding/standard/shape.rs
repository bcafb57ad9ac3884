//! Which bytes make whole characters, read off the decoder itself.

use std::sync::OnceLock;

use encoding_rs::{BIG5, DecoderResult, EUC_JP, EUC_KR, Encoding, GB18030, GBK, ISO_2022_JP};
use encoding_rs::{SHIFT_JIS, UTF_16BE, UTF_16LE};

use crate::encoding::boundary::{Boundaries, Leads, Pairs};

/// How many bytes at the end of `bytes` begin a character that they do not finish: what the decoder still holds.
pub(in crate::encoding) fn unfinished(encoding: &'static Encoding, bytes: &[u8]) -> usize {
    // No character is longer, so an unfinished one lies within as many bytes; but where a character begins can only be
    // told from the start. Only multi-byte encodings whose last byte is not ASCII need to look at all.
    if encoding.is_single_byte() || encoding.is_ascii_compatible() && ends_plainly(encoding, bytes) {
        return 0;
    }
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = [0; 512];
    let mut rest = bytes;
    let mut last = false;
    loop {
        let (result, read, _) = decoder.decode_to_utf8_without_replacement(rest, &mut text, last);
        rest = rest.get(read..).unwrap_or_default();
        match result {
            DecoderResult::InputEmpty if last => return 0,
            DecoderResult::InputEmpty => last = true,
            DecoderResult::Malformed(len, _) if last => return usize::from(len),
            DecoderResult::Malformed(..) | DecoderResult::OutputFull => {}
        }
    }
}

/// Whether the last byte alone shows that nothing is unfinished.
fn ends_plainly(encoding: &'static Encoding, bytes: &[u8]) -> bool {
    match bytes.last() {
        // The digits of four-byte forms are the only ASCII that leaves a character unfinished.
        Some(byte) => byte.is_ascii() && !(byte.is_ascii_digit() && is_gb(encoding)),
        None => true,
    }
}

/// How many bytes the longest character takes.
pub(in crate::encoding) fn longest(encoding: &'static Encoding) -> usize {
    if encoding.is_single_byte() {
        1
    } else if [BIG5, EUC_KR, SHIFT_JIS].contains(&encoding) {
        2
    } else if encoding == EUC_JP {
        3
    } else {
        4
    }
}

/// How its characters lie in its bytes.
pub(in crate::encoding) fn boundaries(encoding: &'static Encoding) -> Boundaries {
    static GB: OnceLock<Pairs> = OnceLock::new();
    static BIG_5: OnceLock<Pairs> = OnceLock::new();
    static KOREAN: OnceLock<Pairs> = OnceLock::new();
    static JAPANESE: OnceLock<Pairs> = OnceLock::new();
    let pairs = || {
        Pairs::new(|pair| {
            // A byte that makes no character with the one before it is read again: it is not one character then.
            let text = encoding.decode_without_bom_handling_and_without_replacement(&pair);
            !pair.first().is_some_and(|lead| is_single(encoding, *lead)) && text.is_some()
        })
    };
    match encoding {
        gb if is_gb(gb) => Boundaries::Gb18030(GB.get_or_init(pairs)),
        big_5 if big_5 == BIG5 => Boundaries::Double(Leads::Wide, BIG_5.get_or_init(pairs)),
        korean if korean == EUC_KR => Boundaries::Double(Leads::Wide, KOREAN.get_or_init(pairs)),
        japanese if japanese == SHIFT_JIS => Boundaries::Double(Leads::ShiftJis, JAPANESE.get_or_init(pairs)),
        japanese if japanese == EUC_JP => Boundaries::EucJp,
        japanese if japanese == ISO_2022_JP => Boundaries::Iso2022Jp,
        unit if unit == UTF_16LE || unit == UTF_16BE => Boundaries::Units(2),
        _ => Boundaries::Everywhere,
    }
}

/// Whether this byte alone is a character.
fn is_single(encoding: &'static Encoding, byte: u8) -> bool {
    encoding.decode_without_bom_handling_and_without_replacement(&[byte]).is_some()
}

fn is_gb(encoding: &'static Encoding) -> bool {
    encoding == GBK || encoding == GB18030
}

#[cfg(test)]
mod tests {
    use encoding_rs::UTF_8;

    use super::*;

    #[test]
    fn what_a_character_lacks_is_known() {
        for (encoding, bytes, held) in [
            (GBK, &b"\xc4\xe3\xba"[..], 1),
            (GBK, b"\xc4\xe3", 0),
            (GBK, b"a\x81\x30", 2),
            (GBK, b"a\x81\x30\x81", 3),
            (GBK, b"a\x81\x30\x81\x30", 0),
            (GBK, b"\xff", 0),
            (GBK, b"0", 0),
            (UTF_8, b"a\xf0\x9f\x98", 3),
            (UTF_8, b"\xff\xff", 0),
            (UTF_16LE, b"a\0b", 1),
            (UTF_16LE, b"\x3d\xd8", 2),
            (UTF_16LE, b"\x3d\xd8\x00", 3),
            (EUC_JP, b"\x8f\xa1", 2),
            (SHIFT_JIS, b"\x81", 1),
            (encoding_rs::WINDOWS_1252, b"\xff", 0),
        ] {
            assert_eq!(unfinished(encoding, bytes), held, "{} {bytes:02x?}", encoding.name());
        }
    }

    #[test]
    fn plain_bytes_are_those_that_are_never_part_of_another_character() {
        let plain = |encoding| {
            let plain = (0u8..0x80).filter(|byte| boundaries(encoding).is_plain(*byte));
            plain.map(char::from).collect::<String>()
        };
        let gbk = plain(GBK);
        for safe in [',', ';', ':', '#', '\r', '\n'] {
            assert!(gbk.contains(safe), "{safe:?}");
        }
        for unsafe_byte in ['|', '\\', '~', '{', '}', '@', '[', ']', '^', '_', '5', 'A'] {
            assert!(!gbk.contains(unsafe_byte), "{unsafe_byte:?}");
        }
        assert_eq!(plain(UTF_8).len(), 128);
        assert_eq!(plain(EUC_JP).len(), 128);
        assert_eq!(plain(UTF_16LE), "");
        assert!(plain(EUC_KR).contains('|') && !plain(EUC_KR).contains('A'));
        assert!(!plain(SHIFT_JIS).contains('\\') && !plain(BIG5).contains('\\'));
    }
}
