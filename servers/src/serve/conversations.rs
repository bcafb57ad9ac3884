//! The open conversations of a server.

use std::future::{Future, poll_fn};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::task::JoinSet;
use wirework_core::BoxError;

use super::event::Events;
use super::server::{Accepted, Conversation};
use super::{Ended, Event, Refused};
use crate::handshake::within;
use crate::registry::{Entry, Place, Registry, Slot, TooMany, Waiter};
use crate::{Incoming, Peer, WhenFull};

/// How many connections at once are told that they are one too many; others are closed without a word.
const REFUSALS: usize = 128;

/// How long those that are cut off when a server ends have to say so.
const FAREWELL: Duration = Duration::from_millis(100);

/// The open conversations of a server, each a task of its own.
pub(super) struct Conversations<S> {
    tasks: JoinSet<()>,
    /// Those that are being refused.
    refusals: JoinSet<()>,
    conversation: S,
    shared: Arc<Shared>,
}

/// What all tasks of a server share.
struct Shared {
    registry: Arc<Registry>,
    events: Events,
}

impl<S> Conversations<S> {
    pub(super) fn new(conversation: S, registry: Arc<Registry>, events: Events) -> Self {
        let shared = Arc::new(Shared { registry, events });
        Self { tasks: JoinSet::new(), refusals: JoinSet::new(), conversation, shared }
    }

    pub(super) fn registry(&self) -> &Arc<Registry> {
        &self.shared.registry
    }

    pub(super) fn events(&self) -> &Events {
        &self.shared.events
    }

    /// Starts a conversation, if there is a place for it.
    pub(super) fn start<Io, H>(&mut self, incoming: Incoming<H>, slot: Option<Slot>)
    where
        Io: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        H: Future<Output = io::Result<(Io, Peer)>> + Send + 'static,
        S: Conversation<Io>,
    {
        let Incoming { handshake, source } = incoming;
        let shared = self.shared.clone();
        let share = self.registry().addresses.count(source.as_ref());
        let limit = match (slot, share) {
            (Some(slot), Ok(share)) => {
                let (conversation, place) = (self.conversation.clone(), Place::new(slot, share));
                self.tasks.spawn(async move { shared.converse(conversation, handshake, place).await });
                return;
            }
            (None, _) => Refused::Connections,
            (Some(_), Err(TooMany)) => Refused::PerAddress,
        };
        self.events().tell(&Event::Refused { peer: source.map(Peer::new).as_ref(), limit });
        if self.refusals.len() < REFUSALS {
            self.refusals.spawn(async move {
                // A handshake that does not come at once is not waited for.
                let mut handshake = pin!(handshake);
                if let Poll::Ready(Ok((io, _))) = poll_fn(|cx| Poll::Ready(handshake.as_mut().poll(cx))).await {
                    shared.refuse(io).await;
                }
            });
        }
    }

    /// Waits for the end of tasks, and forgets them. Cancel safe.
    pub(super) async fn reap(&mut self) {
        tokio::select! {
            Some(_) = self.tasks.join_next() => {}
            Some(_) = self.refusals.join_next() => {}
            else => std::future::pending().await,
        }
    }

    /// Lets the open conversations end, up to a deadline.
    pub(super) async fn drain(mut self) -> Ended {
        let registry = self.registry().clone();
        self.events().tell(&Event::Draining { open: registry.len(), in_flight: registry.in_flight() });
        registry.drain();
        let tasks = async {
            while self.tasks.join_next().await.is_some() {}
            // A handler may have given its connection to somebody else.
            registry.empty().await;
        };
        let cut = match tokio::time::timeout(registry.limits.drain, tasks).await {
            Ok(()) => 0,
            Err(_) => {
                let in_handshake = self.tasks.len().saturating_sub(registry.len());
                let cut = registry.cut().saturating_add(in_handshake);
                // Each says that it was cut off; one whose thread is blocked does not.
                let told = async { while self.tasks.join_next().await.is_some() {} };
                let _ = tokio::time::timeout(FAREWELL, told).await;
                cut
            }
        };
        self.events().tell(&Event::Drained { cut });
        Ended { cut }
    }
}

