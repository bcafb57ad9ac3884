//! Which servers a client leaves, and how.

use std::time::Duration;

use tokio::time::Instant;
use wirework::servers::{CallError, Correlation};
use wirework::{Limits, Lines, connect, memory, serve};

use crate::support::runtime::{in_memory, paused};
use crate::{accept, by_letter, call};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn asked_to_leave_it_goes_without_a_call_that_fails() {
    paused(async {
        let (dialer, mut listener) = memory();
        let client =
            connect(dialer, Lines::any()).calls(by_letter()).leave_when(|message| message == "leave").await.unwrap();
        let mut old = accept(&mut listener).await;
        let in_flight = call(&client, "?a");
        assert_eq!(old.recv().await.unwrap().unwrap(), "?a");
        old.send("leave").await.unwrap();
        let mut new = accept(&mut listener).await;
        tokio::time::sleep(Duration::from_millis(1)).await;
        let next = call(&client, "?b");
        assert_eq!(new.recv().await.unwrap().unwrap(), "?b", "it does not wait for the old one");
        assert!(tokio::time::timeout(Duration::from_secs(1), old.recv()).await.is_err(), "nothing more is sent");
        new.send("=b").await.unwrap();
        assert_eq!(next.await.unwrap().unwrap(), "=b");
        old.send("=a answered").await.unwrap();
        assert_eq!(in_flight.await.unwrap().unwrap(), "=a answered");
        let mut unsolicited = client.unsolicited().unwrap();
        for _ in 0..3 {
            let nothing = tokio::time::timeout(Duration::from_millis(1900), old.recv()).await;
            assert!(nothing.is_err(), "its side is open: {nothing:?}");
            old.send("pushed").await.unwrap();
            assert_eq!(unsolicited.next().await.unwrap(), "pushed");
        }
        assert_eq!(old.recv().await.unwrap(), None, "nothing came for 2 s");
        old.send("the last words").await.unwrap();
        assert_eq!(unsolicited.next().await.unwrap(), "the last words");
        drop(old);
        client.close().await;
    });
}

#[test]
fn a_server_that_drains_has_its_clients_leave() {
    in_memory(async {
        let (dialer, listener) = memory();
        let server = serve(listener, Lines::any()).drain_notice("leave").reply(async |line| line);
        let handle = server.handle();
        let server = tokio::spawn(std::future::IntoFuture::into_future(server));
        let client = connect(dialer, Lines::any())
            .calls(Correlation::in_order_but(|message| message == "leave"))
            .leave_when(|message| message == "leave")
            .once()
            .await
            .unwrap();
        assert_eq!(client.call("hello").await.unwrap(), "hello");
        handle.stop();
        assert_eq!(server.await.unwrap().unwrap().cut, 0);
        client.close().await;
    });
}

#[test]
fn a_silent_server_is_asked_and_then_given_up() {
    paused(async {
        let (dialer, mut listener) = memory();
        let client = connect(dialer, Lines::any())
            .calls(Correlation::in_order_but(|message| message == "pong"))
            .keep_alive(Duration::from_secs(10), "ping")
            .await
            .unwrap();
        let mut server = accept(&mut listener).await;
        let begun = Instant::now();
        for n in 1..10 {
            assert_eq!(server.recv().await.unwrap().unwrap(), "ping");
            let passed = begun.elapsed();
            assert!((Duration::from_secs(10 * n)..Duration::from_secs(12 * n)).contains(&passed), "{passed:?}");
            server.send("pong").await.unwrap();
        }
        let silent = Instant::now();
        while server.recv().await.unwrap().is_some() {}
        assert!(silent.elapsed() < Duration::from_secs(40));
        drop(server);
        drop(accept(&mut listener).await);
        client.close().await;
    });
}

#[test]
fn a_server_that_is_deaf_is_left_at_the_next_call() {
    paused(async {
        for correlation in [Correlation::in_order(), by_letter()] {
            let (dialer, mut listener) = memory();
            let client = connect(dialer, Lines::any()).calls(correlation).await.unwrap();
            let deaf = accept(&mut listener).await;
            assert!(matches!(client.call("?a").await, Err(CallError::Deadline(_))));
            tokio::time::sleep(Duration::from_secs(51)).await;
            let answering = async {
                let mut server = accept(&mut listener).await;
                assert_eq!(server.recv().await.unwrap().unwrap(), "?b");
                server.send("=b").await.unwrap();
                server
            };
            let (answer, _server) = tokio::join!(client.call("?b"), answering);
            assert_eq!(answer.unwrap(), "=b");
            drop(deaf);
            client.close().await;
        }
    });
}

#[test]
fn one_that_has_never_said_anything_is_given_up_too() {
    paused(async {
        let (dialer, mut listener) = memory();
        let calling = connect(dialer, Lines::any()).calls(Correlation::in_order());
        let client = calling.keep_alive(Duration::from_secs(10), "ping").await.unwrap();
        let mut server = accept(&mut listener).await;
        let begun = Instant::now();
        let mut asked = 0;
        while server.recv().await.unwrap().is_some() {
            asked += 1;
        }
        assert!(asked == 2 && begun.elapsed() < Duration::from_secs(40), "{asked} in {:?}", begun.elapsed());
        drop((server, accept(&mut listener).await));
        client.close().await;
    });
}

