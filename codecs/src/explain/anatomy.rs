//! A frame, from the wire to what it means.

use std::cmp::Reverse;
use std::ops::Range;

use wirework_core::{Format, Frame, Framed, Layer, Undone};

use super::cases::Case;
use super::fields::{Named, taken};
use super::{Drawing, Field, Row, rule, sample};
use crate::composed::AnyLayer;
use crate::layer::Form;
use crate::notation::Meaning;
use crate::notation::print_characters;

pub(super) fn draw(case: &Case, meaning: &Meaning) -> Drawing {
    let mut rows = Vec::new();
    match sample::frame(&case.framing, meaning) {
        Some((payload, frame)) => {
            if let Some(taken) = taken(case.framing.base(), &frame) {
                let payload = taken.payload;
                let stage = Stage { name: "on the wire".to_owned(), bytes: frame, payload, fields: taken.fields };
                layers(case.framing.layers(), stage, &mut rows);
            }
            rows.extend(meant(meaning, &payload));
        }
        None => rows.push(Row { stage: "no frame that is short enough to draw".to_owned(), fields: Vec::new() }),
    }
    Drawing { rule: rule::of(case), rows }
}

/// The text that a payload is.
fn meant(meaning: &Meaning, payload: &[u8]) -> Option<Row> {
    match meaning {
        Meaning::Text(text) => {
            let read = text.clone().own(Frame::lent(payload, &[])).ok()?;
            let field = Field { name: print_characters(&read), bytes: Vec::new(), is_number: false };
            Some(Row { stage: "as text".to_owned(), fields: vec![field] })
        }
        _ => None,
    }
}

/// A frame at one stage, and where in it the payload is.
struct Stage {
    name: String,
    bytes: Vec<u8>,
    payload: Range<usize>,
    fields: Vec<Named>,
}

/// Takes the layers off, one after the other; one that rewrites begins a new row.
fn layers(layers: &[AnyLayer], mut stage: Stage, rows: &mut Vec<Row>) {
    for layer in layers {
        match layer.clone().undo(Framed { frame: &stage.bytes, payload: stage.payload.clone() }) {
            Ok(Undone::Within(span)) => stage.take_off(layer, &span),
            Ok(Undone::Rewritten(bytes)) => {
                rows.push(stage.row("escaped payload"));
                stage = Stage {
                    name: "unescaped".to_owned(),
                    payload: 0..bytes.len(),
                    bytes: bytes.to_vec(),
                    fields: Vec::new(),
                };
            }
            Ok(Undone::Bad(_) | Undone::Dropped) | Err(_) => break,
        }
    }
    rows.push(stage.row("payload"));
}

impl Stage {
    /// Takes off what a layer put around the payload.
    fn take_off(&mut self, layer: &AnyLayer, span: &Range<usize>) {
        let outer = self.payload.clone();
        let inner = outer.start + span.start..outer.start + span.end;
        let (name, mark, is_number) = match layer {
            AnyLayer::Check(check) => {
                let is_number = matches!(check.form, Form::Raw(_));
                (format!("check {}", check.algorithm.name()), check.mark.len(), is_number)
            }
            AnyLayer::Escape(_) => ("escape".to_owned(), 0, false),
            AnyLayer::Constant(_) => ("constant".to_owned(), 0, false),
            AnyLayer::Pad(_) => ("padding".to_owned(), 0, false),
        };
        let behind = inner.end.saturating_add(mark).min(outer.end);
        self.fields.push(Named::text(outer.start..inner.start, name.clone()));
        self.fields.push(Named::text(inner.end..behind, "mark"));
        self.fields.push(Named { range: behind..outer.end, name, is_number });
        self.payload = inner;
    }

    /// The fields, with the name `payload` for what has none.
    fn row(&self, payload: &str) -> Row {
        let mut named: Vec<&Named> = self.fields.iter().filter(|field| !field.range.is_empty()).collect();
        named.sort_by_key(|field| (field.range.start, Reverse(field.range.end)));
        let mut fields = Vec::new();
        let mut at = 0;
        let mut add = |range: Range<usize>, name: &str, is_number: bool| {
            if let Some(bytes @ [_, ..]) = self.bytes.get(range) {
                fields.push(Field { name: name.to_owned(), bytes: bytes.to_vec(), is_number });
            }
        };
        for (n, Named { range, name, is_number }) in named.iter().enumerate() {
            // A layer may have taken off the end of a field, which then is shorter than the framing said.
            let next = named.get(n + 1).map_or(usize::MAX, |next| next.range.start);
            let range = range.start.max(at)..range.end.min(next);
            add(at..range.start, payload, false);
            add(range.clone(), name, *is_number);
            at = at.max(range.end);
        }
        add(at..self.bytes.len(), payload, false);
        Row { stage: self.name.clone(), fields }
    }
}
