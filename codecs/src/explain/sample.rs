//! A payload that a composition carries.

use bytes::BytesMut;
use wirework_core::{Format, Raw, encode_frame};

use crate::combine::{Declared, Fold, Head, Place, Which};
use crate::composed::{AnyLayer, Base, Composed};
use crate::framing::LengthPrefix;
use crate::layer::{EscapeKind, Rule, UpTo};
use crate::notation::Meaning;

/// More bytes than this are not drawn, and not tried.
const LARGEST: usize = 64 * 1024;

/// A payload and its frame.
pub(super) fn frame(framing: &Composed, meaning: &Meaning) -> Option<(Vec<u8>, Vec<u8>)> {
    let bodies: Vec<_> = bodies(framing, meaning).collect();
    ends(framing.base()).iter().find_map(|end| {
        bodies.iter().find_map(|body| {
            let payload = [payload(framing.base(), body)?, end.clone()].concat();
            encoded(framing, &payload).map(|frame| (payload, frame))
        })
    })
}

/// The frame of a payload, if the framing carries it, and exactly it.
fn encoded(framing: &Composed, payload: &[u8]) -> Option<Vec<u8>> {
    if fills_up(framing) > LARGEST {
        return None;
    }
    let mut out = BytesMut::new();
    encode_frame(&mut framing.clone(), &mut Raw, payload, &mut out).ok()?;
    Some(out.to_vec())
}

/// The most bytes that a payload is filled up to, in the framing or inside it.
fn fills_up(framing: &Composed) -> usize {
    let own = framing.layers().iter().map(|layer| match layer {
        AnyLayer::Pad(pad) => match pad.upto {
            UpTo::Length(bytes) | UpTo::MultipleOf(bytes) => bytes,
        },
        _ => 0,
    });
    let inner: Vec<&Composed> = match framing.base() {
        Base::Head(head) => vec![&head.framing],
        Base::Fold(fold) => vec![&fold.head, &fold.item],
        Base::Peek(peek) => peek.branches.iter().map(|(_, case)| case).chain(&peek.otherwise).collect(),
        Base::First(first) => vec![&first.first, &first.then],
        Base::Duplex(duplex) => vec![&duplex.reads, &duplex.writes],
        Base::Switch(switch) => {
            std::iter::once(&switch.base).chain(switch.cases.iter().map(|case| &case.framing)).collect()
        }
        Base::Resync(resync) => vec![&resync.framing],
        _ => Vec::new(),
    };
    own.chain(inner.into_iter().map(fills_up)).max().unwrap_or_default()
}

