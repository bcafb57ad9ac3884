//! A check and an escape, as somebody's protocol may have them.

use bytes::{Bytes, BytesMut};
use wirework::core::{EncodeError, FrameError, Framed, Framing, Layer, Step, Undone};
use wirework::framing::from_fn;

/// The exclusive or of all bytes, behind them.
#[derive(Clone)]
pub struct Xor;

impl Layer for Xor {
    fn undo(&mut self, framed: Framed<'_>) -> Result<Undone, FrameError> {
        Ok(match framed.payload().split_last() {
            Some((check, body)) if *check == xor(body) => Undone::Within(0..body.len()),
            Some(_) => Undone::Bad(FrameError::Malformed("the check fails".into())),
            None => Undone::Bad(FrameError::Malformed("no check".into())),
        })
    }

    fn apply(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        let check = xor(&out[start..]);
        out.extend_from_slice(&[check]);
        Ok(())
    }
}

fn xor(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |all, byte| all ^ byte)
}

/// `|` is written `~1`, and `~` is written `~0`.
#[derive(Clone)]
pub struct Tilde;

impl Layer for Tilde {
    fn undo(&mut self, framed: Framed<'_>) -> Result<Undone, FrameError> {
        let payload = framed.payload();
        if !payload.contains(&b'~') {
            return Ok(Undone::Within(0..payload.len()));
        }
        let mut plain = BytesMut::with_capacity(payload.len());
        let mut bytes = payload.iter();
        while let Some(byte) = bytes.next() {
            plain.extend_from_slice(&[match byte {
                b'~' => match bytes.next() {
                    Some(b'0') => b'~',
                    Some(b'1') => b'|',
                    _ => return Ok(Undone::Bad(FrameError::Malformed("a tilde without 0 or 1".into()))),
                },
                byte => *byte,
            }]);
        }
        Ok(Undone::Rewritten(plain.freeze()))
    }

    fn apply(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        let plain = out.split_off(start);
        for byte in plain {
            match byte {
                b'~' => out.extend_from_slice(b"~0"),
                b'|' => out.extend_from_slice(b"~1"),
                byte => out.extend_from_slice(&[byte]),
            }
        }
        Ok(())
    }
}

/// Frames that end with `|`, from two closures, at most `max` bytes long.
pub fn pipes(max: usize) -> impl Framing + Clone + 'static {
    from_fn(
        |input| match input.bytes.iter().position(|byte| *byte == b'|') {
            Some(end) => Ok(Step::Frame { span: 0..end, advance: end + 1 }),
            None => Ok(Step::More(1)),
        },
        |out: &mut BytesMut, start| match out[start..].iter().position(|byte| *byte == b'|') {
            Some(offset) => Err(EncodeError::Delimiter { offset, what: "|" }),
            None => {
                out.extend_from_slice(b"|");
                Ok(())
            }
        },
    )
    .max_len(max)
}

/// Frames of one length byte and a payload that is handed over in a buffer of its own.
pub fn owned() -> impl Framing + Clone + 'static {
    from_fn(
        |input| match input.bytes {
            [len, rest @ ..] if rest.len() >= usize::from(*len) => {
                let frame = Bytes::copy_from_slice(&rest[..usize::from(*len)]);
                Ok(Step::Owned { advance: 1 + frame.len(), frame })
            }
            [len, rest @ ..] => Ok(Step::More(usize::from(*len) - rest.len())),
            [] => Ok(Step::More(1)),
        },
        |out: &mut BytesMut, start| {
            let body = out.split_off(start);
            let len = body.len();
            match u8::try_from(len) {
                Ok(byte) => {
                    out.extend_from_slice(&[byte]);
                    out.extend_from_slice(&body);
                    Ok(())
                }
                Err(_) => Err(EncodeError::TooLong { len, max: 255 }),
            }
        },
    )
}
