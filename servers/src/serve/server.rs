//! A server, from its first bind to its last conversation.

use std::fmt;
use std::future::{Future, IntoFuture, pending, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use tokio::task::{JoinError, JoinSet};
use wirework_core::{BoxError, ComposeError};

use super::Event;
use super::event::Events;
use crate::handshake::within;
use crate::listener::{Bind, Listener};
use crate::{Address, Limits, Peer};

/// How long accepting pauses when the system has no room for another connection: from, to.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));

/// How many connections in a row may be gone before they were accepted, until that pauses accepting, too.
const RETRIES: u32 = 16;

/// The most connections that a stopping server still takes from the queue; no system queues more.
const QUEUE: usize = 65_536;

/// A server that knows what to do. Nothing happens before it is awaited; dropped, it ends at once, with its
/// conversations.
#[must_use = "a server does nothing until it is awaited"]
pub struct Server<B, S> {
    bind: B,
    agreed: Result<(), ComposeError>,
    conversation: S,
    pub(crate) announce: Announce,
    pub(crate) events: Events,
    limits: Limits,
    until: Pin<Box<dyn Future<Output = ()> + Send>>,
}

/// What a server does with each of its connections.
pub trait Conversation<Io>: Clone + Send + 'static {
    /// Holds one conversation.
    fn hold(self, io: Io, peer: Peer) -> impl Future<Output = Result<(), BoxError>> + Send;
}

/// How a server that was told to stop has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ended {
    /// How many conversations were cut off, because they went on beyond [`Limits::drain`].
    pub cut: usize,
}

/// Whom to tell the address.
#[derive(Default)]
pub(crate) struct Announce(Vec<Hook>);

type Hook = Box<dyn FnOnce(&Address) + Send>;

impl Announce {
    pub(crate) fn add(&mut self, hook: impl FnOnce(&Address) + Send + 'static) {
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
        limits: Limits,
    ) -> Self {
        Self { bind, agreed, conversation, announce, events, limits, until: Box::pin(pending()) }
    }

    /// Stops when `stop` is done, or what another `until` has said: takes what is queued, closes the listening socket, so that new clients are refused, and
    /// lets the open conversations go on until they end, or [`Limits::drain`] has passed.
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

impl<B, S> fmt::Debug for Server<B, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("limits", &self.limits).finish_non_exhaustive()
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
        let mut listener = self.bind.bind(&self.limits).await?;
        let address = listener.local_address()?;
        self.announce.0.into_iter().for_each(|hook| hook(&address));

        let mut conversations = Conversations {
            tasks: JoinSet::new(),
            conversation: self.conversation,
            events: self.events,
            limits: self.limits,
        };
        let end = conversations.accept(&mut listener, self.until).await;
        if end.is_ok() {
            conversations.accept_queued(&mut listener).await;
        }
        drop(listener);
        let ended = conversations.drain().await;
        end.map(|()| ended)
    }
}

/// The open conversations of a server.
struct Conversations<S> {
    tasks: JoinSet<()>,
    conversation: S,
    events: Events,
    limits: Limits,
}

impl<S> Conversations<S> {
    /// Accepts until `until` is done or the listener can go on no more.
    async fn accept<L>(
        &mut self,
        listener: &mut L,
        mut until: Pin<Box<dyn Future<Output = ()> + Send>>,
    ) -> io::Result<()>
    where
        L: Listener,
        S: Conversation<L::Io>,
    {
        let mut back_off = BACK_OFF.0;
        let mut retries = 0;
        loop {
            let accepted = tokio::select! {
                biased;
                () = &mut until => return Ok(()),
                Some(ended) = self.tasks.join_next() => {
                    self.ended(ended);
                    continue;
                }
                accepted = listener.accept() => accepted,
            };
            let error = match accepted {
                Ok(handshake) => {
                    (back_off, retries) = (BACK_OFF.0, 0);
                    self.start(handshake);
                    continue;
                }
                Err(error) if error.kind() == io::ErrorKind::NotConnected => return Ok(()),
                Err(error) => error,
            };
            self.events.tell(&Event::Accept { error: &error });
            match Remedy::of(&error) {
                Remedy::Retry if retries < RETRIES => {
                    retries += 1;
                    tokio::task::yield_now().await;
                }
                Remedy::Retry | Remedy::BackOff => {
                    tokio::select! {
                        () = &mut until => return Ok(()),
                        () = tokio::time::sleep(back_off) => back_off = (back_off * 2).min(BACK_OFF.1),
                    }
                }
                Remedy::None => return Err(error),
            }
        }
    }

