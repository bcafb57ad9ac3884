//! How long a frame may be where nobody says so.

/// The longest frame, in bytes, of a framing that searches for the end: 64 KiB.
pub const SEARCHED_FRAME: usize = 64 * 1024;

/// The longest frame, in bytes, of a framing that is told the length: 1 MiB.
pub const COUNTED_FRAME: usize = 1024 * 1024;
