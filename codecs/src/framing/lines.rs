//! Frames that end with a line end.

use super::Until;

/// Lines.
///
/// | | `61 0A 62 0D 0A` | sends | is |
/// |---|---|---|---|
/// | [`Lines::lf()`] | `a`, `b\r` | LF | `Until::new("\n")` |
/// | [`Lines::crlf()`] | `a\nb` | CR LF | `Until::new("\r\n")` |
/// | [`Lines::any()`] | `a`, `b` | LF | `Until::new("\n").or("\r\n")` |
///
/// A payload that would not come out again as one line is refused when it is sent: one with a line end in it, or, under
/// [`any`](Lines::any), one that ends in CR.
///
/// [`Until`] has the options: the longest line, what happens to a last line that does not end, and more.
#[derive(Debug)]
pub enum Lines {}

impl Lines {
    /// Lines that end with LF (`0A`). A CR before it belongs to the line.
    pub fn lf() -> Until {
        Until::new("\n")
    }

    /// Lines that end with CR LF (`0D 0A`). A CR or an LF alone belongs to the line.
    pub fn crlf() -> Until {
        Until::new("\r\n")
    }

    /// Lines that end with LF or CR LF; LF when sending.
    pub fn any() -> Until {
        Until::new("\n").or("\r\n")
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;
    use wirework_core::{Codec, EncodeError, Error, Frames, Framing};

    use super::*;
    use crate::framing::LastPiece;
    use crate::{Encoding, FramingExt};

    fn frames(lines: Until, wire: &[u8]) -> Result<Vec<String>, Error> {
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
        assert_eq!(frames(Lines::any().last(LastPiece::Give), wire).unwrap(), ["a", "b"]);
        assert_eq!(frames(Lines::any().last(LastPiece::Drop), wire).unwrap(), ["a"]);
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
    fn line_ends_are_characters_of_the_encoding() {
        for (label, wire, payloads) in [
            ("utf-16le", &b"\x0a\x4e\x0a\0a\0\r\0\n\0"[..], &["\\nN", "a\\x00"][..]),
            ("utf-16be", b"\x4e\x0a\0\n\0a\0\r\0\n", &["N\\n", "\\x00a"]),
            ("iso-2022-jp", b"\x1b$B8@\x1b(B\na\r\n", &["\\x1b$B8@\\x1b(B", "a"]),
            ("gbk", b"\xc4\xe3\n\x81\r\n", &["\\xc4\\xe3", "\\x81"]),
        ] {
            let (lines, _) = Lines::any().text(Encoding::for_label(label).unwrap()).compose().unwrap();
            assert_eq!(frames(lines, wire).unwrap(), payloads, "{label}");
        }
    }
}
