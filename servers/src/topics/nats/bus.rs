//! A bus over NATS.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::{ConnectOptions, Event, Message, ServerError, Subscriber, ToServerAddrs};
use bytes::Bytes;
use futures_core::future::BoxFuture;
use futures_util::{StreamExt, stream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use wirework_core::BoxError;

use super::gaps::Gaps;
use super::node::{Node, confirm, tell_when_back};
use super::numbers::Origin;
use super::subject::Prefix;
use crate::{Bus, Deliveries, Delivery, PublishError, SubscribeError};

/// A [`Bus`] over [NATS](https://nats.io): all nodes with the same server, or cluster of servers, and the same
/// [prefix](Settings::prefix) form one service.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use wirework_servers::nats::{Nats, Settings};
/// use wirework_servers::{Topics, WhenSlow};
///
/// let bus = Nats::connect("nats://10.0.0.5:4222", Settings::default()).await?;
/// let topics: Topics<String> = Topics::over(bus, 64, WhenSlow::DropMessage);
/// let mut alarms = topics.subscribe("alarms").await?;
/// topics.publish("alarms", "沪A12345".to_owned()).await?;
/// # Ok(())
/// # }
/// ```
///
/// # What is on the wire
/// The node below published two messages in `alarms` before this one; its headers stand in either order. Whoever is not of this service and publishes there, without
/// headers or with others, is delivered, too.
///
/// ```text
/// SUB wirework.alarms.* 2␍␊                               what others, and this node, publish in a topic
/// SUB wirework.*.0Fq4Jw8ZcWkU1aT5nXsE9b 1␍␊               what this node publishes comes back, as its confirmation
/// HPUB wirework.alarms.0Fq4Jw8ZcWkU1aT5nXsE9b 73 82␍␊
/// NATS/1.0␍␊
/// Wirework-From: 0Fq4Jw8ZcWkU1aT5nXsE9b.0␍␊               a random name of the node, and how often it has begun to count anew
/// Wirework-Number: 2␍␊                                    how many it has published there before
/// ␍␊
/// 沪A12345␍␊
/// ```
///
/// | topic | subject |
/// |---|---|
/// | `alarms` | `wirework.alarms.NODE` |
/// | `a.b` | `wirework.a%2Eb.NODE` |
/// | `>` | `wirework.%3E.NODE` |
/// | (empty) | `wirework.%.NODE` |
/// | (none: a node asks whether the server is there) | `wirework.%%.NODE` |
///
/// `.`, `*`, `>`, `%`, whitespace and control characters are percent-encoded, so that a topic is always one token, and never one that
/// stands for others. A topic has at most 256 bytes. A client must be allowed to publish and to subscribe to `wirework.>`.
///
/// # What is promised
/// A message that was published, without an error, is delivered to each node that had subscribed, or that node is told that it has
/// [missed](Delivery::Missed) some:
/// - [`publish`](Bus::publish) is `Ok` when the message has come back from the server, within [`Settings::deadline`]. Until then the
///   server may not have it, and afterwards the error is [`PublishError::Unconfirmed`]: it may still be delivered, such as when the
///   server is there again.
/// - A node counts what it gets of each other one (1024 of them in a topic) and tells of gaps.
/// - A node whose connection breaks tells of that in all its topics, and once more when it is back and has subscribed anew, since nobody
///   knows what was published meanwhile. It tries to connect for as long as it takes, at least every 4 s.
/// - A node that does not take what it gets holds [`Settings::queue`] messages of a topic; then it loses some, and all its topics are
///   told, as the client does not say whose they were.
///
/// Not promised: a common order of what *several* nodes publish. What one node publishes in a topic comes in its order everywhere, but
/// NATS may interleave the messages of two nodes differently for each subscriber. And with a cluster of servers whose connection
/// among each other breaks: what is lost there is noticed when the next message of the same node comes.
///
/// Cheap to clone, and the same node then.
#[derive(Clone)]
pub struct Nats(Arc<Connected>);

struct Connected {
    node: Arc<Node>,
    /// How often messages may have been lost.
    lost: watch::Sender<u64>,
    /// They end with this.
    _tasks: JoinSet<()>,
}

/// How a node uses NATS. Name what differs:
///
/// ```
/// use std::time::Duration;
/// use wirework_servers::nats::{ConnectOptions, Settings};
///
/// let settings = Settings {
///     prefix: "gateway.prod".into(),
///     deadline: Duration::from_secs(2),
///     client: ConnectOptions::new().user_and_password("gateway".into(), "secret".into()),
///     ..Settings::default()
/// };
/// # drop(settings);
/// ```
#[derive(Clone, Debug)]
pub struct Settings {
    /// What all subjects are under: words with dots between them, at most 256 bytes. Another service on the same server has another
    /// one. By default `wirework`.
    pub prefix: String,
    /// In which time the server must have confirmed what it was told. By default 5 s: two packets in a row may be lost.
    pub deadline: Duration,
    /// How many messages are held for a topic that nobody takes, and how many may be under way that the server has not confirmed,
    /// beyond which [`publish`](Bus::publish) waits. By default 1024: with the largest messages that NATS allows by default, 1 MiB, at
    /// most 1 GiB a topic.
    pub queue: usize,
    /// How to connect: credentials, TLS, and how often to look whether the server is still there, by default every 10 s. Its
    /// `event_callback`, `subscription_capacity` and `client_capacity` are set here. Credentials in files and nkeys need the feature
    /// `nkeys` of the crate `async-nats`.
    pub client: ConnectOptions,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            prefix: "wirework".into(),
            deadline: Duration::from_secs(5),
            queue: 1024,
            client: ConnectOptions::new().ping_interval(Duration::from_secs(10)),
        }
    }
}

