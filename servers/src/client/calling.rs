//! A client that is to be.

use std::future::IntoFuture;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use wirework_core::{AsReply, BoxError, Codec, Format, Message, Reply};

use super::connect::refused;
use super::running::Running;
use super::unsolicited::Arrivals;
use super::{Backoff, Client, Dial, Shared, State};
use crate::connection::{KeepAlive, Link, Resend};
use crate::queue::Queue;
use crate::registry::Registry;
use crate::serve::{EventHook, Events};
use crate::{Connection, Correlation, Event, Limit, Limits};

/// A [`Client`] that is to be; see [`Connect::calls`](super::Connect::calls). Awaited, it gives the client once the first connection
/// is made; [`start`](Calling::start) does not wait for that.
#[must_use = "nothing is connected until this is awaited or started"]
pub struct Calling<D: Dial, C: Codec> {
    pub(super) target: D,
    pub(super) codec: C,
    pub(super) limits: Limits,
    pub(super) correlation: Correlation<C::Format>,
    pub(super) login: Option<Arc<Login<D::Io, C>>>,
    pub(super) keep_alive: Option<(Duration, KeepAlive<C>)>,
    resend: Option<Arc<Resend<C::Format>>>,
    pub(super) leave: Option<Arc<Leave<C::Format>>>,
    pub(super) backoff: Option<Backoff>,
    on_event: Vec<EventHook>,
    events: Events,
}

/// What is to run, what it sends, and the client itself.
type Prepared<D, C> = (Running<D, C>, Box<Link<<C as Codec>::Format>>, Client<<C as Codec>::Format>);

/// What is done first with each connection.
pub(super) type Login<Io, C> = dyn Fn(Connection<Io, C>) -> LoggingIn<Io, C> + Send + Sync;
pub(super) type LoggingIn<Io, C> = Pin<Box<dyn Future<Output = Result<Connection<Io, C>, BoxError>> + Send>>;

/// Says whether with a message the server asks the client to go elsewhere.
pub(super) type Leave<F> = dyn Fn(&<F as Format>::Owned) -> bool + Send + Sync;

