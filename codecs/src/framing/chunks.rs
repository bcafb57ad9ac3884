//! No framing at all: whatever came.

use std::sync::Arc;

use bytes::BytesMut;
use wirework_core::{
    ComposeError, EncodeError, Encodings, FrameError, Framing, Input, Step, Tail, TextEncoding, TextKept,
};

/// No framing: whatever has come, at most `max` bytes of it, is a frame.
///
/// ```text
/// Chunks::new(4)      41 42 43 44 45 46   →   41 42 43 44 | 45 46
/// ```
///
/// With a text encoding a chunk ends with the last whole character, and the rest waits for what it lacks:
///
/// ```text
/// .text(GBK)          C4 E3 BA            →   C4 E3           (你)
///                     C3                  →   BA C3           (好)
/// ```
///
/// TCP has no messages: two chunks that the peer sent may come as one, and one as two. This is for peers that have no
/// framing either, such as a terminal or a tutorial.
///
/// Half a character at the end of the stream is given as it is: malformed. What is sent is written as it is.
#[derive(Clone, Debug)]
pub struct Chunks {
    pub(crate) max: usize,
    encoding: Option<Arc<dyn TextEncoding>>,
}

/// Compares how they are put together, which the encoding of the format behind them is no part of.
impl PartialEq for Chunks {
    fn eq(&self, other: &Self) -> bool {
        self.max == other.max
    }
}

impl Eq for Chunks {}

impl Chunks {
    /// Chunks of at most `max` bytes (at least 1).
    pub fn new(max: usize) -> Self {
        Self { max: max.max(1), encoding: None }
    }
}

impl Framing for Chunks {
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        let chunk = input.bytes.get(..self.max).unwrap_or(input.bytes);
        let unfinished = match &self.encoding {
            // What is unfinished only because it was cut at `max` waits for the next chunk, also at the end.
            Some(encoding) if input.tail != Tail::Closed || chunk.len() < input.bytes.len() => {
                encoding.unfinished(chunk)
            }
            _ => 0,
        };
        let whole = chunk.len().saturating_sub(unfinished);
        if whole == 0 {
            return Ok(Step::More(1));
        }
        Ok(Step::Frame { span: 0..whole, advance: whole })
    }

    fn finish(&mut self, _out: &mut BytesMut, _start: usize) -> Result<(), EncodeError> {
        Ok(())
    }

    fn takes_any_byte(&self) -> bool {
        true
    }

    fn max_len(&self) -> usize {
        // No chunk that comes is longer than `max`, and none waits for more than a character; what is sent is cut by the
        // transport as it likes.
        usize::MAX
    }

    fn set_encodings(&mut self, encodings: &Encodings) -> Result<(), ComposeError> {
        if encodings.kept != TextKept::Whole {
            return Ok(());
        }
        let [encoding] = &*encodings.reads else {
            return Err(ComposeError::new(
                "text cannot be cut into chunks before it is known in which encoding it is; use a framing with an end, such as \
                 lines, or one encoding",
            ));
        };
        if encodings.marked {
            return Err(ComposeError::new(
                "a chunk begins where a read does, so that nothing tells which byte-order mark begins the text; keep the marks, \
                 or use a framing with an end, such as lines",
            ));
        }
        if encoding.is_stateful() {
            return Err(ComposeError::new(format!(
                "{} cannot be cut into chunks: what a byte means depends on escape sequences in earlier chunks; \
                 use a framing with an end, such as lines",
                encoding.name()
            )));
        }
        if self.max < encoding.longest() {
            return Err(ComposeError::new(format!(
                "chunks of {} bytes cannot hold every character of {}; use Chunks::new({}) or more",
                self.max,
                encoding.name(),
                encoding.longest()
            )));
        }
        self.encoding = Some(encoding.clone());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use wirework_core::{Codec, Formatted, Frames};

    use super::*;
    use crate::{FramingExt, GBK, Text};

    fn frames(mut frames: Frames<impl Framing>, reads: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut seen = Vec::new();
        for read in reads {
            frames.push(read);
            while let Some(frame) = frames.next().unwrap() {
                seen.push(frame.bytes().to_vec());
            }
        }
        frames.close();
        while let Some(frame) = frames.next().unwrap() {
            seen.push(frame.bytes().to_vec());
        }
        seen
    }

    #[test]
    fn the_pictures() {
        assert_eq!(frames(Frames::new(Chunks::new(4)), &[b"ABCDEF"]), [&b"ABCD"[..], b"EF"]);
        let gbk: Formatted<Chunks, Text> = Chunks::new(1024).text(GBK);
        let (chunks, _) = gbk.compose().unwrap();
        let got = frames(Frames::new(chunks), &[b"\xc4\xe3\xba", b"\xc3"]);
        assert_eq!(got, [b"\xc4\xe3", b"\xba\xc3"]);
    }

    #[test]
    fn a_character_across_the_longest_chunk_goes_to_the_next() {
        let (chunks, _) = Chunks::new(5).text(GBK).compose().unwrap();
        let got = frames(Frames::new(chunks), &[b"\xc4\xe3\xba\xc3\xca\xc0\xbd"]);
        assert_eq!(got, [&b"\xc4\xe3\xba\xc3"[..], b"\xca\xc0", b"\xbd"]);
    }

    #[test]
    fn what_cannot_work_is_refused_with_the_reason() {
        let small = Chunks::new(1).text(GBK).compose().unwrap_err();
        assert!(small.to_string().contains("Chunks::new(4)"), "{small}");
        let japanese = crate::Encoding::for_label("iso-2022-jp").unwrap();
        let stateful = Chunks::new(64).text(japanese).compose().unwrap_err();
        assert!(stateful.to_string().contains("escape sequences"), "{stateful}");
    }
}
