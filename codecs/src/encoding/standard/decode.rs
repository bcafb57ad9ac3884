//! Bytes to text, under a policy for what is malformed.

use encoding_rs::{DecoderResult, Encoding};
use wirework_core::{DecodePolicy, FormatError};

use crate::encoding::malformed::malformed;

/// Appends the text of all of `bytes`.
pub(in crate::encoding) fn decode(
    encoding: &'static Encoding,
    bytes: &[u8],
    policy: DecodePolicy,
    text: &mut String,
) -> Result<(), FormatError> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut read = 0;
    loop {
        let rest = bytes.get(read..).unwrap_or_default();
        text.reserve(decoder.max_utf8_buffer_length_without_replacement(rest.len()).unwrap_or(rest.len()));
        let (result, n) = decoder.decode_to_string_without_replacement(rest, text, true);
        read += n;
        match result {
            DecoderResult::InputEmpty => return Ok(()),
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(len, after) => {
                // The decoder has read `after` bytes beyond the malformed sequence, which it decodes again.
                let end = read.saturating_sub(usize::from(after));
                let start = end.saturating_sub(usize::from(len));
                malformed(encoding.name(), start, bytes.get(start..end).unwrap_or_default(), policy, text)?;
            }
        }
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
}
