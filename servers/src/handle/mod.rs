//! What other tasks hold of a connection.

mod ending;
mod error;
mod outgoing;

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use wirework_core::{AsReply, Format};

use crate::queue::Queue;
use crate::registry::Entry;
use crate::{CallError, Event, Limit, Peer};

pub(crate) use ending::Ending;
pub use error::SendError;
pub(crate) use outgoing::Outgoing;

/// Sends to one connection, from any task, whatever its conversation does meanwhile. Cheap to clone; see
/// [`Connection::handle`](crate::Connection::handle), [`Serve::reply_with`](crate::Serve::reply_with) and
/// [`Serve::answer_with`](crate::Serve::answer_with).
///
/// ```no_run
/// # use wirework_core::{Codec, Raw};
/// # async fn example(bind: impl wirework_servers::Bind, codec: impl Codec<Format = Raw>) -> std::io::Result<()> {
/// use wirework_servers::{Handle, serve};
///
/// serve(bind, codec)
///     .reply_with(
///         |handle| handle, // what each handler gets besides the message
///         async |handle: Handle<Raw>, message| {
///             tokio::spawn(async move { handle.send("and later this").await });
///             message
///         },
///     )
///     .await?;
/// # Ok(())
/// # }
/// ```
///
/// What is sent waits in a queue, of at most [`Limits::queue`](crate::Limits::queue) messages, and leaves with the replies,
/// between them, while the conversation waits for a message, or for a handler. Messages that came from one task leave in their
/// order. One that the codec cannot write is left out, an [`Event::Unsent`](crate::Event::Unsent).
///
/// Sent means queued, and the message outlives the call: give a `String`, not a `&str` of one. What a peer has not taken when its connection fails is lost, as is everything that is on its way. Who has to
/// know that a message has arrived [calls](Handle::call).
pub struct Handle<F: Format>(Arc<Shared<F>>);

struct Shared<F: Format> {
    id: u64,
    peer: Peer,
    entry: Weak<Entry>,
    call: Limit<Duration>,
    outgoing: Arc<Queue<Outgoing<F>>>,
    ending: Ending,
}

impl<F: Format> Handle<F> {
    pub(crate) fn new(entry: &Arc<Entry>, outgoing: Arc<Queue<Outgoing<F>>>) -> Self {
        Self(Arc::new(Shared {
            id: entry.id(),
            peer: entry.peer().clone(),
            entry: Arc::downgrade(entry),
            call: entry.limits().call,
            outgoing,
            ending: Ending::default(),
        }))
    }

    /// The number of the connection, as in [`Status`](crate::Status): no other one of its server has it.
    pub fn id(&self) -> u64 {
        self.0.id
    }

    /// Who is at the other end, as was known when the connection began: not what an [`upgrade`](crate::Connection::upgrade) has told.
    pub fn peer(&self) -> &Peer {
        &self.0.peer
    }

    /// Sends a message, if there is room in the queue.
    ///
    /// # Errors
    /// [`SendError::Full`] when there is none, since the peer takes what it is sent too slowly; [`SendError::Closed`] when the
    /// connection is. Both give the message back.
    pub fn try_send<M>(&self, message: M) -> Result<(), SendError<M>>
    where
        M: AsReply<F::Reply> + Send + 'static,
    {
        self.0.outgoing.try_send(message)
    }

    /// Sends a message, once there is room in the queue. A peer that takes too little for [`Limits::write`](crate::Limits::write)
    /// loses its connection, and this ends with it.
    ///
    /// Cancel safe: dropped while it waits, the message was not queued.
    ///
    /// # Errors
    /// [`SendError::Closed`] when the connection is, with the message.
    pub async fn send<M>(&self, message: M) -> Result<(), SendError<M>>
    where
        M: AsReply<F::Reply> + Send + 'static,
    {
        self.0.outgoing.send(message).await
    }

    /// Sends a request and gives its answer, among whatever else the peer says meanwhile; which message that is says
    /// [`Serve::calls`](crate::Serve::calls) or [`Connection::calls`](crate::Connection::calls). The handlers do not see it. Waits
    /// for at most [`Limits::call`](crate::Limits::call).
    ///
    /// A handler of `reply` can call its own peer: while it waits, up to 64 other messages of the peer are set aside, and
    /// handled later. In `each` the answer comes while the conversation receives, as in
    /// [`recv_or`](crate::Connection::recv_or) with a call that is pinned.
    ///
    /// Dropped while it waits, the request may have been sent; its answer is recognised and dropped.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn call<M>(&self, request: M) -> Result<F::Owned, CallError>
    where
        M: AsReply<F::Reply> + Send + 'static,
    {
        self.0.outgoing.call(request, self.0.call).await
    }

    /// As [`call`](Handle::call), with a deadline of its own.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn call_within<M>(&self, deadline: Duration, request: M) -> Result<F::Owned, CallError>
    where
        M: AsReply<F::Reply> + Send + 'static,
    {
        self.0.outgoing.call(request, deadline.into()).await
    }

    /// Closes the connection, behind what is queued: nothing more can be sent, and its conversation ends as if the
    /// peer had closed its side. Messages that have come already may still be handled.
    pub fn close(&self) {
        self.0.outgoing.close();
    }

    /// As [`close`](Handle::close), and tells why: nobody had asked for it.
    pub(crate) fn cut_off(&self, why: &str) {
        if let (Some(entry), false) = (self.0.entry.upgrade(), self.is_closed()) {
            entry.tell(&Event::Failed { peer: self.peer(), error: &why.into() });
        }
        self.close();
    }

    /// Whether nothing more can be sent.
    pub fn is_closed(&self) -> bool {
        self.0.outgoing.is_closed()
    }

    /// Ready when nothing more can be sent. Cancel safe.
    pub async fn closed(&self) {
        self.0.outgoing.closed().await;
    }

    /// How long ago the peer was last heard of, or the connection began; as exact as the deadlines of
    /// [`Limits`](crate::Limits). `None` when the connection is gone, and always when no server knows of it.
    pub fn last_seen(&self) -> Option<Duration> {
        self.0.entry.upgrade()?.last_seen()
    }

    /// Tells its connection from all others that are not gone.
    pub(crate) fn connection(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    /// Has `then` called when the connection is gone, once for each `owner`, if that is still there. Neither keeps the other: who
    /// owns this may have handles. Gives whether the connection is not gone yet.
    pub(crate) fn on_end<T>(&self, owner: &Arc<T>, then: impl FnOnce(Arc<T>) + Send + 'static) -> bool
    where
        T: Send + Sync + 'static,
    {
        self.0.ending.add(owner, then)
    }

    /// The connection is gone.
    pub(crate) fn end(&self) {
        self.0.ending.end();
    }
}

impl<F: Format> Clone for Handle<F> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// Handles of the same connection are equal.
impl<F: Format> PartialEq for Handle<F> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<F: Format> Eq for Handle<F> {}

impl<F: Format> fmt::Debug for Handle<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shared { id, peer, .. } = &*self.0;
        f.debug_struct("Handle").field("id", id).field("peer", peer).field("closed", &self.is_closed()).finish()
    }
}

/// One of a connection that there is not.
#[cfg(test)]
pub(crate) fn alone() -> Handle<wirework_core::Raw> {
    let entry = Entry::alone(Peer::new(crate::Address::Memory), crate::Limits::default());
    Handle::new(&entry, Arc::new(Queue::new(1)))
}
