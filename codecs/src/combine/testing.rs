//! What the unit tests share.

use std::time::Duration;

use bytes::BytesMut;
use wirework_core::{Bad, EncodeError, Error, FrameError, Frames, Framing, Input, Lost, Raw, Step, Tail, encode_frame};

use crate::framing::from_fn;

/// All before a blank line, which is at the end of a line or at the start.
pub(super) fn until_blank_line() -> impl Framing + Clone + 'static {
    from_fn(
        |input| {
            if input.bytes.starts_with(b"\r\n") {
                return Ok(Step::Frame { span: 0..0, advance: 2 });
            }
            Ok(match input.bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                Some(end) => Step::Frame { span: 0..end + 2, advance: end + 4 },
                None => Step::More(1),
            })
        },
        |out: &mut BytesMut, start| match out.get(start..) {
            Some(payload) if payload.is_empty() || payload.ends_with(b"\r\n") => {
                out.extend_from_slice(b"\r\n");
                Ok(())
            }
            _ => Err(EncodeError::Incomplete("the last line does not end".into())),
        },
    )
    .max_len(100)
}

/// The payload and parts of each message on a wire that comes whole, and of the same wire byte by byte.
pub(super) fn messages(framing: impl Framing + Clone, wire: &[u8]) -> Result<Vec<(String, Vec<String>)>, String> {
    let text = |bytes: &[u8]| bytes.escape_ascii().to_string();
    let cut = |len: usize| {
        let mut frames = Frames::new(framing.clone());
        let mut seen = Vec::new();
        for read in wire.chunks(len) {
            frames.push(read);
            while let Some(frame) = frames.next().map_err(told)? {
                let parts = frame.parts().iter().map(|part| text(&frame.bytes()[part.clone()]));
                seen.push((text(frame.bytes()), parts.collect()));
            }
        }
        frames.close();
        frames.next().map_err(told)?;
        Ok(seen)
    };
    let whole = cut(wire.len().max(1));
    assert_eq!(whole, cut(1), "cutting {} changes it", wire.escape_ascii());
    whole
}

pub(super) fn sent(framing: &(impl Framing + Clone), payload: &[u8]) -> Result<String, String> {
    let mut out = BytesMut::from(&b"before"[..]);
    match encode_frame(&mut framing.clone(), &mut Raw, payload, &mut out) {
        Ok(()) => Ok(out.strip_prefix(b"before").unwrap().escape_ascii().to_string()),
        Err(error) => {
            assert_eq!(out, b"before"[..], "nothing is written of what is refused");
            Err(error.to_string())
        }
    }
}

pub(super) fn message(payload: &str, parts: &[&str]) -> (String, Vec<String>) {
    (payload.into(), parts.iter().map(|part| (*part).to_owned()).collect())
}

/// An error without the bytes that it quotes, of which there are as many as had come.
fn told(error: Error) -> String {
    match error {
        Error::Lost(Lost { location, cause, .. }) => {
            format!("lost at {}:{}: {cause}", location.message, location.offset)
        }
        Error::Bad(Bad { location, cause, .. }) => format!("bad at {}:{}: {cause}", location.message, location.offset),
        other => other.to_string(),
    }
}

/// Frames with one end when they are read and another when they are written, which sees to it that whoever asks it keeps the
/// contract of [`Framing`].
#[derive(Clone)]
pub(super) struct Watched {
    pub(super) reads: &'static str,
    pub(super) writes: &'static str,
    /// What the next input must begin with.
    expected: Vec<u8>,
}

impl Watched {
    pub(super) fn new(reads: &'static str, writes: &'static str) -> Self {
        Self { reads, writes, expected: Vec::new() }
    }
}

impl Framing for Watched {
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        let (bytes, end) = (input.bytes, self.reads.as_bytes());
        assert!(!bytes.is_empty() || input.tail == Tail::Closed, "asked about nothing");
        let both = bytes.len().min(self.expected.len());
        assert_eq!(bytes[..both], self.expected[..both], "the input does not go on where it was");
        let found = bytes.windows(end.len()).position(|found| found == end);
        self.expected = bytes[found.map_or(0, |at| at + end.len())..].to_vec();
        Ok(found.map_or(Step::More(1), |at| Step::Frame { span: 0..at, advance: at + end.len() }))
    }

    fn finish(&mut self, out: &mut BytesMut, _: usize) -> Result<(), EncodeError> {
        out.extend_from_slice(self.writes.as_bytes());
        Ok(())
    }

    fn quiet_after(&self) -> Option<Duration> {
        Some(Duration::from_secs(self.reads.len() as u64))
    }

    fn swap_sides(&mut self) {
        std::mem::swap(&mut self.reads, &mut self.writes);
    }

    fn reset(&mut self) {
        self.expected.clear();
    }
}
