//! How a message gets its head: the number in the caller's is filled in, or one is made.

use std::ops::Range;

use bytes::{BufMut, BytesMut};
use wirework_core::{ComposeError, EncodeError, Framing, Input, Step, Tail};

use super::{Found, Head};
use crate::combine::decimal::Digits;

impl<F: Framing + Clone> Head<F> {
    /// Fills the length of the body into the caller's head, which stands at `out[start..]` with the body behind it.
    pub(super) fn fill_in(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        let payload = out.get(start..).unwrap_or_default();
        let found = self.read_back(payload)?;
        let body = payload.len().saturating_sub(found.len);
        if body > self.max {
            return Err(EncodeError::TooLong { len: body, max: self.max as u64 });
        }
        match found.number {
            None if body == 0 => return Ok(()),
            None => return Err(incomplete(format!("the head declares no length, and {body} bytes stand behind it"))),
            Some(number) if number.value == body as u64 => {}
            Some(number) => {
                let Some(digits) = number.digits.filter(|_| !found.rewritten) else {
                    return Err(incomplete(format!(
                        "the head declares {} bytes, and {body} stand behind it, where they cannot be filled in",
                        number.value
                    )));
                };
                let at = start + found.head.start;
                replace(out, at + digits.start..at + digits.end, Digits::of(body as u64).as_bytes());
                self.check(out, start, body)?;
            }
        }
        self.end(out);
        Ok(())
    }

    /// Puts a head in front of the body at `out[start + header_len..]`.
    pub(super) fn make_head(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        let body = start.saturating_add(self.header_len());
        let end = out.len();
        let Some(len) = end.checked_sub(body) else {
            return Err(incomplete("there is no room for a head".into()));
        };
        if len > self.max {
            return Err(EncodeError::TooLong { len, max: self.max as u64 });
        }
        // Made behind the body, in the same buffer, because how long it is shows only when it is whole.
        self.write_head(len as u64, out)?;
        let head = out.len() - end;
        if start + head > body {
            return Err(incomplete(format!("a head of {head} bytes is longer than that for the longest body")));
        }
        out.copy_within(end.., start);
        out.copy_within(body..end, start + head);
        out.truncate(start + head + len);
        self.check(out, start, len)?;
        self.end(out);
        Ok(())
    }

    /// Appends a head for `len` bytes.
    fn write_head(&mut self, len: u64, out: &mut BytesMut) -> Result<(), EncodeError> {
        let start = out.len();
        out.put_bytes(0, self.framing.header_len());
        self.declared.write(len, out);
        self.framing.finish(out, start)
    }

    /// Finds out how long the heads are that are made, or why none can be.
    pub(super) fn measure(&mut self) {
        self.made = if self.body_only { self.clone().longest_head() } else { Ok(0) };
    }

    fn longest_head(&mut self) -> Result<usize, ComposeError> {
        if !self.declared.makes_heads() {
            return Err(ComposeError::new(
                "no head can be made from the length of a body alone: leave `body_only` out, or declare the length in a \
                 header or after a mark",
            ));
        }
        let mut head = BytesMut::new();
        let made = self.write_head(self.max as u64, &mut head);
        let made = made.and_then(|()| self.read_back(&head)).map_err(|error| error.to_string());
        match made {
            Ok(found) if found.declares(head.len(), self.max) => Ok(head.len()),
            made => Err(ComposeError::new(format!(
                "the head that is made for a body of {} bytes is none of this framing: \"{}\"{}",
                self.max,
                head.escape_ascii(),
                made.err().map(|error| format!(" ({error})")).unwrap_or_default()
            ))),
        }
    }

    /// Finds the head of a message of ours as the other end will.
    pub(super) fn read_back(&mut self, message: &[u8]) -> Result<Found, EncodeError> {
        if message.is_empty() {
            return Err(incomplete("the message lacks a head".into()));
        }
        self.unfinished = None;
        self.framing.reset();
        self.framing.swap_sides();
        let found = self.find(Input { bytes: message, tail: Tail::Open });
        self.framing.swap_sides();
        self.framing.reset();
        match found {
            Ok(Ok(found)) => Ok(found),
            Ok(Err(Step::Skip(_))) => Err(incomplete("the message begins with bytes that belong to no head".into())),
            Ok(Err(_)) => Err(incomplete("the message lacks a whole head".into())),
            Err(error) => Err(incomplete(format!("the head is none: {error}"))),
        }
    }

    /// The head at `out[start..]` must say, now that it is written, that `body` bytes stand behind it.
    fn check(&mut self, out: &BytesMut, start: usize, body: usize) -> Result<(), EncodeError> {
        let message = out.get(start..).unwrap_or_default();
        let found = self.read_back(message)?;
        if found.declares(message.len().saturating_sub(body), body) {
            return Ok(());
        }
        Err(incomplete(format!("the head does not declare the {body} bytes of the body once they are filled in")))
    }

    fn end(&mut self, out: &mut BytesMut) {
        out.extend_from_slice(&self.then);
        self.trailer = self.then.len();
    }
}

fn incomplete(why: String) -> EncodeError {
    EncodeError::Incomplete(why.into())
}

/// Puts `with` in the place of `out[at]`.
fn replace(out: &mut BytesMut, at: Range<usize>, with: &[u8]) {
    let end = out.len();
    let grown = with.len().saturating_sub(at.len());
    out.put_bytes(0, grown);
    out.copy_within(at.end..end, at.start + with.len());
    out.truncate((end + with.len()).saturating_sub(at.len()));
    if let Some(place) = out.get_mut(at.start..at.start + with.len()) {
        place.copy_from_slice(with);
    }
}
