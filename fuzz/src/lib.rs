//! What the fuzz targets do with an input, without libFuzzer: a test replays the corpus through the same functions.
//!
//! ```text
//! decode, round_trip   [ wire or payloads | ... choices ]   the composition is chosen by the last bytes, read backwards
//! notation             [ text ]                             a composition as text, or as JSON
//! ```
//!
//! Each panics when it finds something wrong, with the composition in its notation and the law that is broken.

mod choices;
pub mod corpus;
mod decode;
mod framings;
mod layers;
mod notation;
mod round_trip;
mod stages;

pub use decode::decode;
pub use notation::notation;
pub use round_trip::{round_trip, sent_and_back};

/// Does with one input what a target does.
pub type Target = fn(&[u8]);

/// Every target, by name.
pub const TARGETS: [(&str, Target); 3] = [
    ("decode", |input| {
        decode(input);
    }),
    ("notation", notation),
    ("round_trip", |input| {
        round_trip(input);
    }),
];
