//! `reply` and `reply_once`: a message in, a reply out.

use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::pin::{Pin, pin};
use std::task::Poll;

use tokio::io::{AsyncRead, AsyncWrite};
use wirework_core::{AsReply, BoxError, Codec, Error, Message, Reply};

use super::{Conversation, Respond, Setup};
use crate::{Connection, Peer};

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
    async fn hold(self, io: Io, peer: Peer) -> Result<(), BoxError> {
        let mut connection = Connection::new(io, peer, &self.setup.codec, self.setup.limits.clone())?;
        let end = self.converse(&mut connection).await;
        // Whatever the end was: the replies to the messages before it are the peer's.
        let closed = connection.close().await;
        end.and(closed.map_err(BoxError::from))
    }
}

impl<C: Codec, F, M> Replying<C, F, M> {
    async fn converse<Io, Fut, R>(self, connection: &mut Connection<Io, C>) -> Result<(), BoxError>
    where
        Io: AsyncRead + AsyncWrite + Unpin,
        F: FnOnce(Message<C>) -> Fut + Clone,
        Fut: Future<Output = R>,
        R: Respond<Reply<C>, M>,
    {
        loop {
            match connection.recv().await {
                Ok(None) => return Ok(()),
                Ok(Some(message)) => {
                    let response = writing_meanwhile(connection, (self.handler.clone())(message)).await;
                    if let Some(reply) = response.respond()? {
                        let encoded = connection.outbound.encode(reply.as_reply()).map_err(BoxError::from);
                        self.setup.unsent(encoded, connection.peer())?;
                    }
                    if self.once {
                        return Ok(());
                    }
                }
                Err(Error::Bad(bad)) => {
                    let peer = connection.peer().clone();
                    if !self.setup.handle_bad(&bad, &peer, &mut connection.outbound) {
                        return Ok(());
                    }
                }
                Err(error) => return Err(error.into()),
            }
            connection.make_room().await?;
        }
    }
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
