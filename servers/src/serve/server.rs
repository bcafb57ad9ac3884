//! A server, from its first bind to its last conversation.

use std::fmt;
use std::future::{Future, IntoFuture, pending};
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use wirework_core::{BoxError, ComposeError};

use super::Event;
use super::accept::{Acceptor, Until};
use super::conversations::Conversations;
use super::event::Events;
use super::handle::ServerHandle;
use super::rate::Rate;
use crate::Address;
use crate::listener::{Bind, Listener};
use crate::registry::{Entry, Registry};

/// A server that knows what to do. Nothing happens before it is awaited; dropped, it ends at once, with its
/// conversations. Several run beside each other in tasks, `tokio::spawn(server.into_future())`, or in one,
/// `tokio::try_join!(one, other)`; signals and printing are for [`run`](crate::run).
#[must_use = "a server does nothing until it is awaited"]
pub struct Server<B, S> {
    bind: B,
    agreed: Result<(), ComposeError>,
    conversation: S,
    pub(crate) announce: Announce,
    pub(crate) events: Events,
    registry: Arc<Registry>,
    until: Until,
}

/// What a server does with each of its connections.
pub trait Conversation<Io>: Clone + Send + 'static {
    /// Holds one conversation.
    fn hold(self, accepted: Accepted<Io>) -> impl Future<Output = Result<(), BoxError>> + Send;
}

/// A connection that a server has accepted.
pub struct Accepted<Io> {
    pub(super) io: Io,
    pub(super) entry: Arc<Entry>,
}

/// How a server that was told to stop has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ended {
    /// How many conversations were cut off, because they went on beyond [`Limits::drain`](crate::Limits::drain).
    pub cut: usize,
}

/// Whom to tell the address.
#[derive(Default)]
pub(crate) struct Announce(Vec<Hook>);

type Hook = Box<dyn FnMut(&Address) + Send>;

impl Announce {
    pub(crate) fn add(&mut self, hook: impl FnMut(&Address) + Send + 'static) {
        self.0.push(Box::new(hook));
    }
}

impl<B, S> Server<B, S> {
    pub(super) fn new(
        bind: B,
        agreed: Result<(), ComposeError>,
        conversation: S,
        announce: Announce,
        events: Events,
        registry: Arc<Registry>,
    ) -> Self {
        Self { bind, agreed, conversation, announce, events, registry, until: Box::pin(pending()) }
    }

    /// The same server with other conversations.
    pub(super) fn conversing<T>(self, change: impl FnOnce(S) -> T) -> Server<B, T> {
        let Self { bind, agreed, conversation, announce, events, registry, until } = self;
        Server { bind, agreed, conversation: change(conversation), announce, events, registry, until }
    }

    /// The same server, refused when it starts if this is; what was refused before is what is said.
    pub(super) fn agreeing(self, agreed: Result<(), ComposeError>) -> Self {
        Self { agreed: self.agreed.and(agreed), ..self }
    }

    /// Stops when `stop` is done, or what another `until` has said: takes what is queued, closes the listening socket, so that
    /// new clients are refused, and lets the open conversations end, for as long as [`Limits::drain`](crate::Limits::drain)
    /// says.
    ///
    /// A conversation goes on while its peer has something to say, and ends when nothing is in flight and nothing has come for
    /// [`Limits::drain_idle`](crate::Limits::drain_idle): then the peer is told what [`goodbye`](super::Serve::goodbye) says, and its
    /// connection is closed. In [`each`](super::Serve::each) `recv` then gives `None`.
    pub fn until<F>(mut self, stop: F) -> Self
    where
        F: Future + Send + 'static,
    {
        let asked = std::mem::replace(&mut self.until, Box::pin(pending()));
        self.until = Box::pin(async {
            tokio::select! {
                () = asked => {}
                _ = stop => {}
            }
        });
        self
    }
}

impl<B, S> Server<B, S> {
    /// What looks into the server while it runs, and stops it: to be taken before it is awaited.
    ///
    /// ```no_run
    /// # async fn example<C: wirework_core::Codec<Format = wirework_core::Raw>>(codec: C) -> std::io::Result<()> {
    /// use wirework_servers::{Tcp, serve};
    ///
    /// let server = serve(Tcp::bind("0.0.0.0:7788"), codec).reply(async |message| message);
    /// let handle = server.handle();
    /// tokio::spawn(async move {
    ///     for connection in handle.connections() {
    ///         println!("{} {} {}", connection.id, connection.peer, connection.state);
    ///     }
    ///     handle.stop();
    /// });
    /// server.await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn handle(&self) -> ServerHandle {
        ServerHandle::new(self.registry.clone())
    }
}

impl<B, S> fmt::Debug for Server<B, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("limits", &self.registry.limits).finish_non_exhaustive()
    }
}

impl<B, S> IntoFuture for Server<B, S>
where
    B: Bind,
    S: Conversation<<B::Listener as Listener>::Io>,
{
    type Output = io::Result<Ended>;
    type IntoFuture = Pin<Box<dyn Future<Output = io::Result<Ended>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<B, S> Server<B, S>
where
    B: Bind,
    S: Conversation<<B::Listener as Listener>::Io>,
{
    async fn run(self) -> io::Result<Ended> {
        self.agreed.map_err(|refused| io::Error::new(io::ErrorKind::InvalidInput, refused))?;
        let registry = self.registry;
        registry.limits.check().map_err(|why| io::Error::new(io::ErrorKind::InvalidInput, why))?;
        let listener = self.bind.bind(&registry.limits).await?;
        let mut announce = self.announce.0;
        for address in &listener.local_addresses()? {
            announce.iter_mut().for_each(|hook| hook(address));
            self.events.tell(&Event::Listening { address });
        }
        drop(announce);

        let mut conversations = Conversations::new(self.conversation, registry.clone(), self.events);
        let mut acceptor = Acceptor::new(listener, Rate::new(registry.limits.accept_rate));
        let (asked, handle) = (self.until, ServerHandle::new(registry.clone()));
        let until = Box::pin(async move {
            tokio::select! {
                () = asked => {}
                () = handle.stopped() => {}
            }
        });
        let serving = async {
            let end = acceptor.accept(&mut conversations, until).await;
            if end.is_ok() {
                acceptor.accept_queued(&mut conversations).await;
            }
            drop(acceptor);
            let ended = conversations.drain().await;
            end.map(|()| ended)
        };
        tokio::select! {
            ended = serving => ended,
            never = registry.walk() => match never {},
        }
    }
}
