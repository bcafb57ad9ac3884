//! One message to many conversations, of which one may be slow.

use std::fmt;
use std::sync::Arc;

use super::hub::{Hub, Rules};
use super::{Subscription, WhenSlow};

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
    hub: Arc<Hub<T>>,
    when_slow: WhenSlow,
}

impl<T: Clone + Send + 'static> Broadcast<T> {
    /// A broadcast to nobody yet. Each subscriber has a queue of so many messages, of at least one.
    pub fn new(queue: usize, when_slow: WhenSlow) -> Self {
        Self { hub: Hub::new(Rules::new(queue, when_slow), || {}), when_slow }
    }

    /// Sends a message to all subscribers; those that have room first, and only then those that are waited for. Gives how many
    /// got it.
    ///
    /// It waits under [`WhenSlow::Wait`] only. Dropped while it waits, it has sent the message to some.
    pub async fn send(&self, message: T) -> usize {
        self.hub.send(message).await
    }

    /// As [`send`](Self::send), without ever waiting: for where nothing can, such as in a handler of
    /// [`answer`](crate::Serve::answer).
    ///
    /// # Errors
    /// The message, which nobody got, where it would have to wait: under [`WhenSlow::Wait`], when a queue is full or somebody
    /// else sends. There is none under [`WhenSlow::DropMessage`] and [`WhenSlow::Disconnect`].
    pub fn try_send(&self, message: T) -> Result<usize, T> {
        self.hub.try_send(message)
    }

    /// Another subscriber, which gets what is sent from now on.
    pub fn subscribe(&self) -> Subscription<T> {
        self.hub.subscribe()
    }
}

impl<T> Broadcast<T> {
    /// How many subscribers there are.
    pub fn subscribers(&self) -> usize {
        self.hub.len()
    }
}

impl<T> Clone for Broadcast<T> {
    fn clone(&self) -> Self {
        Self { hub: self.hub.clone(), when_slow: self.when_slow }
    }
}

impl<T> fmt::Debug for Broadcast<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Broadcast");
        shown.field("subscribers", &self.subscribers()).field("when_slow", &self.when_slow).finish()
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
        // It comes behind one that is a subscriber no longer.
        let mut stays = numbers.subscribe();
        drop(slow);
        for _ in 0..1000 {
            numbers.subscribe();
        }
        assert_eq!(numbers.subscribers(), 1);
        assert_eq!(numbers.send(2).await, 1);
        assert_eq!(stays.next().await, Some(2));
    }

    #[tokio::test]
    async fn who_must_not_wait_sends_to_all_or_to_nobody() {
        let numbers = Broadcast::new(1, WhenSlow::Wait);
        let (mut slow, mut quick) = (numbers.subscribe(), numbers.subscribe());
        assert_eq!(numbers.try_send(0), Ok(2));
        assert_eq!(quick.next().await, Some(0));
        assert_eq!(numbers.try_send(1), Err(1));
        let waits = tokio::spawn({
            let numbers = numbers.clone();
            async move { numbers.send(2).await }
        });
        assert_eq!(quick.next().await, Some(2), "nobody got what was given back");
        assert_eq!(slow.next().await, Some(0));
        // There is room, for the one who waits: a message that was sent later does not come first.
        assert_eq!(numbers.try_send(3), Err(3));
        assert_eq!(waits.await.unwrap(), 2);
        assert_eq!(slow.next().await, Some(2));
        assert_eq!(numbers.try_send(3), Ok(2));
    }

    #[tokio::test]
    async fn who_need_not_wait_sends_to_those_who_have_room() {
        for when_slow in [WhenSlow::DropMessage, WhenSlow::Disconnect] {
            let numbers = Broadcast::new(1, when_slow);
            let (_slow, mut quick) = (numbers.subscribe(), numbers.subscribe());
            assert_eq!(numbers.try_send(0), Ok(2));
            assert_eq!(quick.next().await, Some(0));
            assert_eq!(numbers.try_send(1), Ok(1));
        }
    }
}
