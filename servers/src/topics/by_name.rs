//! Publish and subscribe by name.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OnceCell;

use super::hub::{Hub, Rules};
use super::members::Members;
use super::pump::{Over, Pump};
use super::{Bus, Payload, PublishError, SubscribeError, Subscription, WhenSlow};

/// Messages by topic, to whoever has subscribed to it: in this process, or [over a bus](Topics::over) in several that form one
/// service. Each subscriber has a queue of its own; what happens when one does not keep up is declared.
///
/// ```no_run
/// # use wirework_core::{BoxError, Codec, Raw};
/// # async fn example(codec: impl Codec<Format = Raw>) -> std::io::Result<()> {
/// use bytes::Bytes;
/// use wirework_servers::{Received, Tcp, Topics, WhenSlow, serve};
///
/// // The first message names a room; those behind it go to all who are there.
/// let rooms: Topics<Bytes> = Topics::new(64, WhenSlow::Disconnect);
/// serve(Tcp::bind("0.0.0.0:7788"), codec)
///     .each(async move |mut conn| {
///         let Some(name) = conn.recv().await? else { return Ok(()) };
///         let name = String::from_utf8_lossy(&name).into_owned();
///         let mut room = rooms.subscribe(&name).await?;
///         loop {
///             match conn.recv_or(room.next()).await? {
///                 Received::Message(message) => _ = rooms.publish(&name, message).await?,
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
/// A topic is there while it has a subscriber: nothing is made for who publishes, and nothing is left of it when the last
/// subscriber has gone, whether dropped or too slow. Its name is any text. In one process all subscribers of a topic get its
/// messages in the same order, whoever publishes; over a bus in the order in which they come out of it. A message is cloned for
/// each of them. Cheap to clone itself, and of the same topics then; dropped, the subscriptions end.
pub struct Topics<T> {
    pub(super) shared: Arc<Shared<T>>,
}

pub(super) struct Shared<T> {
    rules: Rules,
    over: Option<Over<T>>,
    topics: Mutex<HashMap<Arc<str>, Arc<Topic<T>>>>,
    /// Connections that have joined.
    pub(super) members: Members<T>,
}

/// A topic that has a subscriber.
pub(super) struct Topic<T> {
    pub(super) hub: Arc<Hub<T>>,
    /// What fills it, once the bus has subscribed; nothing does in one process.
    pump: OnceCell<Pump>,
}

