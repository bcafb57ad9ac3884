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
mod verbs;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use wirework_core::{AsReply, Bad, BoxError, Codec, Reply};

use crate::connection::KeepAlive;
use crate::listener::Bind;
use crate::{Address, Connection, Correlation, Limits, Peer};

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

use end::{End, GoodbyeHook};
pub(crate) use event::{EventHook, Events};
use on_bad::OnBadHook;
use server::Announce;

/// A server of `codec` over whatever `bind` will listen on. It needs one verb:
///
/// | verb | a conversation is | the handler gets | the handler's own state is |
/// |---|---|---|---|
/// | [`answer`](Serve::answer) | a reply for each message, at once | the message, lent, and where to write the reply | a connection's |
/// | [`answer_with`](Serve::answer_with) | a reply for each message, at once | the same, and the state of the connection, `&mut` | a connection's |
/// | [`reply`](Serve::reply) | a reply for each message | the message, owned; it may wait | a message's |
/// | [`reply_with`](Serve::reply_with) | a reply for each message | the same, and a clone of the state of the connection | a message's; in an `Arc` a connection's |
/// | [`route`](Serve::route), [`route_with`](Serve::route_with) | a reply for each message, by its key | the state of the connection, and the message, owned; it may wait | a message's |
/// | `service` (feature `tower`) | a reply for each message, from a `tower::Service` | the message, owned; it may wait | a connection's |
/// | [`reply_once`](Serve::reply_once) | one message, one reply, closed | the message, owned; it may wait | a message's |
/// | [`each`](Serve::each) | whatever you make of it | the [`Connection`] | a connection's |
///
/// Who the peer is says the [`Handle`](crate::Handle) of the connection, or in [`each`](Serve::each) the [`Connection`]; both send what is no
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

    /// Says which message of a peer answers which [call](crate::Handle::call) of ours. Handlers do not see those messages.
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
}
