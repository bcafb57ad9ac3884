//! `reply` and `reply_once`: a message in, a reply out.

use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use wirework_core::{AsReply, BoxError, Codec, Error, Message, Reply};

use super::end::End;
use super::{Accepted, Conversation, Respond, Setup};
use crate::connection::Inbound;
use crate::{Connection, Limit};

/// The conversation of [`Serve::reply`](super::Serve::reply) and [`Serve::reply_once`](super::Serve::reply_once).
pub(super) struct Replying<C: Codec, F, M> {
    setup: Setup<C>,
    handler: F,
    once: bool,
    how: PhantomData<fn() -> M>,
}

impl<C: Codec, F, M> Replying<C, F, M> {
    pub(super) fn new(setup: Setup<C>, handler: F, once: bool) -> Self {
        Self { setup, handler, once, how: PhantomData }
    }
}

impl<C: Codec, F: Clone, M> Clone for Replying<C, F, M> {
    fn clone(&self) -> Self {
        Self { setup: self.setup.clone(), handler: self.handler.clone(), once: self.once, how: PhantomData }
    }
}

impl<Io, C, F, Fut, R, M> Conversation<Io> for Replying<C, F, M>
where
    Io: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    C: Codec,
    F: FnOnce(Message<C>) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = R> + Send,
    R: Respond<Reply<C>, M>,
    M: 'static,
{
    async fn hold(mut self, accepted: Accepted<Io>) -> Result<(), BoxError> {
        let mut connection = self.setup.connection(accepted)?;
        let end = self.converse(&mut connection).await;
        self.setup.hooks.end(end, connection).await
    }
}

impl<C: Codec, F, M> Replying<C, F, M> {
    async fn converse<Io, Fut, R>(&mut self, connection: &mut Connection<Io, C>) -> End
    where
        Io: AsyncRead + AsyncWrite + Unpin,
        F: FnOnce(Message<C>) -> Fut + Clone,
        Fut: Future<Output = R>,
        R: Respond<Reply<C>, M>,
    {
        let limit = connection.limits().handler;
        loop {
            match connection.recv().await {
                Ok(None) if connection.is_drained() => return End::Drained,
                Ok(None) => return End::Agreed,
                Ok(Some(message)) => {
                    let handler = (self.handler.clone())(message);
                    let response = match limited(limit, writing_meanwhile(connection, handler)).await {
                        Ok(response) => response.respond(),
                        Err(late) => Err(late),
                    };
                    let sent = response.and_then(|reply| match reply {
                        Some(reply) => {
                            let encoded = connection.outbound.encode(reply.as_reply()).map_err(BoxError::from);
                            self.setup.hooks.unsent(encoded, connection.peer())
                        }
                        None => Ok(()),
                    });
                    if let Err(error) = sent {
                        return End::Handler(error);
                    }
                    if self.once {
                        return End::Agreed;
                    }
                }
                Err(Error::Bad(bad)) => {
                    let Inbound { entry, .. } = &connection.inbound;
                    if !self.setup.hooks.handle_bad(&bad, entry, &mut connection.outbound) {
                        return End::Agreed;
                    }
                }
                Err(error) => return End::Stream(error),
            }
            if let Err(error) = connection.make_room().await {
                return error.into();
            }
        }
    }
}

/// Waits for a handler, but no longer than it may take.
async fn limited<T>(limit: Limit<Duration>, handler: impl Future<Output = T>) -> Result<T, BoxError> {
    let Limit::At(time) = limit else { return Ok(handler.await) };
    let late = |_| format!("the handler was not done after {time:?}");
    Ok(tokio::time::timeout(time, handler).await.map_err(late)?)
}

/// Runs a handler, and writes the replies before its own if it has to wait.
async fn writing_meanwhile<Io, C, Fut>(connection: &mut Connection<Io, C>, handler: Fut) -> Fut::Output
where
    Io: AsyncRead + AsyncWrite + Unpin,
    C: Codec,
    Fut: Future,
{
    let mut handler = pin!(handler);
    poll_fn(|cx| {
        let polled = handler.as_mut().poll(cx);
        if polled.is_pending() && !connection.outbound.is_empty() {
            // An error comes again at the next write, which is not lost in a handler.
            let _: Poll<_> = connection.outbound.poll_flush(Pin::new(&mut connection.io), cx);
            connection.outbound.release();
        }
        polled
    })
    .await
}
