//! The verbs: what a conversation is.

use std::future::Future;
use std::sync::Arc;

use wirework_core::{BoxError, Codec, Format, Message, Reply};

use super::answers::{Stateless, WithState};
use super::{
    Answer, Closure, ClosureWith, Conversation, Outcome, Replying, Respond, Serve, Server, Setup, answer, each,
};
use crate::listener::{Bind, Listener};
use crate::registry::Registry;
use crate::{Connection, Handle, Limit};

impl<B: Bind, C: Codec> Serve<B, C> {
    /// A reply for each message, at once: the message is lent, and the reply is written in place.
    ///
    /// ```no_run
    /// # async fn example(bind: impl wirework_servers::Bind, codec: impl wirework_core::Codec<Format = wirework_core::Raw>) -> std::io::Result<()> {
    /// wirework_servers::serve(bind, codec).answer(|line, reply| reply.send(line)).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Nothing is allocated for a message. Each connection has its own clone of the handler, with its own state. An `Err`
    /// ends the conversation, after the replies before it; but one that says that a reply cannot be sent is an
    /// [`Event::Unsent`](super::Event::Unsent), and the conversation goes on.
    ///
    /// A handler that can fail for several reasons says of what type its errors are at its end:
    ///
    /// ```no_run
    /// # use wirework_core::BoxError;
    /// # async fn example(bind: impl wirework_servers::Bind, codec: impl wirework_core::Codec<Format = wirework_core::Raw>) -> std::io::Result<()> {
    /// # wirework_servers::serve(bind, codec)
    /// .answer(|message, reply| {
    ///     let (kind, body) = message.split_first().ok_or("a message without a type")?;
    ///     Ok::<_, BoxError>(reply.send([body, &[*kind]].concat())?)
    /// })
    /// # .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn answer<F, R>(self, handler: F) -> Server<B, impl Conversation<<B::Listener as Listener>::Io>>
    where
        F: for<'m, 'r> FnMut(<C::Format as Format>::Message<'m>, &mut Answer<'r, C>) -> R + Clone + Send + 'static,
        R: Outcome + 'static,
    {
        self.conversing(|setup| answer::Answering::new(setup, Stateless(handler)))
    }

