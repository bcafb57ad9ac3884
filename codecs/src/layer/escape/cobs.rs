//! Consistent overhead byte stuffing.
//!
//! A payload is cut at its zeros, and further into blocks of at most 254 bytes. Each block is written behind a code, which is
//! its length and one; a zero stands behind every block but the last and those of 254 bytes, and is not written.

use bytes::BytesMut;
use memchr::memchr;
use wirework_core::{ByteKept, FrameError, Undone};

/// The most bytes in a block.
const LONGEST: usize = 254;

/// What `byte` can be in what is written: but for `00`, it may be a code.
pub(super) fn keeps(byte: u8) -> ByteKept {
    if byte == 0 { ByteKept::Out } else { ByteKept::Unsure }
}

pub(super) fn undo(encoded: &[u8]) -> Undone {
    if let Some(zero) = memchr(0, encoded) {
        return Undone::Bad(FrameError::malformed(format!(
            "byte {zero} of the payload is 00, which COBS never writes"
        )));
    }
    match encoded {
        [] => Undone::Bad(FrameError::malformed("the payload is empty, and COBS always writes at least one byte")),
        [code, ..] if usize::from(*code) == encoded.len() => Undone::Within(1..encoded.len()),
        _ => rewrite(encoded),
    }
}

#[inline(never)]
fn rewrite(encoded: &[u8]) -> Undone {
    let mut plain = BytesMut::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some((code, behind)) = rest.split_first() {
        let len = usize::from(*code).saturating_sub(1);
        let Some((block, next)) = behind.split_at_checked(len) else {
            return Undone::Bad(FrameError::malformed(format!(
                "byte {} of the payload, {code:02X}, announces {len} bytes, and {} are left",
                encoded.len().saturating_sub(rest.len()),
                behind.len()
            )));
        };
        plain.extend_from_slice(block);
        if len < LONGEST && !next.is_empty() {
            plain.extend_from_slice(&[0]);
        }
        rest = next;
    }
    Undone::Rewritten(plain.freeze())
}

pub(super) fn apply(out: &mut BytesMut, start: usize) {
    let plain = out.get(start..).unwrap_or_default();
    let len = plain.len();
    let more = 1 + plain.split(|byte| *byte == 0).map(|run| run.len() / LONGEST).sum::<usize>();
    // A payload that ends with a whole block needs no code behind it.
    let more = if ends_with_whole_block(plain) { more - 1 } else { more };
    // First everything moves to the end; then block after block moves to the front, where the codes have room.
    out.resize(start.saturating_add(len).saturating_add(more), 0);
    let all = out.get_mut(start..).unwrap_or_default();
    all.copy_within(..len, more);
    let (mut read, mut write) = (more, 0);
    loop {
        let rest = all.get(read..).unwrap_or_default();
        let zero = memchr(0, rest.get(..LONGEST).unwrap_or(rest));
        let block = zero.unwrap_or(rest.len().min(LONGEST));
        all.copy_within(read..read + block, write + 1);
        if let (Some(code), Ok(len)) = (all.get_mut(write), u8::try_from(block + 1)) {
            *code = len;
        }
        write += block + 1;
        read += block + usize::from(zero.is_some());
        if read >= all.len() && zero.is_none() {
            return;
        }
    }
}

fn ends_with_whole_block(plain: &[u8]) -> bool {
    let last = plain.rsplit(|byte| *byte == 0).next().unwrap_or_default();
    !last.is_empty() && last.len().is_multiple_of(LONGEST)
}

#[cfg(test)]
mod tests {
    use crate::layer::Escape;
    use crate::layer::tests_support::{apply, both_ways, refused, undo};

    /// Bytes from `from` to `to`, as in the examples of Wikipedia's "Consistent Overhead Byte Stuffing".
    fn range(from: u8, to: u8) -> Vec<u8> {
        (from..=to).collect()
    }

    #[test]
    fn the_examples_that_are_published() {
        let cobs = Escape::cobs();
        for (payload, wire) in [
            (&b""[..], &b"\x01"[..]),
            (b"\0", b"\x01\x01"),
            (b"\0\0", b"\x01\x01\x01"),
            (b"\0\x11\0", b"\x01\x02\x11\x01"),
            (b"\x11\x22\0\x33", b"\x03\x11\x22\x02\x33"),
            (b"\x11\x22\x33\x44", b"\x05\x11\x22\x33\x44"),
            (b"\x11\0\0\0", b"\x02\x11\x01\x01\x01"),
        ] {
            both_ways(&cobs, payload, wire);
        }
        both_ways(&cobs, &range(1, 254), &[vec![0xff], range(1, 254)].concat());
        both_ways(&cobs, &range(0, 254), &[vec![1, 0xff], range(1, 254)].concat());
        both_ways(&cobs, &range(1, 255), &[vec![0xff], range(1, 254), vec![2, 0xff]].concat());
        let wrapped = [range(2, 255), vec![0]].concat();
        both_ways(&cobs, &wrapped, &[vec![0xff], range(2, 255), vec![1, 1]].concat());
        let earlier = [range(3, 255), vec![0, 1]].concat();
        both_ways(&cobs, &earlier, &[vec![0xfe], range(3, 255), vec![2, 1]].concat());
    }

    #[test]
    fn lengths_around_whole_blocks() {
        let cobs = Escape::cobs();
        for len in [253, 254, 255, 507, 508, 509, 762, 763] {
            for tail in [&b""[..], b"\0", b"\0\0", b"\0x"] {
                let payload = [&vec![7; len], tail].concat();
                let wire = apply(&cobs, &payload).unwrap();
                assert!(!wire.contains(&0));
                assert_eq!(undo(&cobs, &wire).unwrap().unwrap(), payload, "{len} and {tail:?}");
            }
        }
    }

    #[test]
    fn a_code_behind_the_last_whole_block_is_read_too() {
        let wire = [vec![0xff], vec![7; 254], vec![1]].concat();
        assert_eq!(undo(&Escape::cobs(), &wire).unwrap().unwrap(), [7; 254]);
    }

    #[test]
    fn what_is_malformed_is_named() {
        let cobs = Escape::cobs();
        assert_eq!(refused(&cobs, b""), "the payload is empty, and COBS always writes at least one byte");
        assert_eq!(refused(&cobs, b"\x03\x11\0"), "byte 2 of the payload is 00, which COBS never writes");
        assert_eq!(refused(&cobs, b"\x02\x11\x05\x01"), "byte 2 of the payload, 05, announces 4 bytes, and 1 are left");
    }
}
