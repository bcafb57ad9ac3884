//! What goes wrong in a server, for whoever wants to know.

use std::fmt::{self, Write as _};
use std::io;
use std::sync::{Arc, OnceLock};

use wirework_core::{Bad, BoxError, EncodeError};

use crate::Peer;

/// Something that went wrong in a server, and that nobody else was told. Its `Display` is one line for a log.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A bad message was skipped.
    Bad {
        /// Who sent it.
        peer: &'a Peer,
        /// What is wrong with it.
        bad: &'a Bad,
    },
    /// A reply could not be sent, and was left out: it was too long, or had a character that the encoding lacks.
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
    /// A handshake failed, or took too long.
    Handshake {
        /// Why.
        error: &'a io::Error,
    },
    /// A handler panicked; its conversation ended, and no other.
    Panicked,
    /// A connection could not be accepted; the server goes on.
    Accept {
        /// Why.
        error: &'a io::Error,
    },
}

impl fmt::Display for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = OneLine(f);
        match self {
            Self::Bad { peer, bad } => write!(line, "{peer}: skipped {bad}"),
            Self::Unsent { peer, error } => write!(line, "{peer}: left out a reply: {error}"),
            Self::Failed { peer, error } => write!(line, "{peer}: {error}"),
            Self::Handshake { error } => write!(line, "handshake failed: {error}"),
            Self::Panicked => line.write_str("a handler panicked"),
            Self::Accept { error } => write!(line, "cannot accept a connection: {error}"),
        }
    }
}

/// Escapes line ends and other control characters, which an error may quote from what a peer sent.
struct OneLine<'a, 'f>(&'a mut fmt::Formatter<'f>);

impl fmt::Write for OneLine<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for part in text.split_inclusive(char::is_control) {
            match part.chars().next_back() {
                Some(control) if control.is_control() => {
                    self.0.write_str(part.strip_suffix(control).unwrap_or(part))?;
                    write!(self.0, "{}", control.escape_default())?;
                }
                _ => self.0.write_str(part)?,
            }
        }
        Ok(())
    }
}

/// Where events go: nowhere, until somebody asks for them.
#[derive(Clone, Default)]
pub(crate) struct Events(Arc<OnceLock<Hook>>);

type Hook = Box<dyn Fn(&Event<'_>) + Send + Sync>;

impl Events {
    /// Sends them to `hook`, unless somebody else gets them already.
    pub(crate) fn set(&self, hook: impl Fn(&Event<'_>) + Send + Sync + 'static) {
        let _ = self.0.set(Box::new(hook));
    }

    pub(crate) fn tell(&self, event: &Event<'_>) {
        if let Some(hook) = self.0.get() {
            hook(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_whatever_a_peer_sent() {
        let error = BoxError::from("unknown variant `a\nb\u{1b}[31m`");
        let peer = Peer::new(crate::Address::Memory);
        let event = Event::Failed { peer: &peer, error: &error };
        assert_eq!(event.to_string(), r"memory: unknown variant `a\nb\u{1b}[31m`");
    }
}
