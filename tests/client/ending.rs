//! How a client ends, and what becomes of what was to be sent.

use std::future::pending;
use std::time::Duration;

use tokio::runtime::Handle as Runtime;
use tokio::time::Instant;
use wirework::servers::{CallError, Correlation, Listener};
use wirework::{Limits, Lines, connect, memory};

use crate::support::Events;
use crate::support::runtime::{in_memory, paused};
use crate::{accept, answers, by_letter, call};

fn tasks() -> usize {
    Runtime::current().metrics().num_alive_tasks()
}

#[test]
fn closed_it_sends_what_is_queued_and_its_connection_is_closed() {
    paused(async {
        let (dialer, mut listener) = memory();
        let client = connect(dialer, Lines::any()).calls(Correlation::in_order()).await.unwrap();
        let mut server = accept(&mut listener).await;
        let (one, other) = (client.clone(), client.clone());
        let in_flight = tokio::spawn(async move { one.call("in flight").await });
        assert_eq!(server.recv().await.unwrap().unwrap(), "in flight");
        for message in ["one", "two", "three"] {
            client.try_send(message).unwrap();
        }
        let closed = async {
            client.close().await;
            assert_eq!(tasks(), 1, "only that of the server is left");
        };
        let serving = tokio::spawn(async move {
            for message in ["one", "two", "three"] {
                assert_eq!(server.recv().await.unwrap().unwrap(), message);
            }
            assert_eq!(server.recv().await.unwrap(), None);
            tokio::time::sleep(Duration::from_secs(1)).await;
            drop(server);
            pending::<()>().await;
        });
        let begun = Instant::now();
        closed.await;
        assert_eq!(begun.elapsed(), Duration::from_secs(1), "it waits until the connection is closed");
        serving.abort();
        let lost = in_flight.await.unwrap();
        assert!(matches!(lost, Err(CallError::Lost)), "{lost:?}");
        assert!(matches!(other.call("late").await, Err(CallError::Closed)) && other.is_closed());
    });
}

#[test]
fn when_all_clones_are_dropped_it_sends_what_is_queued_and_ends() {
    in_memory(async {
        let (dialer, mut listener) = memory();
        let client = connect(dialer, Lines::any()).calls(Correlation::in_order()).await.unwrap();
        let mut server = accept(&mut listener).await;
        let clone = client.clone();
        drop(client);
        clone.try_send("the last words").unwrap();
        drop(clone);
        assert_eq!(server.recv().await.unwrap().unwrap(), "the last words");
        assert_eq!(server.recv().await.unwrap(), None);
    });
}

#[test]
fn what_is_queued_while_there_is_no_connection_has_one_more_attempt() {
    paused(async {
        for close in [true, false] {
            let (dialer, mut listener) = memory();
            let client = connect(dialer, Lines::any()).calls(Correlation::in_order()).start().unwrap();
            drop(accept(&mut listener).await);
            tokio::time::sleep(Duration::from_millis(50)).await;
            client.try_send("the last words").unwrap();
            let begun = Instant::now();
            let closing = tokio::spawn(async move { if close { client.close().await } else { drop(client) } });
            let mut server = accept(&mut listener).await;
            assert!(begun.elapsed() < Duration::from_millis(100), "it does not wait any more");
            assert_eq!(server.recv().await.unwrap().unwrap(), "the last words");
            assert_eq!(server.recv().await.unwrap(), None);
            drop(server);
            closing.await.unwrap();
        }
    });
}

#[test]
fn with_nothing_to_say_it_makes_no_more_attempt() {
    paused(async {
        let (dialer, mut listener) = memory();
        let client = connect(dialer, Lines::any()).calls(Correlation::in_order()).start().unwrap();
        drop(accept(&mut listener).await);
        tokio::time::sleep(Duration::from_millis(50)).await;
        let waiting = call(&client, "hello");
        tokio::task::yield_now().await;
        client.close().await;
        let called = waiting.await.unwrap();
        assert!(matches!(called, Err(CallError::Closed)), "{called:?}");
        assert!(listener.accept().await.is_err(), "nobody dials any more");
    });
}

#[test]
fn one_more_attempt_is_one() {
    paused(async {
        let (dialer, listener) = memory();
        drop(listener);
        let events = Events::default();
        let calling = connect(dialer, Lines::any()).calls(Correlation::in_order());
        let client = calling.on_event(events.hook()).start().unwrap();
        client.try_send("the last words").unwrap();
        client.close().await;
        assert_eq!(tasks(), 0);
        let attempts = events.take();
        assert!(attempts.len() <= 2, "{attempts:?}");
    });
}

