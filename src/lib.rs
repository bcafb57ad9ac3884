//! wirework composes TCP servers and clients of three independent parts: a transport, a framing and a format.
pub use wirework_codecs::*;
pub use wirework_core::*;
