//! Why a message was not sent.

use std::fmt;

/// Why a message was not sent, and the message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SendError<M> {
    /// The peer takes what it is sent too slowly: its queue is full.
    Full(M),
    /// The connection is closed.
    Closed(M),
}

impl<M> SendError<M> {
    /// The message.
    pub fn into_message(self) -> M {
        let (Self::Full(message) | Self::Closed(message)) = self;
        message
    }
}

impl<M> fmt::Display for SendError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "the peer is too slow: its queue is full",
            Self::Closed(_) => "the connection is closed",
        })
    }
}

/// Without the message, which may be no error's business to show.
impl<M> fmt::Debug for SendError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "Full(..)",
            Self::Closed(_) => "Closed(..)",
        })
    }
}

impl<M> std::error::Error for SendError<M> {}