impl<D, C> Calling<D, C>
where
    D: Dial + Clone + Sync + 'static,
    C: Codec,
{
    pub(super) fn new(target: D, codec: C, limits: Limits, correlation: Correlation<C::Format>) -> Self {
        Self {
            target,
            codec,
            limits,
            correlation,
            login: None,
            keep_alive: None,
            resend: None,
            leave: None,
            backoff: Some(Backoff::default()),
            on_event: Vec::new(),
            events: Events::default(),
        }
    }

    /// Called with each new connection before anything else is sent over it; it gives the connection back, or says why not.
    /// What a server forgets with a connection is said here: who the client is, what it subscribes to. What is pushed meanwhile comes
    /// by `recv` here, and is not among the unsolicited. It has
    /// the time of [`Limits::handshake`].
    pub fn login<F, Fut>(mut self, login: F) -> Self
    where
        F: Fn(Connection<D::Io, C>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Connection<D::Io, C>, BoxError>> + Send + 'static,
    {
        self.login = Some(Arc::new(move |connection| Box::pin(login(connection))));
        self
    }

    /// Has `message` sent whenever the server has said nothing for as long as `interval`: one that it answers with something that
    /// is no answer to a call, or with nothing but a sign of life. Where [`Limits::idle`] and [`Limits::first_byte`] are not set, a
    /// server that has said nothing for three times as long is gone.
    pub fn keep_alive<M>(mut self, interval: Duration, message: M) -> Self
    where
        M: AsReply<Reply<C>> + Send + Sync + 'static,
    {
        for silence in [&mut self.limits.first_byte, &mut self.limits.idle] {
            if *silence == Limit::Unlimited {
                *silence = interval.saturating_mul(3).into();
            }
        }
        self.keep_alive = Some((interval, Arc::new(message)));
        self
    }

    /// Says which requests are made again over the next connection, if theirs ended before the answer came: those that can
    /// be carried out twice without harm. Without this a call whose connection ends is [lost](crate::CallError::Lost).
    pub fn resend(mut self, is_safe: impl Fn(&Reply<C>) -> bool + Send + Sync + 'static) -> Self {
        self.resend = Some(Arc::new(is_safe));
        self
    }

    /// Says which unsolicited message asks the client to leave, as that of [`Serve::drain_notice`](crate::Serve::drain_notice). It makes
    /// a new connection at once (after a wait, if that is asked as soon as the connection is there), logs in there, and goes on over
    /// that. The old one is used until then, and heard out: the answers that are on their way, and what else the server says, until
    /// nothing has come for [`Limits::drain_idle`]. What is pushed to both, because the login asks for it, comes twice.
    pub fn leave_when(mut self, is_asked: impl Fn(&Message<C>) -> bool + Send + Sync + 'static) -> Self {
        self.leave = Some(Arc::new(is_asked));
        self
    }

    /// How long to wait before another attempt to connect.
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = Some(backoff);
        self
    }

    /// The client ends with its first connection. Asked to [leave](Calling::leave_when), it drops what it has not sent.
    pub fn once(mut self) -> Self {
        self.backoff = None;
        self
    }

    /// Called with everything that happens to the client's connections; each call adds another one who wants to know.
    pub fn on_event(mut self, hook: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        self.on_event.push(Box::new(hook));
        self
    }

    /// Gives the client at once, and makes its connection meanwhile.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] if the parts of the codec cannot work together, or a limit would serve nobody.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn start(self) -> io::Result<Client<C::Format>> {
        let (running, link, client) = self.prepare()?;
        tokio::spawn(running.run(link, None));
        Ok(client)
    }

    /// At most `connections` connections, of which each call takes one; `1` where it is 0.
    ///
    /// They are made when they are needed. One that has ended is thrown away, not [made anew](Calling::backoff), and so no call is
    /// [made again](Calling::resend) by itself.
    ///
    /// # Errors
    /// As [`start`](Calling::start).
    #[cfg(feature = "pool")]
    pub fn pool(mut self, connections: usize) -> io::Result<super::Pool<C::Format>> {
        self.check()?;
        self.set_events();
        super::Pool::new(self.once(), connections)
    }

    /// Another client of the same kind, whose events go where those of this one do once they are set.
    #[cfg(feature = "pool")]
    pub(super) fn another(&self) -> Self {
        Self {
            target: self.target.clone(),
            codec: self.codec.clone(),
            limits: self.limits.clone(),
            correlation: self.correlation.clone(),
            login: self.login.clone(),
            keep_alive: self.keep_alive.clone(),
            resend: self.resend.clone(),
            leave: self.leave.clone(),
            backoff: self.backoff,
            on_event: Vec::new(),
            events: self.events.clone(),
        }
    }

    fn check(&self) -> io::Result<()> {
        self.codec.compose().map_err(refused)?;
        self.limits.check().map_err(|why| io::Error::new(io::ErrorKind::InvalidInput, why))
    }

    fn prepare(mut self) -> io::Result<Prepared<D, C>> {
        self.check()?;
        self.set_events();
        let interval = self.keep_alive.as_ref().map_or(Limit::Unlimited, |(interval, _)| Limit::At(*interval));
        let registry = Registry::new(self.limits.clone(), interval, self.events.clone());
        let outgoing = Arc::new(Queue::new(self.limits.queue));
        let arrivals = Arrivals::new(self.limits.queue);
        let calls = self.correlation.pending(&self.limits);
        let link = Link::of_client(outgoing.clone(), calls, self.resend.clone(), &self.limits);
        let (told, state) = watch::channel(State::Connecting);
        let client = Client(Arc::new(Shared { outgoing, call: self.limits.call, state, arrivals: arrivals.clone() }));
        Ok((Running::new(self, registry, arrivals, told), Box::new(link), client))
    }

    fn set_events(&mut self) {
        if !self.on_event.is_empty() {
            self.events.set(std::mem::take(&mut self.on_event));
        }
    }
}

impl<D, C> IntoFuture for Calling<D, C>
where
    D: Dial + Clone + Sync + 'static,
    C: Codec,
{
    /// An error is that of the first attempt to connect, or to log in.
    type Output = io::Result<Client<C::Format>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (running, link, client) = self.prepare()?;
            let first = running.open().await?;
            tokio::spawn(running.run(link, Some(first)));
            Ok(client)
        })
    }
}
