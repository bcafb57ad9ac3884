//! Text to bytes, under a policy for what the encoding lacks.

use bytes::{BufMut, BytesMut};
use encoding_rs::{Encoder, EncoderResult, Encoding};
use wirework_core::{EncodeError, EncodePolicy};

use super::{Standard, Writes, one_way};

/// How much room is made at once: what is made must be cleared first, so not for a megabyte of text in one piece.
const ROOM: usize = 16 * 1024;

/// How much room is made for little text, without asking the encoder, and for what stands between two characters that are
/// substituted.
const LITTLE: usize = 64;

impl Standard {
    /// Appends the bytes of `text`.
    #[inline(always)] // For short text a call shows.
    pub(in crate::encoding) fn encode(
        self,
        text: &str,
        policy: EncodePolicy,
        out: &mut BytesMut,
    ) -> Result<(), EncodeError> {
        match self.writes {
            Writes::Encoder { keeps_ascii: true, .. } if text.is_ascii() => out.extend_from_slice(text.as_bytes()),
            Writes::Encoder { one_way, .. } if one_way.may_be_in(text) => {
                return one_way::encode(self.table, one_way, text, policy, out);
            }
            Writes::Encoder { .. } => return encode(self.table, text, policy, out),
            Writes::Utf8 => out.extend_from_slice(text.as_bytes()),
            Writes::Utf16 { big_endian: false } => text.encode_utf16().for_each(|unit| out.put_u16_le(unit)),
            Writes::Utf16 { big_endian: true } => text.encode_utf16().for_each(|unit| out.put_u16(unit)),
        }
        Ok(())
    }
}

/// Appends the bytes of `text`, by the encoder.
#[inline(always)] // For short text a call shows.
pub(super) fn encode(
    encoding: &'static Encoding,
    text: &str,
    policy: EncodePolicy,
    out: &mut BytesMut,
) -> Result<(), EncodeError> {
    let mut encoder = encoding.new_encoder();
    match append(&mut encoder, text, text.len() < LITTLE, out) {
        (EncoderResult::InputEmpty, _) => Ok(()),
        (result, read) => encode_rest(&mut encoder, text, result, read, policy, out),
    }
}

/// Goes on behind what the encoding lacks, and where the room was full.
#[cold]
fn encode_rest(
    encoder: &mut Encoder,
    text: &str,
    mut result: EncoderResult,
    mut read: usize,
    policy: EncodePolicy,
    out: &mut BytesMut,
) -> Result<(), EncodeError> {
    loop {
        match result {
            EncoderResult::InputEmpty => return Ok(()),
            EncoderResult::OutputFull => {}
            EncoderResult::Unmappable(character) => {
                if policy == EncodePolicy::Error {
                    // For the bytes of an escape sequence, an encoder of ISO-2022-JP names U+FFFD and not what it read.
                    let done = text.get(..read).unwrap_or_default();
                    let (offset, character) = done.char_indices().next_back().unwrap_or((read, character));
                    let encoding = encoder.encoding().name().into();
                    return Err(EncodeError::Unmappable { encoding, character, offset });
                }
                substitute(encoder, out);
            }
        }
        let little = result != EncoderResult::OutputFull;
        let more;
        (result, more) = append(encoder, text.get(read..).unwrap_or_default(), little, out);
        read += more;
    }
}

/// Encodes as much as goes into the room that is made at once; gives how much of `text` that was.
#[inline(always)] // For short text a call shows.
fn append(encoder: &mut Encoder, text: &str, little: bool, out: &mut BytesMut) -> (EncoderResult, usize) {
    let start = out.len();
    if little {
        out.extend_from_slice(&[0; LITTLE]);
    } else {
        let most = encoder.max_buffer_length_from_utf8_without_replacement(text.len());
        out.put_bytes(0, most.unwrap_or(ROOM).clamp(LITTLE, ROOM));
    }
    let room = out.get_mut(start..).unwrap_or_default();
    let (result, read, written) = encoder.encode_from_utf8_without_replacement(text, room, true);
    out.truncate(start + written);
    (result, read)
}

/// A question mark, in whatever state a stateful encoder is: ISO-2022-JP is brought back to ASCII first.
fn substitute(encoder: &mut Encoder, out: &mut BytesMut) {
    let mut question = [0; 16];
    let (_, _, written) = encoder.encode_from_utf8_without_replacement("?", &mut question, false);
    out.extend_from_slice(question.get(..written).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_substitute_keeps_a_stateful_encoding_whole() {
        let mut out = BytesMut::new();
        encode(encoding_rs::ISO_2022_JP, "日😀本", EncodePolicy::Substitute, &mut out).unwrap();
        let (text, malformed) = encoding_rs::ISO_2022_JP.decode_without_bom_handling(&out);
        assert_eq!((&*text, malformed), ("日?本", false));
    }

    #[test]
    fn long_text_goes_through_in_pieces() {
        let text = "汉字".repeat(ROOM);
        let mut out = BytesMut::new();
        encode(encoding_rs::GBK, &text, EncodePolicy::Error, &mut out).unwrap();
        assert_eq!(encoding_rs::GBK.decode_without_bom_handling(&out).0, text);
    }

    #[test]
    fn what_cannot_be_written_is_named_where_it_stands() {
        for (text, at, what) in [("日\u{1b}", 3, '\u{1b}'), ("日😀", 3, '😀')] {
            let error = encode(encoding_rs::ISO_2022_JP, text, EncodePolicy::Error, &mut BytesMut::new()).unwrap_err();
            assert!(
                matches!(error, EncodeError::Unmappable { character, offset, .. } if (offset, character) == (at, what)),
                "{error}"
            );
        }
    }
}
