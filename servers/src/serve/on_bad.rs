//! What happens about a bad message.

use std::sync::Arc;

use wirework_core::{AsReply, Bad, BoxError, Codec, EncodeError};

use super::{Event, Setup};
use crate::Peer;
use crate::connection::Outbound;

/// What happens about a bad message, in a server of `T`s; see [`Serve::on_bad`](super::Serve::on_bad).
pub enum OnBad<T: ?Sized> {
    /// This is replied; see [`OnBad::reply`].
    Reply(Box<dyn AsReply<T> + Send>),
    /// Nothing; the conversation goes on with the next message.
    Skip,
    /// The connection closes, after the replies to the messages before.
    Close,
}

impl<T: ?Sized> OnBad<T> {
    /// `message` is replied, and the conversation goes on.
    pub fn reply(message: impl AsReply<T> + Send + 'static) -> Self {
        Self::Reply(Box::new(message))
    }
}

/// A handler of bad messages.
pub(super) struct OnBadHook<T: ?Sized>(Arc<Hook<T>>);

type Hook<T> = dyn Fn(&Bad) -> OnBad<T> + Send + Sync;

impl<T: ?Sized> OnBadHook<T> {
    pub(super) fn new(hook: impl Fn(&Bad) -> OnBad<T> + Send + Sync + 'static) -> Self {
        Self(Arc::new(hook))
    }
}

impl<T: ?Sized> Clone for OnBadHook<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<C: Codec> Setup<C> {
    /// Does about `bad` what was said. Gives whether the conversation goes on.
    pub(super) fn handle_bad(&self, bad: &Bad, peer: &Peer, outbound: &mut Outbound<C>) -> bool {
        let Some(hook) = &self.on_bad else {
            self.events.tell(&Event::Bad { peer, bad });
            return true;
        };
        match (hook.0)(bad) {
            OnBad::Reply(message) => {
                if let Err(error) = outbound.encode((*message).as_reply()) {
                    self.events.tell(&Event::Unsent { peer, error: &error });
                }
                true
            }
            OnBad::Skip => true,
            OnBad::Close => false,
        }
    }

    /// Tells of a reply that could not be sent. Any other error is given back: it ends the conversation.
    pub(super) fn unsent(&self, outcome: Result<(), BoxError>, peer: &Peer) -> Result<(), BoxError> {
        let Err(error) = outcome else { return Ok(()) };
        let error = error.downcast::<EncodeError>()?;
        self.events.tell(&Event::Unsent { peer, error: &error });
        Ok(())
    }
}
