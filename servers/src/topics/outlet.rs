//! Where the messages for one subscriber go.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use futures_core::future::BoxFuture;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

/// Where the messages for one subscriber go.
pub(super) trait Outlet<T>: Send + Sync {
    /// Whether it is certain to take a message at once.
    fn has_room(&self) -> bool;

    /// Puts a message there, if it is taken at once.
    fn try_put(&self, message: T) -> Put;

    /// Puts a message there, once there is room; gives whether it was taken.
    fn put(self: Arc<Self>, message: T) -> BoxFuture<'static, bool>;

    /// Says that the subscriber has missed so many messages.
    fn miss(&self, messages: u64);

    /// Says that it was too slow, and is a subscriber no longer.
    fn cut(&self);
}

/// What became of a message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Put {
    Taken,
    /// There was no room.
    Full,
    /// Nobody is there any more.
    Gone,
}

/// The queue of a [`Subscription`](super::Subscription).
pub(super) struct Queue<T> {
    pub(super) messages: mpsc::Sender<T>,
    pub(super) missed: Arc<AtomicU64>,
}

impl<T: Send + 'static> Outlet<T> for Queue<T> {
    fn has_room(&self) -> bool {
        // Who has gone takes no room.
        self.messages.capacity() > 0 || self.messages.is_closed()
    }

    fn try_put(&self, message: T) -> Put {
        match self.messages.try_send(message) {
            Ok(()) => Put::Taken,
            Err(TrySendError::Full(_)) => Put::Full,
            Err(TrySendError::Closed(_)) => Put::Gone,
        }
    }

    fn put(self: Arc<Self>, message: T) -> BoxFuture<'static, bool> {
        Box::pin(async move { self.messages.send(message).await.is_ok() })
    }

    fn miss(&self, messages: u64) {
        count(&self.missed, messages);
    }

    /// Without who sends, the queue ends behind what is in it.
    fn cut(&self) {}
}

/// Counts, up to what can be counted: a bus may say any number.
pub(super) fn count(counter: &AtomicU64, messages: u64) {
    let _ = counter.fetch_update(Relaxed, Relaxed, |before| Some(before.saturating_add(messages)));
}