    /// As [`answer`](Serve::answer), with what `init` makes of the [`Handle`] of a connection: its state, in which stands who the
    /// peer is, or what else its messages have in common.
    ///
    /// ```no_run
    /// # use wirework_core::{Codec, Raw};
    /// # async fn example(bind: impl wirework_servers::Bind, codec: impl Codec<Format = Raw>) -> std::io::Result<()> {
    /// use wirework_servers::{Handle, serve};
    ///
    /// struct Session {
    ///     handle: Handle<Raw>,
    ///     messages: u32,
    /// }
    ///
    /// serve(bind, codec)
    ///     .answer_with(
    ///         |handle| Session { handle, messages: 0 },
    ///         |session, _message, reply| {
    ///             session.messages += 1;
    ///             reply.send(format!("{} from {}", session.messages, session.handle.peer()))
    ///         },
    ///     )
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn answer_with<I, S, F, R>(
        self,
        init: I,
        handler: F,
    ) -> Server<B, impl Conversation<<B::Listener as Listener>::Io>>
    where
        I: FnOnce(Handle<C::Format>) -> S + Clone + Send + 'static,
        S: Send + 'static,
        F: for<'s, 'm, 'r> FnMut(&'s mut S, <C::Format as Format>::Message<'m>, &mut Answer<'r, C>) -> R
            + Clone
            + Send
            + 'static,
        R: Outcome + 'static,
    {
        self.conversing(|setup| answer::Answering::new(setup, WithState { init, closure: handler }))
    }

    /// A reply for each message, in order. While a handler waits, the replies before its own are written; those to
    /// messages that came together leave together. One message is handled after another, unless
    /// [`concurrency`](Server::concurrency) says otherwise.
    ///
    /// ```no_run
    /// # async fn example(bind: impl wirework_servers::Bind, codec: impl wirework_core::Codec<Format = wirework_core::Raw>) -> std::io::Result<()> {
    /// wirework_servers::serve(bind, codec).reply(async |line| line).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// **The handler is cloned for each message**: a counter in it starts anew every time; what messages share is in an
    /// `Arc`. It returns the reply, or an `Option` of
    /// it (`None`: no reply), or a `Result` of either (`Err` ends the conversation, after the replies before it). A reply
    /// that cannot be sent is an [`Event::Unsent`](super::Event::Unsent), and the conversation goes on; so it is with one of several lines, in a
    /// framing of lines. With `?` in it, it says once of what type its errors are: `Ok::<_, BoxError>(reply)`. Several replies to a message are for [`answer`](Serve::answer) or [`each`](Serve::each).
    pub fn reply<F, Fut, R, M>(self, handler: F) -> Server<B, Replying<C, Closure<F, M>>>
    where
        F: FnOnce(Message<C>) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = R> + Send,
        R: Respond<Reply<C>, M>,
        M: 'static,
    {
        self.conversing(|setup| Replying::new(setup, Closure::new(handler)))
    }

    /// As [`reply`](Serve::reply), with what `init` makes of the [`Handle`] of a connection: its state, in which stands who the
    /// peer is, or what else its messages have in common. It is cloned for each message, as the handler is: what is to change is
    /// in an `Arc`. A field that a handler sets is set in its clone, and gone with that.
    ///
    /// ```no_run
    /// # use wirework_core::{Codec, Raw};
    /// # async fn example(bind: impl wirework_servers::Bind, codec: impl Codec<Format = Raw>) -> std::io::Result<()> {
    /// use std::sync::{Arc, OnceLock};
    /// use wirework_servers::serve;
    ///
    /// serve(bind, codec)
    ///     .reply_with(
    ///         |handle| Arc::new((handle, OnceLock::new())),
    ///         async |session, name| {
    ///             let (handle, first) = &*session;
    ///             let first = first.get_or_init(|| name);
    ///             format!("{}, first you said {first:?}", handle.peer())
    ///         },
    ///     )
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn reply_with<I, S, F, Fut, R, M>(self, init: I, handler: F) -> Server<B, Replying<C, ClosureWith<I, F, M>>>
    where
        I: FnOnce(Handle<C::Format>) -> S + Clone + Send + 'static,
        S: Clone + Send + 'static,
        F: FnOnce(S, Message<C>) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = R> + Send,
        R: Respond<Reply<C>, M>,
        M: 'static,
    {
        self.conversing(|setup| Replying::new(setup, ClosureWith::new(init, handler)))
    }

    /// One message, one reply, closed: the tutorial's server. The handler is as in [`reply`](Serve::reply).
    pub fn reply_once<F, Fut, R, M>(self, handler: F) -> Server<B, impl Conversation<<B::Listener as Listener>::Io>>
    where
        F: FnOnce(Message<C>) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = R> + Send,
        R: Respond<Reply<C>, M>,
        M: 'static,
    {
        self.conversing(|setup| Replying::new(setup, Closure::new(handler)).once())
    }

    /// The whole conversation: the handler gets the [`Connection`]. Dropped, that closes at once, and what was fed before an
    /// `Err` is lost; [`Connection::close`] waits until the peer has all it was sent.
    ///
    /// ```no_run
    /// # async fn example(bind: impl wirework_servers::Bind, codec: impl wirework_core::Codec<Format = wirework_core::Raw>) -> std::io::Result<()> {
    /// use wirework_core::Error;
    ///
    /// wirework_servers::serve(bind, codec)
    ///     .each(async |mut conn| {
    ///         loop {
    ///             match conn.recv().await {
    ///                 Ok(Some(message)) => conn.send(message).await?,
    ///                 Ok(None) => break,
    ///                 Err(Error::Bad(bad)) => eprintln!("{}: {bad}", conn.peer()), // and on with the next
    ///                 Err(error) => return Err(error.into()),
    ///             }
    ///         }
    ///         Ok(conn.close().await?)
    ///     })
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// As a function of its own, over any transport and in any framing of text:
    ///
    /// ```
    /// use tokio::io::{AsyncRead, AsyncWrite};
    /// use wirework_core::{BoxError, Codec, Format};
    /// use wirework_servers::Connection;
    ///
    /// async fn converse<Io, C>(mut conn: Connection<Io, C>) -> Result<(), BoxError>
    /// where
    ///     Io: AsyncRead + AsyncWrite + Unpin,
    ///     C: Codec<Format: Format<Owned = String, Reply = str>>,
    /// {
    ///     while let Some(line) = conn.recv().await? {
    ///         conn.send(line).await?;
    ///     }
    ///     Ok(conn.close().await?)
    /// }
    /// ```
    ///
    /// The handler does for itself what the other verbs do: bad messages and replies that cannot be sent are errors of
    /// [`Connection`], and no events; the deadline of a handler is a `tokio::time::timeout` of its own.
    pub fn each<F, Fut>(self, handler: F) -> Server<B, impl Conversation<<B::Listener as Listener>::Io>>
    where
        F: FnOnce(Connection<<B::Listener as Listener>::Io, C>) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = Result<(), BoxError>> + Send,
    {
        self.conversing(|setup| each::Each::new(setup, handler))
    }

    pub(super) fn conversing<S>(self, conversation: impl FnOnce(Setup<C>) -> S) -> Server<B, S> {
        let Self { bind, codec, hooks, announce, on_event, limits } = self;
        let agreed = codec.compose().map(drop);
        let events = hooks.events.clone();
        if !on_event.is_empty() {
            events.set(on_event);
        }
        let keep_alive = hooks.keep_alive.as_ref().map_or(Limit::Unlimited, |(interval, _)| Limit::At(*interval));
        let registry = Registry::new(limits, keep_alive, events.clone());
        let conversation = conversation(Setup { codec, hooks: Arc::new(hooks) });
        Server::new(bind, agreed, conversation, announce, events, registry)
    }
}
