//! What happens in a server, for whoever wants to know.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

use wirework_core::{Bad, BoxError, EncodeError};

use super::one_line::OneLine;
use crate::registry::Status;
use crate::{Address, Peer};

/// Something that happens in a server. Its `Display` is one line for a log: control characters that a peer has sent are
/// escaped, and what is long is cut.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The server listens.
    Listening {
        /// Where, with the real port.
        address: &'a Address,
    },
    /// A connection is there: it was accepted, and its handshake is done.
    Opened {
        /// Its number, which no other connection of the server has.
        id: u64,
        /// With whom.
        peer: &'a Peer,
    },
    /// A connection has ended, in whatever way; what went wrong with it was told before.
    Closed {
        /// What is known of it.
        status: &'a Status,
    },
    /// A bad message has come; in [`each`](crate::Serve::each) the handler is told instead.
    Bad {
        /// Who sent it.
        peer: &'a Peer,
        /// What is wrong with it.
        bad: &'a Bad,
        /// What was done about it.
        done: Done,
    },
    /// A reply, or what others have sent by a [`Handle`](crate::Handle), [`Peers`](crate::Peers) or [`Topics`](crate::Topics), could not be
    /// sent, and was left out: it was too long, had a character that the encoding lacks, or held what ends a frame. In
    /// [`each`](crate::Serve::each) the handler is told of its own messages instead.
    Unsent {
        /// Who did not get it.
        peer: &'a Peer,
        /// Why.
        error: &'a EncodeError,
    },
    /// A conversation ended because of an error: of the stream, of the transport or of the handler.
    Failed {
        /// With whom.
        peer: &'a Peer,
        /// Why.
        error: &'a BoxError,
    },
    /// A handler panicked; its conversation ended, and no other.
    Panicked {
        /// With whom.
        peer: &'a Peer,
    },
    /// A client could not connect, or not log in.
    Unreachable {
        /// Why.
        error: &'a io::Error,
    },
    /// A handshake failed, or took too long.
    Handshake {
        /// Why.
        error: &'a io::Error,
    },
    /// A connection was refused: it was one too many.
    Refused {
        /// Who was refused, if a handshake has said so.
        peer: Option<&'a Peer>,
        /// Of what there are too many.
        limit: Refused,
    },
    /// A connection could not be accepted; the server goes on.
    Accept {
        /// Why.
        error: &'a io::Error,
    },
    /// The server was told to stop: it listens no longer, and lets open conversations end.
    Draining {
        /// How many connections are open.
        open: usize,
        /// How many of them have a message, or the reply to one, on its way.
        in_flight: usize,
    },
    /// The server has ended.
    Drained {
        /// How many conversations were cut off.
        cut: usize,
    },
}

/// What was done about a bad message, as [`on_bad`](super::Serve::on_bad) says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Done {
    /// It was skipped.
    Skipped,
    /// It was replied to.
    Replied,
    /// The conversation was ended.
    Closed,
}

/// Which limit a connection was refused by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refused {
    /// [`Limits::connections`](crate::Limits::connections).
    Connections,
    /// [`Limits::per_address`](crate::Limits::per_address).
    PerAddress,
}

/// How much an event matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Severity {
    /// It happens with every connection.
    Debug,
    /// It happens seldom, and is as it should be.
    Info,
    /// Something is wrong with a connection; a peer may be at fault.
    Warning,
    /// Something is wrong with the server.
    Error,
}

impl Event<'_> {
    /// How much it matters.
    pub fn severity(&self) -> Severity {
        match self {
            Self::Opened { .. } | Self::Closed { .. } => Severity::Debug,
            Self::Listening { .. } | Self::Draining { .. } | Self::Drained { .. } => Severity::Info,
            Self::Bad { .. }
            | Self::Unsent { .. }
            | Self::Failed { .. }
            | Self::Unreachable { .. }
            | Self::Handshake { .. }
            | Self::Refused { .. } => Severity::Warning,
            Self::Panicked { .. } | Self::Accept { .. } => Severity::Error,
        }
    }
}

