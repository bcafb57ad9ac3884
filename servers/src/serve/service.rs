//! `service`: messages go to a `tower` service.

use std::marker::PhantomData;
use std::task::{Context, Poll};

use tower_service::Service;
use wirework_core::{BadCause, BoxError, Codec, Message, Reply};

use super::handler::{Begin, Handler};
use super::{Replying, Respond, Serve, Server};
use crate::Handle;
use crate::listener::Bind;

impl<B: Bind, C: Codec> Serve<B, C> {
    /// A reply for each message, from a service, with any layers of [`tower`](https://docs.rs/tower) in front. Each connection has a
    /// clone of it.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use wirework_core::BoxError;
    /// # async fn example(bind: impl wirework_servers::Bind, codec: impl wirework_core::Codec<Format = wirework_core::Raw>) -> std::io::Result<()> {
    /// use bytes::Bytes;
    /// use tower::ServiceBuilder;
    ///
    /// let service = ServiceBuilder::new()
    ///     .concurrency_limit(100) // over all connections
    ///     .timeout(Duration::from_secs(5))
    ///     .service_fn(async |line: Bytes| Ok::<_, BoxError>(line));
    /// wirework_servers::serve(bind, codec).service(service).concurrency(8).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// As in [`reply`](Serve::reply), a response is a reply, an `Option` of it, or a `Result` of either; an error of the service
    /// ends the conversation, after the replies before it. A message that has come waits until the service is ready, and
    /// nothing more is read meanwhile; that time is part of [`Limits::handler`](crate::Limits::handler). A connection without
    /// a message does not ask the service, and so has no share in what its layers limit.
    pub fn service<S, M>(self, service: S) -> Server<B, Replying<C, Served<S, M>>>
    where
        S: Service<Message<C>, Error: Into<BoxError>, Future: Send> + Clone + Send + 'static,
        S::Response: Respond<Reply<C>, M>,
        M: 'static,
    {
        self.conversing(|setup| Replying::new(setup, Served { service, how: PhantomData }))
    }
}

/// A service, cloned for each connection; see [`Serve::service`].
pub struct Served<S, M> {
    service: S,
    how: PhantomData<fn() -> M>,
}

impl<S: Clone, M> Clone for Served<S, M> {
    fn clone(&self) -> Self {
        Self { service: self.service.clone(), how: PhantomData }
    }
}

impl<C, S, M> Begin<C> for Served<S, M>
where
    C: Codec,
    S: Clone + Send + 'static,
    M: 'static,
{
    type Begun = Self;

    fn begin(self, _: impl FnOnce() -> Handle<C::Format>) -> Self {
        self
    }
}

impl<C, S, M> Handler<C> for Served<S, M>
where
    C: Codec,
    S: Service<Message<C>, Error: Into<BoxError>, Future: Send> + Clone + Send + 'static,
    S::Response: Respond<Reply<C>, M>,
    M: 'static,
{
    type Reply = <S::Response as Respond<Reply<C>, M>>::Reply;
    type Response = Result<S::Response, S::Error>;
    type Handling = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.service.poll_ready(cx).map_err(Into::into)
    }

    fn handle(&mut self, message: Message<C>) -> Result<S::Future, BadCause> {
        Ok(self.service.call(message))
    }

    fn respond(response: Self::Response) -> Result<Option<Self::Reply>, BoxError> {
        response.map_err(Into::into)?.respond()
    }
}