impl Nats {
    /// Connects to one of these servers, such as `nats://10.0.0.5:4222` or `tls://nats.example:4222`. It stays connected, to whichever of
    /// them is there, until it and all that it has subscribed to are dropped.
    ///
    /// # Errors
    /// When the prefix is none, no server is there, or the server does not confirm what is published under the prefix, because it does
    /// not allow it. With `ConnectOptions::retry_on_initial_connect` no server need be there yet.
    pub async fn connect(servers: impl ToServerAddrs, settings: Settings) -> io::Result<Self> {
        let Settings { prefix, deadline, queue, client } = settings;
        let prefix = Prefix::new(&prefix).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let queue = queue.clamp(1, Semaphore::MAX_PERMITS);
        let (lost, connected) = (watch::Sender::new(0), watch::Sender::new(0));
        let returned = connected.subscribe();
        let client = client
            .subscription_capacity(queue)
            .client_capacity(queue)
            .event_callback({
                let lost = lost.clone();
                move |event| {
                    tell(event, &lost, &connected);
                    std::future::ready(())
                }
            })
            .connect(servers)
            .await
            .map_err(io::Error::other)?;
        let node = Arc::new(Node::new(client, prefix, deadline, queue));
        let own = node.client.subscribe(node.own()).await.map_err(io::Error::other)?;
        let mut tasks = JoinSet::new();
        tasks.spawn(confirm(node.clone(), own));
        tasks.spawn(tell_when_back(node.clone(), returned, lost.clone()));
        if node.client.connection_state() == State::Connected {
            node.round_trip().await.map_err(io::Error::other)?;
        }
        Ok(Self(Arc::new(Connected { node, lost, _tasks: tasks })))
    }
}

/// What is to be known of an event of the client.
fn tell(event: Event, lost: &watch::Sender<u64>, connected: &watch::Sender<u64>) {
    let which = match event {
        Event::Disconnected | Event::SlowConsumer(_) => lost,
        // The server does not deliver what it does not let the client subscribe to.
        Event::ServerError(ServerError::Other(error)) if error.to_lowercase().contains("subscription") => lost,
        Event::Connected => connected,
        _ => return,
    };
    which.send_modify(|times| *times = times.saturating_add(1));
}

impl Bus for Nats {
    fn publish<'a>(&'a self, topic: &'a str, payload: Bytes) -> BoxFuture<'a, Result<(), PublishError>> {
        Box::pin(self.0.node.publish(topic, payload))
    }

    fn subscribe<'a>(&'a self, topic: &'a str) -> BoxFuture<'a, Result<Deliveries, SubscribeError>> {
        Box::pin(async move {
            let subscribed = Subscribed::new(self, topic).await.map_err(SubscribeError)?;
            Ok(stream::unfold(subscribed, |mut subscribed| async { Some((subscribed.next().await?, subscribed)) })
                .boxed())
        })
    }
}

impl fmt::Debug for Nats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let node = &self.0.node;
        let mut shown = f.debug_struct("Nats");
        shown.field("prefix", &node.prefix).field("state", &node.client.connection_state()).finish_non_exhaustive()
    }
}

/// One topic that is subscribed to.
struct Subscribed {
    messages: Subscriber,
    lost: watch::Receiver<u64>,
    gaps: Gaps,
    /// A message that comes behind those that are missing.
    held: Option<Bytes>,
    /// There for as long as anything is subscribed to.
    _node: Nats,
}

impl Subscribed {
    async fn new(nats: &Nats, topic: &str) -> Result<Self, BoxError> {
        let Connected { node, lost, .. } = &*nats.0;
        let (subject, lost) = (node.prefix.subscribe(topic)?, lost.subscribe());
        let messages = timeout(node.deadline, node.client.subscribe(subject)).await??;
        // What was told to the server before is done.
        node.round_trip().await?;
        Ok(Self { messages, lost, gaps: Gaps::default(), held: None, _node: nats.clone() })
    }

    async fn next(&mut self) -> Option<Delivery> {
        if let Some(payload) = self.held.take() {
            return Some(Delivery::Message(payload));
        }
        tokio::select! {
            Ok(()) = self.lost.changed() => Some(Delivery::Missed(1)),
            message = self.messages.next() => {
                let Message { headers, payload, .. } = message?;
                let missing = match headers.as_ref().and_then(Origin::of) {
                    Some(origin) => self.gaps.before(origin),
                    None => 0,
                };
                if missing == 0 {
                    return Some(Delivery::Message(payload));
                }
                self.held = Some(payload);
                Some(Delivery::Missed(missing))
            }
        }
    }
}
