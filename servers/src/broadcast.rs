//! One message to many conversations, of which one may be slow.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use slab::Slab;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

/// One message to many conversations. Each has a queue of its own; what happens when one does not keep up is declared.
///
/// ```no_run
/// # use wirework_core::{BoxError, Codec, Raw};
/// # async fn example(codec: impl Codec<Format = Raw>) -> std::io::Result<()> {
/// use bytes::Bytes;
/// use wirework_servers::{Broadcast, Received, Tcp, WhenSlow, serve};
///
/// let all: Broadcast<Bytes> = Broadcast::new(64, WhenSlow::Disconnect);
/// serve(Tcp::bind("0.0.0.0:7788"), codec)
///     .each(async move |mut conn| {
///         let mut others = all.subscribe();
///         loop {
///             match conn.recv_or(others.next()).await? {
///                 Received::Message(message) => _ = all.send(message).await,
///                 Received::Other(Some(message)) => conn.feed(message).await?,
///                 Received::Other(None) | Received::End => return Ok(conn.close().await?),
///             }
///         }
///     })
///     .await?;
/// # Ok(())
/// # }
/// ```
///
/// All subscribers get the messages in the same order, whoever sends them. A message is cloned for each of them: `Bytes` and
/// `Arc` are cheap to clone. Cheap to clone itself, and of the same subscribers then.
pub struct Broadcast<T> {
    shared: Arc<Shared<T>>,
    queue: usize,
    when_slow: WhenSlow,
}

/// What happens when a subscriber's queue is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenSlow {
    /// Who sends waits, and with it, in the end, everybody; until the slow one's connection has failed by
    /// [`Limits::write`](crate::Limits::write). Not for a conversation that sends to itself: it would wait for itself.
    Wait,
    /// It misses this message; [`Subscription::missed`] counts.
    DropMessage,
    /// It is a subscriber no longer: behind what is queued, [`Subscription::next`] gives `None`.
    Disconnect,
}

struct Shared<T> {
    subscribers: Mutex<Slab<Subscriber<T>>>,
    /// Held by who sends: the order is the same for all.
    sending: tokio::sync::Mutex<()>,
}

struct Subscriber<T> {
    queue: mpsc::Sender<T>,
    missed: Arc<AtomicU64>,
}

impl<T: Clone> Broadcast<T> {
    /// A broadcast to nobody yet. Each subscriber has a queue of so many messages, of at least one.
    pub fn new(queue: usize, when_slow: WhenSlow) -> Self {
        let shared = Shared { subscribers: Mutex::new(Slab::new()), sending: tokio::sync::Mutex::new(()) };
        let queue = queue.clamp(1, tokio::sync::Semaphore::MAX_PERMITS);
        Self { shared: Arc::new(shared), queue, when_slow }
    }

    /// Sends a message to all subscribers; those that have room first, and only then those that are waited for. Gives how many
    /// got it.
    ///
    /// Dropped while it waits, it has sent the message to some.
    pub async fn send(&self, message: T) -> usize {
        let _in_order = self.shared.sending.lock().await;
        let (mut got, waited_for) = self.send_where_there_is_room(&message);
        for queue in waited_for {
            // Who has gone meanwhile is not waited for.
            got += usize::from(queue.send(message.clone()).await.is_ok());
        }
        got
    }

    /// Gives how many got it, and who is to be waited for.
    fn send_where_there_is_room(&self, message: &T) -> (usize, Vec<mpsc::Sender<T>>) {
        let mut got = 0;
        let mut waited_for = Vec::new();
        self.shared.subscribers().retain(|_, subscriber| {
            match (subscriber.queue.try_send(message.clone()), self.when_slow) {
                (Ok(()), _) => got += 1,
                (Err(TrySendError::Closed(_)), _) | (Err(TrySendError::Full(_)), WhenSlow::Disconnect) => return false,
                (Err(TrySendError::Full(_)), WhenSlow::Wait) => waited_for.push(subscriber.queue.clone()),
                (Err(TrySendError::Full(_)), WhenSlow::DropMessage) => {
                    subscriber.missed.fetch_add(1, Relaxed);
                }
            }
            true
        });
        (got, waited_for)
    }

    /// Another subscriber, which gets what is sent from now on.
    pub fn subscribe(&self) -> Subscription<T> {
        let (queue, messages) = mpsc::channel(self.queue);
        let missed = Arc::new(AtomicU64::new(0));
        let key = self.shared.subscribers().insert(Subscriber { queue, missed: missed.clone() });
        Subscription { messages, missed, key, of: Arc::downgrade(&self.shared) }
    }

    /// How many subscribers there are.
    pub fn subscribers(&self) -> usize {
        self.shared.subscribers().len()
    }
}

impl<T> Shared<T> {
    fn subscribers(&self) -> MutexGuard<'_, Slab<Subscriber<T>>> {
        self.subscribers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Clone for Broadcast<T> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone(), queue: self.queue, when_slow: self.when_slow }
    }
}

