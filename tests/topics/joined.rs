//! Connections that have joined.

use std::future::IntoFuture;
use std::sync::Arc;

use futures::FutureExt;
use tokio::sync::{Notify, mpsc};
use tokio::time::timeout;
use wirework::servers::{Delivery, Handle, MemoryListener, Topics, WhenSlow};
use wirework::{FramingExt, Limits, Lines, Text, UTF_8, connect, memory, serve};

use crate::played::{Played, over};
use crate::{PATIENCE, comes_true};

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

#[tokio::test]
async fn why_a_slow_connection_is_cut_off_is_told() {
    let (dialer, listener) = memory();
    let (come, mut handles) = mpsc::unbounded_channel();
    let (told, mut events) = mpsc::unbounded_channel();
    let limits = Limits { queue: 1, ..Limits::default() };
    let server = serve(listener, Lines::any().text(UTF_8))
        .limits(limits)
        .on_event(move |event| _ = told.send(event.to_string()))
        .each(async move |mut conn| {
            let _ = come.send(conn.handle());
            conn.handle().closed().await;
            Ok(())
        });
    tokio::spawn(server.into_future());
    let _client = connect(&dialer, Lines::any().text(UTF_8)).await.unwrap();
    let topics: Topics<String> = Topics::new(1, WhenSlow::Disconnect);
    topics.join("news", &handles.recv().await.unwrap()).await.unwrap();
    for n in 0..2 {
        topics.publish("news", n.to_string()).await.unwrap();
    }
    let why = "memory: it takes what is published too slowly";
    while timeout(PATIENCE, events.recv()).await.unwrap().expect("it is told") != why {}
}
