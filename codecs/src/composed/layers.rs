//! Every layer there is, as one type, and several of them as one layer.

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use wirework_core::{ComposeError, EncodeError, FrameError, Framed, Layer, TextEncoding, TextKept, Undone};

use crate::layer::{Check, Constant, Escape, Pad};

/// Declares the type and all that is the same for each of its variants.
macro_rules! any_layer {
    ($($layer:ident: $what:literal),* $(,)?) => {
        /// Every layer there is.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum AnyLayer {
            $(#[doc = $what] $layer($layer),)*
        }

        $(impl From<$layer> for AnyLayer {
            fn from(layer: $layer) -> Self {
                Self::$layer(layer)
            }
        })*

        impl Layer for AnyLayer {
            #[inline(always)]
            fn glance(&self, framed: Framed<'_>) -> Option<Range<usize>> {
                match self { $(Self::$layer(layer) => layer.glance(framed),)* }
            }
            #[inline]
            fn undo(&mut self, framed: Framed<'_>) -> Result<Undone, FrameError> {
                match self { $(Self::$layer(layer) => layer.undo(framed),)* }
            }
            #[inline]
            fn apply(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
                match self { $(Self::$layer(layer) => layer.apply(out, start),)* }
            }
            #[inline]
            fn seal(&mut self, frame: &mut [u8], payload: Range<usize>) -> Result<(), EncodeError> {
                match self { $(Self::$layer(layer) => layer.seal(frame, payload),)* }
            }
            fn seals(&self) -> bool {
                match self { $(Self::$layer(layer) => layer.seals(),)* }
            }
            fn puts_before(&self) -> &[u8] {
                match self { $(Self::$layer(layer) => layer.puts_before(),)* }
            }
            fn pads(&self) -> bool {
                match self { $(Self::$layer(layer) => layer.pads(),)* }
            }
            fn covers_frame(&self) -> bool {
                match self { $(Self::$layer(layer) => layer.covers_frame(),)* }
            }
            fn rewrites(&self) -> bool {
                match self { $(Self::$layer(layer) => layer.rewrites(),)* }
            }
            fn doubles(&self) -> Option<u8> {
                match self { $(Self::$layer(layer) => layer.doubles(),)* }
            }
            fn keeps_text(&self, encoding: &dyn TextEncoding) -> TextKept {
                match self { $(Self::$layer(layer) => layer.keeps_text(encoding),)* }
            }
            fn validate(&self) -> Result<(), ComposeError> {
                match self { $(Self::$layer(layer) => layer.validate(),)* }
            }
        }
    };
}

any_layer! {
    Escape: "Bytes that would be taken for marks are written as others.",
    Check: "A check value stands behind the payload.",
    Constant: "Fixed bytes stand before or behind the payload.",
    Pad: "The payload is filled up to a length.",
}

/// Layers behind each other, as one. The first is the one next to the framing.
///
/// Whether they may stand behind each other was asked of each when it was added.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layers {
    all: Vec<AnyLayer>,
    /// What they put in front of a payload, all together.
    before: Vec<u8>,
}

impl Layers {
    pub(super) fn of(layer: AnyLayer) -> Self {
        Self { before: layer.puts_before().to_vec(), all: vec![layer] }
    }

    pub(super) fn push(&mut self, layer: AnyLayer) {
        self.before.extend_from_slice(layer.puts_before());
        self.all.push(layer);
    }

    pub(super) fn all(&self) -> &[AnyLayer] {
        &self.all
    }
}

impl Layer for Layers {
    #[inline(always)]
    fn glance(&self, framed: Framed<'_>) -> Option<Range<usize>> {
        match &*self.all {
            [layer] => layer.glance(framed),
            layers => through(layers, framed),
        }
    }

    #[inline]
    fn undo(&mut self, framed: Framed<'_>) -> Result<Undone, FrameError> {
        let start = framed.payload.start;
        let mut within = framed.payload;
        for (n, layer) in self.all.iter_mut().enumerate() {
            match layer.undo(Framed { frame: framed.frame, payload: within.clone() })? {
                Undone::Within(span) => within = within.start + span.start..within.start + span.end,
                Undone::Rewritten(payload) => return rewritten(payload, self.all.get_mut(n + 1..).unwrap_or_default()),
                end @ (Undone::Bad(_) | Undone::Dropped) => return Ok(end),
            }
        }
        Ok(Undone::Within(within.start - start..within.end - start))
    }

    fn apply(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        for (n, layer) in self.all.iter_mut().enumerate().rev() {
            layer.apply(out, start)?;
            // The first is sealed when the frame is whole.
            if n > 0 {
                let payload = out.get_mut(start..).unwrap_or_default();
                let len = payload.len();
                layer.seal(payload, 0..len)?;
            }
        }
        Ok(())
    }

    fn seal(&mut self, frame: &mut [u8], payload: Range<usize>) -> Result<(), EncodeError> {
        self.all.first_mut().map_or(Ok(()), |first| first.seal(frame, payload))
    }

    fn puts_before(&self) -> &[u8] {
        &self.before
    }

    fn pads(&self) -> bool {
        self.all.iter().any(Layer::pads)
    }

    fn seals(&self) -> bool {
        self.all.first().is_some_and(Layer::seals)
    }

    fn covers_frame(&self) -> bool {
        self.all.first().is_some_and(Layer::covers_frame)
    }

    fn keeps_text(&self, encoding: &dyn TextEncoding) -> TextKept {
        self.all.iter().rev().fold(TextKept::Whole, |kept, layer| kept.then(layer.keeps_text(encoding)))
    }
}

/// What stands within all of these layers.
#[inline(never)]
fn through(layers: &[AnyLayer], Framed { frame, payload }: Framed<'_>) -> Option<Range<usize>> {
    let start = payload.start;
    let mut within = payload;
    for layer in layers {
        let span = layer.glance(Framed { frame, payload: within.clone() })?;
        within = within.start + span.start..within.start + span.end;
    }
    Some(within.start - start..within.end - start)
}

/// What further layers make of a payload that was rewritten.
fn rewritten(payload: Bytes, layers: &mut [AnyLayer]) -> Result<Undone, FrameError> {
    let mut payload = payload;
    for layer in layers {
        match layer.undo(Framed { frame: &payload, payload: 0..payload.len() })? {
            Undone::Within(span) => payload = payload.slice_ref(payload.get(span).unwrap_or_default()),
            Undone::Rewritten(again) => payload = again,
            end @ (Undone::Bad(_) | Undone::Dropped) => return Ok(end),
        }
    }
    Ok(Undone::Rewritten(payload))
}
