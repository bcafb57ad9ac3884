//! How a framing is given its layers and its format.

use wirework_core::{BoxFraming, Format, Formatted, Framing, Layer, Layered};

use crate::format::{InParts, IntoText, Text};

/// What every framing can be put together with.
pub trait FramingExt: Framing + Sized {
    /// Payloads are text: `Lines::any().text(GBK)`. The framing cuts between characters of the encoding; if it cannot,
    /// the composition is refused where it is used, before anything is bound.
    fn text<T: IntoText>(self, text: T) -> Formatted<Self, Text<T::Encoding>> {
        Formatted::new(self, text.into_text())
    }

    /// Payloads are JSON: `In` is what this end receives, `Out` what it sends.
    #[cfg(feature = "json")]
    fn json<In, Out>(self) -> Formatted<Self, crate::Json<In, Out>>
    where
        In: serde::de::DeserializeOwned + Send + 'static,
        Out: serde::Serialize + 'static,
    {
        Formatted::new(self, crate::Json::new())
    }

    /// Payloads are given in the parts that the framing knows of, such as head and body.
    fn in_parts(self) -> Formatted<Self, InParts> {
        Formatted::new(self, InParts)
    }

    /// Payloads are in a format of your own.
    fn format<P: Format>(self, format: P) -> Formatted<Self, P> {
        Formatted::new(self, format)
    }

    /// Payloads pass through a layer: an escape, a check.
    fn layer<L: Layer>(self, layer: L) -> Layered<Self, L> {
        Layered::new(self, layer)
    }

    /// Erases the type, for a framing that is chosen at run time.
    fn boxed(self) -> BoxFraming
    where
        Self: Clone + 'static,
    {
        BoxFraming::new(self)
    }
}

impl<F: Framing> FramingExt for F {}
