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

mod combine;
mod compose;
mod composed;
mod encoding;
mod explain;
mod format;
mod framing;
mod layer;
pub mod notation;

pub use combine::{Declared, Duplex, First, Fold, Head, Pattern, Peek, Resync, Switch};
pub use compose::FramingExt;
pub use composed::{AnyLayer, Composed};
pub use encoding::{Encoding, GB18030, GBK, UTF_8, UnknownLabel};
pub use explain::{Explanation, explain};
#[cfg(feature = "json")]
pub use format::Json;
pub use format::{InParts, IntoText, Parts, Text};
pub use framing::{
    ByteOrder, Chunks, Counts, Fixed, FromFn, IdleGap, LastPiece, LengthField, LengthPrefix, Lines, Marked, Rest,
    Special, Until, from_fn,
};
pub use layer::{Check, Constant, Crc, Escape, OnFailure, Pad, UnknownCrc};
pub use notation::{Composition, Meaning, NotationError};
