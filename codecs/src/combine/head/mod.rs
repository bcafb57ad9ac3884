//! A head that says how long the body behind it is.

mod encode;

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use wirework_core::{COUNTED_FRAME, ComposeError, EncodeError, Encodings, FrameError, Framing, Input, Piece, Step};

use super::Declared;
use super::declared::Number;
use super::nested;

/// A head, found by a framing of its own, and a body as long as the head [declares](Declared).
///
/// ```text
/// Head::new(lines, Declared::last_word(["PUB"])).then("\r\n")
///     PUB a 5 CR LF hello CR LF                     →   PUB a 5 CR LF hello     parts: PUB a 5, hello
///     PING CR LF                                    →   PING CR LF              parts: PING
/// Head::new(lines, Declared::after("$").none("-1")).then("\r\n")
///     $5 CR LF hello CR LF                          →   $5 CR LF hello          parts: $5, hello
///     $-1 CR LF                                     →   $-1 CR LF               parts: $-1
/// Head::new(lines, Declared::after("$")).then("\r\n").body_only()
///     $5 CR LF hello CR LF                          →   hello
/// Head::new(until_blank_line, Declared::header("Content-Length")).body_only()
///     Content-Length: 5 CR LF CR LF hello           →   hello
/// ```
///
/// The message begins with the first byte of the head and ends with the last of the body; what ends the head is in it. Its
/// parts are the head, without its end, and the body; a head that declares no number stands alone, and nothing is behind it.
/// When such a message is sent, its head is the caller's and the number in it is filled in, with as many digits as it takes.
///
/// A head whose framing rewrites it (an escape) is searched for the number as rewritten, and stands in the message as it came.
/// One that its framing calls bad loses the stream, because nobody can tell how long the body is. What the framing skips
/// before a head is skipped.
///
/// ```
/// use wirework_codecs::Lines;
/// use wirework_codecs::combine::{Declared, Head};
/// use wirework_core::{Frames, Raw, encode_frame};
///
/// let verbs = ["PUB", "HPUB", "MSG", "HMSG"];
/// let mut nats = Head::new(Lines::crlf(), Declared::last_word(verbs)).then("\r\n");
///
/// let mut frames = Frames::new(nats.clone());
/// frames.push(b"PUB a 5\r\nhello\r\n");
/// let message = frames.next()?.unwrap();
/// assert_eq!(&message.bytes()[message.parts()[1].clone()], b"hello");
///
/// let mut out = Default::default();
/// encode_frame(&mut nats, &mut Raw, b"PUB a 0\r\ngood morning", &mut out)?;
/// assert_eq!(&out[..], b"PUB a 12\r\ngood morning\r\n");
/// # Ok::<(), wirework_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Head<F> {
    pub(crate) framing: F,
    pub(crate) declared: Declared,
    pub(crate) then: Arc<[u8]>,
    pub(crate) max: usize,
    pub(crate) body_only: bool,
    /// How many bytes the longest head that is made here takes.
    made: Result<usize, ComposeError>,
    /// The unfinished message whose head is there.
    unfinished: Option<Message>,
    /// Of the message given out last: the head, and the body if it has one.
    parts: [Range<usize>; 2],
    parts_len: usize,
    /// What was written behind the payload of the message sent last.
    trailer: usize,
}

/// A head that was found.
#[derive(Debug)]
struct Found {
    /// Without its end.
    head: Range<usize>,
    /// Whether the framing rewrote it, so that no place in it is one in the message.
    rewritten: bool,
    /// With its end.
    len: usize,
    number: Option<Number>,
}

impl Found {
    /// Whether it takes `len` bytes and says that `body` bytes follow.
    fn declares(&self, len: usize, body: usize) -> bool {
        self.len == len && self.number.as_ref().is_some_and(|number| number.value == body as u64)
    }
}

/// Where in the input a message and its pieces end.
#[derive(Clone, Debug)]
struct Message {
    head: Range<usize>,
    body: Range<usize>,
    /// With what stands behind the body.
    end: usize,
    has_body: bool,
}

impl<F: Framing + Clone> Head<F> {
    /// Messages whose heads `framing` finds, with bodies as long as `declared` says.
    pub fn new(framing: F, declared: Declared) -> Self {
        Self {
            framing,
            declared,
            then: Arc::default(),
            max: COUNTED_FRAME,
            body_only: false,
            made: Ok(0),
            unfinished: None,
            parts: [0..0, 0..0],
            parts_len: 0,
            trailer: 0,
        }
    }

    /// These bytes stand behind every body. They are not counted, and belong to no message; others in their place lose the
    /// stream. Default: none.
    pub fn then(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.then = bytes.as_ref().into();
        self
    }

    /// The longest body, in bytes. Default: 1 MiB. A head that declares more loses the stream at once.
    pub fn max_len(mut self, max: usize) -> Self {
        self.max = max;
        self.measure();
        self
    }

    /// The message is the body alone. When one is sent, a head for it is made: `Content-Length: 5 CR LF`, or the mark and the
    /// digits, and behind them what the framing of heads puts there. A head that declares no number is an empty message.
    pub fn body_only(mut self) -> Self {
        self.body_only = true;
        self.measure();
        self
    }

