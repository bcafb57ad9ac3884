//! What handles messages, one by one or several at once.

use std::future::Future;
use std::marker::PhantomData;
use std::task::{Context, Poll};

use wirework_core::{AsReply, BadCause, BoxError, Codec, Message, Reply};

use super::Respond;
use crate::Handle;

/// What a server has for all connections, and gives each of them its own of.
pub(super) trait Begin<C: Codec>: Clone + Send + 'static {
    /// What a connection has.
    type Begun: Send + 'static;

    /// Called once for a connection, before its first message.
    fn begin(self, handle: impl FnOnce() -> Handle<C::Format>) -> Self::Begun;
}

/// What handles the messages of a connection: a closure, or a service.
pub(super) trait Handler<C: Codec>: Send + 'static {
    /// What it replies.
    type Reply: AsReply<Reply<C>>;
    /// What handling gives.
    type Response;
    /// The handling of one message.
    type Handling: Future<Output = Self::Response> + Send;

    /// Ready when it can handle another message.
    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    /// Begins to handle a message, or says why it is one that is not handled.
    fn handle(&mut self, message: Message<C>) -> Result<Self::Handling, BadCause>;

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

impl<C, F, M> Begin<C> for Closure<F, M>
where
    C: Codec,
    F: Clone + Send + 'static,
    M: 'static,
{
    type Begun = Self;

    fn begin(self, _: impl FnOnce() -> Handle<C::Format>) -> Self {
        self
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

    fn handle(&mut self, message: Message<C>) -> Result<Fut, BadCause> {
        Ok((self.closure.clone())(message))
    }

    fn respond(response: R) -> Result<Option<R::Reply>, BoxError> {
        response.respond()
    }
}

/// A closure, cloned for each message, and the state of its connection; see [`Serve::reply_with`](super::Serve::reply_with).
pub struct ClosureWith<I, F, M> {
    init: I,
    closure: F,
    how: PhantomData<fn() -> M>,
}

impl<I, F, M> ClosureWith<I, F, M> {
    pub(super) fn new(init: I, closure: F) -> Self {
        Self { init, closure, how: PhantomData }
    }
}

impl<I: Clone, F: Clone, M> Clone for ClosureWith<I, F, M> {
    fn clone(&self) -> Self {
        Self::new(self.init.clone(), self.closure.clone())
    }
}

impl<C, I, S, F, M> Begin<C> for ClosureWith<I, F, M>
where
    C: Codec,
    I: FnOnce(Handle<C::Format>) -> S + Clone + Send + 'static,
    S: Send + 'static,
    F: Clone + Send + 'static,
    M: 'static,
{
    type Begun = Stateful<S, F, M>;

    fn begin(self, handle: impl FnOnce() -> Handle<C::Format>) -> Stateful<S, F, M> {
        Stateful { state: (self.init)(handle()), closure: self.closure, how: PhantomData }
    }
}

/// A closure with the state of its connection.
pub(super) struct Stateful<S, F, M> {
    state: S,
    closure: F,
    how: PhantomData<fn() -> M>,
}

impl<C, S, F, Fut, R, M> Handler<C> for Stateful<S, F, M>
where
    C: Codec,
    S: Clone + Send + 'static,
    F: FnOnce(S, Message<C>) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = R> + Send,
    R: Respond<Reply<C>, M>,
    M: 'static,
{
    type Reply = R::Reply;
    type Response = R;
    type Handling = Fut;

    fn handle(&mut self, message: Message<C>) -> Result<Fut, BadCause> {
        Ok((self.closure.clone())(self.state.clone(), message))
    }

    fn respond(response: R) -> Result<Option<R::Reply>, BoxError> {
        response.respond()
    }
}
