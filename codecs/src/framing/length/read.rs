//! From bytes to frames.

use std::fmt;

use wirework_core::{FrameError, Hex, Step};

use super::LengthPrefix;
use super::field::Read;
use super::prefix::Shape;
use super::special::Special;

/// What the header of a frame comes to.
pub(super) enum Look {
    /// It lacks at least this many bytes.
    More(usize),
    /// It ends at `head`, and the frame at `end`, without its trailer.
    Frame { head: usize, end: usize },
}

impl Shape {
    /// Looks at the header that `bytes` begin with.
    pub(super) fn look(&self, bytes: &[u8]) -> Result<Look, FrameError> {
        let lacking = self.at.saturating_sub(bytes.len());
        let field = bytes.get(self.at..).unwrap_or_default();
        let (value, width) = match self.field.read(field) {
            Read::Value { value, width } => (value, width),
            Read::More(more) => return Ok(Look::More(more.saturating_add(lacking))),
            Read::Malformed { width, why } => return Err(malformed(field, width, &why)),
        };
        let (value, width) = match self.specials.find(value) {
            None => (value, width),
            Some(Special::Length(length)) => (*length, width),
            Some(Special::Refuse) => return Err(malformed(field, width, "this value is reserved")),
            Some(Special::Then(second)) => match second.read(field.get(width..).unwrap_or_default()) {
                Read::Value { value, width: more } => (value, width.saturating_add(more)),
                Read::More(more) => return Ok(Look::More(more)),
                Read::Malformed { width: more, why } => {
                    return Err(malformed(field, width.saturating_add(more), &why));
                }
            },
        };
        let head = self.at.saturating_add(width);
        let counted = self.counts.begin(self.at, head);
        let Some(end) = (counted as u64).checked_add(value) else { return Err(self.too_long(value, head)) };
        if end < head as u64 {
            let header = head.saturating_sub(counted);
            let why = format!("a length of {value} is too small: it counts the {header} bytes of its own header");
            return Err(malformed(field, width, &why));
        }
        let end = end.checked_add(self.plus as u64).and_then(|end| usize::try_from(end).ok());
        match end {
            Some(end) if end.saturating_sub(head) <= self.max => Ok(Look::Frame { head, end }),
            _ => Err(self.too_long(value, head)),
        }
    }

    /// A claim beyond the limit, both as the length counts.
    #[cold]
    fn too_long(&self, claimed: u64, head: usize) -> FrameError {
        let uncounted = self.counts.begin(self.at, head).saturating_add(self.plus);
        FrameError::TooLong { claimed: Some(claimed), max: self.max.saturating_add(head).saturating_sub(uncounted) }
    }
}

impl LengthPrefix {
    /// What `bytes` begin with, whatever the kind of the field.
    #[inline(never)]
    pub(super) fn split_any(&mut self, bytes: &[u8]) -> Result<Step, FrameError> {
        if let Some(span) = self.quick.behind_number(bytes) {
            return Ok(Step::Frame { advance: span.end, span });
        }
        let (head, end) = match self.shape.look(bytes)? {
            Look::More(more) => return Ok(Step::More(more)),
            Look::Frame { head, end } => (head, end),
        };
        let trailer = &self.shape.trailer;
        let advance = end.saturating_add(trailer.len());
        if bytes.len() < advance {
            return Ok(Step::More(advance - bytes.len()));
        }
        let behind = bytes.get(end..advance).unwrap_or_default();
        if behind != trailer.as_slice() {
            return Err(FrameError::malformed(format!(
                "{} stands where {} must end it",
                Quoted(behind),
                Quoted(trailer)
            )));
        }
        if !self.shape.is_in_payload() {
            return Ok(Step::Frame { span: head..end, advance });
        }
        self.parts = [0..head, head..end];
        Ok(Step::Frame { span: 0..end, advance })
    }
}

/// What is wrong with the first `width` bytes of a field.
#[cold]
fn malformed(field: &[u8], width: usize, why: &str) -> FrameError {
    FrameError::malformed(format!("the length {}: {why}", Quoted(field.get(..width).unwrap_or(field))))
}

/// Bytes in hexadecimal and as text: `2B 31 ("+1")`.
struct Quoted<'a>(&'a [u8]);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (\"{}\")", Hex(self.0), self.0.escape_ascii())
    }
}
