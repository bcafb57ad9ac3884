//! A payload that a composition carries.

use bytes::BytesMut;
use wirework_core::Format;

use super::anatomy::encoded;
use crate::combine::{Declared, Fold, Head, Place, Which};
use crate::composed::{Base, Composed};
use crate::framing::LengthPrefix;
use crate::notation::Meaning;

/// A payload and its frame.
pub(super) fn frame(framing: &Composed, meaning: &Meaning) -> Option<(Vec<u8>, Vec<u8>)> {
    let (bodies, ends) = (bodies(meaning), ends(framing.base()));
    let payloads =
        ends.iter().flat_map(|end| bodies.iter().map(|body| [&payload(framing.base(), body)[..], end].concat()));
    payloads.into_iter().find_map(|payload| encoded(framing, &payload).map(|frame| (payload, frame)))
}

/// Bodies to try: a word, what stands on lines, and then every length up to a limit.
fn bodies(meaning: &Meaning) -> Vec<Vec<u8>> {
    const LONGEST: usize = 300;
    let text = match meaning {
        Meaning::Text(text) => {
            let mut out = BytesMut::new();
            let written = text.clone().encode("你好", &mut out).or_else(|_| text.clone().encode("hello", &mut out));
            written.is_ok().then(|| out.to_vec())
        }
        _ => None,
    };
    let letters = |len: usize| (b'A'..=b'Z').cycle().take(len).collect::<Vec<u8>>();
    let fixed = [&b"ABC"[..], b"ABC\r\n", b"[]"].map(<[u8]>::to_vec);
    text.into_iter().chain(fixed).chain((0..LONGEST).map(letters)).collect()
}

/// What a payload may have to end with: nothing; or the mark that belongs to it, and as many bytes behind that as no layer
/// writes.
fn ends(base: &Base) -> Vec<Vec<u8>> {
    const MOST: usize = 64;
    let (mark, plus) = match base {
        Base::Until(until) if until.keep => (until.terminators.first(), until.plus),
        Base::Marked(marked) if marked.plus > 0 => (marked.end.first(), marked.plus),
        _ => return vec![Vec::new()],
    };
    let ended = (0..=plus.min(MOST)).map(|behind| [mark, &vec![b'0'; behind]].concat());
    [Vec::new()].into_iter().chain(ended).collect()
}

/// A payload with this body, and the header that the framing expects of the caller.
fn payload(base: &Base, body: &[u8]) -> Vec<u8> {
    let mut payload = match base {
        Base::Length(length) => header(length),
        Base::Head(head) => self::head(head).unwrap_or_default(),
        Base::Fold(fold) => return of_one(fold, body).unwrap_or_default(),
        _ => Vec::new(),
    };
    payload.extend_from_slice(body);
    payload
}

/// The header of a payload that is the whole frame, with a length of nothing.
fn header(length: &LengthPrefix) -> Vec<u8> {
    let shape = &length.shape;
    if !shape.is_in_payload() {
        return Vec::new();
    }
    let mut header = vec![0; shape.at.saturating_add(shape.field.width_of(0).unwrap_or_default())];
    if let Some(field) = header.get_mut(shape.at..) {
        shape.field.write(0, field);
    }
    header
}

/// A head that says that nothing follows, where it belongs to the payload.
fn head(head: &Head<Composed>) -> Option<Vec<u8>> {
    if head.body_only { None } else { encoded(&head.framing, &saying(&head.declared, 0)) }
}

/// A message of one item with this body.
fn of_one(fold: &Fold<Composed, Composed>, body: &[u8]) -> Option<Vec<u8>> {
    let mut message = encoded(&fold.head, &saying(&fold.count, 1))?;
    message.extend(encoded(&fold.item, &payload(fold.item.base(), body))?);
    Some(message)
}

/// What stands in a head that declares this number.
fn saying(declared: &Declared, number: u8) -> Vec<u8> {
    let verb = |verbs: &[String]| verbs.first().cloned().unwrap_or_default();
    match &declared.place {
        Place::Header(name) => format!("{name}: {number}\r\n").into_bytes(),
        Place::Word(Which::Nth(nth), verbs) => {
            let before = " 0".repeat(nth.saturating_sub(2).min(64));
            format!("{}{before} {number}", verb(verbs)).into_bytes()
        }
        Place::Word(Which::Last, verbs) => format!("{} {number}", verb(verbs)).into_bytes(),
        Place::After(mark) => [mark, number.to_string().as_bytes()].concat(),
        Place::Function(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use crate::Composition;

    #[test]
    fn a_payload_ends_as_its_framing_and_its_layers_want_it() {
        for (text, end) in [
            ("until \"|\" keep", "|"),
            ("until ! plus 6 | constant CRLF at end | check crc-16/arc as hex", "!"),
            ("until ! plus 6 | check crc-16/arc as hex", "!00"),
            ("marked STX ETX plus 1", "\u{3}0"),
            ("marked STX ETX plus 1 | check xor8 | constant ETX at end", "ABC"),
        ] {
            let composition: Composition = text.parse().unwrap();
            let (payload, _) = super::frame(composition.framing(), composition.meaning()).expect(text);
            assert!(payload.starts_with(b"ABC") && payload.ends_with(end.as_bytes()), "{text}: {payload:02X?}");
        }
    }
}
