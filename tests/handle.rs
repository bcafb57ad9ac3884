//! What other tasks do with a connection by its handle: they send, and close.

#[path = "support/echo.rs"]
mod echo;
mod support;

use std::sync::Arc;
use std::time::Duration;

use echo::{Running, VERBS, Verb, line, reads, settled};
use futures::SinkExt;
use support::Events;
use support::runtime::paused;
use tokio::io::AsyncReadExt;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout};
use wirework::core::Raw;
use wirework::servers::{Handle, Peers, SendError, State, WhenTaken};
use wirework::{Limits, Lines};

const SECOND: Duration = Duration::from_secs(1);

/// A message of which few fit between two ends.
fn large(n: usize) -> String {
    format!("{n} {}", "x".repeat(60_000))
}

/// Limits with which few wait.
fn few() -> Limits {
    Limits { queue: 2, ..Limits::default() }
}

/// Sends to a peer that does not read until there is no room. Gives how many messages were taken.
async fn fill(handle: &Handle<Raw>) -> usize {
    for n in 0..100 {
        match handle.try_send(large(n)) {
            Ok(()) => settled().await,
            Err(full) => {
                assert_eq!(full, SendError::Full(large(n)), "the message is given back");
                return n;
            }
        }
    }
    panic!("there is room without end");
}

#[test]
fn messages_leave_in_their_order_and_closing_is_behind_them() {
    paused(async {
        for verb in VERBS {
            let mut server = Running::echo(verb, Limits::default());
            let (mut client, handle) = server.client().await;
            client.send("hello").await.unwrap();
            assert_eq!(line(&mut client).await, "hello");
            let sender = tokio::spawn({
                let handle = handle.clone();
                async move {
                    for n in 0..1000 {
                        if n % 3 == 0 {
                            handle.send(n.to_string()).await.unwrap();
                        } else if let Err(full) = handle.try_send(n.to_string()) {
                            handle.send(full.into_message()).await.unwrap();
                        }
                    }
                    handle.close();
                }
            });
            reads(&mut client, (0..1000).map(|n| n.to_string())).await;
            assert_eq!(client.recv().await.unwrap(), None, "{verb:?}");
            sender.await.unwrap();
            handle.closed().await;
            assert_eq!(handle.try_send("late"), Err(SendError::Closed("late")), "{verb:?}");
            assert_eq!(handle.send("late").await, Err(SendError::Closed("late")), "{verb:?}");
            assert!(handle.is_closed());
        }
    });
}

#[test]
fn who_sends_to_a_peer_that_does_not_read_waits_for_room() {
    paused(async {
        for verb in VERBS {
            let mut server = Running::echo(verb, few());
            let (mut client, handle) = server.client().await;
            let n = fill(&handle).await;
            let waiting = tokio::spawn({
                let handle = handle.clone();
                async move { handle.send(large(n)).await }
            });
            settled().await;
            assert!(!waiting.is_finished(), "{verb:?}");
            reads(&mut client, (0..=n).map(large)).await;
            waiting.await.unwrap().unwrap();
            settled().await;
            assert_eq!(server.server.buffered(), 0, "{verb:?}");
            assert_eq!(server.server.connections()[0].state, State::Waiting, "{verb:?}");
        }
    });
}

#[test]
fn who_waits_for_room_waits_no_longer_than_the_peer_may_take() {
    paused(async {
        for verb in VERBS {
            let mut server = Running::echo(verb, few());
            let (client, handle) = server.client().await;
            let n = fill(&handle).await;
            let since = Instant::now();
            assert_eq!(handle.send(large(n)).await, Err(SendError::Closed(large(n))), "{verb:?}");
            let waited = since.elapsed();
            assert!((29 * SECOND..35 * SECOND).contains(&waited), "{verb:?}: {waited:?}");
            handle.closed().await;
            drop(client);
        }
    });
}

/// It would wait for itself.
#[test]
fn so_does_a_handler_that_sends_to_its_own_peer() {
    paused(async {
        for several in [false, true] {
            let mut server = Running::reply(several, few(), async |handle, _| {
                for n in 0.. {
                    handle.send(large(n)).await?;
                }
                Ok::<_, SendError<String>>("never")
            });
            let (mut client, handle) = server.client().await;
            client.send("go on").await.unwrap();
            let since = Instant::now();
            handle.closed().await;
            assert!(since.elapsed() < 35 * SECOND);
            assert_eq!(server.stop().await.cut, 0);
            drop(client);
        }
    });
}

