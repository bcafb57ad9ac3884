//! The subscribers of one topic, and what happens when one of them is slow.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, mpsc};

use super::Subscription;
use super::outlet::{Outlet, Put, Queue, count};

/// What happens when the queue of a subscriber, or of a connection that has joined, is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenSlow {
    /// Who sends waits, and with it, in the end, everybody; until the slow one's connection has failed by
    /// [`Limits::write`](crate::Limits::write). Not for a conversation that sends to itself: it would wait for itself.
    Wait,
    /// It misses this message; [`Subscription::missed`] counts, for a connection [`Topics::missed`](super::Topics::missed).
    DropMessage,
    /// It is a subscriber no longer: behind what is queued, [`Subscription::next`] gives `None`, and a connection is
    /// [closed](crate::Handle::close).
    Disconnect,
}

/// What holds for all topics of a kind.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    /// How many messages a subscriber's queue holds.
    queue: usize,
    pub(super) when_slow: WhenSlow,
    /// What all subscribers have missed.
    pub(super) missed: Arc<AtomicU64>,
}

impl Rules {
    pub(super) fn new(queue: usize, when_slow: WhenSlow) -> Self {
        Self { queue: queue.clamp(1, Semaphore::MAX_PERMITS), when_slow, missed: Arc::default() }
    }
}

/// The subscribers of one topic.
pub(super) struct Hub<T> {
    rules: Rules,
    subscribers: Mutex<Subscribers<T>>,
    /// Held by who may have to wait: the order is the same for all.
    sending: tokio::sync::Mutex<()>,
    /// Called when the last subscriber has left.
    when_empty: Box<dyn Fn() + Send + Sync>,
}

/// In the order in which they came.
struct Subscribers<T> {
    by_id: BTreeMap<u64, Arc<dyn Outlet<T>>>,
    /// No number is given twice: who left long ago leaves nobody else's place.
    next_id: u64,
}

impl<T: Clone + Send + 'static> Hub<T> {
    pub(super) fn new(rules: Rules, when_empty: impl Fn() + Send + Sync + 'static) -> Arc<Self> {
        let subscribers = Mutex::new(Subscribers { by_id: BTreeMap::new(), next_id: 0 });
        Arc::new(Self { rules, subscribers, sending: tokio::sync::Mutex::new(()), when_empty: Box::new(when_empty) })
    }

    pub(super) fn subscribe(self: &Arc<Self>) -> Subscription<T> {
        let (sender, messages) = mpsc::channel(self.rules.queue);
        let missed = Arc::new(AtomicU64::new(0));
        let id = self.add(Arc::new(Queue { messages: sender, missed: missed.clone() }));
        Subscription { messages, missed, id, of: Arc::downgrade(self) }
    }

    /// Adds a subscriber; gives its number.
    pub(super) fn add(&self, outlet: Arc<dyn Outlet<T>>) -> u64 {
        let mut subscribers = self.subscribers();
        let id = subscribers.next_id;
        subscribers.next_id = id.saturating_add(1);
        subscribers.by_id.insert(id, outlet);
        id
    }

    /// Gives how many got it.
    pub(super) async fn send(&self, message: T) -> usize {
        let _in_order = match self.rules.when_slow {
            WhenSlow::Wait => Some(self.sending.lock().await),
            WhenSlow::DropMessage | WhenSlow::Disconnect => None,
        };
        let (mut got, waited_for) = self.send_where_there_is_room(&message);
        for outlet in waited_for {
            // Who has gone meanwhile is not waited for.
            got += usize::from(outlet.put(message.clone()).await);
        }
        got
    }

    /// As [`send`](Self::send); where it would have to wait, nobody gets the message.
    pub(super) fn try_send(&self, message: T) -> Result<usize, T> {
        let _in_order = match self.rules.when_slow {
            WhenSlow::Wait => match self.sending.try_lock() {
                // Nobody else takes the room that there is.
                Ok(in_order) if self.subscribers().by_id.values().all(|outlet| outlet.has_room()) => Some(in_order),
                _ => return Err(message),
            },
            WhenSlow::DropMessage | WhenSlow::Disconnect => None,
        };
        Ok(self.send_where_there_is_room(&message).0)
    }

    /// Gives how many got it, and who is to be waited for.
    fn send_where_there_is_room(&self, message: &T) -> (usize, Vec<Arc<dyn Outlet<T>>>) {
        let mut got = 0;
        let mut waited_for = Vec::new();
        self.retain(|outlet| {
            match (outlet.try_put(message.clone()), self.rules.when_slow) {
                (Put::Taken, _) => got += 1,
                (Put::Gone, _) => return false,
                (Put::Full, WhenSlow::Wait) => waited_for.push(outlet.clone()),
                (Put::Full, WhenSlow::DropMessage) => self.count_missed(outlet, 1),
                (Put::Full, WhenSlow::Disconnect) => {
                    outlet.cut();
                    return false;
                }
            }
            true
        });
        (got, waited_for)
    }

    /// Says that messages were lost before they came here.
    pub(super) fn miss(&self, messages: u64) {
        self.subscribers().by_id.values().for_each(|outlet| self.count_missed(outlet, messages));
    }

    fn count_missed(&self, outlet: &Arc<dyn Outlet<T>>, messages: u64) {
        outlet.miss(messages);
        count(&self.rules.missed, messages);
    }

    /// Says that nothing will come any more.
    pub(super) fn end(&self) {
        self.retain(|_| false);
    }
}

impl<T> Hub<T> {
    pub(super) fn len(&self) -> usize {
        self.subscribers().by_id.len()
    }

    pub(super) fn has(&self, id: u64) -> bool {
        self.subscribers().by_id.contains_key(&id)
    }

    /// Gives whether it was a subscriber.
    pub(super) fn remove(&self, id: u64) -> bool {
        let (removed, left) = {
            let mut subscribers = self.subscribers();
            (subscribers.by_id.remove(&id), subscribers.by_id.len())
        };
        let was_there = removed.is_some();
        if was_there && left == 0 {
            (self.when_empty)();
        }
        was_there
    }

    fn retain(&self, mut stays: impl FnMut(&Arc<dyn Outlet<T>>) -> bool) {
        let (before, left) = {
            let mut subscribers = self.subscribers();
            let before = subscribers.by_id.len();
            subscribers.by_id.retain(|_, outlet| stays(outlet));
            (before, subscribers.by_id.len())
        };
        if before > 0 && left == 0 {
            (self.when_empty)();
        }
    }

    fn subscribers(&self) -> MutexGuard<'_, Subscribers<T>> {
        self.subscribers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
