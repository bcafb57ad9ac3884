//! What a server says without being asked.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll};

use futures_core::Stream;
use wirework_core::Format;

use crate::queue::Queue;

/// What a server says without being asked, as a [`Stream`]; see [`Client::unsolicited`](crate::Client::unsolicited). It ends with
/// the client.
///
/// At most [`Limits::queue`](crate::Limits::queue) messages wait here. When there is no room for another one the oldest is
/// dropped: answers are not held up by who does not keep up with the rest.
pub struct Unsolicited<F: Format>(Arc<Arrivals<F>>);

/// What has come and answers no call.
pub(super) struct Arrivals<F: Format> {
    queue: Queue<F::Owned>,
    missed: AtomicU64,
    taken: AtomicBool,
}

impl<F: Format> Arrivals<F> {
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { queue: Queue::new(most), missed: AtomicU64::new(0), taken: AtomicBool::new(false) })
    }

    pub(super) fn add(&self, message: F::Owned) {
        if self.queue.push_over(message).is_some() {
            self.missed.fetch_add(1, Relaxed);
        }
    }

    /// Nothing more comes.
    pub(super) fn end(&self) {
        self.queue.close();
    }

    /// The stream of it, for who takes it first.
    pub(super) fn take(self: &Arc<Self>) -> Option<Unsolicited<F>> {
        let taken = self.taken.swap(true, Relaxed);
        (!taken).then(|| Unsolicited(self.clone()))
    }
}

impl<F: Format> Unsolicited<F> {
    /// The next message; `None` when the client has ended. Cancel safe.
    pub async fn next(&mut self) -> Option<F::Owned> {
        poll_fn(|cx| self.0.queue.poll_pop(cx)).await
    }

    /// How many messages were dropped, because nobody took them in time.
    pub fn missed(&self) -> u64 {
        self.0.missed.load(Relaxed)
    }
}

impl<F: Format> Stream for Unsolicited<F> {
    type Item = F::Owned;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<F::Owned>> {
        self.0.queue.poll_pop(cx)
    }
}

impl<F: Format> fmt::Debug for Unsolicited<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unsolicited").field("missed", &self.missed()).finish_non_exhaustive()
    }
}
