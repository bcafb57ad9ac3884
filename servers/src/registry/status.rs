//! What is known of an open connection.

use std::fmt;
use std::time::Duration;

use crate::Peer;

/// What is known of an open connection; see [`ServerHandle::connections`](crate::ServerHandle::connections). What counts bytes and
/// messages is as of when it last waited for its peer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Status {
    /// Its number, which no other connection of the server has had.
    pub id: u64,
    /// Who is at the other end.
    pub peer: Peer,
    /// How long it has been open, since its handshake was done.
    pub age: Duration,
    /// What it is doing.
    pub state: State,
    /// Bytes that have come.
    pub bytes_in: u64,
    /// Bytes that were sent.
    pub bytes_out: u64,
    /// Frames that have come, bad ones too.
    pub frames_in: u64,
    /// Frames that were sent, or are about to be.
    pub frames_out: u64,
    /// Bad messages.
    pub errors: u64,
    /// Bytes it holds of an unfinished frame and of unsent ones.
    pub buffered: usize,
}

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// It waits for the first byte of a message.
    Waiting,
    /// It waits for the rest of a message.
    Receiving,
    /// Its handler is at work.
    Handling,
    /// It waits until the peer takes what it is sent.
    Sending,
    /// It closes, or was told to.
    Closing,
}

impl State {
    /// Whether a message, or the reply to one, is on its way.
    pub fn is_in_flight(self) -> bool {
        !matches!(self, Self::Waiting | Self::Closing)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Waiting => "waiting",
            Self::Receiving => "receiving",
            Self::Handling => "handling",
            Self::Sending => "sending",
            Self::Closing => "closing",
        })
    }
}
