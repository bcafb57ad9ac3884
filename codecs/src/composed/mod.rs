//! A framing with its layers that is put together at run time.

mod base;
mod layers;

use std::ops::Range;
use std::time::Duration;

use bytes::BytesMut;
use wirework_core::{
    ComposeError, EncodeError, Encodings, FrameError, Framing, Input, Layered, Piece, Plain, Step, agree,
};

pub(crate) use base::Base;
pub use layers::AnyLayer;
use layers::Layers;

/// A framing with its layers that is put together at run time: what a [`Composition`](crate::Composition) runs as.
///
/// Every framing and layer of this crate goes in, and it is one framing that looks into its own value, not boxes in
/// boxes: it takes about as long as the typed one. It prints in the text notation.
///
/// ```
/// use wirework_codecs::LengthPrefix;
/// use wirework_codecs::notation::Composed;
///
/// let typed = Composed::from(LengthPrefix::u16_be().at(4));
/// assert_eq!(typed, "length u16be at 4".parse()?);
/// assert_eq!(typed.to_string(), "length u16be at 4");
/// # Ok::<(), wirework_codecs::notation::NotationError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Composed(Box<Inner>);

#[derive(Clone, Debug)]
enum Inner {
    Plain(Base),
    Layered(Layered<Base, Layers>),
}

impl Composed {
    pub(crate) fn plain(base: Base) -> Self {
        Self(Box::new(Inner::Plain(base)))
    }

    /// Puts a layer between the payloads so far and those to come, or says why it cannot stand there.
    pub fn layer(mut self, layer: impl Into<AnyLayer>) -> Result<Self, ComposeError> {
        let layer = layer.into();
        agree(&mut self, &layer)?;
        let layered = match *self.0 {
            Inner::Plain(base) => Layered::new(base, Layers::of(layer)),
            Inner::Layered(mut layered) => {
                layered.layer_mut().push(layer);
                layered
            }
        };
        Ok(Self(Box::new(Inner::Layered(layered))))
    }

    pub(crate) fn base(&self) -> &Base {
        match &*self.0 {
            Inner::Plain(base) => base,
            Inner::Layered(layered) => layered.framing(),
        }
    }

    pub(crate) fn layers(&self) -> &[AnyLayer] {
        match &*self.0 {
            Inner::Plain(_) => &[],
            Inner::Layered(layered) => layered.layer().all(),
        }
    }
}

impl PartialEq for Composed {
    fn eq(&self, other: &Self) -> bool {
        self.base() == other.base() && self.layers() == other.layers()
    }
}

/// Asks whichever it is.
macro_rules! ask {
    ($self:ident, $framing:ident => $answer:expr) => {
        match &*$self.0 {
            Inner::Plain($framing) => $answer,
            Inner::Layered($framing) => $answer,
        }
    };
}

/// Tells whichever it is.
macro_rules! tell {
    ($self:ident, $framing:ident => $done:expr) => {
        match &mut *$self.0 {
            Inner::Plain($framing) => $done,
            Inner::Layered($framing) => $done,
        }
    };
}

impl Framing for Composed {
    #[inline(always)]
    fn glance(&self, bytes: &[u8]) -> Option<Plain> {
        match &*self.0 {
            Inner::Plain(base) => base.glance(bytes),
            Inner::Layered(layered) => layered.glance(bytes),
        }
    }
    #[inline(always)]
    fn taken(&mut self, advance: usize) {
        tell!(self, framing => framing.taken(advance));
    }
    #[inline]
    fn glance_anew(&self, bytes: &[u8]) -> Option<Piece> {
        match &*self.0 {
            Inner::Plain(base) => base.glance_anew(bytes),
            Inner::Layered(_) => None,
        }
    }
    #[inline(always)]
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        match &mut *self.0 {
            Inner::Plain(base) => base.split(input),
            Inner::Layered(layered) => layered.split(input),
        }
    }
    #[inline]
    fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        tell!(self, framing => framing.finish(out, start))
    }
    #[inline]
    fn header_len(&self) -> usize {
        ask!(self, framing => framing.header_len())
    }
    fn trailer_len(&self) -> usize {
        ask!(self, framing => framing.trailer_len())
    }
    fn fills_in(&self) -> bool {
        ask!(self, framing => framing.fills_in())
    }
    #[inline]
    fn max_len(&self) -> usize {
        ask!(self, framing => framing.max_len())
    }
    #[inline(always)]
    fn parts(&self) -> &[Range<usize>] {
        ask!(self, framing => framing.parts())
    }
    fn quiet_after(&self) -> Option<Duration> {
        ask!(self, framing => framing.quiet_after())
    }
    fn set_encodings(&mut self, encodings: &Encodings) -> Result<(), ComposeError> {
        tell!(self, framing => framing.set_encodings(encodings))
    }
    fn set_doubled(&mut self, byte: u8) -> Result<(), ComposeError> {
        tell!(self, framing => framing.set_doubled(byte))
    }
    fn is_doubled(&self, byte: u8) -> bool {
        ask!(self, framing => framing.is_doubled(byte))
    }
    fn counts_frames(&self) -> bool {
        ask!(self, framing => framing.counts_frames())
    }
    fn fills_in_by_turns(&self) -> bool {
        ask!(self, framing => framing.fills_in_by_turns())
    }
    fn filled_in(&mut self, payload: &[u8]) -> Result<Option<Range<usize>>, EncodeError> {
        tell!(self, framing => framing.filled_in(payload))
    }
    fn takes_any_byte(&self) -> bool {
        ask!(self, framing => framing.takes_any_byte())
    }
    fn layers(&self) -> usize {
        ask!(self, framing => Framing::layers(framing))
    }
    fn validate(&self) -> Result<(), ComposeError> {
        ask!(self, framing => framing.validate())
    }
    fn is_recovering(&self) -> bool {
        ask!(self, framing => framing.is_recovering())
    }
    fn swap_sides(&mut self) {
        tell!(self, framing => framing.swap_sides());
    }
    fn reset(&mut self) {
        tell!(self, framing => framing.reset());
    }
}

