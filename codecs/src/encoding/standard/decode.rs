//! Bytes to text, under a policy for what is malformed.

use std::borrow::Cow;

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8};
use wirework_core::{DecodePolicy, FormatError};

use super::{Standard, Writes};
use crate::encoding::malformed::malformed;

/// Up to how many bytes no decoder is asked for how much room it needs: for so few, to ask takes a part of the time that shows.
const SHORT: usize = 256;

/// How much room there is for text that cannot go straight to where it belongs.
const PIECE: usize = 2048;

/// How much more room than is needed does no harm: `encoding_rs` writes to every page of what it is given, used or not.
const SPARE: usize = 32 * 1024;

impl Standard {
    /// The text of `bytes` where they are UTF-8 already.
    #[inline]
    pub(in crate::encoding) fn as_utf8(self, bytes: &[u8]) -> Option<&str> {
        match self.writes {
            Writes::Utf8 => match UTF_8.decode_without_bom_handling_and_without_replacement(bytes) {
                Some(Cow::Borrowed(text)) => Some(text),
                _ => None,
            },
            // Of two passes the first ends early in text, and both are faster than the one in which ASCII is decoded.
            Writes::Encoder { keeps_ascii: true, .. } if bytes.is_ascii() => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }
}

/// Appends the text of all of `bytes`.
#[inline]
pub(in crate::encoding) fn decode(
    encoding: &'static Encoding,
    bytes: &[u8],
    policy: DecodePolicy,
    text: &mut String,
) -> Result<(), FormatError> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let room = room(&decoder, bytes.len());
    text.reserve(room);
    // What is left after a long message is too much for a short one.
    let (result, read) = if text.capacity() - text.len() <= room.saturating_mul(4).saturating_add(SPARE) {
        decoder.decode_to_string_without_replacement(bytes, text, true)
    } else {
        (DecoderResult::OutputFull, 0)
    };
    match result {
        DecoderResult::InputEmpty => Ok(()),
        result => decode_rest(&mut decoder, bytes, result, read, policy, text),
    }
}

/// How much room the text of `len` bytes takes at most.
#[inline]
fn room(decoder: &Decoder, len: usize) -> usize {
    match len {
        ..=SHORT => 3 * len + 16,
        _ => decoder.max_utf8_buffer_length_without_replacement(len).unwrap_or(len),
    }
}

/// Goes on behind the `read` bytes that ended with `result`. Piece by piece, so that the work for each of many malformed bytes
/// does not grow with the room that there is for all.
#[cold]
fn decode_rest(
    decoder: &mut Decoder,
    bytes: &[u8],
    mut result: DecoderResult,
    mut read: usize,
    policy: DecodePolicy,
    text: &mut String,
) -> Result<(), FormatError> {
    let mut piece = String::with_capacity(room(decoder, bytes.len()).min(PIECE));
    loop {
        match result {
            DecoderResult::InputEmpty => return Ok(()),
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(len, after) => {
                // The decoder has read `after` bytes beyond the malformed sequence, which it decodes again.
                let end = read.saturating_sub(usize::from(after));
                let start = end.saturating_sub(usize::from(len));
                malformed(decoder.encoding().name(), start, bytes.get(start..end).unwrap_or_default(), policy, text)?;
            }
        }
        let rest = bytes.get(read..).unwrap_or_default();
        piece.clear();
        let more;
        (result, more) = decoder.decode_to_string_without_replacement(rest, &mut piece, true);
        text.push_str(&piece);
        read += more;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escape_shows_every_malformed_byte_once_also_where_the_decoder_reads_ahead() {
        // 81 30 81 begins a four-byte form; the space ends that, and what follows the first byte is read again.
        for (bytes, shown) in [
            (&b"\x81\x30\x81 "[..], "\\x810\\x81 "),
            (b"\x81\x30", "\\x81\\x30"),
            (b"\xc4", "\\xC4"),
            (b"\xff\xc4\xe3", "\\xFF你"),
        ] {
            let mut text = String::new();
            decode(encoding_rs::GB18030, bytes, DecodePolicy::Escape, &mut text).unwrap();
            assert_eq!(text, shown, "{bytes:02x?}");
        }
    }

    #[test]
    fn text_comes_out_the_same_in_pieces() {
        let bytes = [&b"a\xff\xc4\xe3"[..], &b"\x81\x30\x81\x30\xba\xc3\x80\x20".repeat(PIECE)].concat();
        for end in (0..20).chain([bytes.len() - 1, bytes.len()]) {
            let whole = encoding_rs::GB18030.decode_without_bom_handling(&bytes[..end]).0;
            for room in [0, 10 * bytes.len()] {
                let mut text = String::with_capacity(room);
                decode(encoding_rs::GB18030, &bytes[..end], DecodePolicy::Replace, &mut text).unwrap();
                assert!(text == whole, "{end} bytes, in room for {room}");
            }
        }
    }

    #[test]
    fn room_for_little_text_is_enough_in_every_encoding() {
        for label in
            ["utf-8", "gb18030", "big5", "shift_jis", "euc-jp", "iso-2022-jp", "euc-kr", "windows-1252", "utf-16le"]
        {
            let decoder = Encoding::for_label(label.as_bytes()).unwrap().new_decoder_without_bom_handling();
            for len in 0..=SHORT {
                let needed = decoder.max_utf8_buffer_length_without_replacement(len).unwrap();
                assert!(room(&decoder, len) >= needed, "{label}, {len}");
            }
        }
    }
}
