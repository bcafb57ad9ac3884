//! Frames that end with a line end.

use std::sync::Arc;

use bytes::BytesMut;
use memchr::{memchr, memmem};
use wirework_core::{ComposeError, EncodeError, FrameError, Framing, Input, Limits, Step, Tail, TextEncoding};

/// Lines.
///
/// | | `61 0A 62 0D 0A` | writes |
/// |---|---|---|
/// | [`Lines::lf()`] | `a`, `b\r` | LF |
/// | [`Lines::crlf()`] | `a\nb` | CR LF |
/// | [`Lines::any()`] | `a`, `b` | LF |
///
/// A payload that would not come out again as one line is refused when it is sent: one with an LF in it, or, under
/// [`any`](Lines::any), one that ends in CR.
///
/// With a text encoding a line end is those characters of the encoding; an encoding in which these bytes can be part of
/// another character is refused.
#[derive(Clone, Debug)]
pub struct Lines {
    end: LineEnd,
    last: LastLine,
    max: usize,
    /// How far the search in an unfinished line has come.
    searched: usize,
}

/// What ends a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineEnd {
    /// LF (`0A`). A CR before it belongs to the line.
    Lf,
    /// CR LF (`0D 0A`). A CR or an LF alone belongs to the line.
    CrLf,
    /// LF, or CR LF; LF when sending.
    Any,
}

/// What happens to a last line that the stream ends without ending.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LastLine {
    /// It is an error: a peer that dies in the middle of `PAY 1000` has not said `PAY 10`.
    #[default]
    Refuse,
    /// It is a line like any other.
    Give,
    /// It is left out.
    Drop,
}

impl Lines {
    /// Lines that end with LF.
    pub fn lf() -> Self {
        Self::new(LineEnd::Lf)
    }

    /// Lines that end with CR LF.
    pub fn crlf() -> Self {
        Self::new(LineEnd::CrLf)
    }

    /// Lines that end with LF or CR LF.
    pub fn any() -> Self {
        Self::new(LineEnd::Any)
    }

    /// Lines with this end.
    pub fn new(end: LineEnd) -> Self {
        Self { end, last: LastLine::default(), max: Limits::SEARCHED_FRAME, searched: 0 }
    }

    /// The longest line, in bytes, without its end. Default: 64 KiB. Beyond it the stream is lost.
    pub fn max_len(mut self, max: usize) -> Self {
        self.max = max;
        self
    }

    /// What happens to a last line that does not end. Default: [`LastLine::Refuse`].
    pub fn last(mut self, last: LastLine) -> Self {
        self.last = last;
        self
    }

    #[inline]
    fn frame(&mut self, len: usize, end: usize) -> Result<Step, FrameError> {
        self.searched = 0;
        if len > self.max {
            return Err(self.too_long());
        }
        Ok(Step::Frame { span: 0..len, advance: len + end })
    }

    fn too_long(&self) -> FrameError {
        FrameError::TooLong { claimed: None, max: self.max }
    }

    /// The end of the first line: how long the line is, and how long its end.
    #[inline]
    fn find(&self, bytes: &[u8]) -> Option<(usize, usize)> {
        let mut from = self.searched;
        loop {
            let lf = from + memchr(b'\n', bytes.get(from..)?)?;
            let cr = lf.checked_sub(1).filter(|before| bytes.get(*before) == Some(&b'\r'));
            match (self.end, cr) {
                (LineEnd::Any | LineEnd::CrLf, Some(cr)) => return Some((cr, 2)),
                (LineEnd::Any | LineEnd::Lf, _) => return Some((lf, 1)),
                (LineEnd::CrLf, None) => from = lf + 1,
            }
        }
    }
}