#[cfg(test)]
mod tests {
    use wirework_core::{Frames, Raw, encode_frame};

    use super::*;
    use crate::combine::{Declared, Duplex, Head, Pattern, Peek};
    use crate::layer::{Check, Constant, Pad};
    use crate::{LengthPrefix, Lines};

    fn sent(framing: &Composed, payload: &[u8]) -> Result<Vec<u8>, EncodeError> {
        let mut out = BytesMut::new();
        encode_frame(&mut framing.clone(), &mut Raw, payload, &mut out)?;
        Ok(out.to_vec())
    }

    #[test]
    fn a_check_is_never_taken_for_the_rest_of_a_header_that_is_filled_in() {
        let varint = Composed::from(LengthPrefix::varint().at(1));
        let checked = varint.clone().layer(Check::xor8()).unwrap();
        assert_eq!(sent(&checked, b"P\0AB").unwrap(), b"P\x03AB\x50");
        for unfinished in [&b"P\x80"[..], b"P", b""] {
            let refused = sent(&checked, unfinished).unwrap_err();
            assert!(refused.to_string().contains("lacks its header"), "{refused}");
        }
        let marked = varint.layer(Constant::before(b"P")).unwrap().layer(Check::xor8());
        assert!(marked.is_err(), "the check covers a length that is filled in after it");
        let behind = Composed::from(LengthPrefix::u8().at(2)).layer(Constant::before(b"\xaa\x55")).unwrap();
        assert_eq!(sent(&behind, b"\0AB").unwrap(), b"\xaa\x55\x02AB");
        let behind = behind.layer(Constant::after(b"!")).unwrap();
        assert_eq!(sent(&behind, b"\0AB").unwrap(), b"\xaa\x55\x03AB!");
        assert!(sent(&behind, b"").is_err(), "the mark would be the length");
        let head = Composed::from(Head::new(Lines::lf().into(), Declared::after("$")));
        let head = head.layer(Constant::after(b"\n")).unwrap();
        assert_eq!(sent(&head, b"$0\nAB").unwrap(), b"$3\nAB\n");
        assert!(sent(&head, b"$0").is_err(), "the mark would be the end of the head");
    }

    #[test]
    fn a_length_is_never_filled_into_what_a_layer_puts_before_a_message() {
        let kept = Composed::from(LengthPrefix::u8().keep()).layer(Constant::before(b"a")).unwrap();
        assert!(sent(&kept, b"").unwrap_err().to_string().contains("cannot be filled in"));
        let beside = Composed::from(Duplex::new(kept.clone(), kept.clone())).layer(Constant::before(b"b")).unwrap();
        assert!(sent(&beside, b"h").is_err());
        let mut half = Composed::from(LengthPrefix::u16_be().at(1)).layer(Constant::before(b"ab")).unwrap();
        assert!(sent(&half, b"\0h").is_err());
        half.swap_sides();
        assert!(sent(&half, b"\0h").is_err());
    }

    /// A head that grows by a digit has the check begin a byte later, or an earlier one where it had a header in front.
    #[test]
    fn a_check_stands_behind_each_of_the_framings_of_which_only_some_fill_in_a_length() {
        let head = Composed::from(Head::new(Lines::lf().into(), Declared::after("$")));
        let peek = |nul: Composed, other: Composed| Peek::new().on(Pattern::bytes(b"\0"), nul).otherwise(other);
        let length = Composed::from(LengthPrefix::u8());
        let refused = Composed::from(peek(head.clone(), length.clone())).layer(Check::xor8()).unwrap_err();
        assert!(refused.to_string().contains("behind each of them"), "{refused}");
        let checked = [head, length].map(|framing| framing.layer(Check::xor8()).unwrap());
        let [head, length] = checked;
        Composed::from(peek(head, length)).validate().unwrap();
    }

    /// What is filled in may make a message longer than it was filled up for, and may end it with the byte of the padding.
    #[test]
    fn a_message_that_is_filled_up_is_the_same_when_its_length_is_filled_in() {
        let head = Composed::from(Head::new(Lines::lf().into(), Declared::after("$")));
        let head = head.layer(Pad::to(14, b'~')).unwrap();
        assert!(sent(&head, b"$0\n").unwrap_err().to_string().contains("filled up otherwise"));
        assert_eq!(sent(&head, b"$10\nab").unwrap(), b"$10\nab~~~~~~~~");
        let little = Composed::from(LengthPrefix::u16_le().at(1)).layer(Pad::multiple_of(4, 0)).unwrap();
        assert!(sent(&little, b"h\x05\x05").is_err());
        assert_eq!(sent(&little, b"h\x05\0ab").unwrap(), b"h\x05\0ab\0\0\0");
        let apart = little.layer(Constant::after(b"!")).unwrap();
        assert!(apart.layer(Pad::multiple_of(4, 0)).is_err());
    }

    #[test]
    fn layers_are_taken_off_in_their_order_and_put_on_in_the_other() {
        let framing: Composed = "length u8 | constant FF at end | check xor8 | pad multiple 2 with 00".parse().unwrap();
        let wire = sent(&framing, b"A").unwrap();
        assert_eq!(wire, b"\x04A\0\x41\xff");
        let mut frames = Frames::new(framing);
        frames.push(&wire);
        assert_eq!(frames.next().unwrap().unwrap().bytes(), b"A");
    }
}
