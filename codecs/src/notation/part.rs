//! What a stage can be.

use super::registry::resync::Recovery;
use crate::Text;
use crate::composed::{AnyLayer, Composed};

/// What a stage can be.
#[derive(Clone, Debug)]
pub(super) enum Part {
    Framing(Composed),
    Layer(AnyLayer),
    Resync(Recovery),
    Format(Meaning),
}

/// What the payloads of a composition mean.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Meaning {
    /// They are bytes.
    #[default]
    Bytes,
    /// They are text in an encoding.
    Text(Text),
    /// They are JSON.
    #[cfg(feature = "json")]
    Json,
}
