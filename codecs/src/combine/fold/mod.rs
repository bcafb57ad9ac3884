//! A head that says how many items follow, and they: one message.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use wirework_core::{COUNTED_FRAME, ComposeError, EncodeError, Encodings, FrameError, Framing, Input, Step, Tail};

use super::Declared;
use super::nested;

/// A head that [declares](Declared) a number, and that many items, each a frame of a framing of its own: one message.
///
/// ```text
/// Fold::new(lines, Declared::after("*").none("-1"), Head::new(lines, Declared::after("$")).then("\r\n"))
///     *2 CR LF $4 CR LF ECHO CR LF $2 CR LF hi CR LF    →   all of it    parts: ECHO, hi
///     *0 CR LF                                          →   all of it    no parts
/// Fold::new(lines, Declared::after(""), lines)
///     2 CR LF one CR LF two CR LF                       →   all of it    parts: one, two
/// ```
///
/// The message is all of it, with the ends of head and items; its parts are what the items hold. Of an item that has a header
/// or a head in its payload, the part is what stands behind that; of one with a head alone, the head.
///
/// When a message is sent it must be exactly one already, with the number in its head: how many items stand in it is for the
/// caller to know.
///
/// An item that is bad, and whose end is known, makes the message bad, to its own end. So does one that its framing rewrites
/// (an escape), because it stands in the message otherwise. What the framing of the items skips between them is skipped; a
/// head that its framing calls bad loses the stream.
///
/// ```
/// use wirework_codecs::{FramingExt, Lines};
/// use wirework_codecs::combine::{Declared, Fold, Head};
/// use wirework_core::{Codec, Format, Frames};
///
/// let text = Head::new(Lines::crlf(), Declared::after("$")).then("\r\n");
/// let redis = Fold::new(Lines::crlf(), Declared::after("*").none("-1"), text);
///
/// let (framing, mut format) = redis.in_parts().compose()?;
/// let mut frames = Frames::new(framing);
/// frames.push(b"*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n");
/// assert_eq!(format.own(frames.next()?.unwrap())?[..], ["ECHO", "hi"]);
/// # Ok::<(), wirework_core::BoxError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Fold<H, I> {
    pub(crate) head: H,
    pub(crate) count: Declared,
    pub(crate) item: I,
    pub(crate) max_items: usize,
    pub(crate) max: usize,
    /// Of an unfinished message whose head is there: how many items lack.
    lacking: Option<usize>,
    /// Where the next of them begins.
    at: usize,
    /// What is wrong with the first bad one.
    bad: Option<Arc<FrameError>>,
    /// What the items hold that were found.
    parts: Vec<Range<usize>>,
    /// Whether they were asked to split anything since they were reset.
    head_was_asked: bool,
    item_was_asked: bool,
}

impl<H: Framing, I: Framing> Fold<H, I> {
    /// Messages whose heads `head` finds, with as many frames of `item` behind them as `count` says. Without a number there
    /// is none.
    pub fn new(head: H, count: Declared, item: I) -> Self {
        Self {
            head,
            count,
            item,
            max_items: 65_536,
            max: COUNTED_FRAME,
            lacking: None,
            at: 0,
            bad: None,
            parts: Vec::new(),
            head_was_asked: false,
            item_was_asked: false,
        }
    }

    /// The most items of a message. Default: 65 536. A head that declares more loses the stream at once.
    pub fn max_items(mut self, max: usize) -> Self {
        self.max_items = max;
        self
    }

    /// The longest message, in bytes, with all that is in it. Default: 1 MiB. Beyond it the stream is lost.
    pub fn max_len(mut self, max: usize) -> Self {
        self.max = max;
        self
    }

