//! `reply` and `reply_once`: a message in, a reply out.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite};
use wirework_core::{AsReply, Bad, BoxError, Codec, Error, Message};

use super::deadline::Deadline;
use super::end::End;
use super::handler::{Begin, Handler};
use super::{Accepted, Conversation, Hooks, Setup};
use crate::Connection;
use crate::connection::Inbound;

/// What [`Serve::reply`](super::Serve::reply) does with a connection: one message after another.
/// [`Server::concurrency`](super::Server::concurrency) makes it several at once.
pub struct Replying<C: Codec, H> {
    pub(super) setup: Setup<C>,
    pub(super) handler: H,
    once: bool,
}

impl<C: Codec, H> Replying<C, H> {
    pub(super) fn new(setup: Setup<C>, handler: H) -> Self {
        Self { setup, handler, once: false }
    }

    /// One message, and no more.
    pub(super) fn once(self) -> Self {
        Self { once: true, ..self }
    }
}

impl<C: Codec, H: Clone> Clone for Replying<C, H> {
    fn clone(&self) -> Self {
        Self { setup: self.setup.clone(), handler: self.handler.clone(), once: self.once }
    }
}

impl<Io, C, H> Conversation<Io> for Replying<C, H>
where
    Io: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    C: Codec,
    H: Begin<C, Begun: Handler<C>>,
{
    async fn hold(self, accepted: Accepted<Io>) -> Result<(), BoxError> {
        let Self { setup, handler, once } = self;
        let mut connection = setup.connection(accepted)?;
        let handler = handler.begin(|| connection.handle());
        let end = OneByOne { hooks: &setup.hooks, handler, once }.converse(&mut connection).await;
        setup.hooks.end(end, connection).await
    }
}

/// What has become of a message.
enum Handled<R> {
    Response(R),
    Bad(Bad),
}

/// How a conversation goes on.
enum Next {
    Message,
    End,
}

/// A conversation in which one message is handled after another.
struct OneByOne<'a, C: Codec, H> {
    hooks: &'a Hooks<C>,
    handler: H,
    once: bool,
}

impl<C: Codec, H: Handler<C>> OneByOne<'_, C, H> {
    async fn converse<Io>(mut self, connection: &mut Connection<Io, C>) -> End
    where
        Io: AsyncRead + AsyncWrite + Unpin,
    {
        loop {
            let handled = match connection.recv().await {
                Ok(None) if connection.is_drained() => return End::Drained,
                Ok(None) => return End::Agreed,
                Ok(Some(message)) => self.handle(connection, message).await,
                Err(Error::Bad(bad)) => Ok(Handled::Bad(bad)),
                Err(error) => return End::Stream(error),
            };
            match handled.and_then(|handled| self.reply(connection, handled)) {
                Ok(Next::Message) => {}
                Ok(Next::End) => return End::Agreed,
                Err(error) => return End::Handler(error),
            }
            if let Err(error) = connection.make_room().await {
                return error.into();
            }
        }
    }

    /// Encodes the reply to a message, or does about a bad one what is to be done.
    fn reply<Io>(&self, connection: &mut Connection<Io, C>, handled: Handled<H::Response>) -> Result<Next, BoxError>
    where
        Io: AsyncRead + AsyncWrite + Unpin,
    {
        let Connection { inbound: Inbound { entry, .. }, outbound, .. } = connection;
        match handled {
            Handled::Response(response) => {
                if let Some(reply) = H::respond(response)? {
                    let encoded = outbound.encode(reply.as_reply()).map_err(BoxError::from);
                    self.hooks.unsent(encoded, entry.peer())?;
                }
                Ok(if self.once { Next::End } else { Next::Message })
            }
            Handled::Bad(bad) => {
                Ok(if self.hooks.handle_bad(&bad, entry, outbound) { Next::Message } else { Next::End })
            }
        }
    }

    /// Handles a message, once the handler is ready for it; writes the replies before its own if that has to wait.
    async fn handle<Io>(
        &mut self,
        connection: &mut Connection<Io, C>,
        message: Message<C>,
    ) -> Result<Handled<H::Response>, BoxError>
    where
        Io: AsyncRead + AsyncWrite + Unpin,
    {
        let mut deadline = Deadline::new(connection.limits().handler);
        poll_fn(|cx| match self.handler.poll_ready(cx) {
            Poll::Ready(ready) => Poll::Ready(ready),
            Poll::Pending => wait(connection, &mut deadline, cx).map(Err),
        })
        .await?;
        let mut handling = pin!(match self.handler.handle(message) {
            Ok(handling) => handling,
            Err(cause) => return Ok(Handled::Bad(connection.bad(cause))),
        });
        poll_fn(|cx| match handling.as_mut().poll(cx) {
            Poll::Ready(response) => Poll::Ready(Ok(Handled::Response(response))),
            Poll::Pending => wait(connection, &mut deadline, cx).map(Err),
        })
        .await
    }
}

/// Sees to the connection while a handler waits. Ready when that has waited for too long.
fn wait<Io, C>(connection: &mut Connection<Io, C>, deadline: &mut Deadline, cx: &mut Context<'_>) -> Poll<BoxError>
where
    Io: AsyncRead + AsyncWrite + Unpin,
    C: Codec,
{
    connection.poll_meanwhile(cx);
    deadline.poll_missed(cx)
}
