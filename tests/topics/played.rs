//! A bus as a test plays it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use futures::future::BoxFuture;
use futures::{StreamExt, stream};
use tokio::sync::{Notify, mpsc};
use wirework::core::Bytes;
use wirework::servers::{Bus, Deliveries, Delivery, PublishError, SubscribeError, Topics, WhenSlow};

/// A bus as a test plays it.
#[derive(Clone, Default)]
pub(crate) struct Played(pub(crate) Arc<Mutex<Play>>, Arc<Notify>);

#[derive(Default)]
pub(crate) struct Play {
    /// Who delivers, by topic; the receiving end is gone once nobody subscribes.
    pub(crate) subscribed: HashMap<String, mpsc::UnboundedSender<Delivery>>,
    subscriptions: usize,
    /// How many subscriptions are refused.
    pub(crate) refuses: usize,
    pub(crate) published: Vec<(String, Bytes)>,
}

impl Bus for Played {
    fn publish<'a>(&'a self, topic: &'a str, payload: Bytes) -> BoxFuture<'a, Result<(), PublishError>> {
        Box::pin(async move {
            if payload.is_empty() {
                return Err(PublishError::NotSent("an empty one".into()));
            }
            self.0.lock().unwrap().published.push((topic.into(), payload.clone()));
            if let Some(subscribed) = self.0.lock().unwrap().subscribed.get(topic) {
                let _ = subscribed.send(Delivery::Message(payload));
            }
            Ok(())
        })
    }

    fn subscribe<'a>(&'a self, topic: &'a str) -> BoxFuture<'a, Result<Deliveries, SubscribeError>> {
        Box::pin(async move {
            self.1.notified().await;
            let mut play = self.0.lock().unwrap();
            play.subscriptions += 1;
            if play.refuses > 0 {
                play.refuses -= 1;
                return Err(SubscribeError("not now".into()));
            }
            let (sender, deliveries) = mpsc::unbounded_channel();
            play.subscribed.insert(topic.into(), sender);
            let next = |mut deliveries: mpsc::UnboundedReceiver<Delivery>| async {
                Some((deliveries.recv().await?, deliveries))
            };
            Ok(stream::unfold(deliveries, next).boxed())
        })
    }
}

impl Played {
    pub(crate) fn goes_on(&self) {
        self.1.notify_one();
    }

    pub(crate) fn of(&self, topic: &str) -> mpsc::UnboundedSender<Delivery> {
        self.0.lock().unwrap().subscribed[topic].clone()
    }

    pub(crate) fn subscriptions(&self) -> usize {
        self.0.lock().unwrap().subscriptions
    }
}

pub(crate) fn over(bus: &Played) -> Topics<String> {
    Topics::over(bus.clone(), 4, WhenSlow::DropMessage)
}