    /// How many items the head in front of the input declares, or what else its framing says.
    fn begin(&mut self, input: Input<'_>) -> Result<Result<usize, Step>, FrameError> {
        let (count, advance) = match self.glance_at_head(input.bytes) {
            Some(glanced) => glanced,
            None => {
                self.head_was_asked = true;
                let (number, advance) = match ask(&mut self.head, input, 0, self.max)? {
                    Step::Frame { span, advance } => {
                        (self.count.find(input.bytes.get(span).unwrap_or_default())?, advance)
                    }
                    Step::Owned { frame, advance } => (self.count.find(&frame)?, advance),
                    Step::Bad { error, .. } => {
                        return Err(FrameError::malformed(format!("how many items follow cannot be told: {error}")));
                    }
                    Step::More(more) => return wait(input, more, self.max).map(Err),
                    step @ Step::Skip(_) => return Ok(Err(step)),
                };
                (number.map_or(0, |number| number.value), advance)
            }
        };
        let Some(count) = usize::try_from(count).ok().filter(|count| *count <= self.max_items) else {
            return Err(FrameError::malformed(format!(
                "the head declares {count} items, more than the {} that a message may have",
                self.max_items
            )));
        };
        // Neither goes on where it has come to: items follow the head, and the next head follows the items.
        if std::mem::take(&mut self.head_was_asked) {
            self.head.reset();
        }
        self.reset_item();
        self.forget_parts();
        self.at = advance;
        Ok(Ok(count))
    }

    /// The same at a glance: the number, and how many bytes the head takes.
    #[inline]
    fn glance_at_head(&self, bytes: &[u8]) -> Option<(u64, usize)> {
        let head = self.head.glance_anew(bytes).filter(|head| head.advance <= self.max)?;
        Some((self.count.glance(bytes.get(head.span)?)?, head.advance))
    }

    #[inline]
    fn reset_item(&mut self) {
        if std::mem::take(&mut self.item_was_asked) {
            self.item.reset();
        }
    }

    /// One message of many items must not make a connection hold room for as many ever after.
    fn forget_parts(&mut self) {
        const KEPT: usize = 64;
        if self.parts.capacity() > KEPT {
            self.parts = Vec::new();
        }
        self.parts.clear();
    }

    /// Keeps the item at `span`, of the item framing's last step.
    #[inline]
    fn keep(&mut self, span: Range<usize>) {
        let part = match self.item.parts().last() {
            Some(behind_header) if self.item.fills_in() => {
                span.end.min(span.start + behind_header.start)..span.end.min(span.start + behind_header.end)
            }
            _ => span,
        };
        self.parts.push(self.at + part.start..self.at + part.end);
    }

    #[cold]
    fn spoil(&mut self, error: FrameError) {
        let item = self.parts.len() + 1;
        self.bad.get_or_insert_with(|| Arc::new(FrameError::malformed(format!("item {item}: {error}"))));
        self.parts.push(self.at..self.at);
    }

    /// The message, all of whose items are there.
    fn give(&mut self) -> Step {
        let advance = std::mem::take(&mut self.at);
        match self.bad.take() {
            None => Step::Frame { span: 0..advance, advance },
            Some(error) => Step::Bad {
                advance,
                error: Arc::try_unwrap(error).unwrap_or_else(|shared| FrameError::Other(Box::new(shared))),
            },
        }
    }
}

/// What `framing` says of the bytes behind `at`. At the end of the stream it is asked first as if more might come: whether a
/// message is too long must not depend on what the end makes of its last bytes.
#[inline]
fn ask<F: Framing>(framing: &mut F, input: Input<'_>, at: usize, max: usize) -> Result<Step, FrameError> {
    let bytes = input.bytes.get(at..).unwrap_or_default();
    let room = max.saturating_sub(at);
    if input.tail == Tail::Closed && !bytes.is_empty() {
        match nested::step(framing, Input { bytes, tail: Tail::Open }, room)? {
            Step::More(more) => wait(input, more, max)?,
            step => return Ok(step),
        };
    }
    nested::step(framing, Input { bytes, tail: input.tail }, room)
}

/// Waits for more, up to one byte beyond the limit: until it comes, the end of the stream may still end the last item.
fn wait(input: Input<'_>, more: usize, max: usize) -> Result<Step, FrameError> {
    // Of nothing no message is too long, though the shortest may be.
    let nothing = input.bytes.is_empty() && input.tail == Tail::Closed;
    if !nothing && input.bytes.len().saturating_add(more) > max.saturating_add(1) {
        return Err(FrameError::TooLong { claimed: None, max });
    }
    Ok(Step::More(more))
}

