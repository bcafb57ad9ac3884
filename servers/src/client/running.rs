//! The task of a client: one connection after another.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use backon::ExponentialBackoff;
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
use crate::{Connection, Done, Event};

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
    /// Whether it has asked to go elsewhere.
    leaves: bool,
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
                    let opened_at = Instant::now();
                    let Some(ended) = self.converse(connection, link).await else { return };
                    self.told.send_replace(State::Connecting);
                    link = ended.link;
                    left_after = ended.leaves.then(|| opened_at.elapsed());
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

    /// Makes a connection, and logs in.
    pub(super) async fn open(&mut self) -> io::Result<Connection<D::Io, C>> {
        let Self { calling: Calling { target, codec, limits, login, keep_alive, .. }, registry, .. } = self;
        let dialled = async {
            let slot = registry.slots.take().await;
            Ok((slot, dial_within(limits.handshake, target.clone()).await?))
        };
        let (slot, (io, peer)) = within(limits.handshake, dialled).await?;
        let many = |_| io::Error::other("the limit of connections of an address is 0");
        let share = registry.addresses.count(None).map_err(many)?;
        let entry = registry.enter(peer, Place::new(slot, share)).map_err(many)?;
        let mut connection = Connection::entered(io, codec, entry).map_err(super::connect::refused)?;
        if let Some(login) = login {
            connection = match tokio::time::timeout(limits.handshake, login(connection)).await {
                Ok(logged_in) => logged_in.map_err(io::Error::other)?,
                Err(_) => {
                    let why = format!("the login was not done after {:?}", limits.handshake);
                    return Err(io::Error::new(io::ErrorKind::TimedOut, why));
                }
            };
        }
        if let Some((interval, message)) = keep_alive {
            connection.set_keep_alive(*interval, message.clone());
        }
        let entry = connection.entry();
        entry.tell(&Event::Opened { id: entry.id(), peer: entry.peer() });
        Ok(connection)
    }

    /// Holds a conversation to its end.
    async fn converse(&mut self, mut connection: Connection<D::Io, C>, link: Outlet<C>) -> Option<Ended<C>> {
        let entry = connection.inbound.entry.clone();
        connection.link = Some(link);
        let (leave, arrivals) = (self.calling.leave.clone(), self.arrivals.clone());
        // Takes a message that answers no call, and gives whether it asks to go elsewhere.
        let arrived = move |message: Message<C>| {
            let asks = leave.as_ref().is_some_and(|leave| leave(&message));
            if !asks {
                arrivals.add(message);
            }
            asks
        };
        let mut leaves = false;
        let end = loop {
            match connection.recv().await {
                Ok(None) => break Ok(()),
                Ok(Some(message)) => {
                    if arrived(message) {
                        leaves = true;
                        connection.leave(self.calling.backoff.is_none());
                    }
                }
                Err(Error::Bad(bad)) => {
                    entry.count_error();
                    entry.tell(&Event::Bad { peer: entry.peer(), bad: &bad, done: Done::Skipped });
                }
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
        Some(Ended { link, heard, leaves })
    }
}

impl<D: Dial, C: Codec> Drop for Running<D, C> {
    /// Also when a closure of the user's panics: who awaits what the server says by itself does not wait for ever.
    fn drop(&mut self) {
        self.arrivals.end();
    }
}