#[test]
fn dropped_while_it_waits_nothing_was_sent() {
    paused(async {
        for verb in VERBS {
            let mut server = Running::echo(verb, few());
            let (mut client, handle) = server.client().await;
            let n = fill(&handle).await;
            assert!(timeout(SECOND, handle.send("dropped")).await.is_err());
            assert!(timeout(SECOND, handle.call("?dropped")).await.is_err());
            reads(&mut client, (0..n).map(large)).await;
            handle.send("after it").await.unwrap();
            assert_eq!(line(&mut client).await, "after it", "{verb:?}");
            settled().await;
            assert_eq!(handle.try_send("and"), Ok(()), "room is not lost");
            assert_eq!(handle.try_send("on"), Ok(()), "room is not lost");
        }
    });
}

#[test]
fn messages_leave_between_replies_while_a_handler_waits() {
    paused(async {
        let word = Arc::new(Notify::new());
        for several in [false, true] {
            let awaited = word.clone();
            let mut server = Running::reply(several, Limits::default(), async move |_, line| {
                if line == "wait" {
                    awaited.notified().await;
                }
                line
            });
            let (mut client, handle) = server.client().await;
            client.feed("before").await.unwrap();
            client.send("wait").await.unwrap();
            assert_eq!(line(&mut client).await, "before");
            handle.send("meanwhile").await.unwrap();
            assert_eq!(line(&mut client).await, "meanwhile");
            word.notify_one();
            assert_eq!(line(&mut client).await, "wait");

            client.send("wait").await.unwrap();
            settled().await;
            handle.send("the last").await.unwrap();
            handle.close();
            settled().await;
            word.notify_one();
            reads(&mut client, ["the last", "wait"].iter()).await;
            assert_eq!(client.recv().await.unwrap(), None, "the reply of a handler that ran has left");
        }
    });
}

#[test]
fn one_that_cannot_be_written_is_left_out_and_told() {
    paused(async {
        for verb in VERBS {
            let events = Events::default();
            let mut server = Running::echo_as(verb, |serve| serve.on_event(events.hook()));
            let (mut client, handle) = server.client().await;
            for message in ["one", "two\nlines", "three"] {
                handle.send(message).await.unwrap();
            }
            reads(&mut client, ["one", "three"].iter()).await;
            let told = events.take();
            assert!(told.len() == 1 && told[0].contains("left out"), "{verb:?}: {told:?}");
        }
    });
}

#[test]
fn at_a_drain_what_is_queued_leaves_behind_the_replies_and_before_the_goodbye() {
    paused(async {
        for verb in [Verb::Answer, Verb::Reply, Verb::Several] {
            let mut server = Running::echo_as(verb, |serve| serve.limits(few()).goodbye(|_| Some("goodbye")));
            let (mut client, handle) = server.client().await;
            client.send("hello").await.unwrap();
            settled().await;
            let n = fill(&handle).await;
            let ended = tokio::spawn(server.stop());
            sleep(3 * SECOND).await;
            reads(&mut client, ["hello".to_owned()].into_iter().chain((0..n).map(large))).await;
            assert_eq!(line(&mut client).await, "goodbye", "{verb:?}");
            assert_eq!(client.recv().await.unwrap(), None);
            drop(client);
            assert_eq!(ended.await.unwrap().cut, 0);
        }
    });
}

#[test]
fn each_says_its_own_goodbye() {
    paused(async {
        let mut server = Running::start(|serve, given| {
            serve.each(async move |mut conn| {
                given.send(conn.handle())?;
                assert!(!conn.is_draining());
                assert_eq!(conn.recv().await?, None);
                assert!(conn.is_draining());
                conn.send("221 closing").await?;
                Ok(conn.close().await?)
            })
        });
        let (mut client, handle) = server.client().await;
        let ended = tokio::spawn(server.stop());
        assert_eq!(line(&mut client).await, "221 closing");
        assert_eq!(client.recv().await.unwrap(), None);
        assert!(handle.is_closed());
        drop(client);
        assert_eq!(ended.await.unwrap().cut, 0);
    });
}

#[test]
fn it_goes_on_over_another_stream() {
    paused(async {
        let mut server = Running::start(|serve, given| {
            serve.each(async move |mut conn| {
                given.send(conn.handle())?;
                conn.recv().await?;
                let mut conn = conn.upgrade(async |io, peer| Ok((tokio::io::BufStream::new(io), peer))).await?;
                assert_eq!(conn.recv().await?, None);
                Ok(conn.close().await?)
            })
        });
        let (mut client, handle) = server.client().await;
        client.send("STARTTLS").await.unwrap();
        settled().await;
        handle.send("over the new one").await.unwrap();
        assert_eq!(line(&mut client).await, "over the new one");
        drop(client);
        handle.closed().await;
    });
}

