//! Topics: who gets what, in which order, and what is left when they have gone.

mod joined;
mod over_a_bus;
mod played;

use std::time::Duration;

use futures::FutureExt;
use wirework::servers::{Subscription, Topics, WhenSlow};

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
