//! EUC-JP: pairs, half-width katakana behind `8E`, and the three bytes of JIS X 0212 behind `8F`.

/// How many bytes a decoder reads at the beginning of `bytes`, if that can be told. An ASCII byte that makes no character
/// with those before it is read again.
pub(super) fn item(bytes: &[u8]) -> Option<usize> {
    let (&first, rest) = bytes.split_first()?;
    if !matches!(first, 0x8E | 0x8F | 0xA1..=0xFE) {
        return Some(1);
    }
    let (&second, rest) = rest.split_first()?;
    if second.is_ascii() {
        return Some(1);
    }
    if first != 0x8F || !matches!(second, 0xA1..=0xFE) {
        return Some(2);
    }
    rest.first().map(|third| if third.is_ascii() { 2 } else { 3 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_decoder_reads_at_once() {
        for (bytes, len) in [
            (&b"a"[..], Some(1)),
            (b"\x80", Some(1)),
            (b"\xa1", None),
            (b"\xa1\xa1", Some(2)),
            (b"\xa1a", Some(1)),
            (b"\x8e\xb1", Some(2)),
            (b"\x8f\xa2", None),
            (b"\x8f\xa2\xaf", Some(3)),
            (b"\x8f\xa2a", Some(2)),
            (b"\x8f\x8e\xb1", Some(2)),
            (b"", None),
        ] {
            assert_eq!(item(bytes), len, "{bytes:02x?}");
        }
    }
}
