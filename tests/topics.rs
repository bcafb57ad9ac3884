//! Topics: who gets what, in which order, and what is left when they have gone. Over a bus that a test plays: what it is asked for,
//! and what comes of what it says.

use std::collections::HashMap;
use std::future::IntoFuture;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};
use tokio::sync::{Notify, mpsc};
use tokio::time::timeout;
use wirework::core::Bytes;
use wirework::servers::{
    Bus, Deliveries, Delivery, Handle, MemoryListener, PublishError, SubscribeError, Subscription, Topics, WhenSlow,
};
use wirework::{FramingExt, Limits, Lines, Text, UTF_8, connect, memory, serve};

/// Where time is paused, it has passed as soon as nobody does anything.
const PATIENCE: Duration = Duration::from_secs(10);

async fn take<T>(subscription: &mut Subscription<T>, n: usize) -> Vec<T> {
    let mut got = Vec::new();
    while got.len() < n {
        got.push(subscription.next().await.expect("another message"));
    }
    got
}

/// Lets the other tasks run until something is so.
async fn comes_true(is_so: impl Fn() -> bool) {
    for _ in 0..100_000 {
        if is_so() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("it does not come true");
}

#[tokio::test]
async fn a_topic_gets_its_own_messages_and_no_others() {
    let topics = Topics::new(8, WhenSlow::Wait);
    let mut plain = topics.subscribe("a").await.unwrap();
    let mut odd = Vec::new();
    let names = ["", "a.b", "*", ">", " a", "倈|", "a\0"];
    for name in names {
        odd.push(topics.subscribe(name).await.unwrap());
    }
    assert_eq!(topics.publish("a", "for a").await.unwrap(), Some(1));
    for name in names {
        assert_eq!(topics.publish(name, name).await.unwrap(), Some(1));
    }
    assert_eq!(topics.publish("nobody's", "lost").await.unwrap(), Some(0));
    assert_eq!(topics.topics(), 8, "nothing is made for who publishes");
    drop(topics);
    assert_eq!((plain.next().await, plain.next().await), (Some("for a"), None));
    for (mut subscription, name) in odd.into_iter().zip(names) {
        assert_eq!((subscription.next().await, subscription.next().await), (Some(name), None));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn all_get_the_messages_of_a_topic_in_one_order_whoever_publishes() {
    const EACH: usize = 500;
    for when_slow in [WhenSlow::Wait, WhenSlow::DropMessage, WhenSlow::Disconnect] {
        // Nobody is slow where slow ones are not waited for.
        let queue = if when_slow == WhenSlow::Wait { 3 } else { 4 * EACH };
        let topics = Topics::new(queue, when_slow);
        let mut readers = Vec::new();
        for _ in 0..4 {
            let mut subscription = topics.subscribe("news").await.unwrap();
            readers.push(tokio::spawn(async move { take(&mut subscription, 4 * EACH).await }));
        }
        for publisher in 0..4 {
            let topics = topics.clone();
            tokio::spawn(async move {
                for n in 0..EACH {
                    assert_eq!(topics.publish("news", (publisher, n)).await.unwrap(), Some(4));
                }
            });
        }
        let mut orders = Vec::new();
        for reader in readers {
            orders.push(reader.await.unwrap());
        }
        assert!(orders.iter().all(|order| *order == orders[0]), "{when_slow:?}");
        for publisher in 0..4 {
            let own = orders[0].iter().filter(|(from, _)| *from == publisher).map(|(_, n)| *n);
            assert!(own.eq(0..EACH), "each publisher's in its own order");
        }
    }
}

#[tokio::test]
async fn the_slow_one_of_a_topic_fares_as_is_declared() {
    for when_slow in [WhenSlow::DropMessage, WhenSlow::Disconnect] {
        let topics = Topics::new(2, when_slow);
        let mut slow = topics.subscribe("news").await.unwrap();
        let mut quick = topics.subscribe("news").await.unwrap();
        for n in 0..5 {
            topics.publish("news", n).await.unwrap();
            assert_eq!(quick.next().await, Some(n));
        }
        let (missed, there) = if when_slow == WhenSlow::DropMessage { (3, 2) } else { (0, 1) };
        assert_eq!((slow.missed(), topics.missed(), topics.subscribers("news")), (missed, missed, there));
        drop((quick, topics));
        assert_eq!((slow.next().await, slow.next().await, slow.next().await), (Some(0), Some(1), None));
    }

    let topics = Topics::new(1, WhenSlow::Wait);
    let mut slow = topics.subscribe("news").await.unwrap();
    let _other = topics.subscribe("other").await.unwrap();
    topics.publish("news", 0).await.unwrap();
    assert_eq!(topics.try_publish("news", 1), Err(1));
    let mut publishing = Box::pin(topics.publish("news", 1));
    assert!(publishing.as_mut().now_or_never().is_none(), "it waits");
    assert_eq!(topics.publish("other", 1).await.unwrap(), Some(1), "other topics do not");
    assert_eq!(slow.next().await, Some(0));
    assert_eq!(publishing.await.unwrap(), Some(1));
    // Given up while it waits: one that has room has it, and one that has not does not get it later.
    let publishing = topics.publish("news", 2).now_or_never();
    assert!(publishing.is_none());
    assert_eq!(slow.next().await, Some(1));
    assert_eq!(topics.publish("news", 3).await.unwrap(), Some(1));
    assert_eq!(slow.next().await, Some(3));
}

#[tokio::test]
async fn nothing_is_left_of_ten_thousand_topics() {
    let topics = Topics::new(1, WhenSlow::Disconnect);
    let mut subscriptions = Vec::new();
    for n in 0..10_000 {
        subscriptions.push(topics.subscribe(&format!("topic {n}")).await.unwrap());
    }
    assert_eq!(topics.topics(), 10_000);
    // Some leave, some are too slow and leave when they are told, and some have gone before that.
    for (n, subscription) in subscriptions.iter_mut().enumerate().step_by(2) {
        for _ in 0..2 {
            topics.publish(&format!("topic {n}"), ()).await.unwrap();
        }
        assert_eq!((subscription.next().await, subscription.next().await), (Some(()), None));
    }
    assert_eq!(topics.topics(), 5_000);
    drop(subscriptions);
    assert_eq!(topics.topics(), 0);
    assert_eq!(format!("{topics:?}"), "Topics { topics: 0, when_slow: Disconnect, .. }");
}

#[tokio::test]
async fn who_was_cut_off_does_not_take_the_topic_from_who_came_later() {
    let topics = Topics::new(1, WhenSlow::Disconnect);
    let slow = topics.subscribe("news").await.unwrap();
    for n in 0..2 {
        topics.publish("news", n).await.unwrap();
    }
    assert_eq!(topics.topics(), 0);
    let mut later = topics.subscribe("news").await.unwrap();
    drop(slow);
    assert_eq!(topics.publish("news", 2).await.unwrap(), Some(1));
    assert_eq!(later.next().await, Some(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_comes_while_others_leave_gets_what_is_published_then() {
    let topics = Topics::new(4, WhenSlow::DropMessage);
    let mut tasks = Vec::new();
    for task in 0..4 {
        let topics = topics.clone();
        tasks.push(tokio::spawn(async move {
            for n in 0..2_000 {
                let mut mine = topics.subscribe("busy").await.unwrap();
                topics.publish("busy", (task, n)).await.unwrap();
                let full = mine.missed();
                while full == 0 && mine.next().await != Some((task, n)) {}
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(topics.topics(), 0);
}

/// A bus as a test plays it.
#[derive(Clone, Default)]
struct Played(Arc<Mutex<Play>>, Arc<Notify>);

#[derive(Default)]
struct Play {
    /// Who delivers, by topic; the receiving end is gone once nobody subscribes.
    subscribed: HashMap<String, mpsc::UnboundedSender<Delivery>>,
    subscriptions: usize,
    /// How many subscriptions are refused.
    refuses: usize,
    published: Vec<(String, Bytes)>,
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
    fn goes_on(&self) {
        self.1.notify_one();
    }

    fn of(&self, topic: &str) -> mpsc::UnboundedSender<Delivery> {
        self.0.lock().unwrap().subscribed[topic].clone()
    }

    fn subscriptions(&self) -> usize {
        self.0.lock().unwrap().subscriptions
    }
}

fn over(bus: &Played) -> Topics<String> {
    Topics::over(bus.clone(), 4, WhenSlow::DropMessage)
}

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

/// A server, of which each conversation is held until it is let go: only then it sends what is pushed to it. The handles of the
/// connections that come, and what lets them go.
fn held(listener: MemoryListener) -> (mpsc::UnboundedReceiver<Handle<Text>>, Arc<Notify>) {
    let (come, handles) = mpsc::unbounded_channel();
    let go = Arc::new(Notify::new());
    let limits = Limits { queue: 2, ..Limits::default() };
    let server = serve(listener, Lines::any().text(UTF_8)).limits(limits).each({
        let go = go.clone();
        async move |mut conn| {
            let _ = come.send(conn.handle());
            go.notified().await;
            while conn.recv().await?.is_some() {}
            Ok(conn.close().await?)
        }
    });
    tokio::spawn(server.into_future());
    (handles, go)
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_has_joined_is_sent_what_is_published_until_it_leaves_or_ends() {
    let (dialer, listener) = memory();
    let (mut handles, go) = held(listener);
    let topics: Topics<String> = Topics::new(8, WhenSlow::Disconnect);
    let mut client = connect(&dialer, Lines::any().text(UTF_8)).await.unwrap();
    let handle = handles.recv().await.unwrap();
    go.notify_one();
    for topic in ["news", "news", "sport"] {
        topics.join(topic, &handle).await.unwrap();
    }
    assert_eq!((topics.subscribers("news"), topics.topics()), (1, 2), "once, though it was said twice");
    let mut beside = topics.subscribe("news").await.unwrap();
    assert_eq!(topics.publish("news", "one".into()).await.unwrap(), Some(2));
    assert_eq!(topics.publish("sport", "two".into()).await.unwrap(), Some(1));
    for expected in ["one", "two"] {
        assert_eq!(client.recv().await.unwrap().as_deref(), Some(expected));
    }
    assert_eq!(beside.next().await.as_deref(), Some("one"));

    assert!(topics.leave("sport", &handle) && !topics.leave("sport", &handle) && !topics.leave("nobody's", &handle));
    assert_eq!(topics.topics(), 1);
    drop(beside);
    topics.publish("sport", "lost".into()).await.unwrap();
    topics.publish("news", "three".into()).await.unwrap();
    assert_eq!(client.recv().await.unwrap().as_deref(), Some("three"));

    topics.join("sport", &handle).await.unwrap();
    client.close().await.unwrap();
    handle.closed().await;
    comes_true(|| topics.topics() == 0).await;
    topics.join("news", &handle).await.unwrap();
    assert_eq!(topics.topics(), 0, "one that is gone does not join");
    assert!(!topics.leave("news", &handle));
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_comes_and_goes_leaves_nothing_though_nothing_is_published() {
    let (dialer, listener) = memory();
    let (mut handles, go) = held(listener);
    let topics: Topics<String> = Topics::new(8, WhenSlow::Disconnect);
    for _ in 0..100 {
        let client = connect(&dialer, Lines::any().text(UTF_8)).await.unwrap();
        let handle = handles.recv().await.unwrap();
        for n in 0..100 {
            topics.join(&format!("topic {n}"), &handle).await.unwrap();
        }
        assert_eq!(topics.topics(), 100);
        go.notify_one();
        drop(client);
        comes_true(|| topics.topics() == 0).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_connection_that_has_joined_fares_as_is_declared() {
    for when_slow in [WhenSlow::DropMessage, WhenSlow::Disconnect, WhenSlow::Wait] {
        let (dialer, listener) = memory();
        let (mut handles, go) = held(listener);
        let topics: Topics<String> = Topics::new(8, when_slow);
        let mut client = connect(&dialer, Lines::any().text(UTF_8)).await.unwrap();
        let handle = handles.recv().await.unwrap();
        topics.join("news", &handle).await.unwrap();
        let publish = |n: u8| topics.publish("news", n.to_string());
        assert_eq!((publish(0).await.unwrap(), publish(1).await.unwrap()), (Some(1), Some(1)));
        let mut late = Box::pin(publish(2));
        match (when_slow, late.as_mut().now_or_never()) {
            (WhenSlow::DropMessage, Some(Ok(Some(0)))) => assert_eq!(topics.missed(), 1),
            (WhenSlow::Disconnect, Some(Ok(Some(0)))) => assert!(handle.is_closed() && topics.topics() == 0),
            (WhenSlow::Wait, None) => {
                assert_eq!(topics.try_publish("news", "3".into()), Err("3".to_owned()));
                go.notify_one();
                assert_eq!(late.await.unwrap(), Some(1));
                assert_eq!(topics.publish("news", "3".into()).await.unwrap(), Some(1));
            }
            other => panic!("{other:?}"),
        }
        go.notify_one();
        // What was queued comes in any case.
        let rest: &[_] = if when_slow == WhenSlow::Wait { &["0", "1", "2", "3"] } else { &["0", "1"] };
        for expected in rest {
            assert_eq!(client.recv().await.unwrap().as_deref(), Some(*expected));
        }
        if when_slow == WhenSlow::Disconnect {
            assert_eq!(client.recv().await.unwrap(), None, "it was closed");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_cannot_join_has_not() {
    let (dialer, listener) = memory();
    let (mut handles, _go) = held(listener);
    let _client = connect(&dialer, Lines::any().text(UTF_8)).await.unwrap();
    let handle = handles.recv().await.unwrap();
    let bus = Played::default();
    let topics = over(&bus);
    let mut given_up = Box::pin(topics.join("news", &handle));
    assert!(given_up.as_mut().now_or_never().is_none());
    let mut again = Box::pin(topics.join("news", &handle));
    assert!(again.as_mut().now_or_never().is_none());
    drop(given_up);
    // The other one was about to rely on it.
    bus.0.lock().unwrap().refuses = 1;
    bus.goes_on();
    assert!(again.await.is_err());
    assert_eq!((topics.topics(), topics.leave("news", &handle)), (0, false));

    bus.goes_on();
    topics.join("news", &handle).await.unwrap();
    bus.of("news").send(Delivery::Missed(5)).unwrap();
    comes_true(|| topics.missed() == 5).await;
    // A bus that ends takes its subscribers along; the connection may join again.
    bus.0.lock().unwrap().subscribed.clear();
    comes_true(|| topics.topics() == 0).await;
    bus.goes_on();
    timeout(PATIENCE, topics.join("news", &handle)).await.unwrap().unwrap();
    assert_eq!((topics.subscribers("news"), handle.is_closed()), (1, false));

    // One of two is given up, and the other one joins all the same.
    let mut given_up = Box::pin(topics.join("sport", &handle));
    assert!(given_up.as_mut().now_or_never().is_none());
    let mut joins = Box::pin(topics.join("sport", &handle));
    assert!(joins.as_mut().now_or_never().is_none());
    drop(given_up);
    while joins.as_mut().now_or_never().is_none() {
        bus.goes_on();
    }
    assert_eq!(topics.subscribers("sport"), 1);
}
