//! What goes wrong in a server, for whoever wants to know.

use std::fmt;
use std::io;
use std::sync::{Arc, OnceLock};

use wirework_core::{Bad, BoxError};

use crate::Peer;

/// Something that went wrong in a server. Its `Display` is one line for a log.
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
        match self {
            Self::Bad { peer, bad } => write!(f, "{peer}: skipped {bad}"),
            Self::Failed { peer, error } => write!(f, "{peer}: {error}"),
            Self::Handshake { error } => write!(f, "handshake failed: {error}"),
            Self::Panicked => f.write_str("a handler panicked"),
            Self::Accept { error } => write!(f, "cannot accept a connection: {error}"),
        }
    }
}

/// Where events go: nowhere, until somebody asks for them.
#[derive(Clone, Default)]
pub(crate) struct Events(Arc<OnceLock<Hook>>);

type Hook = Box<dyn Fn(&Event<'_>) + Send + Sync>;

impl Events {
    /// The first who asks gets them.
    pub(crate) fn set(&self, hook: impl Fn(&Event<'_>) + Send + Sync + 'static) {
        let _ = self.0.set(Box::new(hook));
    }

    pub(crate) fn tell(&self, event: &Event<'_>) {
        if let Some(hook) = self.0.get() {
            hook(event);
        }
    }
}
