//! The client's side: connecting, calling, connecting again.

mod backoff;
mod calling;
mod connect;
mod dial;
#[cfg(feature = "pool")]
mod pool;
mod running;
mod unsolicited;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use wirework_core::{AsReply, Format};

use crate::handle::Outgoing;
use crate::queue::Queue;
use crate::{CallError, Limit, SendError};
use unsolicited::Arrivals;

pub use backoff::Backoff;
pub use calling::Calling;
pub use connect::{Connect, connect};
pub use dial::Dial;
#[cfg(feature = "pool")]
pub use pool::{Pool, Pooled};
pub use unsolicited::Unsolicited;

/// Calls a server, over a connection that it makes anew when that is lost. Cheap to clone; see
/// [`Connect::calls`](crate::Connect::calls).
///
/// ```no_run
/// # use wirework_core::{BoxError, Codec, Raw};
/// # async fn example(codec: impl Codec<Format = Raw>) -> Result<(), BoxError> {
/// use wirework_servers::{Correlation, connect};
///
/// let client = connect("127.0.0.1:6379", codec).calls(Correlation::in_order()).await?;
/// let (one, other) = tokio::join!(client.call("GET one"), client.call("GET other"));
/// println!("{:?} {:?}", one?, other?);
/// # Ok(())
/// # }
/// ```
///
/// While there is no connection, what is sent and called waits for one: at most [`Limits::queue`](crate::Limits::queue) of both
/// together. A call that was sent over a connection that ends before its answer has failed, unless
/// [`resend`](Calling::resend) says that it can be made twice.
///
/// It ends, and closes its connection, when it and all its clones are dropped. Messages that are queued then are sent before. If there is
/// no connection, one more attempt is made for them, without a wait; they are lost if that fails.
pub struct Client<F: Format>(Arc<Shared<F>>);

struct Shared<F: Format> {
    outgoing: Arc<Queue<Outgoing<F>>>,
    call: Limit<Duration>,
    state: watch::Receiver<State>,
    arrivals: Arc<Arrivals<F>>,
}

/// What the client's task has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// No connection.
    Connecting,
    /// A connection.
    Connected,
}

impl<F: Format> Client<F> {
    /// Sends a request and gives its answer. Waits for at most [`Limits::call`](crate::Limits::call), a connection included.
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

    /// As [`call`](Client::call), with a deadline of its own.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn call_within<M>(&self, deadline: Duration, request: M) -> Result<F::Owned, CallError>
    where
        M: AsReply<F::Reply> + Send + 'static,
    {
        self.0.outgoing.call(request, deadline.into()).await
    }

    /// Sends a message that has no answer, once there is room in the queue. It may be lost with the connection.
    ///
    /// Cancel safe: dropped while it waits, the message was not queued.
    ///
    /// # Errors
    /// [`SendError::Closed`], with the message, when the client has ended.
    pub async fn send<M>(&self, message: M) -> Result<(), SendError<M>>
    where
        M: AsReply<F::Reply> + Send + 'static,
    {
        self.0.outgoing.send(message).await
    }

    /// Sends a message that has no answer, if there is room in the queue.
    ///
    /// # Errors
    /// [`SendError`], with the message.
    pub fn try_send<M>(&self, message: M) -> Result<(), SendError<M>>
    where
        M: AsReply<F::Reply> + Send + 'static,
    {
        self.0.outgoing.try_send(message)
    }

    /// What the server says without being asked, from the first connection on. There is one such stream of a client and its
    /// clones, for whoever takes it first; until then the latest wait, and the others are missed.
    pub fn unsolicited(&self) -> Option<Unsolicited<F>> {
        self.0.arrivals.take()
    }

    /// Whether there is a connection, as far as is known.
    pub fn is_connected(&self) -> bool {
        *self.0.state.borrow() == State::Connected && !self.is_closed()
    }

    /// Ready when there is a connection. Gives whether there is: none will be when the client has ended. Cancel safe.
    pub async fn connected(&self) -> bool {
        self.0.state.clone().wait_for(|state| *state == State::Connected).await.is_ok() && !self.is_closed()
    }

    /// Ends the client, for its clones, too: messages that are queued are sent, over a connection that is made for them if there is
    /// none and one attempt suffices, and then the connection is closed. Calls that are in flight are [lost](CallError::Lost), and those
    /// that were not sent [fail](CallError::Closed). Ready when all connections are closed, for which each has the time of
    /// [`Limits::write`](crate::Limits::write) and [`Limits::linger`](crate::Limits::linger); one that its server has asked to
    /// [leave](Calling::leave_when) is heard out before, answers included, for at most [`Limits::drain`](crate::Limits::drain).
    pub async fn close(self) {
        self.0.outgoing.close();
        let mut state = self.0.state.clone();
        drop(self);
        while state.changed().await.is_ok() {}
    }

    /// Whether the client has ended: nothing can be sent.
    pub fn is_closed(&self) -> bool {
        self.0.outgoing.is_closed()
    }
}

impl<F: Format> Drop for Shared<F> {
    fn drop(&mut self) {
        self.outgoing.close();
    }
}

impl<F: Format> Clone for Client<F> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<F: Format> fmt::Debug for Client<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("connected", &self.is_connected()).finish_non_exhaustive()
    }
}
