//! From a bus to the subscribers of one topic.

use std::sync::{Arc, Weak};

use bytes::Bytes;
use futures_util::StreamExt;
use tokio::task::JoinSet;

use super::hub::Hub;
use super::{Bus, Deliveries, Delivery, Payload, PublishError, SubscribeError};

/// A bus, and how messages get there and back.
pub(super) struct Over<T> {
    bus: Arc<dyn Bus>,
    to_bytes: fn(&T) -> Bytes,
    from_bytes: fn(Bytes) -> Option<T>,
}

/// What is delivered in one topic goes to its subscribers for as long as this is there.
pub(super) type Pump = JoinSet<()>;

impl<T: Clone + Send + 'static> Over<T> {
    pub(super) fn new(bus: impl Bus) -> Self
    where
        T: Payload,
    {
        Self { bus: Arc::new(bus), to_bytes: T::to_bytes, from_bytes: T::from_bytes }
    }

    pub(super) async fn publish(&self, topic: &str, message: &T) -> Result<(), PublishError> {
        self.bus.publish(topic, (self.to_bytes)(message)).await
    }

    pub(super) async fn subscribe(&self, topic: &str, hub: &Arc<Hub<T>>) -> Result<Pump, SubscribeError> {
        let deliveries = self.bus.subscribe(topic).await?;
        let mut task = JoinSet::new();
        task.spawn(pump(deliveries, Arc::downgrade(hub), self.from_bytes));
        Ok(task)
    }
}

async fn pump<T>(mut deliveries: Deliveries, hub: Weak<Hub<T>>, from_bytes: fn(Bytes) -> Option<T>)
where
    T: Clone + Send + 'static,
{
    while let Some(delivery) = deliveries.next().await {
        let Some(hub) = hub.upgrade() else { return };
        match delivery {
            Delivery::Message(payload) => match from_bytes(payload) {
                Some(message) => _ = hub.send(message).await,
                None => hub.miss(1),
            },
            Delivery::Missed(messages) => hub.miss(messages),
        }
    }
    if let Some(hub) = hub.upgrade() {
        hub.miss(1);
        hub.end();
    }
}