/// What a conversation does with its connection, and whether that can still be sent to.
#[test]
fn it_is_closed_when_the_connection_is_something_else() {
    paused(async {
        for what in ["with_codec", "split", "into_stream", "drop", "panic", "sink"] {
            let mut server = Running::start(|serve, given| {
                serve.each(async move |mut conn| {
                    let handle = conn.handle();
                    given.send(handle.clone())?;
                    handle.send("queued").await?;
                    match what {
                        "with_codec" => drop(conn.with_codec(&Lines::crlf())?),
                        "split" => {
                            let (_receiver, mut sender) = conn.split();
                            assert!(handle.is_closed());
                            sender.send("by a half").await?;
                        }
                        "into_stream" => {
                            let (mut io, _) = conn.into_stream().await?;
                            assert!(handle.is_closed());
                            io.read_to_end(&mut Vec::new()).await?;
                        }
                        "sink" => {
                            SinkExt::<&str>::close(&mut conn).await?;
                            assert!(handle.is_closed());
                            assert_eq!(conn.recv().await?.unwrap(), "still heard");
                        }
                        "panic" => panic!("as it was told"),
                        _ => drop(conn),
                    }
                    assert!(handle.is_closed());
                    Ok(())
                })
            });
            let (mut client, handle) = server.client().await;
            match what {
                "split" => assert_eq!(line(&mut client).await, "by a half"),
                "sink" => {
                    assert_eq!(line(&mut client).await, "queued");
                    assert_eq!(client.recv().await.unwrap(), None);
                    client.send("still heard").await.unwrap();
                }
                _ => {}
            }
            drop(client);
            handle.closed().await;
            assert_eq!(handle.try_send("late"), Err(SendError::Closed("late")), "{what}");
            assert_eq!(server.stop().await.cut, 0, "{what}");
        }
    });
}

#[test]
fn it_says_whose_it_is_and_when_that_was_last_heard_of() {
    paused(async {
        for verb in VERBS {
            let mut server = Running::echo(verb, Limits::default());
            let (mut client, handle) = server.client().await;
            let (_other, of_other) = server.client().await;
            let known = server.server.connections();
            assert!(known.iter().any(|status| status.id == handle.id() && status.peer == *handle.peer()), "{known:?}");
            assert!(handle == handle.clone() && handle != of_other && handle.id() != of_other.id());

            let seconds = |handle: &Handle<Raw>| handle.last_seen().map(|time| time.as_secs_f64().round());
            sleep(10 * SECOND).await;
            assert_eq!(seconds(&handle), Some(10.0), "{verb:?}: since it began");
            client.send("here").await.unwrap();
            assert_eq!(line(&mut client).await, "here");
            assert_eq!(seconds(&handle), Some(0.0), "{verb:?}");
            sleep(10 * SECOND).await;
            handle.send("does not count").await.unwrap();
            assert_eq!(line(&mut client).await, "does not count");
            assert_eq!((seconds(&handle), seconds(&of_other)), (Some(10.0), Some(20.0)), "{verb:?}");
            drop(client);
            handle.closed().await;
            settled().await;
            assert_eq!(seconds(&handle), None, "{verb:?}");
        }
    });
}

#[test]
fn one_that_is_kept_keeps_nothing_else() {
    paused(async {
        for verb in VERBS {
            let mut server = Running::echo(verb, Limits { connections: 1.into(), ..Limits::default() });
            let mut kept = Vec::new();
            for _ in 0..3 {
                let (client, handle) = server.client().await;
                kept.push(handle);
                drop(client);
            }
            let since = Instant::now();
            assert_eq!(server.stop().await.cut, 0, "{verb:?}");
            assert!(since.elapsed() < SECOND, "{verb:?}");
            assert!(kept.iter().all(|handle| handle.is_closed()));
        }
    });
}

#[test]
fn one_that_closes_is_gone_although_its_peer_stays() {
    paused(async {
        for verb in VERBS {
            let mut server = Running::echo(verb, Limits::default());
            let (client, handle) = server.client().await;
            let peers = Peers::new(WhenTaken::Refuse);
            assert!(peers.join("its key", &handle).is_ok());
            handle.close();
            settled().await;
            assert_eq!(
                (peers.len(), server.server.open()),
                (0, 1),
                "{verb:?}: it reads on, lest a reset eat the last reply"
            );
            drop(client);
        }
    });
}
