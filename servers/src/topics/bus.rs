//! What carries messages between nodes.

use std::pin::Pin;

use bytes::Bytes;
use futures_core::Stream;
use futures_core::future::BoxFuture;
use thiserror::Error;
use wirework_core::BoxError;

/// What carries messages between the nodes of a service, for [`Topics::over`](super::Topics::over): `nats::Nats`
/// (feature `nats`), or
/// one of your own over whatever your nodes have in common.
///
/// A topic is any text, and what is published in it reaches those who have subscribed to it, and nobody else: where the names
/// of a bus have special characters, such as `*` or `#`, it escapes them. It holds only so much for who does not take it, and
/// says what it has lost.
///
/// This is one between topics of one process, which loses nothing as long as each takes what it gets:
///
/// ```
/// use bytes::Bytes;
/// use futures_core::future::BoxFuture;
/// use futures_util::stream;
/// use wirework_servers::{Bus, Deliveries, Delivery, PublishError, SubscribeError, Topics, WhenSlow};
///
/// struct Local(Topics<Bytes>);
///
/// impl Bus for Local {
///     fn publish<'a>(&'a self, topic: &'a str, payload: Bytes) -> BoxFuture<'a, Result<(), PublishError>> {
///         Box::pin(async move { self.0.publish(topic, payload).await.map(drop) })
///     }
///
///     fn subscribe<'a>(&'a self, topic: &'a str) -> BoxFuture<'a, Result<Deliveries, SubscribeError>> {
///         Box::pin(async move {
///             let subscription = self.0.subscribe(topic).await?;
///             Ok(Box::pin(stream::unfold(subscription, async |mut subscription| {
///                 let payload = subscription.next().await?;
///                 Some((Delivery::Message(payload), subscription))
///             })) as Deliveries)
///         })
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (bus, here) = (Topics::new(64, WhenSlow::Wait), WhenSlow::DropMessage);
/// let one: Topics<String> = Topics::over(Local(bus.clone()), 64, here);
/// let other: Topics<String> = Topics::over(Local(bus), 64, here);
/// let mut alarms = other.subscribe("alarms").await?;
/// one.publish("alarms", "倈".to_owned()).await?;
/// assert_eq!(alarms.next().await.as_deref(), Some("倈"));
/// # Ok(())
/// # }
/// ```
pub trait Bus: Send + Sync + 'static {
    /// Publishes a message. It is delivered to the node that publishes, too, if that has subscribed to the topic.
    ///
    /// # Errors
    /// Which say whether it may have been delivered all the same.
    fn publish<'a>(&'a self, topic: &'a str, payload: Bytes) -> BoxFuture<'a, Result<(), PublishError>>;

    /// What is published in a topic, from when the future is ready on. It is subscribed to until the stream is dropped. A
    /// stream that ends says that the bus is gone.
    ///
    /// # Errors
    /// When it is not certain that everything will be delivered that is published from now on.
    fn subscribe<'a>(&'a self, topic: &'a str) -> BoxFuture<'a, Result<Deliveries, SubscribeError>>;
}

/// What a bus delivers of one topic.
pub type Deliveries = Pin<Box<dyn Stream<Item = Delivery> + Send>>;

/// What a bus delivers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// What somebody has published.
    Message(Bytes),
    /// At least so many messages were lost; where nobody can know whether any was, 1.
    Missed(u64),
}

/// A message was not published, or nobody knows whether it was.
#[derive(Debug, Error)]
pub enum PublishError {
    /// Nobody gets it.
    #[error("not published: {0}")]
    NotSent(BoxError),
    /// It may have been delivered, to all, to some or to none, and may still be.
    #[error("published, or perhaps not: {0}")]
    Unconfirmed(BoxError),
}

/// A topic cannot be subscribed to.
#[derive(Debug, Error)]
#[error("not subscribed: {0}")]
pub struct SubscribeError(pub BoxError);
