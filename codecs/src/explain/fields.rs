//! What the fields of a frame are called.

use std::ops::Range;

use wirework_core::{Framing, Input, Step, Tail};

use crate::combine::{Declared, Fold, Head};
use crate::composed::{Base, Composed};
use crate::framing::LengthPrefix;
use crate::framing::length::Kind;

/// Where a field stands, and its name.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) range: Range<usize>,
    pub(super) name: String,
    /// It is a number, and no text.
    pub(super) is_number: bool,
}

impl Named {
    pub(super) fn text(range: Range<usize>, name: impl Into<String>) -> Self {
        Self { range, name: name.into(), is_number: false }
    }
}

/// A frame, taken apart.
pub(super) struct Taken {
    pub(super) payload: Range<usize>,
    /// What stands around the payload, and inside it where the framing knows of more than the caller's bytes.
    pub(super) fields: Vec<Named>,
}

/// The first frame in `bytes`, as the framing takes it apart.
pub(super) fn taken(base: &Base, bytes: &[u8]) -> Option<Taken> {
    let mut framing = base.clone();
    let Ok(Step::Frame { span, .. }) = framing.split(Input { bytes, tail: Tail::Closed }) else { return None };
    let parts: Vec<_> = framing.parts().iter().map(|part| span.start + part.start..span.start + part.end).collect();
    let payload = bytes.get(span.clone())?;
    let inside = match (base, parts.as_slice()) {
        (Base::Length(length), [header, body]) => in_length(length, header, body),
        (Base::Head(head), [text, body]) => in_head(head, bytes, text, body),
        (Base::Fold(fold), _) => in_fold(fold, payload).unwrap_or_default(),
        _ => Vec::new(),
    };
    let (front, behind) = match base {
        Base::Length(length) => (number(length, span.start, span.end), "trailer"),
        Base::Marked(_) => ("begin mark".to_owned(), "end mark"),
        Base::Until(_) => (String::new(), "terminator"),
        Base::Head(_) => ("head".to_owned(), "end of body"),
        _ => (String::new(), ""),
    };
    let is_number = matches!(base, Base::Length(length) if is_binary(length));
    let mut fields =
        vec![Named { range: 0..span.start, name: front, is_number }, Named::text(span.end..bytes.len(), behind)];
    fields.extend(inside);
    Some(Taken { payload: span, fields })
}

/// What a length says whose field ends at `head`, in a frame that ends at `end`.
fn number(length: &LengthPrefix, head: usize, end: usize) -> String {
    let shape = &length.shape;
    let counted = end.saturating_sub(shape.counts.begin(shape.at, head)).saturating_sub(shape.plus);
    // A special value says something else than it is.
    if shape.specials.0.is_empty() { format!("length: {counted}") } else { "length".to_owned() }
}

fn is_binary(length: &LengthPrefix) -> bool {
    !matches!(length.shape.field.kind, Kind::Digits(_))
}

/// A header with a length in it, and what it counts.
fn in_length(length: &LengthPrefix, header: &Range<usize>, body: &Range<usize>) -> Vec<Named> {
    let shape = &length.shape;
    let at = header.start.saturating_add(shape.at).min(header.end);
    let counted_from = header.start.saturating_add(shape.counts.begin(shape.at, header.len()));
    let begin = counted_from.clamp(header.end, body.end);
    let end = body.end.saturating_sub(shape.plus).max(begin);
    vec![
        Named::text(header.start..at, "header"),
        Named {
            range: at..header.end,
            name: number(length, header.len(), body.end - header.start),
            is_number: is_binary(length),
        },
        Named::text(header.end..begin, "not counted"),
        Named::text(begin..end, "body"),
        Named::text(end..body.end, "not counted"),
    ]
}

/// A head that declares a number, which is called `number`.
fn in_text(declared: &Declared, bytes: &[u8], head: &Range<usize>, end: usize, number: &str) -> Vec<Named> {
    let text = bytes.get(head.clone()).unwrap_or_default();
    let Some(digits) = declared.digits(text) else {
        return vec![Named::text(head.clone(), "head"), Named::text(head.end..end, "end of head")];
    };
    let said = text.get(digits.clone()).unwrap_or_default();
    let digits = head.start + digits.start..head.start + digits.end;
    let rest = bytes.get(digits.end..head.end).unwrap_or_default();
    // Of header lines the last one's end is as little worth a name as the blank line behind it.
    let head_end = if rest.trim_ascii().is_empty() { digits.end } else { head.end };
    vec![
        Named::text(head.start..digits.start, "head"),
        Named::text(digits.clone(), format!("{number}: {}", said.escape_ascii())),
        Named::text(digits.end..head_end, "head"),
        Named::text(head_end..end, "end of head"),
    ]
}

fn in_head(head: &Head<Composed>, bytes: &[u8], text: &Range<usize>, body: &Range<usize>) -> Vec<Named> {
    let mut fields = in_text(&head.declared, bytes, text, body.start, "length");
    fields.push(Named::text(body.clone(), "body"));
    fields
}

/// A head and its items, each of which may have a head of its own.
fn in_fold(fold: &Fold<Composed, Composed>, message: &[u8]) -> Option<Vec<Named>> {
    let mut head = fold.head.clone();
    let Ok(Step::Frame { span, advance }) = head.split(Input { bytes: message, tail: Tail::Closed }) else {
        return None;
    };
    let mut fields = in_text(&fold.count, message, &span, advance, "count");
    let mut at = advance;
    for number in 1.. {
        let bytes = message.get(at..).filter(|rest| !rest.is_empty())?;
        let mut item = fold.item.clone();
        let Ok(Step::Frame { span, advance }) = item.split(Input { bytes, tail: Tail::Closed }) else { break };
        let moved = |range: &Range<usize>| at + range.start..at + range.end;
        match (fold.item.base(), item.parts()) {
            (Base::Head(head), [text, body]) => {
                let parts = [text, body].map(|part| span.start + part.start..span.start + part.end);
                let [text, body] = parts;
                let inner = in_text(&head.declared, bytes, &text, body.start, "length");
                fields.extend(inner.into_iter().map(|field| Named { range: moved(&field.range), ..field }));
                fields.push(Named::text(moved(&body), format!("item {number}")));
            }
            _ => {
                let (front, is_number) = match fold.item.base() {
                    Base::Length(length) if fold.item.layers().is_empty() => {
                        (self::number(length, span.start, span.end), is_binary(length))
                    }
                    Base::Length(length) => ("length".to_owned(), is_binary(length)),
                    _ => ("begin".to_owned(), false),
                };
                fields.push(Named { range: moved(&(0..span.start)), name: front, is_number });
                fields.push(Named::text(moved(&span), format!("item {number}")));
            }
        }
        fields.push(Named::text(moved(&(span.end..advance)), "end"));
        at = at.saturating_add(advance.max(1));
        if at >= message.len() {
            break;
        }
    }
    Some(fields)
}
