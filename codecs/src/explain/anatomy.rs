//! What the fields of a frame are called.

use std::ops::Range;

use wirework_core::{Format, Frame, Framed, Framing, Input, Layer, Raw, Step, Tail, Undone, encode_frame};

use super::{Drawing, Field, Row, sample};
use crate::combine::{Duplex, First, Switch};
use crate::composed::{AnyLayer, Base, Composed};
use crate::{Composition, Meaning};

/// A drawing for each framing that a frame may have.
pub(super) fn drawings(composition: &Composition) -> Vec<Drawing> {
    cases(composition.framing(), "")
        .into_iter()
        .map(|(when, framing)| draw(when, &framing, composition.meaning()))
        .collect()
}

/// The framings that there are to draw, each with when it holds.
fn cases(framing: &Composed, when: &str) -> Vec<(String, Composed)> {
    let within = |what: &str| if when.is_empty() { what.to_owned() } else { format!("{when}, {what}") };
    let inner: Vec<(String, Composed)> = match framing.base() {
        Base::Peek(peek) => {
            let branches =
                peek.branches.iter().map(|(pattern, case)| (within(&format!("begins with {pattern}")), case));
            let otherwise = peek.otherwise.iter().map(|case| (within("otherwise"), case));
            branches.chain(otherwise).map(|(when, case)| (when, case.clone())).collect()
        }
        Base::First(First { first, then, .. }) => {
            vec![(within("first frame"), first.clone()), (within("later frames"), then.clone())]
        }
        Base::Duplex(Duplex { reads, writes, .. }) => {
            vec![(within("in"), reads.clone()), (within("out"), writes.clone())]
        }
        Base::Switch(Switch { base, cases, .. }) => std::iter::once((within("at first"), base.clone()))
            .chain(cases.iter().map(|case| (within(&format!("after {}", case.pattern)), case.framing.clone())))
            .collect(),
        Base::Resync(resync) => vec![(when.to_owned(), resync.framing.clone())],
        _ => return vec![(when.to_owned(), framing.clone())],
    };
    // Layers behind a combinator are behind each of its framings.
    let layered = |case: Composed| framing.layers().iter().try_fold(case, |case, layer| case.layer(layer.clone())).ok();
    inner
        .into_iter()
        .filter_map(|(when, case)| Some((when, layered(case)?)))
        .flat_map(|(when, case)| cases(&case, &when))
        .collect()
}

fn draw(when: String, framing: &Composed, meaning: &Meaning) -> Drawing {
    let Some((payload, frame)) = sample::frame(framing, meaning) else {
        let note = Some("no payload was found that this framing carries".to_owned());
        return Drawing { when, rows: Vec::new(), note };
    };
    let mut rows = Vec::new();
    if let Some(fields) = wire(framing.base(), &frame) {
        layers(framing.layers(), fields, &mut rows);
    }
    Drawing { when, rows, note: note(meaning, &payload) }
}

fn note(meaning: &Meaning, payload: &[u8]) -> Option<String> {
    match meaning {
        Meaning::Text(text) => text.clone().own(Frame::lent(payload, &[])).ok().map(|text| format!("text: {:?}", text)),
        _ => None,
    }
}

