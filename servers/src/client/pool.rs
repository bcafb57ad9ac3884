//! Several connections to one server, of which each call takes one.

use std::fmt;
use std::future::IntoFuture;
use std::io;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use deadpool::managed::{self, Manager, Metrics, Object, PoolError, RecycleError, RecycleResult};
use wirework_core::{AsReply, Codec, Format};

use super::{Calling, Client, Dial};
use crate::{CallError, Limit};

/// Several connections to one server, of which each call has one to itself. Cheap to clone; see [`Calling::pool`].
///
/// ```no_run
/// # use wirework_core::{BoxError, Codec, Raw};
/// # async fn example(codec: impl Codec<Format = Raw>) -> Result<(), BoxError> {
/// use wirework_servers::{Correlation, connect};
///
/// let pool = connect("127.0.0.1:5000", codec).calls(Correlation::in_order()).pool(8)?;
/// println!("{:?}", pool.call("SUM 1 2").await?);
/// let one = pool.get().await?; // for several calls in a row
/// one.call("BEGIN").await?;
/// one.call("COMMIT").await?;
/// # Ok(())
/// # }
/// ```
///
/// One [`Client`] already has many calls on their way over one connection, and makes that anew. Several connections help
///
/// - where the server works on one request of a connection at a time, and some take long: others overtake them here;
/// - where the protocol has no more than one request on its way: `Limits { calls: 1, .. }`, a [`Pool`] does not need even that;
/// - where a connection has a state that belongs to several calls in a row, such as a transaction.
///
/// They do not where the server works on several requests of a connection, or each takes a moment: then they only cost more. A server that
/// pushes tells each of them, as each has its own [`unsolicited`](Client::unsolicited).
///
/// A connection that has ended is thrown away when its turn comes, and another made. One whose call was given up, or had its
/// deadline pass, goes on: its late answer is recognised.
///
/// When it and all its clones are dropped, so are the connections that are not in use.
pub struct Pool<F: Format> {
    clients: managed::Pool<Maker<F>>,
    call: Limit<Duration>,
}

/// A [`Client`] that goes back to its [`Pool`] when this is dropped: for several calls in a row over one connection. A clone of the
/// client does not keep others from it.
pub struct Pooled<F: Format>(Object<Maker<F>>);

/// Makes connections, and looks whether they are still there.
struct Maker<F: Format>(Box<Make<F>>);

type Make<F> = dyn Fn() -> Making<F> + Send + Sync;
type Making<F> = Pin<Box<dyn Future<Output = io::Result<Client<F>>> + Send>>;

impl<F: Format> Pool<F> {
    pub(super) fn new<D, C>(calling: Calling<D, C>, connections: usize) -> io::Result<Self>
    where
        D: Dial + Clone + Sync + 'static,
        C: Codec<Format = F>,
    {
        let call = calling.limits.call;
        // A codec is not always to be shared between threads.
        let calling = Mutex::new(calling);
        let make = move || -> Making<F> {
            let another = calling.lock().unwrap_or_else(PoisonError::into_inner).another();
            Box::pin(another.into_future())
        };
        let clients = managed::Pool::builder(Maker(Box::new(make))).max_size(connections.max(1)).build();
        Ok(Self { clients: clients.map_err(io::Error::other)?, call })
    }

    /// Sends a request over one of the connections, and gives its answer. Waits for at most [`Limits::call`](crate::Limits::call), a
    /// connection included.
    ///
    /// Dropped while it waits, the request may have been sent; its answer is recognised and dropped.
    ///
    /// # Errors
    /// [`CallError`]; [`CallError::Unreachable`] when no connection could be made.
    pub async fn call<M>(&self, request: M) -> Result<F::Owned, CallError>
    where
        M: AsReply<F::Reply> + Send + 'static,
    {
        within(self.call, self.call_over_one(request)).await
    }

    /// As [`call`](Pool::call), with a deadline of its own.
    ///
    /// # Errors
    /// As [`call`](Pool::call).
    pub async fn call_within<M>(&self, deadline: Duration, request: M) -> Result<F::Owned, CallError>
    where
        M: AsReply<F::Reply> + Send + 'static,
    {
        within(deadline.into(), self.call_over_one(request)).await
    }

    async fn call_over_one<M>(&self, request: M) -> Result<F::Owned, CallError>
    where
        M: AsReply<F::Reply> + Send + 'static,
    {
        let client = self.take().await?;
        let Client(shared) = &*client;
        shared.outgoing.call(request, Limit::Unlimited).await
    }

    /// One of the connections, for several calls in a row. Waits for at most [`Limits::call`](crate::Limits::call). Cancel safe.
    ///
    /// # Errors
    /// [`CallError::Deadline`] when all are in use; [`CallError::Unreachable`] when none could be made.
    pub async fn get(&self) -> Result<Pooled<F>, CallError> {
        within(self.call, self.take()).await
    }

    async fn take(&self) -> Result<Pooled<F>, CallError> {
        match self.clients.get().await {
            Ok(client) => Ok(Pooled(client)),
            Err(PoolError::Backend(error)) => Err(CallError::Unreachable(error)),
            // It has no deadline, and no hooks.
            Err(_) => Err(CallError::Closed),
        }
    }
}

async fn within<T>(
    deadline: Limit<Duration>,
    called: impl Future<Output = Result<T, CallError>>,
) -> Result<T, CallError> {
    match deadline {
        Limit::At(time) => tokio::time::timeout(time, called).await.unwrap_or(Err(CallError::Deadline(time))),
        Limit::Unlimited => called.await,
    }
}

impl<F: Format> Manager for Maker<F> {
    type Type = Client<F>;
    type Error = io::Error;

    async fn create(&self) -> io::Result<Client<F>> {
        (self.0)().await
    }

    async fn recycle(&self, client: &mut Client<F>, _: &Metrics) -> RecycleResult<io::Error> {
        if client.is_closed() { Err(RecycleError::message("the connection has ended")) } else { Ok(()) }
    }
}

impl<F: Format> Deref for Pooled<F> {
    type Target = Client<F>;

    fn deref(&self) -> &Client<F> {
        &self.0
    }
}

impl<F: Format> Clone for Pool<F> {
    fn clone(&self) -> Self {
        Self { clients: self.clients.clone(), call: self.call }
    }
}

impl<F: Format> fmt::Debug for Pool<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.clients.status();
        f.debug_struct("Pool")
            .field("connections", &status.size)
            .field("most", &status.max_size)
            .finish_non_exhaustive()
    }
}

impl<F: Format> fmt::Debug for Pooled<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pooled").field(&**self).finish()
    }
}
