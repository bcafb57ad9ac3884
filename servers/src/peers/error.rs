//! Why a connection was not entered, and why a message was not sent to one.

use std::fmt;

use wirework_core::Format;

use crate::{Handle, SendError};

/// Why a connection was not entered under a key, and the key.
pub enum JoinError<K, F: Format> {
    /// Another connection has the key, and keeps it: [`WhenTaken::Refuse`](crate::WhenTaken::Refuse).
    Taken {
        /// The key.
        key: K,
        /// The connection that has it.
        holder: Handle<F>,
    },
    /// The connection is closed, or is about to be, since another one has taken its place.
    Closed(K),
}

impl<K, F: Format> JoinError<K, F> {
    /// The key.
    pub fn into_key(self) -> K {
        let (Self::Taken { key, .. } | Self::Closed(key)) = self;
        key
    }
}

impl<K, F: Format> fmt::Display for JoinError<K, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Taken { holder, .. } => write!(f, "the connection with {} has this key", holder.peer()),
            Self::Closed(_) => f.write_str("the connection is closed"),
        }
    }
}

/// Without the key, which may be a secret.
impl<K, F: Format> fmt::Debug for JoinError<K, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Taken { holder, .. } => f.debug_struct("Taken").field("holder", holder).finish_non_exhaustive(),
            Self::Closed(_) => f.write_str("Closed(..)"),
        }
    }
}

impl<K, F: Format> std::error::Error for JoinError<K, F> {}

/// Why a message was not sent to the peer with a key, and the message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PeerError<M> {
    /// There is no such peer.
    Absent(M),
    /// It takes what it is sent too slowly: its queue is full.
    Full(M),
    /// Its connection is closed.
    Closed(M),
}

impl<M> PeerError<M> {
    /// The message.
    pub fn into_message(self) -> M {
        let (Self::Absent(message) | Self::Full(message) | Self::Closed(message)) = self;
        message
    }
}

impl<M> From<SendError<M>> for PeerError<M> {
    fn from(error: SendError<M>) -> Self {
        match error {
            SendError::Full(message) => Self::Full(message),
            SendError::Closed(message) => Self::Closed(message),
        }
    }
}

impl<M> fmt::Display for PeerError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent(_) => f.write_str("there is no such peer"),
            Self::Full(_) => SendError::Full(()).fmt(f),
            Self::Closed(_) => SendError::Closed(()).fmt(f),
        }
    }
}

/// Without the message, which may be no error's business to show.
impl<M> fmt::Debug for PeerError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent(_) => "Absent(..)",
            Self::Full(_) => "Full(..)",
            Self::Closed(_) => "Closed(..)",
        })
    }
}

impl<M> std::error::Error for PeerError<M> {}
