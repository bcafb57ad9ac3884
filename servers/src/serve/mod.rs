//! Servers: a transport, a codec and one verb.

mod accept;
mod answer;
mod answers;
mod concurrent;
mod conversations;
mod deadline;
mod each;
mod end;
mod event;
mod handle;
mod handler;
mod on_bad;
pub(crate) mod one_line;
mod rate;
mod reply;
mod respond;
mod router;
mod server;
#[cfg(feature = "tower")]
mod service;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use wirework_core::{AsReply, Bad, BoxError, Codec, Format, Message, Reply};

use crate::connection::KeepAlive;
use crate::listener::{Bind, Listener};
use crate::registry::Registry;
use crate::{Address, Connection, Correlation, Handle, Limit, Limits, Peer};

pub use answer::{Answer, Outcome};
pub use concurrent::Concurrent;
pub use end::Goodbye;
pub use event::{Done, Event, Refused, Severity};
pub use handle::ServerHandle;
pub use handler::{Closure, ClosureWith};
pub use on_bad::OnBad;
pub use reply::Replying;
pub use respond::Respond;
pub use router::{RouteBy, Router};
pub use server::{Accepted, Conversation, Ended, Server};
#[cfg(feature = "tower")]
pub use service::Served;

use answers::{Stateless, WithState};
use end::{End, GoodbyeHook};
pub(crate) use event::{EventHook, Events};
use on_bad::OnBadHook;
use server::Announce;

/// A server of `codec` over whatever `bind` will listen on. It needs one verb:
///
/// | verb | a conversation is | the handler gets | the handler's own state is |
/// |---|---|---|---|
/// | [`answer`](Serve::answer) | a reply for each message, at once | the message, lent, and where to write the reply | a connection's |
/// | [`answer_with`](Serve::answer_with), [`reply_with`](Serve::reply_with) | the same | the same, and the state of the connection | |
/// | [`reply`](Serve::reply) | a reply for each message | the message, owned; it may wait | a message's |
/// | [`route`](Serve::route), [`route_with`](Serve::route_with) | a reply for each message, by its key | the state of the connection, and the message, owned; it may wait | a message's |
/// | `service` (feature `tower`) | a reply for each message, from a `tower::Service` | the message, owned; it may wait | a connection's |
/// | [`reply_once`](Serve::reply_once) | one message, one reply, closed | the message, owned; it may wait | a message's |
/// | [`each`](Serve::each) | whatever you make of it | the [`Connection`] | a connection's |
///
/// Who the peer is says the [`Handle`] of the connection, or in [`each`](Serve::each) the [`Connection`]; both send what is no
/// reply, too.
///
/// The verb gives a [`Server`], to be awaited.
pub fn serve<B: Bind, C: Codec>(bind: B, codec: C) -> Serve<B, C> {
    let hooks = Hooks {
        on_bad: None,
        goodbye: None,
        keep_alive: None,
        drain_notice: None,
        calls: None,
        events: Events::default(),
    };
    Serve { bind, codec, hooks, announce: Announce::default(), on_event: Vec::new(), limits: Limits::default() }
}

/// A server that lacks its verb; see [`serve`].
#[must_use = "a server without a verb serves nothing: call `reply`, `answer`, `route`, `reply_once` or `each`"]
pub struct Serve<B, C: Codec> {
    bind: B,
    codec: C,
    hooks: Hooks<C>,
    announce: Announce,
    on_event: Vec<EventHook>,
    limits: Limits,
}

/// What a conversation is made of.
#[derive(Clone)]
struct Setup<C: Codec> {
    codec: C,
    hooks: Arc<Hooks<C>>,
}

/// What all conversations of a server share.
struct Hooks<C: Codec> {
    on_bad: Option<Box<OnBadHook<Reply<C>>>>,
    goodbye: Option<Box<GoodbyeHook<Reply<C>>>>,
    keep_alive: Option<(Duration, KeepAlive<C>)>,
    drain_notice: Option<KeepAlive<C>>,
    calls: Option<Correlation<C::Format>>,
    events: Events,
}

impl<C: Codec> Setup<C> {
    fn connection<Io>(&self, accepted: Accepted<Io>) -> Result<Connection<Io, C>, BoxError>
    where
        Io: AsyncRead + AsyncWrite + Unpin,
    {
        let mut connection = Connection::entered(accepted.io, &self.codec, accepted.entry)?;
        if let Some((interval, message)) = &self.hooks.keep_alive {
            connection.set_keep_alive(*interval, message.clone());
        }
        connection.drain_notice = self.hooks.drain_notice.clone();
        if let Some(correlation) = &self.hooks.calls {
            connection.calls(correlation);
        }
        Ok(connection)
    }
}

impl<C: Codec> Hooks<C> {
    /// Ends a conversation. Whatever the end was: the replies to the messages before it are the peer's.
    ///
    /// In a box: what only an end needs is not held for as long as the conversation lasts.
    fn end<Io>(
        &self,
        end: End,
        mut connection: Connection<Io, C>,
    ) -> Pin<Box<impl Future<Output = Result<(), BoxError>>>>
    where
        Io: AsyncRead + AsyncWrite + Unpin,
    {
        Box::pin(async move {
            // What others have sent is the peer's, too, and goes before; an error comes again when it is closed.
            let _ = connection.end_pushed().await;
            self.say_goodbye(&end, &connection.inbound.entry, &mut connection.outbound);
            let closed = connection.close().await;
            end.into_result().and(closed.map_err(BoxError::from))
        })
    }
}