    /// The head in front of the input, or what else its framing says.
    #[inline]
    fn find(&mut self, input: Input<'_>) -> Result<Result<Found, Step>, FrameError> {
        let found = match nested::step(&mut self.framing, input, usize::MAX)? {
            Step::Frame { span, advance } => {
                let number = self.declared.find(input.bytes.get(span.clone()).unwrap_or_default())?;
                Found { head: span, rewritten: false, len: advance, number }
            }
            Step::Owned { frame, advance } => {
                let number = self.declared.find(&frame)?;
                Found { head: 0..advance, rewritten: true, len: advance, number }
            }
            Step::Bad { error, .. } => {
                return Err(FrameError::malformed(format!("how long the body is cannot be told: {error}")));
            }
            step @ (Step::More(_) | Step::Skip(_)) => return Ok(Err(step)),
        };
        // The next head does not begin where this one ends.
        self.framing.reset();
        Ok(Ok(found))
    }

    /// The message that begins with this head.
    #[inline]
    fn message(&self, found: Found) -> Result<Message, FrameError> {
        let Found { head, len, number, .. } = found;
        let Some(Number { value, .. }) = number else {
            return Ok(Message { head, body: len..len, end: len, has_body: false });
        };
        let too_long = FrameError::TooLong { claimed: Some(value), max: self.max };
        let Some(body) = usize::try_from(value).ok().filter(|body| *body <= self.max) else { return Err(too_long) };
        let Some(end) = len.checked_add(body).and_then(|end| end.checked_add(self.then.len())) else {
            return Err(too_long);
        };
        Ok(Message { head, body: len..len + body, end, has_body: true })
    }

    /// Gives the message, all of which is there.
    #[inline]
    fn give(&mut self, message: Message, bytes: &[u8]) -> Result<Step, FrameError> {
        let Message { head, body, end, has_body } = message;
        if has_body && !self.then.is_empty() {
            let behind = bytes.get(body.end..end).unwrap_or_default();
            if *behind != *self.then {
                return Err(self.wrong_end(behind));
            }
        }
        if self.body_only {
            return Ok(Step::Frame { span: body, advance: end });
        }
        self.parts_len = if has_body { 2 } else { 1 };
        self.parts = [head, body.clone()];
        Ok(Step::Frame { span: 0..body.end, advance: end })
    }

    #[cold]
    fn wrong_end(&self, found: &[u8]) -> FrameError {
        FrameError::malformed(format!(
            "behind the body stands \"{}\" in place of \"{}\"",
            found.escape_ascii(),
            self.then.escape_ascii()
        ))
    }
}

impl<F: Framing + Clone> Framing for Head<F> {
    #[inline]
    fn glance_anew(&self, bytes: &[u8]) -> Option<Piece> {
        let head = self.framing.glance_anew(bytes)?;
        let value = self.declared.glance(bytes.get(head.span)?)?;
        let body = usize::try_from(value).ok().filter(|body| *body <= self.max)?;
        let body = head.advance..head.advance.checked_add(body)?;
        let advance = body.end.checked_add(self.then.len())?;
        if *bytes.get(body.end..advance)? != *self.then {
            return None;
        }
        Some(Piece { span: if self.body_only { body.clone() } else { 0..body.end }, behind_head: body, advance })
    }

    #[inline]
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        let message = match self.unfinished.take() {
            Some(message) => message,
            None => match self.find(input)? {
                Ok(found) => self.message(found)?,
                Err(step) => return Ok(step),
            },
        };
        match message.end.checked_sub(input.bytes.len()) {
            None | Some(0) => self.give(message, input.bytes),
            Some(lacking) => {
                self.unfinished = Some(message);
                Ok(Step::More(lacking))
            }
        }
    }

    fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        self.trailer = 0;
        if self.body_only { self.make_head(out, start) } else { self.fill_in(out, start) }
    }

    fn header_len(&self) -> usize {
        self.made.as_ref().copied().unwrap_or_default()
    }

    fn trailer_len(&self) -> usize {
        self.trailer
    }

    fn fills_in(&self) -> bool {
        !self.body_only
    }

    fn filled_in(&mut self, payload: &[u8]) -> Result<Option<Range<usize>>, EncodeError> {
        if self.body_only {
            return Ok(None);
        }
        let found = self.read_back(payload)?;
        let digits = found.number.and_then(|number| number.digits);
        Ok(Some(digits.map_or(found.len, |digits| found.head.start + digits.start)..found.len))
    }

    fn max_len(&self) -> usize {
        self.framing.max_len().saturating_add(self.max).saturating_add(self.then.len())
    }

    fn parts(&self) -> &[Range<usize>] {
        self.parts.get(..self.parts_len).unwrap_or_default()
    }

    fn quiet_after(&self) -> Option<Duration> {
        if self.unfinished.is_some() { None } else { self.framing.quiet_after() }
    }

    /// A body alone is counted, and may be text in any encoding.
    fn set_encodings(&mut self, encodings: &Encodings) -> Result<(), ComposeError> {
        if self.body_only {
            return Ok(());
        }
        self.declared.agree(encodings)?;
        self.framing.set_encodings(encodings)
    }

    /// A body alone is counted, whatever stands in it.
    fn set_doubled(&mut self, byte: u8) -> Result<(), ComposeError> {
        if self.body_only { Ok(()) } else { self.framing.set_doubled(byte) }
    }

    fn validate(&self) -> Result<(), ComposeError> {
        nested::validate_part(&self.framing)?;
        self.declared.validate()?;
        self.made.clone().map(|_| ())
    }

    fn swap_sides(&mut self) {
        self.framing.swap_sides();
        self.measure();
    }

    fn reset(&mut self) {
        self.unfinished = None;
        self.framing.reset();
    }
}

/// As it was put together, wherever in the stream it is.
impl<F: PartialEq> PartialEq for Head<F> {
    fn eq(&self, other: &Self) -> bool {
        self.framing == other.framing
            && self.declared == other.declared
            && self.then == other.then
            && self.max == other.max
            && self.body_only == other.body_only
    }
}

#[cfg(test)]
mod tests;