impl Shared {
    async fn converse<S, Io, H>(&self, conversation: S, handshake: H, place: Place)
    where
        Io: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        H: Future<Output = io::Result<(Io, Peer)>>,
        S: Conversation<Io>,
    {
        let limits = &self.registry.limits;
        let limit = limits.proxy_header.saturating_add(limits.handshake);
        let (io, peer) = match within(limit, unless_panicked(pin!(handshake))).await {
            Ok(shaken) => shaken,
            Err(error) => return self.events.tell(&Event::Handshake { error: &error }),
        };
        let Ok(entry) = self.registry.enter(peer.clone(), place) else {
            self.events.tell(&Event::Refused { peer: Some(&peer), limit: Refused::PerAddress });
            return self.refuse(io).await;
        };
        self.events.tell(&Event::Opened { id: entry.id(), peer: &peer });
        let conversation = pin!(conversation.hold(Accepted { io, entry: entry.clone() }));
        match unless_cut(&entry, conversation).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => self.events.tell(&Event::Failed { peer: &peer, error: &error }),
            Err(Interrupted::Panicked) => self.events.tell(&Event::Panicked { peer: &peer }),
            Err(Interrupted::Cut) => {
                let error = BoxError::from("cut off: it had not ended by itself");
                self.events.tell(&Event::Failed { peer: &peer, error: &error });
            }
        }
        if self.events.are_heard() {
            self.events.tell(&Event::Closed { status: &entry.status() });
        }
    }

    /// Says what is to be said to who is one too many, and closes.
    async fn refuse<Io: AsyncRead + AsyncWrite + Unpin>(&self, mut io: Io) {
        let WhenFull::Refuse(word) = &self.registry.limits.when_full else { return };
        let word: &Bytes = word;
        let limits = &self.registry.limits;
        let said = async {
            io.write_all(word).await?;
            io.shutdown().await?;
            // What it has sent already would reset the connection, and the word be lost.
            tokio::io::copy(&mut io.take(limits.linger_bytes as u64), &mut tokio::io::sink()).await
        };
        let _: Result<io::Result<u64>, _> = tokio::time::timeout(limits.linger, said).await;
    }
}

/// Why a conversation did not end by itself.
enum Interrupted {
    Panicked,
    Cut,
}

/// Holds a conversation until it ends, panics or is cut off.
async fn unless_cut<F: Future>(entry: &Entry, mut conversation: Pin<&mut F>) -> Result<F::Output, Interrupted> {
    let mut registered = false;
    poll_fn(|cx| {
        if !registered {
            entry.register(Waiter::Task, cx.waker());
            registered = true;
        }
        if entry.is_cut() {
            return Poll::Ready(Err(Interrupted::Cut));
        }
        poll_caught(conversation.as_mut(), cx).map(|caught| caught.ok_or(Interrupted::Panicked))
    })
    .await
}

/// Waits for a handshake, whose panic is an error of it.
async fn unless_panicked<T>(mut handshake: Pin<&mut impl Future<Output = io::Result<T>>>) -> io::Result<T> {
    let panicked = || io::Error::other("it panicked");
    poll_fn(|cx| poll_caught(handshake.as_mut(), cx).map(|caught| caught.unwrap_or_else(|| Err(panicked())))).await
}

/// Polls; ready with nothing when that panics. What has panicked must not be polled again.
fn poll_caught<F: Future>(mut future: Pin<&mut F>, cx: &mut Context<'_>) -> Poll<Option<F::Output>> {
    // It is dropped unlooked at.
    match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(polled) => polled.map(Some),
        Err(_) => Poll::Ready(None),
    }
}
