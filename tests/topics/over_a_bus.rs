//! Over a bus that a test plays: what it is asked for, and what comes of what it says.

use futures::FutureExt;
use tokio::time::timeout;
use wirework::core::Bytes;
use wirework::servers::Delivery;

use crate::PATIENCE;
use crate::played::{Played, over};

#[tokio::test]
async fn there_is_one_subscription_of_the_bus_for_each_topic_and_it_ends_with_the_last_subscriber() {
    let bus = Played::default();
    let topics = over(&bus);
    let mut first = Box::pin(topics.subscribe("news"));
    let mut second = Box::pin(topics.subscribe("news"));
    assert!(
        first.as_mut().now_or_never().is_none() && second.as_mut().now_or_never().is_none(),
        "both wait for the bus"
    );
    bus.goes_on();
    let (mut first, mut second) = (first.await.unwrap(), second.await.unwrap());
    let mut third = topics.subscribe("news").await.unwrap();
    assert_eq!(bus.subscriptions(), 1);
    assert_eq!(topics.publish("news", "hello".into()).await.unwrap(), None);
    for subscription in [&mut first, &mut second, &mut third] {
        assert_eq!(subscription.next().await.as_deref(), Some("hello"));
    }
    assert_eq!(topics.try_publish("news", "at once".into()), Err("at once".to_owned()), "a bus is waited for");
    drop((first, second));
    let deliveries = bus.of("news");
    assert!(!deliveries.is_closed());
    drop(third);
    assert_eq!(topics.topics(), 0);
    deliveries.closed().await;

    bus.goes_on();
    let _again = topics.subscribe("news").await.unwrap();
    assert_eq!(bus.subscriptions(), 2);
}

#[tokio::test]
async fn a_subscription_that_the_bus_refuses_or_that_is_given_up_leaves_nothing() {
    let bus = Played::default();
    let topics = over(&bus);
    let mut given_up = Box::pin(topics.subscribe("news"));
    assert!(given_up.as_mut().now_or_never().is_none());
    assert_eq!(topics.topics(), 1);
    drop(given_up);
    assert_eq!(topics.topics(), 0);

    bus.0.lock().unwrap().refuses = 1;
    let mut refused = Box::pin(topics.subscribe("news"));
    let mut next = Box::pin(topics.subscribe("news"));
    assert!(refused.as_mut().now_or_never().is_none() && next.as_mut().now_or_never().is_none());
    bus.goes_on();
    let error = refused.await.unwrap_err();
    assert_eq!(error.to_string(), "not subscribed: not now");
    // Who waited for it tries itself.
    assert!(next.as_mut().now_or_never().is_none());
    bus.goes_on();
    let next = next.await.unwrap();
    assert_eq!((topics.subscribers("news"), bus.subscriptions()), (1, 2));
    drop(next);
    assert_eq!(topics.topics(), 0);
}

#[tokio::test]
async fn what_the_bus_loses_is_told_and_what_is_no_message_counts_as_lost() {
    let bus = Played::default();
    let topics = over(&bus);
    bus.goes_on();
    let mut one = topics.subscribe("news").await.unwrap();
    let mut other = topics.subscribe("news").await.unwrap();
    let deliver = |delivery| bus.of("news").send(delivery).unwrap();
    deliver(Delivery::Missed(3));
    deliver(Delivery::Message(Bytes::from_static(b"\xFF")));
    deliver(Delivery::Message(Bytes::from_static(b"text")));
    for subscription in [&mut one, &mut other] {
        assert_eq!(subscription.next().await.as_deref(), Some("text"));
        assert_eq!(subscription.missed(), 4);
    }
    assert_eq!(topics.missed(), 8);
    deliver(Delivery::Missed(u64::MAX));
    deliver(Delivery::Message(Bytes::from_static(b"more")));
    assert_eq!(one.next().await.as_deref(), Some("more"));
    assert_eq!(one.missed(), u64::MAX);

    let error = topics.publish("news", String::new()).await.unwrap_err();
    assert_eq!(error.to_string(), "not published: an empty one");
}

#[tokio::test(start_paused = true)]
async fn a_bus_that_ends_ends_the_subscriptions_and_the_next_one_begins_anew() {
    let bus = Played::default();
    let topics = over(&bus);
    bus.goes_on();
    let mut subscription = topics.subscribe("news").await.unwrap();
    bus.of("news").send(Delivery::Message("last".into())).unwrap();
    bus.0.lock().unwrap().subscribed.clear();
    assert_eq!(subscription.next().await.as_deref(), Some("last"));
    assert_eq!(timeout(PATIENCE, subscription.next()).await, Ok(None));
    assert_eq!((subscription.missed(), topics.topics()), (1, 0));
    bus.goes_on();
    topics.subscribe("news").await.unwrap();
    assert_eq!(bus.subscriptions(), 2);
}
