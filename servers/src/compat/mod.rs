//! Across to `tokio_util::codec`, both ways.

mod foreign;
mod ours;

pub use foreign::{Foreign, ForeignFormat, ForeignFraming};
pub use ours::TokioCodec;
