//! Which answer is whose.

use std::time::Duration;

use tokio::time::Instant;
use wirework::servers::{CallError, Correlation};
use wirework::{FramingExt, Lines, UTF_8, connect, memory, serve};

use crate::support::runtime::{in_memory, paused};
use crate::support::start;
use crate::{accept, by_letter};

#[test]
fn calls_are_answered_in_order() {
    in_memory(async {
        let dialer = start(|listener| serve(listener, Lines::any()).reply(async |line| line));
        let client = connect(dialer, Lines::any()).calls(Correlation::in_order()).await.unwrap();
        let (one, other) = tokio::join!(client.call("one"), client.call("other"));
        assert_eq!((&one.unwrap()[..], &other.unwrap()[..]), (&b"one"[..], &b"other"[..]));
    });
}

#[test]
fn calls_are_answered_by_key_and_the_rest_is_unsolicited() {
    in_memory(async {
        let (dialer, mut listener) = memory();
        let client = connect(dialer, Lines::any()).calls(by_letter()).await.unwrap();
        let mut unsolicited = client.unsolicited().unwrap();
        assert!(client.unsolicited().is_none());
        let mut server = accept(&mut listener).await;
        let calls = async { tokio::join!(client.call("?a"), client.call("?b")) };
        let serving = async {
            server.recv().await.unwrap();
            server.recv().await.unwrap();
            for line in ["hello", "=b 2", "=c nobody asked", "=a 1"] {
                server.send(line).await.unwrap();
            }
        };
        let ((a, b), ()) = tokio::join!(calls, serving);
        assert_eq!((&a.unwrap()[..], &b.unwrap()[..]), (&b"=a 1"[..], &b"=b 2"[..]));
        assert_eq!(unsolicited.next().await.unwrap(), "hello");
        assert_eq!(unsolicited.next().await.unwrap(), "=c nobody asked");
        drop(client);
        assert_eq!(server.recv().await.unwrap(), None);
        drop(server);
        assert_eq!(unsolicited.next().await, None);
    });
}

#[test]
fn a_late_answer_is_dropped() {
    paused(async {
        for correlation in [Correlation::in_order(), by_letter()] {
            let (dialer, mut listener) = memory();
            let client = connect(dialer, Lines::any()).calls(correlation).await.unwrap();
            let mut server = accept(&mut listener).await;
            let begun = Instant::now();
            let late = client.call_within(Duration::from_secs(3), "?a").await;
            assert!(matches!(late, Err(CallError::Deadline(_))), "{late:?}");
            assert_eq!(begun.elapsed(), Duration::from_secs(3));
            let serving = async {
                server.recv().await.unwrap();
                server.recv().await.unwrap();
                server.send("=a late").await.unwrap();
                server.send("=b in time").await.unwrap();
            };
            let (answer, ()) = tokio::join!(client.call("?b"), serving);
            assert_eq!(answer.unwrap(), "=b in time");
            client.close().await;
        }
    });
}

#[test]
fn a_bad_answer_is_that_of_its_call() {
    in_memory(async {
        let (dialer, mut listener) = memory();
        let client = connect(dialer, Lines::any().text(UTF_8)).calls(Correlation::in_order()).await.unwrap();
        let mut server = accept(&mut listener).await;
        let calls = async { tokio::join!(client.call("a"), client.call("b")) };
        let serving = async {
            server.recv().await.unwrap();
            server.recv().await.unwrap();
            server.send(b"\xff").await.unwrap();
            server.send("b").await.unwrap();
        };
        let ((a, b), ()) = tokio::join!(calls, serving);
        assert!(matches!(a, Err(CallError::Bad(_))), "{a:?}");
        assert_eq!(b.unwrap(), "b");
        drop(server);
        client.close().await;
    });
}

#[test]
fn a_bad_message_that_may_be_an_answer_ends_the_connection() {
    in_memory(async {
        let (dialer, mut listener) = memory();
        let client = connect(dialer, Lines::any().text(UTF_8))
            .calls(Correlation::in_order_but(|message: &String| message.starts_with('*')))
            .await
            .unwrap();
        let mut server = accept(&mut listener).await;
        let serving = async {
            server.recv().await.unwrap();
            server.send(b"\xff").await.unwrap();
            server.send("another's").await.unwrap();
        };
        let (answer, ()) = tokio::join!(client.call("a"), serving);
        assert!(matches!(answer, Err(CallError::Lost)), "{answer:?}");
        drop(accept(&mut listener).await);
        client.close().await;
    });
}