impl fmt::Display for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = OneLine::new(f);
        match self {
            Self::Listening { address } => line.put(format_args!("listening on {address}")),
            Self::Opened { id, peer } => line.put(format_args!("{peer}: opened as {id}")),
            Self::Closed { status } => line.put(format_args!(
                "{}: {} closed after {:?}, {} frames of {} bytes in, {} of {} out",
                status.peer,
                status.id,
                status.age,
                status.frames_in,
                status.bytes_in,
                status.frames_out,
                status.bytes_out
            )),
            Self::Bad { peer, bad, done } => line.put(format_args!("{peer}: {done} {bad}")),
            Self::Unsent { peer, error } => line.put(format_args!("{peer}: left out a message: {error}")),
            Self::Failed { peer, error } => line.put(format_args!("{peer}: {error}")),
            Self::Panicked { peer } => line.put(format_args!("{peer}: the handler panicked")),
            Self::Unreachable { error } => line.put(format_args!("{error}")),
            Self::Handshake { error } => line.put(format_args!("handshake failed: {error}")),
            Self::Refused { peer: Some(peer), limit } => line.put(format_args!("{peer}: refused: {limit}")),
            Self::Refused { peer: None, limit } => line.put(format_args!("refused a connection: {limit}")),
            Self::Accept { error } => line.put(format_args!("cannot accept a connection: {error}")),
            Self::Draining { open, in_flight } => {
                line.put(format_args!("draining: {open} connections are open, {in_flight} with a message in flight"))
            }
            Self::Drained { cut: 0 } => line.put(format_args!("drained")),
            Self::Drained { cut } => line.put(format_args!("ended; {cut} conversations were cut off")),
        }
    }
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Skipped => "skipped",
            Self::Replied => "replied to",
            Self::Closed => "closed over",
        })
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connections => "there are as many connections as there may be",
            Self::PerAddress => "its address has as many connections as it may",
        })
    }
}

/// Where events go: nowhere, until somebody asks for them.
#[derive(Clone, Default)]
pub(crate) struct Events(Arc<Listeners>);

#[derive(Default)]
struct Listeners {
    hooks: OnceLock<Vec<EventHook>>,
    /// How many connections they were told of.
    connections: AtomicU64,
}

/// Who wants to know.
pub(crate) type EventHook = Box<dyn Fn(&Event<'_>) + Send + Sync>;

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("heard", &self.are_heard()).finish()
    }
}

impl Events {
    /// Sends them to `hooks`, unless somebody else gets them already.
    pub(crate) fn set(&self, hooks: Vec<EventHook>) {
        let _ = self.0.hooks.set(hooks);
    }

    /// Whether anybody wants to know.
    pub(crate) fn are_heard(&self) -> bool {
        self.0.hooks.get().is_some()
    }

    /// The number of another connection: no other one whose events go here has it.
    pub(crate) fn number(&self) -> u64 {
        self.0.connections.fetch_add(1, Relaxed).wrapping_add(1)
    }

    pub(crate) fn tell(&self, event: &Event<'_>) {
        for hook in self.0.hooks.get().into_iter().flatten() {
            hook(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_whatever_a_peer_sent() {
        let error = BoxError::from("unknown variant `a\nb\u{1b}[31m\u{2028}c`");
        let peer = Peer::new(Address::Memory);
        let event = Event::Failed { peer: &peer, error: &error };
        assert_eq!(event.to_string(), r"memory: unknown variant `a\nb\u{1b}[31m\u{2028}c`");
    }

    #[test]
    fn an_event_is_a_short_line_whatever_a_peer_sent() {
        let error = BoxError::from("中".repeat(100_000));
        let line = Event::Failed { peer: &Peer::new(Address::Memory), error: &error }.to_string();
        assert_eq!(line.chars().count(), 1024 + 4);
        assert!(line.ends_with("中 ..."));
    }
}