impl Framing for Lines {
    #[inline]
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        let bytes = input.bytes;
        if let Some((len, end)) = self.find(bytes) {
            return self.frame(len, end);
        }
        // A CR at the end may be the first half of a line end.
        let payload = match self.end {
            LineEnd::Any | LineEnd::CrLf => bytes.strip_suffix(b"\r").unwrap_or(bytes),
            LineEnd::Lf => bytes,
        };
        if payload.len() > self.max {
            return Err(self.too_long());
        }
        if input.tail == Tail::Closed && !bytes.is_empty() {
            match self.last {
                LastLine::Give => return self.frame(bytes.len(), 0),
                LastLine::Drop => return Ok(Step::Skip(bytes.len())),
                LastLine::Refuse => {}
            }
        }
        self.searched = bytes.len();
        Ok(Step::More(1))
    }

    fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        let payload = out.get(start..).unwrap_or_default();
        if payload.len() > self.max {
            return Err(EncodeError::TooLong { len: payload.len(), max: self.max as u64 });
        }
        let (delimiter, end): (_, &[u8]) = match self.end {
            LineEnd::Lf | LineEnd::Any => (memchr(b'\n', payload).map(|at| (at, "LF")), b"\n"),
            LineEnd::CrLf => (memmem::find(payload, b"\r\n").map(|at| (at, "CR LF")), b"\r\n"),
        };
        let delimiter = delimiter.or(match (self.end, payload) {
            (LineEnd::Any, [rest @ .., b'\r']) => Some((rest.len(), "CR before LF")),
            _ => None,
        });
        if let Some((offset, what)) = delimiter {
            return Err(EncodeError::Delimiter { offset, what });
        }
        out.extend_from_slice(end);
        Ok(())
    }

    fn max_len(&self) -> usize {
        self.max.saturating_add(2)
    }

    fn set_encoding(&mut self, encoding: &Arc<dyn TextEncoding>) -> Result<(), ComposeError> {
        if encoding.is_plain(b'\n') && encoding.is_plain(b'\r') {
            return Ok(());
        }
        Err(ComposeError::new(format!(
            "lines of {} cannot be told apart by the bytes 0A and 0D, which can be part of other characters \
             or mean something else after an escape sequence; use a length prefix",
            encoding.name()
        )))
    }

    fn reset(&mut self) {
        self.searched = 0;
    }
}

#[cfg(test)]
mod tests {
    use wirework_core::{Codec, Error, Frames};

    use super::*;
    use crate::{Encoding, FramingExt};

    fn frames(lines: Lines, wire: &[u8]) -> Result<Vec<String>, Error> {
        let mut frames = Frames::new(lines);
        frames.push(wire);
        frames.close();
        let mut seen = Vec::new();
        while let Some(frame) = frames.next()? {
            seen.push(frame.bytes().escape_ascii().to_string());
        }
        Ok(seen)
    }

    #[test]
    fn the_pictures() {
        let wire = b"a\nb\r\n";
        assert_eq!(frames(Lines::lf(), wire).unwrap(), ["a", "b\\r"]);
        assert_eq!(frames(Lines::crlf(), wire).unwrap(), ["a\\nb"]);
        assert_eq!(frames(Lines::any(), wire).unwrap(), ["a", "b"]);
    }

    #[test]
    fn the_last_line_as_declared() {
        let wire = b"a\nb";
        let error = frames(Lines::any(), wire).unwrap_err().to_string();
        assert!(error.contains("message 2 at byte 2") && error.contains("after 1 bytes"), "{error}");
        assert_eq!(frames(Lines::any().last(LastLine::Give), wire).unwrap(), ["a", "b"]);
        assert_eq!(frames(Lines::any().last(LastLine::Drop), wire).unwrap(), ["a"]);
    }

    #[test]
    fn the_limit_is_exact_for_every_end_and_cut() {
        for (lines, end) in [(Lines::lf(), "\n"), (Lines::crlf(), "\r\n"), (Lines::any(), "\n"), (Lines::any(), "\r\n")]
        {
            for (len, fits) in [(3, true), (4, true), (5, false)] {
                let wire = "x".repeat(len) + end;
                assert_eq!(frames(lines.clone().max_len(4), wire.as_bytes()).is_ok(), fits, "{lines:?} {wire:?}");
                let mut slow = Frames::new(lines.clone().max_len(4));
                let ok = wire.bytes().all(|byte| {
                    slow.push(&[byte]);
                    slow.next().is_ok()
                });
                assert_eq!(ok, fits, "{lines:?} {wire:?} byte by byte");
            }
        }
    }

    #[test]
    fn what_would_not_come_out_as_one_line_is_refused() {
        for (mut lines, payload) in
            [(Lines::lf(), "a\nb"), (Lines::any(), "a\nb"), (Lines::any(), "a\r"), (Lines::crlf(), "a\r\nb")]
        {
            let mut out = BytesMut::from(payload);
            assert!(matches!(lines.finish(&mut out, 0), Err(EncodeError::Delimiter { .. })), "{lines:?} {payload:?}");
        }
    }

    #[test]
    fn encodings_whose_line_ends_are_not_those_bytes_are_refused() {
        for label in ["utf-16le", "utf-16be", "iso-2022-jp"] {
            let refused = Lines::any().text(Encoding::for_label(label).unwrap()).compose().unwrap_err();
            assert!(refused.to_string().contains("length prefix"), "{refused}");
        }
        for label in ["gbk", "gb18030", "big5", "shift_jis", "euc-kr", "utf-8"] {
            Lines::any().text(Encoding::for_label(label).unwrap()).compose().unwrap();
        }
    }
}
