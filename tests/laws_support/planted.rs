//! Framings, and a format, with one mistake each. All but for their mistake, the framings are lines that end with LF.

use std::ops::Range;

use bytes::{BufMut, BytesMut};
use wirework::Text;
use wirework::core::{EncodeError, Format, FormatError, Frame, FrameError, Framing, Input, Piece, Plain, Step, Tail};
use wirework::framing::from_fn;

type Split = fn(Input<'_>) -> Result<Step, FrameError>;
type Finish = fn(&mut BytesMut, usize) -> Result<(), EncodeError>;

fn planted(split: Split, finish: Finish) -> impl Framing + Clone + 'static {
    from_fn(split, finish)
}

fn split(input: Input<'_>) -> Result<Step, FrameError> {
    Ok(match input.bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => Step::Frame { span: 0..end, advance: end + 1 },
        None => Step::More(1),
    })
}

fn finish(out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
    if let Some(offset) = out[start..].iter().position(|byte| *byte == b'\n') {
        return Err(EncodeError::Delimiter { offset, what: "LF" });
    }
    out.put_u8(b'\n');
    Ok(())
}

/// Refuses payloads that begin with `byte`, which mean something else.
fn finish_without(byte: u8, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
    if out.get(start) == Some(&byte) {
        return Err(EncodeError::Delimiter { offset: 0, what: "a mark" });
    }
    finish(out, start)
}

/// No mistake but that every look begins at the start of the line.
pub fn searches_from_the_start() -> impl Framing + Clone + 'static {
    planted(split, finish)
}

pub fn does_not_refuse_its_delimiter() -> impl Framing + Clone + 'static {
    planted(split, |out, _| {
        out.put_u8(b'\n');
        Ok(())
    })
}

/// Allows for its delimiter when it reads, and not when it writes.
pub fn encodes_more_than_it_decodes() -> impl Framing + Clone + 'static {
    planted(
        |input| match split(input)? {
            Step::Frame { span, .. } if span.end > 20 => Err(FrameError::TooLong { claimed: None, max: 20 }),
            Step::More(_) if input.bytes.len() > 20 => Err(FrameError::TooLong { claimed: None, max: 20 }),
            step => Ok(step),
        },
        |out, start| match out.len() - start {
            len @ 22.. => Err(EncodeError::TooLong { len, max: 20 }),
            _ => finish(out, start),
        },
    )
}

/// Takes a CR off the end of a line, but not at a glance.
#[derive(Clone)]
pub struct OverlooksAtAGlance;

impl Framing for OverlooksAtAGlance {
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        Ok(match split(input)? {
            Step::Frame { span, advance } if input.bytes[span.clone()].ends_with(b"\r") => {
                Step::Frame { span: 0..span.end - 1, advance }
            }
            step => step,
        })
    }

    fn glance(&self, bytes: &[u8]) -> Option<Plain> {
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        Some(Plain { span: 0..end, advance: end + 1 })
    }

    fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        finish(out, start)
    }
}

/// Takes a CR off the end of a line only where the line is a piece.
#[derive(Clone)]
pub struct SeesOtherPieces;

impl Framing for SeesOtherPieces {
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        split(input)
    }

    fn glance_anew(&self, bytes: &[u8]) -> Option<Piece> {
        let line = bytes.split_inclusive(|byte| *byte == b'\n').next()?;
        let span = 0..line.strip_suffix(b"\r\n").or(line.strip_suffix(b"\n"))?.len();
        Some(Piece { behind_head: span.clone(), span, advance: line.len() })
    }

    fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        finish(out, start)
    }
}

pub fn panics_on_a_bell() -> impl Framing + Clone + 'static {
    planted(
        |input| {
            assert!(!input.bytes.contains(&7), "a bell");
            split(input)
        },
        finish,
    )
}

pub fn gives_empty_frames_without_consuming() -> impl Framing + Clone + 'static {
    planted(
        |input| match input.bytes {
            [0, ..] => Ok(Step::Frame { span: 0..0, advance: 0 }),
            _ => split(input),
        },
        |out, start| finish_without(0, out, start),
    )
}

pub fn asks_for_more_than_it_needs() -> impl Framing + Clone + 'static {
    planted(
        |input| match split(input)? {
            Step::More(_) => Ok(Step::More(8)),
            step => Ok(step),
        },
        // Far from the limit, where asking for too much would lose the stream.
        |out, start| match out.len() - start {
            len @ 1000.. => Err(EncodeError::TooLong { len, max: 1000 }),
            _ => finish(out, start),
        },
    )
}

/// Looks at the byte behind a line before it gives the line, and has it no more when that byte is wrong.
pub fn drops_the_frame_before_an_error() -> impl Framing + Clone + 'static {
    planted(
        |input| match (input.bytes, split(input)?) {
            ([b'~', ..], _) => Err(FrameError::Malformed("a tilde".into())),
            (bytes, Step::Frame { span, advance }) => match bytes.get(advance) {
                Some(b'~') => Err(FrameError::Malformed("a tilde".into())),
                None if input.tail != Tail::Closed => Ok(Step::More(1)),
                _ => Ok(Step::Frame { span, advance }),
            },
            (_, step) => Ok(step),
        },
        |out, start| match out.len() - start {
            len @ 1000.. => Err(EncodeError::TooLong { len, max: 1000 }),
            _ => finish_without(b'~', out, start),
        },
    )
}

