//! The framings, layers, formats and text encodings of wirework.
//!
//! A codec is put together from a framing and what its payloads mean:
//!
//! ```
//! use wirework_codecs::{Chunks, FramingExt, GBK, LengthPrefix, Lines, UTF_8};
//!
//! let raw = LengthPrefix::u16_be();                       // bytes
//! let lines = Lines::any().max_len(1024).text(UTF_8);     // text
//! let tutorial = Chunks::new(1024).text(GBK.replace());   // text, malformed bytes become �
//! ```
//!
//! The names that most codecs are written with stand here; the others by what they are:
//!
//! | module | says |
//! |---|---|
//! | [`framing`] | where a message ends: by what stands behind it, by a length, between marks, by silence |
//! | [`combine`] | framings of framings: a head with a body, one after the other, chosen by the first bytes, in and out |
//! | [`layer`] | what is rewritten inside a frame: escapes, checks, constants, padding |
//! | [`mod@format`] | what a payload means, and the fields of a record |
//! | [`notation`] | all of it as text and as data, run as one type, and drawn |
//!
//! Every encoder is derived from its decoder's value, and what cannot be sent so that it is read again is refused.
//! Nothing here reads, writes, waits or tells the time.

#![cfg_attr(
    not(test),
    warn(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::cast_possible_truncation
    )
)]

pub mod combine;
mod compose;
mod composed;
mod encoding;
mod explain;
pub mod format;
pub mod framing;
pub mod layer;
mod near;
pub mod notation;

pub use compose::FramingExt;
pub use encoding::{Encoding, Escaped, GBK, LabelError, NotEscaped, UTF_8};
#[cfg(feature = "json")]
pub use format::Json;
pub use format::Text;
pub use framing::{Chunks, LengthPrefix, Lines};
pub use notation::Composition;