/// Bodies to try: what shows a layer at work, a word, what stands on lines, and then every length up to a limit.
fn bodies(framing: &Composed, meaning: &Meaning) -> impl Iterator<Item = Vec<u8>> {
    const LONGEST: usize = 300;
    let words: [&[u8]; 4] = [b"hello", b"hello\r\n", b"hi", b"[]"];
    let words: Vec<Vec<u8>> = match meaning {
        Meaning::Text(text) => {
            let encoded = |word: &str| {
                let mut out = BytesMut::new();
                text.clone().encode(word, &mut out).is_ok().then(|| out.to_vec())
            };
            ["你好", "hello", "你好\r\n", "hello\r\n"].into_iter().filter_map(encoded).collect()
        }
        #[cfg(feature = "json")]
        Meaning::Json => vec![br#"{"id":1}"#.to_vec()],
        _ => words.map(<[u8]>::to_vec).into(),
    };
    let shown = framing.layers().iter().filter_map(to_show);
    let letters = |len: usize| (b'A'..=b'Z').cycle().take(len).collect::<Vec<u8>>();
    let whole = match framing.base() {
        Base::Fixed(fixed) if fixed.len <= LARGEST => fixed.len,
        _ => 0,
    };
    let lengths = (0..LONGEST).chain((whole.saturating_sub(LONGEST)..=whole).rev());
    shown.collect::<Vec<_>>().into_iter().chain(words).chain(lengths.map(letters))
}

/// A payload on which a layer can be seen at work: something must be escaped, or filled up.
fn to_show(layer: &AnyLayer) -> Option<Vec<u8>> {
    let escape = match layer {
        AnyLayer::Escape(escape) => escape,
        AnyLayer::Pad(_) => return Some(b"hi".to_vec()),
        AnyLayer::Check(_) | AnyLayer::Constant(_) => return None,
    };
    let byte = match &escape.kind {
        EscapeKind::Dots => return Some(b".hi\r\n".to_vec()),
        EscapeKind::Cobs => 0,
        EscapeKind::Substitution(substitution) => match &substitution.rule {
            Rule::Table(pairs) => pairs.first()?.0,
            Rule::Xor { escape, bytes, .. } => *bytes.first().unwrap_or(escape),
        },
    };
    Some(vec![b'A', byte, b'B'])
}

/// What a payload may have to end with: nothing; or the mark that belongs to it, and as many bytes behind that as no layer
/// writes.
fn ends(base: &Base) -> Vec<Vec<u8>> {
    const MOST: usize = 64;
    let (mark, plus) = match base {
        Base::Until(until) if until.keep => (until.sent(), until.plus),
        Base::Marked(marked) if marked.plus > 0 => (marked.end().bytes(), marked.plus),
        _ => return vec![Vec::new()],
    };
    let ended = (0..=plus.min(MOST)).map(|behind| [mark, &vec![b'0'; behind]].concat());
    [Vec::new()].into_iter().chain(ended).collect()
}

/// A payload with this body, and the header that the framing expects of the caller.
fn payload(base: &Base, body: &[u8]) -> Option<Vec<u8>> {
    let mut payload = match base {
        Base::Length(length) => header(length)?,
        Base::Head(head) => self::head(head).unwrap_or_default(),
        Base::Fold(fold) => return of_items(fold, &[b"GET", b"key"]).or_else(|| of_items(fold, &[body])),
        _ => Vec::new(),
    };
    payload.extend_from_slice(body);
    Some(payload)
}

/// The header of a payload that is the whole frame, with a length of nothing.
fn header(length: &LengthPrefix) -> Option<Vec<u8>> {
    let shape = &length.shape;
    if !shape.is_in_payload() {
        return Some(Vec::new());
    }
    let len = shape.at.checked_add(shape.field.width_of(0).unwrap_or_default()).filter(|len| *len <= LARGEST)?;
    let mut header = vec![0; len];
    if let Some(field) = header.get_mut(shape.at..) {
        shape.field.write(0, field);
    }
    Some(header)
}

/// A head that says that nothing follows, where it belongs to the payload.
fn head(head: &Head<Composed>) -> Option<Vec<u8>> {
    if head.body_only { None } else { encoded(&head.framing, &saying(&head.declared, 0)) }
}

/// A message of items with these bodies.
fn of_items(fold: &Fold<Composed, Composed>, bodies: &[&[u8]]) -> Option<Vec<u8>> {
    let mut message = encoded(&fold.head, &saying(&fold.count, bodies.len()))?;
    for body in bodies {
        message.extend(encoded(&fold.item, &payload(fold.item.base(), body)?)?);
    }
    (message.len() <= LARGEST && encoded(&fold.clone().into(), &message).is_some()).then_some(message)
}

/// What stands in a head that declares this number.
fn saying(declared: &Declared, number: usize) -> Vec<u8> {
    let verb = |verbs: &[String]| verbs.first().cloned().unwrap_or_default();
    match &declared.place {
        Place::Header(name) => format!("{name}: {number}\r\n").into_bytes(),
        Place::Word(Which::Nth(nth), verbs) => {
            let words = std::iter::once("key").chain(std::iter::repeat("0")).take(nth.saturating_sub(2).min(64));
            let words = words.fold(String::new(), |words, word| format!("{words} {word}"));
            format!("{}{words} {number}", verb(verbs)).into_bytes()
        }
        Place::Word(Which::Last, verbs) => format!("{} key {number}", verb(verbs)).into_bytes(),
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
            ("marked STX ETX plus 1 | check xor8 | constant ETX at end", "hello"),
        ] {
            let composition: Composition = text.parse().unwrap();
            let (payload, _) = super::frame(composition.framing(), composition.meaning()).expect(text);
            assert!(payload.starts_with(b"hello") && payload.ends_with(end.as_bytes()), "{text}: {payload:02X?}");
        }
    }
}