impl<B: Bind, C: Codec> Serve<B, C> {
    /// Called once the server listens, with its address and real port; if it listens on several, with each of them.
    pub fn on_listening(mut self, hook: impl FnMut(&Address) + Send + 'static) -> Self {
        self.announce.add(hook);
        self
    }

    /// Says what to do about a bad message: reply to it, skip it, or close the connection. Without this it is skipped.
    /// [`each`](Serve::each) has its own way: `recv` gives the error. A message for which there is no [route](Serve::route) is a bad
    /// one, too.
    ///
    /// It is not called when the stream is lost, as by a frame that is too long: see [`goodbye`](Serve::goodbye).
    pub fn on_bad(mut self, hook: impl Fn(&Bad, &Peer) -> OnBad<Reply<C>> + Send + Sync + 'static) -> Self {
        self.hooks.on_bad = Some(Box::new(hook));
        self
    }

    /// Says what a peer is told when the server ends the conversation: because it drains, because the stream is lost, because a
    /// deadline has passed. `None`, and without this: nothing. The connection closes behind it.
    ///
    /// ```no_run
    /// # async fn example(bind: impl wirework_servers::Bind, codec: impl wirework_core::Codec<Format = wirework_core::Raw>) -> std::io::Result<()> {
    /// use wirework_servers::Goodbye;
    ///
    /// wirework_servers::serve(bind, codec)
    ///     .goodbye(|why| match why {
    ///         Goodbye::Draining => Some("421 closing down"),
    ///         Goodbye::TooLate(_) => Some("421 you took too long"),
    ///         Goodbye::Lost(_) => Some("500 line too long"),
    ///         _ => None,
    ///     })
    ///     .reply(async |line| line)
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// In [`each`](Serve::each) the handler says it: `recv` gives `None` when the server
    /// [drains](Connection::is_draining), or the error.
    pub fn goodbye<R>(mut self, hook: impl Fn(Goodbye<'_>) -> Option<R> + Send + Sync + 'static) -> Self
    where
        R: AsReply<Reply<C>> + Send + 'static,
    {
        self.hooks.goodbye = Some(Box::new(move |why| Some(Box::new(hook(why)?))));
        self
    }

    /// Has `message` sent whenever a peer has said nothing for as long as `interval`, while a message is waited for: one that
    /// it answers, so that [`Limits::idle`] ends only a conversation with who is gone.
    pub fn keep_alive<M>(mut self, interval: Duration, message: M) -> Self
    where
        M: AsReply<Reply<C>> + Send + Sync + 'static,
    {
        self.hooks.keep_alive = Some((interval, Arc::new(message)));
        self
    }

    /// Has `message` sent to each peer as soon as the server is told to stop: one that asks it to go elsewhere, as
    /// [`Calling::leave_when`](crate::Calling::leave_when) does, while the conversation goes on for as long as the peer has something
    /// to say. Without this a peer learns of it by the [`goodbye`](Serve::goodbye), once it has been silent for
    /// [`Limits::drain_idle`].
    pub fn drain_notice<M>(mut self, message: M) -> Self
    where
        M: AsReply<Reply<C>> + Send + Sync + 'static,
    {
        self.hooks.drain_notice = Some(Arc::new(message));
        self
    }

    /// Says which message of a peer answers which [call](Handle::call) of ours. Handlers do not see those messages.
    ///
    /// ```no_run
    /// # use wirework_core::{Codec, Raw};
    /// # async fn example(bind: impl wirework_servers::Bind, codec: impl Codec<Format = Raw>) -> std::io::Result<()> {
    /// use bytes::Bytes;
    /// use wirework_servers::{Correlation, Handle, serve};
    ///
    /// // `?` and a number is what we ask, `=` and that number its answer; all else is said by the peer.
    /// serve(bind, codec)
    ///     .calls(Correlation::by_key(
    ///         |request: &[u8]| Some(*request.strip_prefix(b"?")?.first()?),
    ///         |message: &Bytes| Some(*message.strip_prefix(b"=")?.first()?),
    ///     ))
    ///     .reply_with(
    ///         |handle| handle,
    ///         async |handle: Handle<Raw>, message| {
    ///             let answer = handle.call("?1 who are you").await;
    ///             answer.map(|answer| [answer, message].concat())
    ///         },
    ///     )
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn calls(mut self, correlation: Correlation<C::Format>) -> Self {
        self.hooks.calls = Some(correlation);
        self
    }

    /// Called with everything that happens in the server and its conversations; each call adds another one who wants to know.
    /// Without it, in a server that is awaited rather than [`run`](crate::run), nobody is told: a reply that cannot be sent is
    /// then missing without a word.
    pub fn on_event(mut self, hook: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        self.on_event.push(Box::new(hook));
        self
    }

    /// What peers can make the server hold, and how long they can make it wait.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
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
    /// that cannot be sent is an [`Event::Unsent`], and the conversation goes on; so it is with one of several lines, in a
    /// framing of lines. Several replies to a message are for [`answer`](Serve::answer) or [`each`](Serve::each).
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
    /// in an `Arc`.
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

    fn conversing<S>(self, conversation: impl FnOnce(Setup<C>) -> S) -> Server<B, S> {
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