#[test]
fn who_asks_to_leave_at_once_again_and_again_is_not_asked_again_at_once() {
    paused(async {
        let (dialer, mut listener) = memory();
        let calling = connect(dialer, Lines::any()).calls(by_letter());
        let client = calling.leave_when(|message| message == "leave").start().unwrap();
        let begun = Instant::now();
        let mut times = Vec::new();
        for _ in 0..6 {
            let mut server = accept(&mut listener).await;
            times.push(begun.elapsed().as_millis());
            server.send("leave").await.unwrap();
            assert_eq!(server.recv().await.unwrap(), None);
        }
        let least = [0, 100, 300, 700, 1500, 3100];
        assert!(times.iter().zip(least).all(|(time, least)| *time >= least), "{times:?}");
        client.close().await;
    });
}

#[test]
fn one_that_goes_after_a_while_is_left_at_once() {
    paused(async {
        let (dialer, mut listener) = memory();
        let calling = connect(dialer, Lines::any()).calls(by_letter());
        let client = calling.leave_when(|message| message == "leave").start().unwrap();
        let mut server = accept(&mut listener).await;
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_secs(1)).await;
            server.send("leave").await.unwrap();
            let left = Instant::now();
            server = accept(&mut listener).await;
            assert_eq!(left.elapsed(), Duration::ZERO);
        }
        drop(server);
        client.close().await;
    });
}

#[test]
fn who_will_not_connect_again_takes_no_call_when_it_is_asked_to_leave() {
    paused(async {
        let (dialer, mut listener) = memory();
        let calling = connect(dialer, Lines::any()).calls(by_letter());
        let client = calling.leave_when(|message| message == "leave").once().await.unwrap();
        let mut server = accept(&mut listener).await;
        let in_flight = call(&client, "?a");
        assert_eq!(server.recv().await.unwrap().unwrap(), "?a");
        server.send("leave").await.unwrap();
        tokio::time::sleep(Duration::from_millis(1)).await;
        let begun = Instant::now();
        assert!(matches!(client.call("?b").await, Err(CallError::Closed)));
        assert_eq!(begun.elapsed(), Duration::ZERO);
        server.send("=a").await.unwrap();
        assert_eq!(in_flight.await.unwrap().unwrap(), "=a");
        drop(server);
        client.close().await;
    });
}

#[test]
fn an_answer_that_comes_late_over_a_connection_that_was_left_is_dropped() {
    paused(async {
        let (dialer, mut listener) = memory();
        let calling = connect(dialer, Lines::any()).calls(by_letter());
        let client = calling.leave_when(|message| message == "leave").await.unwrap();
        let mut old = accept(&mut listener).await;
        assert!(matches!(client.call_within(SECOND, "?a").await, Err(CallError::Deadline(SECOND))));
        assert_eq!(old.recv().await.unwrap().unwrap(), "?a");
        old.send("leave").await.unwrap();
        let _new = accept(&mut listener).await;
        tokio::time::sleep(SECOND).await;
        old.send("=a late").await.unwrap();
        old.send("pushed").await.unwrap();
        assert_eq!(client.unsolicited().unwrap().next().await.unwrap(), "pushed");
        assert_eq!(old.recv().await.unwrap(), None);
        drop(old);
        client.close().await;
    });
}

#[test]
fn a_connection_that_was_left_waits_for_no_answer_that_nobody_awaits_any_more() {
    paused(async {
        let (dialer, mut listener) = memory();
        let calling = connect(dialer, Lines::any()).calls(by_letter());
        let client = calling.leave_when(|message| message == "leave").await.unwrap();
        let mut old = accept(&mut listener).await;
        let in_flight = tokio::spawn({
            let client = client.clone();
            async move { client.call_within(5 * SECOND, "?a").await }
        });
        assert_eq!(old.recv().await.unwrap().unwrap(), "?a");
        let begun = Instant::now();
        old.send("leave").await.unwrap();
        let _new = accept(&mut listener).await;
        assert!(matches!(in_flight.await.unwrap(), Err(CallError::Deadline(_))));
        assert_eq!(old.recv().await.unwrap(), None);
        assert!(begun.elapsed() < 8 * SECOND, "{:?}", begun.elapsed());
        drop(old);
        client.close().await;
    });
}

#[test]
fn what_may_be_made_again_is_however_many_wait_already() {
    paused(async {
        let (dialer, mut listener) = memory();
        let limits = Limits { queue: 1, calls: 1, ..Limits::default() };
        let calling = connect(dialer, Lines::any()).limits(limits).calls(by_letter()).resend(|_| true);
        let client = calling.leave_when(|message| message == "leave").await.unwrap();
        let call = |request: &'static str| {
            let client = client.clone();
            tokio::spawn(async move { client.call(request).await })
        };
        let mut old = accept(&mut listener).await;
        let first = call("?a");
        assert_eq!(old.recv().await.unwrap().unwrap(), "?a");
        old.send("leave").await.unwrap();
        let mut new = accept(&mut listener).await;
        let mut others = Vec::new();
        for request in ["?b", "?c", "?d"] {
            others.push(call(request));
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        drop(old);
        tokio::time::sleep(Duration::from_millis(1)).await;
        for _ in 0..4 {
            let asked = new.recv().await.unwrap().unwrap();
            let answer = asked.iter().map(|byte| if *byte == b'?' { b'=' } else { *byte }).collect::<Vec<_>>();
            new.send(answer).await.unwrap();
        }
        assert_eq!(first.await.unwrap().unwrap(), "=a");
        for other in others {
            other.await.unwrap().unwrap();
        }
        drop(new);
        client.close().await;
    });
}