impl<H: Framing, I: Framing> Framing for Fold<H, I> {
    #[inline]
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        let mut lacking = match self.lacking.take() {
            Some(lacking) => lacking,
            None => match self.begin(input)? {
                Ok(count) => count,
                Err(step) => return Ok(step),
            },
        };
        while lacking > 0 {
            let bytes = input.bytes.get(self.at..).unwrap_or_default();
            let room = self.max.saturating_sub(self.at);
            if let Some(piece) = self.item.glance_anew(bytes)
                && piece.advance <= room
            {
                self.parts.push(self.at + piece.behind_head.start..self.at + piece.behind_head.end);
                self.at += piece.advance;
                lacking -= 1;
                self.reset_item();
                continue;
            }
            self.item_was_asked = true;
            let step = if bytes.is_empty() || room == 0 {
                Step::More(1)
            } else {
                ask(&mut self.item, input, self.at, self.max)?
            };
            match step {
                Step::More(more) => {
                    self.lacking = Some(lacking);
                    return wait(input, more, self.max);
                }
                Step::Skip(advance) => {
                    self.at += advance;
                    continue;
                }
                Step::Frame { span, advance } => {
                    self.keep(span);
                    self.at += advance;
                }
                Step::Owned { advance, .. } => {
                    self.spoil(FrameError::malformed(
                        "a layer rewrites it, and a part must stand in the message as it is",
                    ));
                    self.at += advance;
                }
                Step::Bad { advance, error } => {
                    self.spoil(error);
                    self.at += advance;
                }
            }
            lacking -= 1;
        }
        Ok(self.give())
    }

    /// Nothing is written: what is sent must be one message already.
    fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        let message = out.get(start..).filter(|message| !message.is_empty());
        let Some(message) = message else { return Err(EncodeError::Incomplete("the message lacks a head".into())) };
        if message.len() > self.max {
            return Err(EncodeError::TooLong { len: message.len(), max: self.max as u64 });
        }
        self.reset();
        self.swap_sides();
        let step = self.split(Input { bytes: message, tail: Tail::Open });
        self.swap_sides();
        self.reset();
        let why = match step {
            Ok(Step::Frame { advance, .. }) if advance == message.len() => return Ok(()),
            Ok(Step::Frame { advance, .. }) => {
                format!("{} bytes stand behind the last item that the head declares", message.len() - advance)
            }
            Ok(Step::More(_)) => "the message ends before the last item that its head declares".into(),
            Ok(Step::Skip(_)) => "the message begins with bytes that belong to no head".into(),
            Ok(Step::Owned { .. }) => "the message would be rewritten".into(),
            Ok(Step::Bad { error, .. }) | Err(error) => format!("this is no such message: {error}"),
        };
        Err(EncodeError::Incomplete(why.into()))
    }

    /// With the byte that shows that a message is too long.
    fn max_len(&self) -> usize {
        self.max.saturating_add(1)
    }

    fn parts(&self) -> &[Range<usize>] {
        &self.parts
    }

    fn quiet_after(&self) -> Option<Duration> {
        if self.lacking.is_some() { self.item.quiet_after() } else { self.head.quiet_after() }
    }

    fn set_encodings(&mut self, encodings: &Encodings) -> Result<(), ComposeError> {
        self.count.agree(encodings)?;
        self.head.set_encodings(encodings)?;
        self.item.set_encodings(encodings)
    }

    fn set_doubled(&mut self, byte: u8) -> Result<(), ComposeError> {
        self.head.set_doubled(byte)?;
        self.item.set_doubled(byte)
    }

    fn validate(&self) -> Result<(), ComposeError> {
        nested::validate_part(&self.head)?;
        self.count.validate()?;
        nested::validate_part(&self.item)
    }

    fn swap_sides(&mut self) {
        self.head.swap_sides();
        self.item.swap_sides();
    }

    fn reset(&mut self) {
        self.lacking = None;
        self.at = 0;
        self.bad = None;
        self.head_was_asked = false;
        self.item_was_asked = false;
        self.head.reset();
        self.item.reset();
    }
}

/// As it was put together, wherever in the stream it is.
impl<H: PartialEq, I: PartialEq> PartialEq for Fold<H, I> {
    fn eq(&self, other: &Self) -> bool {
        self.head == other.head
            && self.count == other.count
            && self.item == other.item
            && self.max_items == other.max_items
            && self.max == other.max
    }
}

#[cfg(test)]
mod tests;