/// A frame at one stage, and where in it the payload is.
struct Stage {
    name: String,
    bytes: Vec<u8>,
    payload: Range<usize>,
    /// The fields of the payload, where the framing knows of any.
    inside: Vec<(Range<usize>, &'static str)>,
    /// What stands around the payload.
    around: Vec<(Range<usize>, String)>,
}

/// The frame as the framing takes it apart.
fn wire(base: &Base, frame: &[u8]) -> Option<Stage> {
    let mut framing = base.clone();
    let (span, advance) = match framing.split(Input { bytes: frame, tail: Tail::Closed }) {
        Ok(Step::Frame { span, advance }) => (span, advance),
        _ => return None,
    };
    let (front, behind) = names(base);
    let around = [(0..span.start, front), (span.end..advance, behind)];
    Some(Stage {
        name: "on the wire".to_owned(),
        bytes: frame.to_vec(),
        inside: inside(base, framing.parts(), span.start),
        payload: span,
        around: around.map(|(range, name)| (range, name.to_owned())).into(),
    })
}

/// What stands in front of a payload and behind it.
fn names(base: &Base) -> (&'static str, &'static str) {
    match base {
        Base::Length(_) => ("length", "trailer"),
        Base::Marked(_) => ("begin mark", "end mark"),
        Base::Until(_) => ("", "terminator"),
        Base::Head(_) => ("head", "then"),
        Base::Fold(_) => ("", "end of last item"),
        _ => ("", ""),
    }
}

/// The fields of a payload that holds more than the caller's bytes.
fn inside(base: &Base, parts: &[Range<usize>], start: usize) -> Vec<(Range<usize>, &'static str)> {
    let moved = |part: &Range<usize>| start + part.start..start + part.end;
    match (base, parts) {
        (Base::Length(length), [header, body]) => {
            let (header, body) = (moved(header), moved(body));
            let at = (start + length.shape.at).min(header.end);
            vec![(start..at, "header"), (at..header.end, "length"), (header.end..body.end, "body")]
        }
        (Base::Head(_), [head, body]) => {
            let (head, body) = (moved(head), moved(body));
            vec![(start..head.end, "head"), (head.end..body.start, "end of head"), (body, "body")]
        }
        (Base::Fold(_), parts) => parts.iter().map(|part| (moved(part), "item")).collect(),
        _ => Vec::new(),
    }
}

/// Takes the layers off, one after the other; one that rewrites begins a new row.
fn layers(layers: &[AnyLayer], mut stage: Stage, rows: &mut Vec<Row>) {
    for layer in layers {
        let name = layer_name(layer);
        match layer.clone().undo(Framed { frame: &stage.bytes, payload: stage.payload.clone() }) {
            Ok(Undone::Within(span)) => {
                let inner = stage.payload.start + span.start..stage.payload.start + span.end;
                stage.around.push((stage.payload.start..inner.start, name.clone()));
                stage.around.push((inner.end..stage.payload.end, name));
                stage.payload = inner;
            }
            Ok(Undone::Rewritten(bytes)) => {
                rows.push(stage.row("payload, escaped"));
                stage = Stage {
                    name: format!("without {name}"),
                    payload: 0..bytes.len(),
                    bytes: bytes.to_vec(),
                    inside: Vec::new(),
                    around: Vec::new(),
                };
            }
            Ok(Undone::Bad(_) | Undone::Dropped) | Err(_) => break,
        }
    }
    rows.push(stage.row("payload"));
}

fn layer_name(layer: &AnyLayer) -> String {
    match layer {
        AnyLayer::Escape(_) => "escape".to_owned(),
        AnyLayer::Check(check) => format!("check {}", check.algorithm.name()),
        AnyLayer::Constant(_) => "constant".to_owned(),
        AnyLayer::Pad(_) => "padding".to_owned(),
    }
}

impl Stage {
    fn row(&self, payload: &str) -> Row {
        let mut fields: Vec<(Range<usize>, String)> = self.around.clone();
        let clip = |range: &Range<usize>| range.start.max(self.payload.start)..range.end.min(self.payload.end);
        let mut at = self.payload.start;
        for (range, name) in self.inside.iter().map(|(range, name)| (clip(range), *name)) {
            if range.start >= range.end {
                continue;
            }
            fields.push((at..range.start, String::new()));
            at = range.end;
            fields.push((range, name.to_owned()));
        }
        let rest = if at == self.payload.start { payload } else { "" };
        fields.push((at..self.payload.end, rest.to_owned()));
        fields.sort_by_key(|(range, _)| (range.start, range.end));
        let field = |(range, name): (Range<usize>, String)| match self.bytes.get(range) {
            Some([]) | None => None,
            Some(bytes) => Some(Field { name, bytes: bytes.to_vec() }),
        };
        Row { stage: self.name.clone(), fields: fields.into_iter().filter_map(field).collect() }
    }
}

/// The frame of a payload, if the framing carries it, and exactly it.
pub(super) fn encoded(framing: &Composed, payload: &[u8]) -> Option<Vec<u8>> {
    let mut out = bytes::BytesMut::new();
    encode_frame(&mut framing.clone(), &mut Raw, payload, &mut out).ok()?;
    Some(out.to_vec())
}
