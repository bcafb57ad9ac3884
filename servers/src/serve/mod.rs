//! Servers: a transport, a codec and one verb.

mod answer;
mod each;
mod event;
mod on_bad;
mod reply;
mod respond;
mod server;

use std::future::Future;

use wirework_core::{Bad, BoxError, Codec, Format, Message, Reply};

use crate::listener::{Bind, Listener};
use crate::{Address, Connection, Limits};

pub use answer::{Answer, Outcome};
pub use event::Event;
pub use on_bad::OnBad;
pub use respond::Respond;
pub use server::{Conversation, Ended, Server};

use event::Events;
use on_bad::OnBadHook;
use server::Announce;

/// A server of `codec` over whatever `bind` will listen on. It needs one verb:
///
/// | verb | a conversation is | the handler gets | the handler's own state is |
/// |---|---|---|---|
/// | [`answer`](Serve::answer) | a reply for each message, at once | the message, lent, and where to write the reply | a connection's |
/// | [`reply`](Serve::reply) | a reply for each message | the message, owned; it may wait | a message's |
/// | [`reply_once`](Serve::reply_once) | one message, one reply, closed | the message, owned; it may wait | a message's |
/// | [`each`](Serve::each) | whatever you make of it | the [`Connection`] | a connection's |
///
/// The verb gives a [`Server`], to be awaited.
pub fn serve<B: Bind, C: Codec>(bind: B, codec: C) -> Serve<B, C> {
    let events = Events::default();
    Serve {
        bind,
        announce: Announce::default(),
        setup: Setup { codec, on_bad: None, events, limits: Limits::default() },
    }
}

/// A server that lacks its verb; see [`serve`].
#[must_use = "a server without a verb serves nothing: call `reply`, `answer`, `reply_once` or `each`"]
pub struct Serve<B, C: Codec> {
    bind: B,
    announce: Announce,
    setup: Setup<C>,
}

/// What every conversation of a server shares.
struct Setup<C: Codec> {
    codec: C,
    on_bad: Option<OnBadHook<Reply<C>>>,
    events: Events,
    limits: Limits,
}

impl<C: Codec> Clone for Setup<C> {
    fn clone(&self) -> Self {
        Self {
            codec: self.codec.clone(),
            on_bad: self.on_bad.clone(),
            events: self.events.clone(),
            limits: self.limits.clone(),
        }
    }
}

impl<B: Bind, C: Codec> Serve<B, C> {
    /// Called once the server listens, with its address and real port.
    pub fn on_listening(mut self, hook: impl FnOnce(&Address) + Send + 'static) -> Self {
        self.announce.add(hook);
        self
    }

    /// Says what to do about a bad message: reply to it, skip it, or close the connection. Without this it is an
    /// [`Event::Bad`], which names the peer, and skipped. [`each`](Serve::each) has its own way: `recv` gives the error.
    ///
    /// It is not called when the stream is lost, as by a frame that is too long: that is an [`Event::Failed`], and the
    /// connection closes after the replies before it.
    pub fn on_bad(mut self, hook: impl Fn(&Bad) -> OnBad<Reply<C>> + Send + Sync + 'static) -> Self {
        self.setup.on_bad = Some(OnBadHook::new(hook));
        self
    }

    /// Called with everything that goes wrong in the server and its conversations, and that neither a handler nor
    /// [`on_bad`](Serve::on_bad) is told.
    pub fn on_event(mut self, hook: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        self.setup.events = Events::default();
        self.setup.events.set(hook);
        self
    }

    /// What a peer can make the server hold, and how long it can make it wait.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.setup.limits = limits;
        self
    }

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
    /// [`Event::Unsent`], and the conversation goes on.
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
        self.conversing(|setup| answer::Answering::new(setup, handler))
    }

    /// A reply for each message, in order. While a handler waits, the replies before its own are written; those to
    /// messages that came together leave together.
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
    /// that cannot be sent is an [`Event::Unsent`], and the conversation goes on.
    pub fn reply<F, Fut, R, M>(self, handler: F) -> Server<B, impl Conversation<<B::Listener as Listener>::Io>>
    where
        F: FnOnce(Message<C>) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = R> + Send,
        R: Respond<Reply<C>, M>,
        M: 'static,
    {
        self.conversing(|setup| reply::Replying::new(setup, handler, false))
    }

    /// One message, one reply, closed: the tutorial's server. The handler is as in [`reply`](Serve::reply).
    pub fn reply_once<F, Fut, R, M>(self, handler: F) -> Server<B, impl Conversation<<B::Listener as Listener>::Io>>
    where
        F: FnOnce(Message<C>) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = R> + Send,
        R: Respond<Reply<C>, M>,
        M: 'static,
    {
        self.conversing(|setup| reply::Replying::new(setup, handler, true))
    }

    /// The whole conversation: the handler gets the [`Connection`]. Dropped, that closes at once; [`Connection::close`]
    /// waits until the peer has all it was sent.
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
    pub fn each<F, Fut>(self, handler: F) -> Server<B, impl Conversation<<B::Listener as Listener>::Io>>
    where
        F: FnOnce(Connection<<B::Listener as Listener>::Io, C>) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = Result<(), BoxError>> + Send,
    {
        self.conversing(|setup| each::Each::new(setup, handler))
    }

    fn conversing<S>(self, conversation: impl FnOnce(Setup<C>) -> S) -> Server<B, S> {
        let agreed = self.setup.codec.compose().map(drop);
        let (events, limits) = (self.setup.events.clone(), self.setup.limits.clone());
        Server::new(self.bind, agreed, conversation(self.setup), self.announce, events, limits)
    }
}
