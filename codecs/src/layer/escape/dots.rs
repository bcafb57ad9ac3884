//! Dots at the start of lines.

use bytes::BytesMut;
use memchr::memmem;
use wirework_core::{ByteKept, FrameError, Undone};

use super::grow;

/// What `byte` can be in what is written: a dot may be one more than there was.
pub(super) fn keeps(byte: u8) -> ByteKept {
    if byte == b'.' { ByteKept::Unsure } else { ByteKept::Itself }
}

pub(super) fn undo(payload: &[u8]) -> Undone {
    let Some(first) = find(payload, 0) else { return Undone::Within(0..payload.len()) };
    let mut plain = BytesMut::with_capacity(payload.len());
    let (mut from, mut dot) = (0, first);
    loop {
        plain.extend_from_slice(payload.get(from..dot).unwrap_or_default());
        from = dot.saturating_add(1);
        let line = payload.get(from..).unwrap_or_default();
        if line.is_empty() || line.starts_with(b"\r\n") {
            return Undone::Bad(FrameError::malformed(format!(
                "byte {dot} of the payload is a line of nothing but a dot, which should have been doubled"
            )));
        }
        match find(payload, from) {
            Some(next) => dot = next,
            None => {
                plain.extend_from_slice(line);
                return Undone::Rewritten(plain.freeze());
            }
        }
    }
}

pub(super) fn apply(out: &mut BytesMut, start: usize) {
    let payload = out.get(start..).unwrap_or_default();
    let mut dots = 0;
    let mut from = 0;
    while let Some(dot) = find(payload, from) {
        dots += 1;
        from = dot.saturating_add(1);
    }
    grow(out, start, dots, |before, byte| {
        (byte == b'.' && (before.is_empty() || before.ends_with(b"\r\n"))).then_some(*b"..")
    });
}

/// The next dot at the start of a line, from byte `from` on.
fn find(payload: &[u8], from: usize) -> Option<usize> {
    if from == 0 && payload.starts_with(b".") {
        return Some(0);
    }
    // A line end may stand right before `from`, but none of it at or behind `from` is part of a dot found before.
    Some(from + memmem::find(payload.get(from..)?, b"\r\n.")? + 2)
}

#[cfg(test)]
mod tests {
    use crate::layer::Escape;
    use crate::layer::tests_support::{both_ways, refused, undo};

    #[test]
    fn dots_of_every_line_and_of_no_other_place() {
        let dots = Escape::dots();
        both_ways(&dots, b"", b"");
        both_ways(&dots, b"a.b\n.c\r\n", b"a.b\n.c\r\n");
        both_ways(&dots, b".\r\n..\r\n.", b"..\r\n...\r\n..");
        both_ways(&dots, b"\r\n.\r\n", b"\r\n..\r\n");
    }

    #[test]
    fn a_single_dot_in_front_of_something_is_taken_away() {
        assert_eq!(undo(&Escape::dots(), b".x\r\n.y").unwrap().unwrap(), b"x\r\ny");
        let why = "byte 3 of the payload is a line of nothing but a dot, which should have been doubled";
        assert_eq!(refused(&Escape::dots(), b"a\r\n.\r\nb"), why);
        assert_eq!(refused(&Escape::dots(), b"a\r\n."), why);
    }
}