impl<T> fmt::Debug for Broadcast<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Broadcast");
        shown.field("subscribers", &self.shared.subscribers().len()).field("when_slow", &self.when_slow).finish()
    }
}

/// What a subscriber gets; see [`Broadcast::subscribe`]. Dropped, it gets no more.
#[derive(Debug)]
pub struct Subscription<T> {
    messages: mpsc::Receiver<T>,
    missed: Arc<AtomicU64>,
    /// Its place among the subscribers, which is another one's when it is a subscriber no longer.
    key: usize,
    of: Weak<Shared<T>>,
}

impl<T> Subscription<T> {
    /// The next message; `None` when it was too slow and is a subscriber no longer, or the broadcast is gone. Cancel safe.
    pub async fn next(&mut self) -> Option<T> {
        self.messages.recv().await
    }

    /// How many messages it has missed.
    pub fn missed(&self) -> u64 {
        self.missed.load(Relaxed)
    }
}

impl<T> Drop for Subscription<T> {
    /// Not only the next message finds out that it has gone: there may be none for long, while many come and go.
    fn drop(&mut self) {
        let Some(shared) = self.of.upgrade() else { return };
        let mut subscribers = shared.subscribers();
        if subscribers.get(self.key).is_some_and(|there| Arc::ptr_eq(&there.missed, &self.missed)) {
            subscribers.remove(self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn all<T>(mut subscription: Subscription<T>) -> Vec<T> {
        let mut got = Vec::new();
        while let Some(message) = subscription.next().await {
            got.push(message);
        }
        got
    }

    #[tokio::test]
    async fn the_slow_one_misses_messages() {
        let numbers = Broadcast::new(2, WhenSlow::DropMessage);
        let slow = numbers.subscribe();
        let mut quick = numbers.subscribe();
        for n in 0..5 {
            assert_eq!(numbers.send(n).await, if n < 2 { 2 } else { 1 });
            assert_eq!(quick.next().await, Some(n));
        }
        assert_eq!((slow.missed(), quick.missed()), (3, 0));
        drop(numbers);
        assert_eq!(all(slow).await, [0, 1]);
    }

    #[tokio::test]
    async fn the_slow_one_is_disconnected() {
        let numbers = Broadcast::new(2, WhenSlow::Disconnect);
        let (slow, mut quick) = (numbers.subscribe(), numbers.subscribe());
        for n in 0..5 {
            numbers.send(n).await;
            assert_eq!(quick.next().await, Some(n));
        }
        assert_eq!(numbers.subscribers(), 1);
        assert_eq!(all(slow).await, [0, 1], "what was queued, and then the end, although the broadcast goes on");
    }

    #[tokio::test]
    async fn the_slow_one_is_waited_for_after_all_others_got_it_and_in_order() {
        let numbers = Broadcast::new(1, WhenSlow::Wait);
        let (mut slow, mut quick) = (numbers.subscribe(), numbers.subscribe());
        assert_eq!(numbers.send(0).await, 2);
        assert_eq!(quick.next().await, Some(0));
        let sent: Vec<_> = [1, 2]
            .map(|n| {
                tokio::spawn({
                    let numbers = numbers.clone();
                    async move { numbers.send(n).await }
                })
            })
            .into();
        assert_eq!(quick.next().await, Some(1));
        assert_eq!([slow.next().await, slow.next().await, slow.next().await], [Some(0), Some(1), Some(2)]);
        assert_eq!(quick.next().await, Some(2));
        for sent in sent {
            assert_eq!(sent.await.unwrap(), 2);
        }
    }

    #[tokio::test]
    async fn who_goes_is_not_waited_for() {
        let numbers = Broadcast::new(1, WhenSlow::Wait);
        let goes = numbers.subscribe();
        numbers.send(0).await;
        let sent = tokio::spawn({
            let numbers = numbers.clone();
            async move { numbers.send(1).await }
        });
        tokio::task::yield_now().await;
        drop(goes);
        assert_eq!(sent.await.unwrap(), 0);
        assert_eq!(numbers.send(2).await, 0);
        assert_eq!(numbers.subscribers(), 0);
    }

    #[tokio::test]
    async fn who_goes_is_forgotten_although_nothing_is_sent_and_nobody_else_is() {
        let numbers = Broadcast::new(1, WhenSlow::Disconnect);
        let slow = numbers.subscribe();
        for n in 0..2 {
            numbers.send(n).await;
        }
        // It has the place of one that is a subscriber no longer.
        let mut stays = numbers.subscribe();
        drop(slow);
        for _ in 0..1000 {
            numbers.subscribe();
        }
        assert_eq!(numbers.subscribers(), 1);
        assert_eq!(numbers.send(2).await, 1);
        assert_eq!(stays.next().await, Some(2));
    }
}
