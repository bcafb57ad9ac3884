//! The task of a client: one connection after another.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use backon::ExponentialBackoff;
use futures_util::future::OptionFuture;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;
use wirework_core::{BoxError, Codec, Error, Message};

use super::calling::Calling;
use super::dial::dial_within;
use super::unsolicited::Arrivals;
use super::{Dial, State};
use crate::connection::Link;
use crate::handshake::within;
use crate::registry::{Place, Registry};
use crate::{Connection, Event};

/// What the task of a client has.
pub(super) struct Running<D: Dial, C: Codec> {
    calling: Calling<D, C>,
    registry: Arc<Registry>,
    arrivals: Arc<Arrivals<C::Format>>,
    told: watch::Sender<State>,
    /// Connections whose conversation is over, and that close: what comes next does not wait for them.
    closing: JoinSet<()>,
}

/// What calls and sends over the connections, and outlives each of them.
type Outlet<C> = Box<Link<<C as Codec>::Format>>;

/// A conversation that has ended.
struct Ended<C: Codec> {
    link: Outlet<C>,
    /// Whether the server has said anything.
    heard: bool,
    /// How long it took to ask to go elsewhere, if it has.
    left_after: Option<Duration>,
}

impl<D, C> Running<D, C>
where
    D: Dial + Clone + Sync + 'static,
    C: Codec,
{
    pub(super) fn new(
        calling: Calling<D, C>,
        registry: Arc<Registry>,
        arrivals: Arc<Arrivals<C::Format>>,
        told: watch::Sender<State>,
    ) -> Self {
        Self { calling, registry, arrivals, told, closing: JoinSet::new() }
    }

    /// Converses over `first`, and then over one connection after another, until the client is dropped.
    pub(super) async fn run(mut self, link: Outlet<C>, first: Option<Connection<D::Io, C>>) {
        // The clock has a task of its own, so that its steps do not wake this one. It ends with this one, whatever its end is.
        let mut clock = JoinSet::new();
        let registry = self.registry.clone();
        clock.spawn(async move { registry.walk().await });
        self.connect_again_and_again(link, first).await;
        while self.closing.join_next().await.is_some() {}
        clock.shutdown().await;
    }

    async fn connect_again_and_again(&mut self, mut link: Outlet<C>, mut first: Option<Connection<D::Io, C>>) {
        let mut waits = self.waits();
        loop {
            // What is queued when the client ends has one more attempt.
            let last = link.is_left();
            let opened = match first.take() {
                Some(connection) => Ok(connection),
                None => tokio::select! {
                    biased;
                    () = link.done() => return,
                    opened = self.open() => opened,
                },
            };
            // How long the server took to ask to go elsewhere.
            let mut left_after = None;
            match opened {
                Ok(connection) => {
                    self.told.send_replace(State::Connected);
                    let Some(ended) = self.converse(connection, link).await else { return };
                    self.told.send_replace(State::Connecting);
                    link = ended.link;
                    left_after = ended.left_after;
                    // A server that says nothing before it closes, or asks to leave at once, is no better than one that is not there.
                    if ended.heard && left_after.is_none_or(|after| after >= self.first_wait()) {
                        waits = self.waits();
                    }
                }
                Err(error) => self.registry.events.tell(&Event::Unreachable { error: &error }),
            }
            if last || link.is_done() {
                return;
            }
            let Some(wait) = waits.as_mut().and_then(Iterator::next) else { return };
            tokio::select! {
                biased;
                () = link.left() => {}
                // Who is asked to leave goes at once, unless that is asked at once, too.
                () = tokio::time::sleep(wait.saturating_sub(left_after.unwrap_or_default())) => {}
            }
        }
    }

    fn waits(&self) -> Option<ExponentialBackoff> {
        self.calling.backoff.map(super::Backoff::waits)
    }

    fn first_wait(&self) -> Duration {
        self.calling.backoff.map(|backoff| backoff.first).unwrap_or_default()
    }

    /// Makes a connection, and logs in. It has all that it needs: a conversation goes on meanwhile.
    pub(super) fn open(&self) -> impl Future<Output = io::Result<Connection<D::Io, C>>> + Send + use<D, C> {
        let Calling { target, codec, limits, login, keep_alive, .. } = &self.calling;
        let (target, codec, limit, registry) = (target.clone(), codec.clone(), limits.handshake, self.registry.clone());
        let (login, keep_alive) = (login.clone(), keep_alive.clone());
        async move {
            let dialled = async {
                let slot = registry.slots.take().await;
                Ok((slot, dial_within(limit, target).await?))
            };
            let (slot, (io, peer)) = within(limit, dialled).await?;
            let many = |_| io::Error::other("the limit of connections of an address is 0");
            let share = registry.addresses.count(None).map_err(many)?;
            let entry = registry.enter(peer, Place::new(slot, share)).map_err(many)?;
            let mut connection = Connection::entered(io, &codec, entry).map_err(super::connect::refused)?;
            if let Some(login) = login {
                connection = match tokio::time::timeout(limit, login(connection)).await {
                    Ok(logged_in) => logged_in.map_err(io::Error::other)?,
                    Err(_) => {
                        let why = format!("the login was not done after {limit:?}");
                        return Err(io::Error::new(io::ErrorKind::TimedOut, why));
                    }
                };
            }
            if let Some((interval, message)) = keep_alive {
                connection.set_keep_alive(interval, message);
            }
            let entry = connection.entry();
            entry.tell(&Event::Opened { id: entry.id(), peer: entry.peer() });
            Ok(connection)
        }
    }

    /// Holds a conversation to its end; asked to go elsewhere, it goes on there.
    async fn converse(&mut self, mut connection: Connection<D::Io, C>, link: Outlet<C>) -> Option<Ended<C>> {
        connection.link = Some(link);
        let arrived = self.arrived();
        let mut waits = self.waits();
        let (mut opened_at, mut left_after) = (Instant::now(), None);
        let mut opening: OptionFuture<Opening<D::Io, C>> = None.into();
        let end = loop {
            let received = tokio::select! {
                biased;
                Some(opened) = &mut opening => {
                    opening = match opened {
                        Ok(next) => {
                            self.go_over(&mut connection, next, &arrived);
                            (opened_at, left_after) = (Instant::now(), None);
                            None.into()
                        }
                        Err(error) => {
                            self.registry.events.tell(&Event::Unreachable { error: &error });
                            self.open_after(waits.as_mut().and_then(Iterator::next)).into()
                        }
                    };
                    continue;
                }
                received = connection.recv() => received,
            };
            match received {
                Ok(None) => break Ok(()),
                Ok(Some(message)) => {
                    if !arrived(message) || left_after.is_some() {
                        continue;
                    }
                    let after = opened_at.elapsed();
                    left_after = Some(after);
                    // Who is asked to leave goes at once, unless that is asked at once, too.
                    let wait = if after >= self.first_wait() {
                        waits = self.waits();
                        waits.as_ref().map(|_| Duration::ZERO)
                    } else {
                        waits.as_mut().and_then(Iterator::next)
                    };
                    opening = self.open_after(wait).into();
                    if wait.is_none() {
                        connection.leave();
                    }
                }
                Err(Error::Bad(bad)) => connection.entry().tell_bad(&bad),
                Err(error) => {
                    // Where nobody could tell what was an answer, nothing behind it is one.
                    if matches!(&error, Error::Io(error) if error.kind() != io::ErrorKind::InvalidData) {
                        connection.hear_out(|message| _ = arrived(message)).await;
                    }
                    break Err(BoxError::from(error));
                }
            }
        };
        let heard = connection.inbound.frames.messages() > 0;
        let entry = connection.inbound.entry.clone();
        let link = connection.detach()?;
        match end {
            Ok(()) => {
                while self.closing.try_join_next().is_some() {}
                // It is over soon, by its own deadlines.
                self.closing.spawn(async move {
                    let _ = connection.close().await;
                    entry.tell(&Event::Closed { status: &entry.status() });
                });
            }
            Err(error) => {
                entry.tell(&Event::Failed { peer: entry.peer(), error: &error });
                entry.tell(&Event::Closed { status: &entry.status() });
            }
        }
        Some(Ended { link, heard, left_after })
    }

    /// Takes a message that answers no call, and gives whether it asks to go elsewhere.
    fn arrived(&self) -> impl Fn(Message<C>) -> bool + Clone + Send + use<D, C> {
        let (leave, arrivals) = (self.calling.leave.clone(), self.arrivals.clone());
        move |message| {
            let asks = leave.as_ref().is_some_and(|leave| leave(&message));
            if !asks {
                arrivals.add(message);
            }
            asks
        }
    }

    /// Makes another connection after so long, if there is to be one.
    fn open_after(&self, wait: Option<Duration>) -> Option<Opening<D::Io, C>> {
        let (wait, open) = (wait?, self.open());
        Some(Box::pin(async move {
            tokio::time::sleep(wait).await;
            open.await
        }))
    }

    /// Goes on over the `next` connection. The one before it hears what it is answered, and what else its server has said.
    fn go_over(
        &mut self,
        connection: &mut Connection<D::Io, C>,
        mut next: Connection<D::Io, C>,
        arrived: &(impl Fn(Message<C>) -> bool + Clone + Send + 'static),
    ) {
        let Calling { correlation, limits, .. } = &self.calling;
        next.link = connection.hand_over(correlation.pending(limits));
        let (former, arrived) = (std::mem::replace(connection, next), arrived.clone());
        while self.closing.try_join_next().is_some() {}
        self.closing.spawn(former.see_off(move |message| _ = arrived(message)));
    }
}

/// A connection that is being made.
type Opening<Io, C> = Pin<Box<dyn Future<Output = io::Result<Connection<Io, C>>> + Send>>;

impl<D: Dial, C: Codec> Drop for Running<D, C> {
    /// Also when a closure of the user's panics: who awaits what the server says by itself does not wait for ever.
    fn drop(&mut self) {
        self.arrivals.end();
    }
}
