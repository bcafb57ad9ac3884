//! Accepting connections, and what to do when that fails.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use super::Event;
use super::conversations::Conversations;
use super::rate::Rate;
use super::server::Conversation;
use crate::WhenFull;
use crate::listener::{Listener, cause};
use crate::registry::Slot;

/// How long accepting pauses when the system has no room for another connection: from, to.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));

/// How many connections in a row may be gone before they were accepted, until that pauses accepting, too.
const RETRIES: u32 = 16;

/// The most connections that a stopping server still takes from the queue; no system queues more.
const QUEUE: usize = 65_536;

/// What ends accepting.
pub(super) type Until = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Accepts connections and starts their conversations.
pub(super) struct Acceptor<L> {
    listener: L,
    rate: Rate,
}

impl<L: Listener> Acceptor<L> {
    pub(super) fn new(listener: L, rate: Rate) -> Self {
        Self { listener, rate }
    }

    /// Accepts until `until` is done or the listener can go on no more.
    pub(super) async fn accept<S>(&mut self, conversations: &mut Conversations<S>, mut until: Until) -> io::Result<()>
    where
        S: Conversation<L::Io>,
    {
        let mut back_off = BACK_OFF.0;
        let mut retries = 0;
        let registry = conversations.registry().clone();
        loop {
            // Who has to wait for a place waits in the system's queue.
            let wait = registry.limits.when_full == WhenFull::Wait;
            let accepted = tokio::select! {
                biased;
                () = &mut until => return Ok(()),
                () = conversations.reap() => continue,
                accepted = async {
                    let slot = if wait { Some(registry.slots.take().await) } else { None };
                    self.rate.ready().await;
                    (slot, self.listener.accept().await)
                } => accepted,
            };
            let error = match accepted {
                (slot, Ok(incoming)) => {
                    (back_off, retries) = (BACK_OFF.0, 0);
                    self.rate.count();
                    conversations.start(incoming, slot.or_else(|| registry.slots.try_take()));
                    continue;
                }
                (_, Err(error)) if error.kind() == io::ErrorKind::NotConnected => return Ok(()),
                (_, Err(error)) => error,
            };
            conversations.events().tell(&Event::Accept { error: &error });
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
    pub(super) async fn accept_queued<S>(&mut self, conversations: &mut Conversations<S>)
    where
        S: Conversation<L::Io>,
    {
        // What has come is known to `accept` only after the runtime has looked at its sockets, which it does before it
        // looks at a timer.
        tokio::time::sleep(Duration::from_millis(1)).await;
        for _ in 0..QUEUE {
            let mut accept = pin!(tokio::task::coop::unconstrained(self.listener.accept()));
            match poll_fn(|cx| Poll::Ready(accept.as_mut().poll(cx))).await {
                Poll::Ready(Ok(incoming)) => {
                    let slot: Option<Slot> = conversations.registry().slots.try_take();
                    conversations.start(incoming, slot);
                }
                Poll::Ready(Err(error)) if matches!(Remedy::of(&error), Remedy::Retry) => {}
                _ => return,
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
            _ => match cause(error).raw_os_error() {
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
