//! How a conversation ends.

use std::fmt;
use std::io;

use wirework_core::{AsReply, BoxError, Codec, Error, Lost, Reply};

use super::Hooks;
use crate::connection::Outbound;
use crate::registry::Entry;

/// Why a conversation is over.
pub(super) enum End {
    /// The peer has ended its side, or the handler the conversation.
    Agreed,
    /// The server drains.
    Drained,
    /// What came was too bad, or too late, or the transport failed.
    Stream(Error),
    /// The handler has failed.
    Handler(BoxError),
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        Self::Stream(error.into())
    }
}

impl End {
    fn goodbye(&self) -> Option<Goodbye<'_>> {
        match self {
            Self::Drained => Some(Goodbye::Draining),
            Self::Stream(Error::Lost(lost)) => Some(Goodbye::Lost(lost)),
            Self::Stream(Error::Io(error)) if error.kind() == io::ErrorKind::TimedOut => Some(Goodbye::TooLate(error)),
            _ => None,
        }
    }

    pub(super) fn into_result(self) -> Result<(), BoxError> {
        match self {
            Self::Agreed | Self::Drained => Ok(()),
            Self::Stream(error) => Err(error.into()),
            Self::Handler(error) => Err(error),
        }
    }
}

/// Why a server ends a conversation; see [`Serve::goodbye`](super::Serve::goodbye).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Goodbye<'a> {
    /// It was told to stop, and nothing is in flight.
    Draining,
    /// Nobody can tell where the next message begins; a frame that is too long is an example.
    Lost(&'a Lost),
    /// A deadline of the [`Limits`](crate::Limits) has passed: that of the first byte, of the next message, or of a whole one.
    TooLate(&'a io::Error),
}

impl fmt::Display for Goodbye<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Draining => f.write_str("the server closes"),
            Self::Lost(lost) => lost.fmt(f),
            Self::TooLate(error) => error.fmt(f),
        }
    }
}

/// Gives what a peer is told when a server ends the conversation.
pub(super) type GoodbyeHook<T> = dyn Fn(Goodbye<'_>) -> Option<Box<dyn AsReply<T> + Send>> + Send + Sync;

impl<C: Codec> Hooks<C> {
    /// Encodes what the peer is told about an end that it did not want.
    pub(super) fn say_goodbye(&self, end: &End, entry: &Entry, outbound: &mut Outbound<C>) {
        let (Some(hook), Some(goodbye)) = (&self.goodbye, end.goodbye()) else { return };
        let Some(message): Option<Box<dyn AsReply<Reply<C>> + Send>> = hook(goodbye) else { return };
        self.say((*message).as_reply(), entry, outbound);
    }
}
