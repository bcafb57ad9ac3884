//! The task of a client: one connection after another.

use std::io;
use std::sync::Arc;

use backon::ExponentialBackoff;
use tokio::sync::watch;
use wirework_core::{BoxError, Codec, Error};

use super::calling::Calling;
use super::unsolicited::Arrivals;
use super::{Dial, State};
use crate::connection::Link;
use crate::handshake::within;
use crate::registry::{Place, Registry};
use crate::{Connection, Done, Event};

/// What the task of a client has.
pub(super) struct Running<D: Dial, C: Codec> {
    pub(super) calling: Calling<D, C>,
    pub(super) registry: Arc<Registry>,
    pub(super) arrivals: Arc<Arrivals<C::Format>>,
    pub(super) told: watch::Sender<State>,
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
    /// Converses over `first`, and then over one connection after another, until the client is dropped.
    pub(super) async fn run(mut self, link: Outlet<C>, first: Option<Connection<D::Io, C>>) {
        let registry = self.registry.clone();
        let arrivals = self.arrivals.clone();
        tokio::select! {
            () = self.connect_again_and_again(link, first) => {}
            never = registry.walk() => match never {},
        }
        arrivals.end();
    }

    async fn connect_again_and_again(&mut self, mut link: Outlet<C>, mut first: Option<Connection<D::Io, C>>) {
        let mut waits = self.waits();
        loop {
            let opened = match first.take() {
                Some(connection) => Ok(connection),
                None => tokio::select! {
                    biased;
                    () = link.left() => return,
                    opened = self.open() => opened,
                },
            };
            let (heard, leaves) = match opened {
                Ok(connection) => {
                    self.told.send_replace(State::Connected);
                    let Some(ended) = self.converse(connection, link).await else { return };
                    self.told.send_replace(State::Connecting);
                    link = ended.link;
                    (ended.heard, ended.leaves)
                }
                Err(error) => {
                    self.registry.events.tell(&Event::Unreachable { error: &error });
                    (false, false)
                }
            };
            if link.is_left() {
                return;
            }
            // A server that says nothing before it closes is no better than one that is not there.
            if heard {
                waits = self.waits();
            }
            let Some(wait) = waits.as_mut().and_then(Iterator::next) else { return };
            if !leaves {
                tokio::select! {
                    biased;
                    () = link.left() => return,
                    () = tokio::time::sleep(wait) => {}
                }
            }
        }
    }

    fn waits(&self) -> Option<ExponentialBackoff> {
        self.calling.backoff.map(super::Backoff::waits)
    }

    /// Makes a connection, and logs in.
    pub(super) async fn open(&mut self) -> io::Result<Connection<D::Io, C>> {
        let Self { calling: Calling { target, codec, limits, login, keep_alive, .. }, registry, .. } = self;
        let (io, peer) = within(limits.handshake, target.clone().dial()).await?;
        let slot = registry.slots.take().await;
        let many = |_| io::Error::other("the limit of connections of an address is 0");
        let share = registry.addresses.count(None).map_err(many)?;
        let entry = registry.enter(peer, Place::new(slot, share)).map_err(many)?;
        let mut connection = Connection::entered(io, codec, entry).map_err(super::connect::refused)?;
        if let Some(login) = login {
            let logged_in = async { login(connection).await.map_err(io::Error::other) };
            connection = within(limits.handshake, logged_in).await?;
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
        let mut leaves = false;
        let end = loop {
            match connection.recv().await {
                Ok(None) => break Ok(()),
                Ok(Some(message)) if self.calling.leave.as_ref().is_some_and(|leave| leave(&message)) => {
                    leaves = true;
                    connection.leave();
                }
                Ok(Some(message)) => self.arrivals.add(message),
                Err(Error::Bad(bad)) => {
                    entry.count_error();
                    entry.tell(&Event::Bad { peer: entry.peer(), bad: &bad, done: Done::Skipped });
                }
                Err(error) => break Err(BoxError::from(error)),
            }
        };
        let heard = connection.inbound.frames.messages() > 0;
        let link = connection.detach()?;
        match end {
            // What leaves is not waited for by what comes next; it is over soon, by its own deadlines.
            Ok(()) if !link.is_left() => {
                tokio::spawn(connection.close());
            }
            Ok(()) => _ = connection.close().await,
            Err(error) => entry.tell(&Event::Failed { peer: entry.peer(), error: &error }),
        }
        entry.tell(&Event::Closed { status: &entry.status() });
        Some(Ended { link, heard, leaves })
    }
}
