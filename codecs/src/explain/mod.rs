//! A composition drawn as the bytes of a frame.

mod anatomy;
mod sample;
mod svg;
mod text;

use std::fmt;

use crate::Composition;

/// The bytes of a frame of `composition`, with a name for each field; and what becomes of its payload.
///
/// ```
/// use wirework_codecs::{Composition, explain};
///
/// let composition: Composition = "length u16be | check xor8".parse()?;
/// let drawn = explain(&composition).to_string();
/// assert!(drawn.contains("length") && drawn.contains("check xor8"));
/// # Ok::<(), wirework_codecs::NotationError>(())
/// ```
///
/// Where the framing depends on what has come, each of the framings is drawn. The payload is made up, as small as the
/// composition takes it.
pub fn explain(composition: &Composition) -> Explanation {
    Explanation { drawings: anatomy::drawings(composition) }
}

/// A composition, drawn: as text by [`Display`](fmt::Display), and as [SVG](Explanation::to_svg).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    drawings: Vec<Drawing>,
}

/// One frame, from the wire to what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Drawing {
    /// When a frame looks like this; empty where all do.
    when: String,
    rows: Vec<Row>,
    /// What is said of it besides.
    note: Option<String>,
}

/// Bytes at one stage, cut into fields.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    stage: String,
    fields: Vec<Field>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Field {
    name: String,
    bytes: Vec<u8>,
}

impl Field {
    /// The bytes in hexadecimal, the middle left out where they are many.
    fn shown(&self) -> String {
        const MOST: usize = 12;
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(" ");
        match (self.bytes.get(..MOST / 2), self.bytes.get(self.bytes.len().saturating_sub(MOST / 2)..)) {
            (Some(first), Some(last)) if self.bytes.len() > MOST => format!("{} .. {}", hex(first), hex(last)),
            _ => hex(&self.bytes),
        }
    }
}

impl Explanation {
    /// The drawing as an SVG image of its own.
    pub fn to_svg(&self) -> String {
        svg::image(&self.drawings)
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::write(&self.drawings, f)
    }
}
