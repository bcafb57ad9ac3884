//! A client: calls, reconnecting, what the server says by itself.

mod support;

use std::time::Duration;

use bytes::Bytes;
use support::runtime::{in_memory, paused};
use support::{Events, start};
use tokio::io::DuplexStream;
use tokio::time::Instant;
use wirework::core::Raw;
use wirework::framing::Until;
use wirework::servers::{CallError, Correlation, MemoryListener};
use wirework::{Connection, FramingExt, Limits, Lines, UTF_8, connect, memory, serve};

/// What `=k` begins with answers what `?k` does.
fn by_letter() -> Correlation<Raw> {
    Correlation::by_key(
        |request: &[u8]| request.strip_prefix(b"?")?.first().copied(),
        |message: &Bytes| message.strip_prefix(b"=")?.first().copied(),
    )
}

/// The next connection to a listener that the test answers itself.
async fn accept(listener: &mut MemoryListener) -> Connection<DuplexStream, Until> {
    let incoming = wirework::servers::Listener::accept(listener).await.unwrap();
    let (io, peer) = incoming.handshake.await.unwrap();
    Connection::new(io, peer, &Lines::any(), Limits::default()).unwrap()
}

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
fn it_connects_again_and_logs_in_again() {
    paused(async {
        let (dialer, mut listener) = memory();
        let events = Events::default();
        let telling = events.clone();
        let client = connect(dialer, Lines::any())
            .calls(Correlation::in_order())
            .login(async |mut conn| {
                conn.send("login").await?;
                match conn.recv().await? {
                    Some(answer) if answer == "welcome" => Ok(conn),
                    other => Err(format!("refused: {other:?}").into()),
                }
            })
            .resend(|request| request.starts_with(b"get"))
            .on_event(move |event| telling.add(event))
            .start()
            .unwrap();
        let welcome = async |listener: &mut MemoryListener, answer: &str| {
            let mut server = accept(listener).await;
            assert_eq!(server.recv().await.unwrap().unwrap(), "login");
            server.send(answer.to_owned()).await.unwrap();
            server
        };
        drop(welcome(&mut listener, "go away").await);
        let mut server = welcome(&mut listener, "welcome").await;
        assert!(client.connected().await);
        let calls = async { tokio::join!(client.call("get x"), client.call("set x")) };
        let serving = async {
            server.recv().await.unwrap();
            server.recv().await.unwrap();
            drop(server);
            let mut server = welcome(&mut listener, "welcome").await;
            assert_eq!(server.recv().await.unwrap().unwrap(), "get x");
            server.send("x").await.unwrap();
            server
        };
        let ((got, set), mut server) = tokio::join!(calls, serving);
        assert_eq!(got.unwrap(), "x");
        assert!(matches!(set, Err(CallError::Lost)));
        client.close().await;
        assert_eq!(server.recv().await.unwrap(), None);
        let events = events.take();
        assert!(events[0].contains("go away"), "{events:?}");
        assert_eq!(events.len(), 1, "{events:?}");
    });
}

#[test]
fn asked_to_leave_it_goes_without_a_call_that_fails() {
    paused(async {
        let (dialer, mut listener) = memory();
        let client =
            connect(dialer, Lines::any()).calls(by_letter()).leave_when(|message| message == "leave").await.unwrap();
        let mut old = accept(&mut listener).await;
        let in_flight = tokio::spawn({
            let client = client.clone();
            async move { client.call("?a").await }
        });
        assert_eq!(old.recv().await.unwrap().unwrap(), "?a");
        old.send("leave").await.unwrap();
        let next = tokio::spawn({
            let client = client.clone();
            async move { client.call("?b").await }
        });
        assert!(tokio::time::timeout(Duration::from_secs(1), old.recv()).await.is_err(), "nothing more is sent");
        old.send("=a answered").await.unwrap();
        assert_eq!(in_flight.await.unwrap().unwrap(), "=a answered");
        assert_eq!(old.recv().await.unwrap(), None);
        let mut new = accept(&mut listener).await;
        assert_eq!(new.recv().await.unwrap().unwrap(), "?b");
        new.send("=b").await.unwrap();
        assert_eq!(next.await.unwrap().unwrap(), "=b");
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
