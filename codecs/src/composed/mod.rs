//! A framing with its layers that is put together at run time.

mod base;
mod layers;

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use wirework_core::{ComposeError, EncodeError, FrameError, Framing, Input, Layered, Plain, Step, TextEncoding, agree};

pub(crate) use base::Base;
pub use layers::AnyLayer;
use layers::Layers;

/// A framing with its layers that is put together at run time: what a [`Composition`](crate::Composition) runs as.
///
/// Every framing and layer of this crate goes in, and it is one framing that looks into its own value, not boxes in
/// boxes: it takes about as long as the typed one. It prints in the text notation.
///
/// ```
/// use wirework_codecs::{Composed, LengthPrefix};
///
/// let typed = Composed::from(LengthPrefix::u16_be().at(4));
/// assert_eq!(typed, "length u16be at 4".parse()?);
/// assert_eq!(typed.to_string(), "length u16be at 4");
/// # Ok::<(), wirework_codecs::NotationError>(())
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
    fn filled_header_len(&self) -> usize {
        ask!(self, framing => framing.filled_header_len())
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
    fn set_encoding(&mut self, encoding: &Arc<dyn TextEncoding>) -> Result<(), ComposeError> {
        tell!(self, framing => framing.set_encoding(encoding))
    }
    fn set_doubled(&mut self, byte: u8) -> Result<(), ComposeError> {
        tell!(self, framing => framing.set_doubled(byte))
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
