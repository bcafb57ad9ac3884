//! What handles messages, one by one or several at once.

use std::future::Future;
use std::marker::PhantomData;
use std::task::{Context, Poll};

use wirework_core::{AsReply, BoxError, Codec, Message, Reply};

use super::Respond;

/// What handles messages: a closure, or a service. Each connection has its own.
pub(super) trait Handler<C: Codec>: Clone + Send + 'static {
    /// What it replies.
    type Reply: AsReply<Reply<C>>;
    /// What handling gives.
    type Response;
    /// The handling of one message.
    type Handling: Future<Output = Self::Response> + Send;

    /// Ready when it can handle another message.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>>;

    /// Begins to handle a message.
    fn handle(&mut self, message: Message<C>) -> Self::Handling;

    /// The reply, if there is one. An error ends the conversation.
    fn respond(response: Self::Response) -> Result<Option<Self::Reply>, BoxError>;
}

/// A closure, cloned for each message; see [`Serve::reply`](super::Serve::reply).
pub struct Closure<F, M> {
    closure: F,
    how: PhantomData<fn() -> M>,
}

impl<F, M> Closure<F, M> {
    pub(super) fn new(closure: F) -> Self {
        Self { closure, how: PhantomData }
    }
}

impl<F: Clone, M> Clone for Closure<F, M> {
    fn clone(&self) -> Self {
        Self::new(self.closure.clone())
    }
}

impl<C, F, Fut, R, M> Handler<C> for Closure<F, M>
where
    C: Codec,
    F: FnOnce(Message<C>) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = R> + Send,
    R: Respond<Reply<C>, M>,
    M: 'static,
{
    type Reply = R::Reply;
    type Response = R;
    type Handling = Fut;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn handle(&mut self, message: Message<C>) -> Fut {
        (self.closure.clone())(message)
    }

    fn respond(response: R) -> Result<Option<R::Reply>, BoxError> {
        response.respond()
    }
}