    /// Accepts the connections that the system has made already: their clients count on it.
    async fn accept_queued<L>(&mut self, listener: &mut L)
    where
        L: Listener,
        S: Conversation<L::Io>,
    {
        // What has come is known to `accept` only after the runtime has looked at its sockets, which it does before it
        // looks at a timer.
        tokio::time::sleep(Duration::from_millis(1)).await;
        for _ in 0..QUEUE {
            let mut accept = pin!(tokio::task::coop::unconstrained(listener.accept()));
            match poll_fn(|cx| Poll::Ready(accept.as_mut().poll(cx))).await {
                Poll::Ready(Ok(handshake)) => self.start(handshake),
                Poll::Ready(Err(error)) if matches!(Remedy::of(&error), Remedy::Retry) => {}
                _ => return,
            }
        }
    }

    fn start<Io, H>(&mut self, handshake: H)
    where
        Io: Send + 'static,
        H: Future<Output = io::Result<(Io, Peer)>> + Send + 'static,
        S: Conversation<Io>,
    {
        let (conversation, events, limit) = (self.conversation.clone(), self.events.clone(), self.limits.handshake);
        self.tasks.spawn(async move {
            match within(limit, handshake).await {
                Err(error) => events.tell(&Event::Handshake { error: &error }),
                Ok((io, peer)) => {
                    if let Err(error) = conversation.hold(io, peer.clone()).await {
                        events.tell(&Event::Failed { peer: &peer, error: &error });
                    }
                }
            }
        });
    }

    fn ended(&self, ended: Result<(), JoinError>) {
        if ended.is_err_and(|error| error.is_panic()) {
            self.events.tell(&Event::Panicked);
        }
    }

    /// Lets the open conversations end, up to a deadline.
    async fn drain(mut self) -> Ended {
        let mut deadline = pin!(tokio::time::sleep(self.limits.drain));
        loop {
            tokio::select! {
                biased;
                ended = self.tasks.join_next() => match ended {
                    Some(ended) => self.ended(ended),
                    None => return Ended { cut: 0 },
                },
                () = &mut deadline => return Ended { cut: self.tasks.len() },
            }
        }
    }
}

/// What to do about an error of `accept`.
enum Remedy {
    /// It concerned that one connection.
    Retry,
    /// The system lacks something that comes back.
    BackOff,
    /// The listener is broken.
    None,
}

impl Remedy {
    fn of(error: &io::Error) -> Self {
        use io::ErrorKind::*;
        match error.kind() {
            ConnectionAborted | ConnectionReset | ConnectionRefused | Interrupted | WouldBlock | TimedOut
            | HostUnreachable | NetworkUnreachable | NetworkDown | PermissionDenied => Self::Retry,
            OutOfMemory => Self::BackOff,
            _ => match error.raw_os_error() {
                // accept(2): errors of a connection that is gone already: EPROTO, ENONET, ENOPROTOOPT, EOPNOTSUPP, EHOSTDOWN.
                Some(71 | 64 | 92 | 95 | 112) if cfg!(target_os = "linux") => Self::Retry,
                // ENFILE, EMFILE, ENOBUFS: no descriptor or no memory for another one.
                Some(23 | 24) if cfg!(unix) => Self::BackOff,
                Some(105) if cfg!(target_os = "linux") => Self::BackOff,
                _ => Self::None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn errors_of_accept_are_told_apart() {
        let remedy = |code| Remedy::of(&io::Error::from_raw_os_error(code));
        assert!(matches!(remedy(103), Remedy::Retry), "ECONNABORTED");
        assert!(matches!(remedy(24), Remedy::BackOff), "EMFILE");
        assert!(matches!(remedy(9), Remedy::None), "EBADF");
    }
}
