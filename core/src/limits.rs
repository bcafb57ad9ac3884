//! What a peer can make us hold, and how long it can make us wait.

use std::time::Duration;

/// What a peer can make us hold, and how long it can make us wait. Each of these is on by default.
///
/// ```
/// # use std::time::Duration;
/// # use wirework_core::Limits;
/// let limits = Limits { drain: Duration::from_secs(60), ..Limits::default() };
/// ```
///
/// Connections, idle ones too, are not counted here, nor is the time between messages limited: in `each`, put a
/// `tokio::time::timeout` around `recv`, which is cancel safe.
///
/// The longest frame is not here but with its framing (`Lines::any().max_len(1024)`), because the encoder obeys it too;
/// a framing that is told nothing takes [`SEARCHED_FRAME`](Self::SEARCHED_FRAME) or
/// [`COUNTED_FRAME`](Self::COUNTED_FRAME).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes that `recv_exact` gathers at once. Default: 1 MiB.
    pub exact: usize,
    /// Unsent bytes at which `send` and `feed` begin to wait. Default: 64 KiB.
    pub output_high: usize,
    /// Unsent bytes down to which they wait. Default: 32 KiB.
    pub output_low: usize,
    /// How long a handshake may take. Default: 10 s.
    pub handshake: Duration,
    /// How long a closing connection reads on, and discards, so that no reset eats the last reply. Default: 5 s.
    pub linger: Duration,
    /// Most bytes that it discards meanwhile. Default: 16 MiB.
    pub linger_bytes: u64,
    /// How long open conversations may go on after a server was told to stop. Default: 15 s.
    pub drain: Duration,
}

impl Limits {
    /// The longest frame, in bytes, of a framing that searches for the end: 64 KiB.
    pub const SEARCHED_FRAME: usize = 64 * 1024;
    /// The longest frame, in bytes, of a framing that is told the length: 1 MiB.
    pub const COUNTED_FRAME: usize = 1024 * 1024;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            exact: Self::COUNTED_FRAME,
            output_high: 64 * 1024,
            output_low: 32 * 1024,
            handshake: Duration::from_secs(10),
            linger: Duration::from_secs(5),
            linger_bytes: 16 * 1024 * 1024,
            drain: Duration::from_secs(15),
        }
    }
}
