//! One composition, three notations: Rust, data, and one line of text.
//!
//! ```text
//! marked 7E shared | escape 7E:7D02 7D:7D01 | check xor8 | gbk
//! ```
//!
//! A composition is a framing, then layers, then what its payloads mean, joined by ` | `. A stage is its name and what it
//! is told: values at their place, options by name. Where a stage takes framings, they stand in brackets, with options
//! behind them, separated by commas; cases stand in braces.
//!
//! ```text
//! fold(lines crlf, after "*", head(lines crlf, after "$", then CRLF))
//! peek {digit: length dec until SP, else lines}
//! ```
//!
//! Bytes are written as pairs of hexadecimal digits (`7E`, `1C0D`), as text in quotation marks (`"\r\n"`, `"\x7E"`), as
//! the name of a control character (`CRLF`, `STX`), or as one character that is neither letter nor digit (`*`). Where frames
//! of text begin and end, hexadecimal is the bytes on the wire, and the others are characters of the encoding. Elsewhere quoted
//! text is bytes too, and ASCII: `"中"` is not the same bytes in every encoding, and is refused.
//!
//! As data, which serde reads from TOML, JSON and others, a composition is a list of stages. Each is a string in the text
//! notation, or a map of its name to a map of its options, whose names have `_` for blanks:
//!
//! ```json
//! [{"length": {"field": "u16be", "at": 4}}, {"check": {"algorithm": "crc-16/modbus", "little": true}}, "gbk"]
//! ```
//!
//! What there is, with all options, is in [`entries`]. A composition runs as [`Composed`], and is drawn by [`explain`].

mod builder;
mod case;
mod composition;
mod data;
mod datum;
mod describe;
mod entry;
mod error;
mod given;
mod literal;
mod option;
mod part;
mod read;
mod registry;
mod resolve;
mod syntax;
mod token;
mod value;

pub(crate) use case::print_pattern;
pub use composition::Composition;
pub use entry::{Entry, Kind, Sample};
pub use error::NotationError;
pub(crate) use literal::{print_characters, print_delimiter, print_text as print_bytes};
pub use option::{Opt, Takes};
pub use part::Meaning;
pub use registry::entries;
pub(crate) use value::print_duration;

pub use crate::composed::{AnyLayer, Composed};
pub use crate::explain::{Explanation, explain};
