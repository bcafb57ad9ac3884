//! One node on NATS: what it publishes comes back to it, and only then the server has it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_nats::{Client, Message, Subject, Subscriber};
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::time::{sleep, timeout};

use super::numbers::{Number, Numbers};
use super::subject::Prefix;
use crate::PublishError;

/// How long to wait before the server is asked again whether it knows of the subscriptions.
const PAUSE: Duration = Duration::from_secs(1);

/// One node.
///
/// It subscribes to all that it publishes itself, whatever the topic. A message that has come back was passed on by the server,
/// so that others got it, or have lost their connection. A flush of the client says less: that the system has taken the bytes.
pub(super) struct Node {
    pub(super) client: Client,
    pub(super) prefix: Prefix,
    id: String,
    pub(super) deadline: Duration,
    /// Held while a message is handed to the client: they are handed over in the order of their numbers.
    numbers: tokio::sync::Mutex<Numbers>,
    /// No more messages are under way than the client has room for when they come back.
    under_way: Semaphore,
    unconfirmed: Mutex<Unconfirmed>,
}

/// Who waits for a message to come back.
type Unconfirmed = BTreeMap<(Subject, Number), oneshot::Sender<()>>;

impl Node {
    pub(super) fn new(client: Client, prefix: Prefix, deadline: Duration, under_way: usize) -> Self {
        // Random, from the client, which names its inboxes so.
        let inbox = client.new_inbox();
        let id = inbox.rsplit('.').next().unwrap_or(&inbox).to_owned();
        let (numbers, unconfirmed) = Default::default();
        Self { client, prefix, id, deadline, numbers, under_way: Semaphore::new(under_way), unconfirmed }
    }

    /// What comes back.
    pub(super) fn own(&self) -> Subject {
        self.prefix.own(&self.id)
    }

    pub(super) async fn publish(&self, topic: &str, payload: Bytes) -> Result<(), PublishError> {
        let subject = self.prefix.publish(topic, &self.id).map_err(|error| PublishError::NotSent(error.into()))?;
        self.publish_in(subject, payload).await
    }

    /// Makes sure that the server has done what it was told before.
    pub(super) async fn round_trip(&self) -> Result<(), PublishError> {
        self.publish_in(self.prefix.round_trip(&self.id), Bytes::new()).await
    }

    async fn publish_in(&self, subject: Subject, payload: Bytes) -> Result<(), PublishError> {
        let mut handed_over = false;
        let published = timeout(self.deadline, async {
            let _place = self.under_way.acquire().await;
            let confirmation = self.hand_over(subject, payload).await?;
            handed_over = true;
            confirmation.come().await;
            Ok(())
        });
        match published.await {
            Ok(published) => published,
            Err(_) if handed_over => Err(PublishError::Unconfirmed(
                format!("the NATS server has not confirmed it within {:?}", self.deadline).into(),
            )),
            Err(_) => Err(PublishError::NotSent(
                format!("there was no room for it within {:?}, while the NATS server confirmed nothing", self.deadline)
                    .into(),
            )),
        }
    }

    /// Cancel safe: dropped while it waits, nothing was handed over, and no number is missing.
    async fn hand_over(&self, subject: Subject, payload: Bytes) -> Result<Confirmation<'_>, PublishError> {
        let mut numbers = self.numbers.lock().await;
        let number = numbers.next(&subject);
        let confirmation = self.expect(subject.clone(), number);
        let sent = self.client.publish_with_headers(subject.clone(), number.headers(&self.id), payload).await;
        sent.map_err(|error| PublishError::NotSent(error.into()))?;
        numbers.take(&subject, number);
        Ok(confirmation)
    }

    fn expect(&self, subject: Subject, number: Number) -> Confirmation<'_> {
        let (confirm, confirmed) = oneshot::channel();
        let key = (subject, number);
        self.unconfirmed().insert(key.clone(), confirm);
        Confirmation { node: self, key, confirmed }
    }

    fn unconfirmed(&self) -> MutexGuard<'_, Unconfirmed> {
        self.unconfirmed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn confirm(&self, Message { subject, headers, .. }: Message) {
        let number = headers.and_then(|headers| Number::of_own(&headers, &self.id));
        if let Some(confirm) = number.and_then(|number| self.unconfirmed().remove(&(subject, number))) {
            let _ = confirm.send(());
        }
    }
}

/// A message that is to come back; dropped, nobody waits for it.
struct Confirmation<'a> {
    node: &'a Node,
    key: (Subject, Number),
    confirmed: oneshot::Receiver<()>,
}

impl Confirmation<'_> {
    async fn come(mut self) {
        if (&mut self.confirmed).await.is_err() {
            // Nobody will confirm it: that is for the deadline to say.
            std::future::pending().await
        }
    }
}

impl Drop for Confirmation<'_> {
    fn drop(&mut self) {
        self.node.unconfirmed().remove(&self.key);
    }
}

/// Takes what comes back.
pub(super) async fn confirm(node: Arc<Node>, mut own: Subscriber) {
    while let Some(message) = own.next().await {
        node.confirm(message);
    }
}

/// Says that messages may be lost, once more when the server is there again and knows of all subscriptions: who asks somebody for
/// what it has missed must not ask before.
pub(super) async fn tell_when_back(node: Arc<Node>, mut connected: watch::Receiver<u64>, lost: watch::Sender<u64>) {
    while connected.changed().await.is_ok() {
        // The first is no interruption.
        if *connected.borrow_and_update() < 2 {
            continue;
        }
        while node.round_trip().await.is_err() {
            sleep(PAUSE).await;
        }
        lost.send_modify(|times| *times = times.saturating_add(1));
    }
}
