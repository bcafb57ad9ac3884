//! `concurrency`: several messages of a connection at once.

mod talk;
mod work;

use std::future::poll_fn;

use tokio::io::{AsyncRead, AsyncWrite};
use wirework_core::{BoxError, Codec};

use super::handler::{Begin, Handler};
use super::reply::Replying;
use super::{Accepted, Conversation, Server};

use talk::Talk;

/// What [`Server::concurrency`] makes of [`reply`](super::Serve::reply): several messages of a connection at once.
pub struct Concurrent<C: Codec, H> {
    replying: Replying<C, H>,
    most: usize,
    ordered: bool,
}

impl<C: Codec, H: Clone> Clone for Concurrent<C, H> {
    fn clone(&self) -> Self {
        Self { replying: self.replying.clone(), ..*self }
    }
}

impl<B, C: Codec, H> Server<B, Replying<C, H>> {
    /// Handles up to `most` messages of a connection at once. The replies leave in the order of their messages, unless they
    /// are [`unordered`](Server::unordered). Nothing more is read while there are so many, or while the peer does not
    /// take what it is sent.
    ///
    /// ```no_run
    /// # async fn look_up(line: bytes::Bytes) -> bytes::Bytes { line }
    /// # async fn example(bind: impl wirework_servers::Bind, codec: impl wirework_core::Codec<Format = wirework_core::Raw>) -> std::io::Result<()> {
    /// wirework_servers::serve(bind, codec).reply(async |line| look_up(line).await).concurrency(8).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// All of them are in one task: they wait at once, and do not compute at once.
    /// [`Limits::handler`](crate::Limits::handler) is the time of each. A conversation ends, when the peer has closed its side
    /// or the server drains, behind the replies to all that has come; when a handler gives an error, behind the replies to the
    /// messages before its own, and handlers of later messages are dropped where they wait. Where one panics, the conversation
    /// ends at once.
    ///
    /// `most` is at least one.
    pub fn concurrency(self, most: usize) -> Server<B, Concurrent<C, H>> {
        self.conversing(|replying| Concurrent { replying, most: most.max(1), ordered: true })
    }
}

impl<B, C: Codec, H> Server<B, Concurrent<C, H>> {
    /// Replies leave as soon as they are there, in any order: each says in its own way which message it answers, as by an
    /// identifier that both have.
    ///
    /// ```no_run
    /// # async fn look_up(id: u8, _: &[u8]) -> Vec<u8> { vec![id] }
    /// # async fn example(bind: impl wirework_servers::Bind, codec: impl wirework_core::Codec<Format = wirework_core::Raw>) -> std::io::Result<()> {
    /// wirework_servers::serve(bind, codec)
    ///     .reply(async |request| match request.split_first() {
    ///         Some((id, body)) => Some(look_up(*id, body).await),
    ///         None => None,
    ///     })
    ///     .concurrency(8)
    ///     .unordered()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// When a handler gives an error, the replies that were there before it are sent.
    pub fn unordered(self) -> Self {
        self.conversing(|concurrent| Concurrent { ordered: false, ..concurrent })
    }
}

impl<Io, C, H> Conversation<Io> for Concurrent<C, H>
where
    Io: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    C: Codec,
    H: Begin<C, Begun: Handler<C, Reply: Send>>,
{
    async fn hold(self, accepted: Accepted<Io>) -> Result<(), BoxError> {
        let Self { replying: Replying { setup, handler, .. }, most, ordered } = self;
        let mut connection = setup.connection(accepted)?;
        let handler = handler.begin(|| connection.handle());
        let end = {
            let mut talk = Talk::new(&setup.hooks, handler, most, work::work, ordered);
            poll_fn(|cx| talk.poll(&mut connection, cx)).await
        };
        setup.hooks.end(end, connection).await
    }
}
