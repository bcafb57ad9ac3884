//! What a header of version 2 has behind its addresses: vectors of a type, a length and a value, which are skipped, but for
//! the check sum over the whole header (section 2.2.3).

use crc::{CRC_32_ISCSI, Crc, Digest, NoTable};

const CRC32C: u8 = 0x03;

static CRC: Crc<u32, NoTable> = Crc::<u32, NoTable>::new(&CRC_32_ISCSI);

/// Checks the form of the vectors at the end of `header`, and its sum if there is one.
pub(super) fn check(header: &[u8], vectors: &[u8]) -> Result<(), &'static str> {
    let mut rest = vectors;
    let mut checked = false;
    while let [kind, behind @ ..] = rest {
        let (value, next) = value(behind).ok_or("one of its vectors ends behind it")?;
        if *kind == CRC32C {
            let sum = value.try_into().map(u32::from_be_bytes).map_err(|_| "its check sum has not 4 bytes")?;
            let before = header.len().saturating_sub(value.len() + next.len());
            if checked || sum != crc32c(header.get(..before).unwrap_or_default(), next) {
                return Err("its check sum is wrong");
            }
            checked = true;
        }
        rest = next;
    }
    Ok(())
}

/// A value, and what is behind it.
fn value(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*len)))
}

/// The sum of a header of which the four bytes in the middle, the sum itself, count as zeros.
fn crc32c(before: &[u8], behind: &[u8]) -> u32 {
    let mut digest: Digest<'_, u32, NoTable> = CRC.digest();
    [before, &[0; 4], behind].iter().for_each(|part| digest.update(part));
    digest.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header with vectors `before` and `behind` that of its check sum.
    fn summed(before: &[u8], behind: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let fixed = b"whatever comes first";
        let head = [before, &[CRC32C, 0, 4]].concat();
        let sum = crc32c(&[fixed, &head[..]].concat(), behind).to_be_bytes();
        let vectors = [&head[..], &sum, behind].concat();
        ([fixed, &vectors[..]].concat(), vectors)
    }

    #[test]
    fn a_sum_is_over_the_whole_header_wherever_it_stands() {
        for (before, behind) in
            [(&b""[..], &b""[..]), (b"\x04\0\x01.", b""), (b"", b"\x02\0\x03web"), (b"\x04\0\0", b"\x04\0\0")]
        {
            let (header, vectors) = summed(before, behind);
            assert_eq!(check(&header, &vectors), Ok(()));
            for at in 0..header.len() {
                let mut damaged = header.clone();
                damaged[at] ^= 1;
                let vectors = &damaged[header.len() - vectors.len()..];
                assert!(at > 19 || check(&damaged, vectors) == Err("its check sum is wrong"), "at {at}");
            }
        }
    }

    #[test]
    fn the_sum_is_that_of_rfc_3720() {
        // Its appendix B.4 has the sum of 32 zeros; on the wire the first byte of a CRC is its last.
        assert_eq!(crc32c(&[0; 20], &[0; 8]), 0x8A91_36AA);
    }

    #[test]
    fn vectors_end_with_the_header() {
        for (vectors, outcome) in [
            (&b""[..], Ok(())),
            (b"\x04\0\0\xEE\0\x02ab", Ok(())),
            (b"\x04", Err("one of its vectors ends behind it")),
            (b"\x04\0", Err("one of its vectors ends behind it")),
            (b"\x04\0\x02a", Err("one of its vectors ends behind it")),
            (b"\x04\xFF\xFFa", Err("one of its vectors ends behind it")),
            (b"\x03\0\x03abc", Err("its check sum has not 4 bytes")),
        ] {
            assert_eq!(check(vectors, vectors), outcome, "{vectors:?}");
        }
    }
}