pub fn forgets_the_tail() -> impl Framing + Clone + 'static {
    planted(
        |input| match split(input)? {
            Step::More(_) if input.tail == Tail::Closed && !input.bytes.is_empty() => Ok(Step::Skip(input.bytes.len())),
            step => Ok(step),
        },
        finish,
    )
}

/// Takes what a read has brought for all that there is.
pub fn takes_a_read_for_a_frame() -> impl Framing + Clone + 'static {
    planted(
        |input| match split(input)? {
            Step::More(_) if !input.bytes.is_empty() => {
                Ok(Step::Frame { span: 0..input.bytes.len(), advance: input.bytes.len() })
            }
            step => Ok(step),
        },
        finish,
    )
}

/// A claim of 4 bytes says how much to reserve; a length byte and the payload follow.
pub fn reserves_what_is_claimed() -> impl Framing + Clone + 'static {
    planted(
        |input| match input.bytes {
            [a, b, c, d, len, rest @ ..] if rest.len() >= usize::from(*len) => {
                let claim = u32::from_be_bytes([*a, *b, *c, *d]).min(1 << 24);
                let mut frame = BytesMut::with_capacity(claim as usize);
                frame.extend_from_slice(&rest[..usize::from(*len)]);
                Ok(Step::Owned { frame: frame.freeze(), advance: 5 + usize::from(*len) })
            }
            _ => Ok(Step::More(1)),
        },
        |out, start| {
            let body = out.split_off(start);
            let len = u8::try_from(body.len()).map_err(|_| EncodeError::TooLong { len: body.len(), max: 255 })?;
            out.put_u32(u32::from(len));
            out.put_u8(len);
            out.extend_from_slice(&body);
            Ok(())
        },
    )
}

/// Searches for CR LF behind what it has searched, where the LF may be alone.
#[derive(Clone, Default)]
pub struct MissesADelimiterThatIsCut {
    searched: usize,
}

impl Framing for MissesADelimiterThatIsCut {
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        let new = input.bytes.get(self.searched..).unwrap_or_default();
        match new.windows(2).position(|pair| pair == b"\r\n") {
            Some(at) => {
                let end = self.searched + at;
                self.searched = 0;
                Ok(Step::Frame { span: 0..end, advance: end + 2 })
            }
            None => {
                self.searched = input.bytes.len();
                Ok(Step::More(1))
            }
        }
    }

    fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        match out[start..].windows(2).position(|pair| pair == b"\r\n") {
            Some(offset) => Err(EncodeError::Delimiter { offset, what: "CR LF" }),
            None => {
                out.extend_from_slice(b"\r\n");
                Ok(())
            }
        }
    }
}

/// Believes that what is left of an input stays where it is in memory.
#[derive(Clone, Default)]
pub struct RemembersAnAddress {
    expected: Option<usize>,
}

impl Framing for RemembersAnAddress {
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        let address = input.bytes.as_ptr() as usize;
        if self.expected.take().is_some_and(|expected| expected != address) {
            return Err(FrameError::Malformed("the input has moved".into()));
        }
        let step = split(input)?;
        if let Step::Frame { advance, .. } = step
            && advance < input.bytes.len()
        {
            self.expected = Some(address + advance);
        }
        Ok(step)
    }

    fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        finish(out, start)
    }

    fn reset(&mut self) {
        self.expected = None;
    }
}

/// Takes all of a frame for a part of its payload.
#[derive(Clone, Default)]
pub struct HasAPartBeyondItsPayload {
    parts: Vec<Range<usize>>,
}

impl Framing for HasAPartBeyondItsPayload {
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        let step = split(input)?;
        if let Step::Frame { advance, .. } = step {
            self.parts.clear();
            self.parts.push(0..advance);
        }
        Ok(step)
    }

    fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        finish(out, start)
    }

    fn parts(&self) -> &[Range<usize>] {
        &self.parts
    }
}

/// As Netty's `StringDecoder`: each read is decoded alone, and what a read cuts is replaced. It is a format that does not
/// say that it is text.
#[derive(Clone)]
pub struct DecodesEachReadAlone(pub Text);

impl Format for DecodesEachReadAlone {
    type Message<'a> = &'a str;
    type Owned = String;
    type Reply = str;

    fn view<'a>(&mut self, frame: Frame<'a>, scratch: &'a mut String) -> Result<&'a str, FormatError> {
        self.0.view(frame, scratch)
    }

    fn own(&mut self, frame: Frame<'_>) -> Result<String, FormatError> {
        self.0.own(frame)
    }

    fn encode(&mut self, reply: &str, out: &mut BytesMut) -> Result<(), EncodeError> {
        self.0.encode(reply, out)
    }
}
