//! What a subscriber has in its hands.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Weak};

use tokio::sync::mpsc;

use super::hub::Hub;

/// What a subscriber gets; see [`Broadcast::subscribe`](super::Broadcast::subscribe) and
/// [`Topics::subscribe`](super::Topics::subscribe). Dropped, it gets no more.
pub struct Subscription<T> {
    pub(super) messages: mpsc::Receiver<T>,
    pub(super) missed: Arc<AtomicU64>,
    pub(super) id: u64,
    pub(super) of: Weak<Hub<T>>,
}

impl<T> Subscription<T> {
    /// The next message; `None` when it was too slow and is a subscriber no longer, or nothing will come any more because the
    /// [`Broadcast`](super::Broadcast), the [`Topics`](super::Topics) or their bus is gone. Cancel safe.
    pub async fn next(&mut self) -> Option<T> {
        self.messages.recv().await
    }

    /// How many messages it has missed: those for which there was no room, and those that a bus has lost, which is at least so
    /// many. It is 0 for as long as nothing can have been lost.
    pub fn missed(&self) -> u64 {
        self.missed.load(Relaxed)
    }
}

impl<T> Drop for Subscription<T> {
    /// Not only the next message finds out that it has gone: there may be none for long, while many come and go.
    fn drop(&mut self) {
        if let Some(of) = self.of.upgrade() {
            of.remove(self.id);
        }
    }
}

impl<T> fmt::Debug for Subscription<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Subscription");
        shown.field("waiting", &self.messages.len()).field("missed", &self.missed()).finish_non_exhaustive()
    }
}