#[test]
fn asked_to_leave_and_closed_it_says_the_rest_elsewhere() {
    paused(async {
        let (dialer, mut listener) = memory();
        let calling = connect(dialer, Lines::any()).calls(by_letter());
        let client = calling.leave_when(|message| message == "leave").await.unwrap();
        let mut old = accept(&mut listener).await;
        let in_flight = call(&client, "?a");
        assert_eq!(old.recv().await.unwrap().unwrap(), "?a");
        old.send("leave").await.unwrap();
        let mut new = accept(&mut listener).await;
        tokio::time::sleep(Duration::from_millis(1)).await;
        client.try_send("the last words").unwrap();
        let closing = tokio::spawn(client.close());
        tokio::task::yield_now().await;
        old.send("=a").await.unwrap();
        assert_eq!(in_flight.await.unwrap().unwrap(), "=a");
        assert_eq!(new.recv().await.unwrap().unwrap(), "the last words");
        drop((old, new));
        closing.await.unwrap();
    });
}

#[test]
fn a_server_that_answers_nothing_does_not_keep_it_from_ending() {
    paused(async {
        let (dialer, mut listener) = memory();
        let limits = Limits { calls: 1, ..Limits::default() };
        let client = connect(dialer, Lines::any()).limits(limits).calls(Correlation::in_order()).await.unwrap();
        let mut server = accept(&mut listener).await;
        assert!(matches!(client.call("a").await, Err(CallError::Deadline(_))));
        client.try_send("b").unwrap();
        let serving = async {
            assert_eq!(server.recv().await.unwrap().unwrap(), "a");
            assert_eq!(server.recv().await.unwrap().unwrap(), "b");
            assert_eq!(server.recv().await.unwrap(), None);
        };
        let begun = Instant::now();
        tokio::join!(client.close(), serving);
        assert!(begun.elapsed() <= Duration::from_secs(6), "{:?}", begun.elapsed());
    });
}

#[test]
fn a_server_that_takes_nothing_does_not_keep_it_from_ending() {
    paused(async {
        let (dialer, mut listener) = memory();
        let client = connect(dialer, Lines::any()).calls(Correlation::in_order()).await.unwrap();
        let server = accept(&mut listener).await;
        for _ in 0..40 {
            client.send("x".repeat(60_000)).await.unwrap();
        }
        let begun = Instant::now();
        client.close().await;
        assert!(begun.elapsed() <= Duration::from_secs(40), "{:?}", begun.elapsed());
        assert_eq!(tasks(), 0);
        drop(server);
    });
}

#[test]
fn a_call_that_was_sent_once_is_never_said_to_be_unsent() {
    paused(async {
        let (dialer, mut listener) = memory();
        let calling = connect(dialer, Lines::any()).calls(Correlation::in_order());
        let client = calling.resend(|_| true).await.unwrap();
        let mut server = accept(&mut listener).await;
        let called = call(&client, "hello");
        assert_eq!(server.recv().await.unwrap().unwrap(), "hello");
        drop(server);
        // It is to be made again, and there is something to connect again for.
        client.try_send("the last words").unwrap();
        client.close().await;
        let called = called.await.unwrap();
        assert!(matches!(called, Err(CallError::Lost)), "{called:?}");
    });
}

#[test]
fn a_closure_that_panics_ends_it_for_all_who_wait() {
    in_memory(async {
        let (dialer, mut listener) = memory();
        let calling = connect(dialer, Lines::any()).calls(by_letter());
        let client = calling.leave_when(|message| panic!("{message:?} is the message of a test")).await.unwrap();
        let mut unsolicited = client.unsolicited().unwrap();
        let mut server = accept(&mut listener).await;
        let serving = async {
            server.recv().await.unwrap();
            server.send("hello").await.unwrap();
        };
        let (called, ()) = tokio::join!(client.call("?a"), serving);
        assert!(matches!(called, Err(CallError::Lost)), "{called:?}");
        assert_eq!(unsolicited.next().await, None);
        assert!(!client.connected().await && client.is_closed());
    });
}

#[test]
fn what_was_answered_before_it_closed_is_an_answer() {
    in_memory(async {
        let (dialer, mut listener) = memory();
        let client = connect(dialer, Lines::any()).calls(Correlation::in_order()).await.unwrap();
        let mut server = accept(&mut listener).await;
        let serving = async {
            answers(&mut server, "hello", "you").await;
            drop(server);
            // It finds out when it writes, before it has read.
            client.try_send("more").unwrap();
        };
        let (answer, ()) = tokio::join!(client.call("hello"), serving);
        assert_eq!(answer.unwrap(), "you");
        client.close().await;
    });
}
