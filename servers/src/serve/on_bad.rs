//! What happens about a bad message.

use wirework_core::{AsReply, Bad, BoxError, Codec, EncodeError, Reply};

use super::{Done, Event, Hooks};
use crate::Peer;
use crate::connection::Outbound;
use crate::registry::Entry;

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

/// Says what happens about a bad message.
pub(super) type OnBadHook<T> = dyn Fn(&Bad, &Peer) -> OnBad<T> + Send + Sync;

impl<C: Codec> Hooks<C> {
    /// Asks what happens about `bad`, and tells of it.
    pub(super) fn judge(&self, bad: &Bad, entry: &Entry) -> OnBad<Reply<C>> {
        let peer = entry.peer();
        entry.count_error();
        let on_bad = self.on_bad.as_ref().map_or(OnBad::Skip, |hook| hook(bad, peer));
        let done = match &on_bad {
            OnBad::Reply(_) => Done::Replied,
            OnBad::Skip => Done::Skipped,
            OnBad::Close => Done::Closed,
        };
        self.events.tell(&Event::Bad { peer, bad, done });
        on_bad
    }

    /// Does about `bad` what was said. Gives whether the conversation goes on.
    pub(super) fn handle_bad(&self, bad: &Bad, entry: &Entry, outbound: &mut Outbound<C>) -> bool {
        match self.judge(bad, entry) {
            OnBad::Reply(message) => self.say((*message).as_reply(), entry, outbound),
            OnBad::Skip => {}
            OnBad::Close => return false,
        }
        true
    }

    /// Encodes what the peer is to be told, or tells that it cannot be sent.
    pub(super) fn say(&self, message: &Reply<C>, entry: &Entry, outbound: &mut Outbound<C>) {
        if let Err(error) = outbound.encode(message) {
            self.events.tell(&Event::Unsent { peer: entry.peer(), error: &error });
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