impl<T: Clone + Send + 'static> Topics<T> {
    /// Topics of this process. Each [subscription](Self::subscribe) has a queue of so many messages, of at least one; a
    /// connection that has [joined](Self::join) has its own, of [`Limits::queue`](crate::Limits::queue).
    pub fn new(queue: usize, when_slow: WhenSlow) -> Self {
        Self::with(queue, when_slow, None)
    }

    /// Topics of all nodes that have this bus in common. There is one subscription of the bus for each topic that has subscribers
    /// here, and it ends with the last of them. Who publishes gets its own messages by the bus, too, if it has subscribed.
    ///
    /// What the bus loses is counted in [`Subscription::missed`] of each subscriber here, and in [`missed`](Self::missed). Under
    /// [`WhenSlow::Wait`] one slow subscriber makes the bus wait, which then loses what it cannot hold.
    pub fn over(bus: impl Bus, queue: usize, when_slow: WhenSlow) -> Self
    where
        T: Payload,
    {
        Self::with(queue, when_slow, Some(Over::new(bus)))
    }

    fn with(queue: usize, when_slow: WhenSlow, over: Option<Over<T>>) -> Self {
        let rules = Rules::new(queue, when_slow);
        Self { shared: Arc::new(Shared { rules, over, topics: Mutex::default(), members: Members::default() }) }
    }

    /// Publishes a message in a topic. In one process it gives for how many it was queued; over a bus nobody knows, and it gives `None` when
    /// the bus has the message.
    ///
    /// In one process it waits under [`WhenSlow::Wait`] only; dropped while it waits, it has sent the message to some. Over a bus it
    /// waits for that, and, dropped, may or may not have published it.
    ///
    /// # Errors
    /// Those of the bus, which say whether the message may have been delivered all the same. Without one there are none.
    pub async fn publish(&self, topic: &str, message: T) -> Result<Option<usize>, PublishError> {
        if let Some(over) = &self.shared.over {
            over.publish(topic, &message).await?;
            return Ok(None);
        }
        match self.shared.find(topic) {
            Some(topic) => Ok(Some(topic.hub.send(message).await)),
            None => Ok(Some(0)),
        }
    }

    /// As [`publish`](Self::publish), without ever waiting: for where nothing can, such as in a handler of
    /// [`answer`](crate::Serve::answer). Gives how many got it.
    ///
    /// # Errors
    /// The message, which nobody got, where it might have to wait: over a bus, and under [`WhenSlow::Wait`] when a queue is full,
    /// a connection has joined, or somebody else publishes there.
    pub fn try_publish(&self, topic: &str, message: T) -> Result<usize, T> {
        if self.shared.over.is_some() {
            return Err(message);
        }
        match self.shared.find(topic) {
            Some(topic) => topic.hub.try_send(message),
            None => Ok(0),
        }
    }

    /// Subscribes to a topic: what is published from when this is ready on is delivered, or
    /// [counted as missed](Subscription::missed).
    ///
    /// Cancel safe: dropped while it waits, it has not subscribed.
    ///
    /// # Errors
    /// Those of the bus. Without one there are none, and it does not wait.
    pub async fn subscribe(&self, topic: &str) -> Result<Subscription<T>, SubscribeError> {
        let (there, subscription) = self.enter(topic, Hub::subscribe);
        self.fill(topic, &there).await?;
        Ok(subscription)
    }

    /// Has the bus fill a topic, if there is one.
    pub(super) async fn fill(&self, name: &str, topic: &Topic<T>) -> Result<(), SubscribeError> {
        if let Some(over) = &self.shared.over {
            // One at a time: who comes while it is subscribed to waits, and tries itself if that fails.
            topic.pump.get_or_try_init(|| over.subscribe(name, &topic.hub)).await?;
        }
        Ok(())
    }

    /// Adds a subscriber to a topic, which is there from then on if it was not.
    pub(super) fn enter<S>(&self, name: &str, add: impl FnOnce(&Arc<Hub<T>>) -> S) -> (Arc<Topic<T>>, S) {
        let mut topics = self.shared.topics();
        let topic = match topics.get(name) {
            Some(topic) => topic.clone(),
            None => {
                let name: Arc<str> = name.into();
                let topic = Arc::new(Topic { hub: self.hub(name.clone()), pump: OnceCell::new() });
                topics.insert(name, topic.clone());
                topic
            }
        };
        // Before anybody else looks whether it is empty.
        let added = add(&topic.hub);
        (topic, added)
    }

    fn hub(&self, name: Arc<str>) -> Arc<Hub<T>> {
        let shared = Arc::downgrade(&self.shared);
        Hub::new(self.shared.rules.clone(), move || {
            if let Some(shared) = shared.upgrade() {
                shared.forget_if_empty(&name);
            }
        })
    }
}

impl<T> Topics<T> {
    /// How many topics there are: those that have subscribers here.
    pub fn topics(&self) -> usize {
        self.shared.topics().len()
    }

    /// How many subscribers a topic has here, connections that have joined among them.
    pub fn subscribers(&self, topic: &str) -> usize {
        self.shared.find(topic).map_or(0, |topic| topic.hub.len())
    }

    /// How many messages all subscribers here have missed, together, since these topics were made, connections that have joined
    /// among them: each counts as many as [`Subscription::missed`] does.
    pub fn missed(&self) -> u64 {
        self.shared.rules.missed.load(Relaxed)
    }
}

impl<T> Shared<T> {
    fn topics(&self) -> MutexGuard<'_, HashMap<Arc<str>, Arc<Topic<T>>>> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn find(&self, name: &str) -> Option<Arc<Topic<T>>> {
        self.topics().get(name).cloned()
    }

    /// Its last subscriber has left; another may have come since.
    fn forget_if_empty(&self, name: &str) {
        let mut topics = self.topics();
        let forgotten = match topics.get(name) {
            Some(topic) if topic.hub.len() == 0 => topics.remove(name),
            _ => None,
        };
        // A name costs room also when it is gone, and peers may choose many.
        if topics.len() < topics.capacity() / 4 {
            let len = topics.len();
            topics.shrink_to(len.saturating_mul(2));
        }
        drop(topics);
        // Not under the lock: it ends a subscription of the bus, which is another one's code.
        drop(forgotten);
    }
}

impl<T> Clone for Topics<T> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone() }
    }
}

impl<T> fmt::Debug for Topics<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Topics");
        shown.field("topics", &self.topics()).field("when_slow", &self.shared.rules.when_slow).finish_non_exhaustive()
    }
}
