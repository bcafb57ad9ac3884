//! How a client comes by its connection, and by another one.

use std::future::pending;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::DuplexStream;
use tokio::time::Instant;
use wirework::servers::{Backoff, CallError, Correlation, Dial, MemoryDialer, MemoryListener, Peer, SendError};
use wirework::{Event, Limits, Lines, connect, memory};

use crate::support::Events;
use crate::support::runtime::{in_memory, paused};
use crate::{accept, answers};

/// Dials, but fails so many times before.
#[derive(Clone)]
struct Failing(Arc<AtomicUsize>, MemoryDialer);

impl Dial for Failing {
    type Io = DuplexStream;

    async fn dial(self) -> io::Result<(DuplexStream, Peer)> {
        let Self(times, dialer) = self;
        match times.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |times| times.checked_sub(1)) {
            Ok(left) => Err(io::Error::other(format!("{left} more failures"))),
            Err(_) => Dial::dial(dialer).await,
        }
    }
}

/// An address that answers nothing.
#[derive(Clone)]
struct Never;

impl Dial for Never {
    type Io = DuplexStream;

    async fn dial(self) -> io::Result<(DuplexStream, Peer)> {
        pending().await
    }
}

#[test]
fn it_connects_again_and_logs_in_again() {
    paused(async {
        let (dialer, mut listener) = memory();
        let events = Events::default();
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
            .on_event(events.hook())
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
fn the_wait_grows_until_the_server_has_said_something() {
    paused(async {
        let (dialer, mut listener) = memory();
        let backoff = Backoff { first: Duration::from_millis(100), most: Duration::from_secs(2) };
        let client = connect(dialer, Lines::any()).calls(Correlation::in_order()).backoff(backoff).start().unwrap();
        let mut gap = async |says: bool| {
            let mut server = accept(&mut listener).await;
            if says {
                server.send("hello").await.unwrap();
            }
            drop(server);
            let ended = Instant::now();
            drop(accept(&mut listener).await);
            ended.elapsed().as_millis()
        };
        // Each of these is two connections, that nothing is said over.
        for least in [100, 400, 1600, 2000] {
            let gap = gap(false).await;
            assert!((least..=2 * least + 2).contains(&gap), "{gap} ms after {least} ms");
        }
        let gap = gap(true).await;
        assert!((100..=202).contains(&gap), "{gap} ms after the server has said something");
        client.close().await;
    });
}

#[test]
fn no_two_clients_wait_for_the_same_time() {
    paused(async {
        let (dialer, mut listener) = memory();
        let mut gaps = Vec::new();
        for _ in 0..8 {
            let client = connect(dialer.clone(), Lines::any()).calls(Correlation::in_order()).start().unwrap();
            drop(accept(&mut listener).await);
            let ended = Instant::now();
            drop(accept(&mut listener).await);
            gaps.push(ended.elapsed());
            client.close().await;
        }
        gaps.dedup();
        assert!(gaps.len() > 1, "{gaps:?}");
    });
}

#[test]
fn awaited_it_fails_with_the_first_attempt_and_started_it_goes_on() {
    paused(async {
        let (dialer, mut listener) = memory();
        let failing = |times| Failing(Arc::new(AtomicUsize::new(times)), dialer.clone());
        let calling = |times| connect(failing(times), Lines::any()).calls(Correlation::in_order());
        let refused = calling(1).await.unwrap_err();
        assert_eq!(refused.to_string(), "1 more failures");
        let refused = calling(0).login(async |_| Err("no password".into())).await.unwrap_err();
        assert_eq!(refused.to_string(), "no password");
        drop(accept(&mut listener).await);

        let events = Events::default();
        let client = calling(2).on_event(events.hook()).start().unwrap();
        assert!(!client.is_connected());
        let (answer, ()) = tokio::join!(client.call("hello"), async {
            answers(&mut accept(&mut listener).await, "hello", "you").await;
        });
        assert_eq!(answer.unwrap(), "you");
        assert_eq!(events.take(), ["2 more failures", "1 more failures"]);
        client.close().await;
    });
}

#[test]
fn what_cannot_work_is_refused_before_anything_is_dialled() {
    in_memory(async {
        let (dialer, _listener) = memory();
        let limits = Limits { call: Duration::ZERO.into(), ..Limits::default() };
        let calling = || connect(dialer.clone(), Lines::any()).limits(limits.clone()).calls(Correlation::in_order());
        for refused in [calling().start().unwrap_err(), calling().await.unwrap_err(), calling().pool(1).unwrap_err()] {
            assert_eq!(refused.kind(), io::ErrorKind::InvalidInput);
        }
    });
}

#[test]
fn an_address_that_never_answers_is_given_up() {
    paused(async {
        let limits = Limits { handshake: Duration::from_secs(3), ..Limits::default() };
        let begun = Instant::now();
        let error = connect(Never, Lines::any()).limits(limits.clone()).await.unwrap_err();
        assert_eq!((error.kind(), begun.elapsed()), (io::ErrorKind::TimedOut, limits.handshake));
        assert_eq!(error.to_string(), "cannot connect: not done after 3s");

        let calling = || connect(Never, Lines::any()).limits(limits.clone()).calls(Correlation::in_order());
        let begun = Instant::now();
        assert_eq!(calling().await.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(begun.elapsed(), limits.handshake);

        let failed = Arc::new(Mutex::new(Vec::new()));
        let (failing, begun) = (failed.clone(), Instant::now());
        let client = calling()
            .on_event(move |event| {
                if let Event::Unreachable { .. } = event {
                    failing.lock().unwrap().push(begun.elapsed());
                }
            })
            .start()
            .unwrap();
        let called = client.call("hello").await;
        assert!(matches!(called, Err(CallError::Deadline(_))), "{called:?}");
        client.close().await;
        let failed = failed.lock().unwrap();
        assert_eq!(failed[0], limits.handshake);
        assert!(failed[1] < limits.handshake * 2 + Duration::from_millis(250), "{failed:?}");
    });
}

#[test]
fn a_login_that_is_never_answered_is_given_up() {
    paused(async {
        let (dialer, mut listener) = memory();
        let events = Events::default();
        let begun = Instant::now();
        let client = connect(dialer, Lines::any())
            .calls(Correlation::in_order())
            .login(async |mut conn| {
                conn.recv().await?;
                Ok(conn)
            })
            .on_event(events.hook())
            .start()
            .unwrap();
        let silent = accept(&mut listener).await;
        let mut server = accept(&mut listener).await;
        assert!((10..12).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
        server.send("welcome").await.unwrap();
        assert!(client.connected().await);
        assert_eq!(events.take(), ["the login was not done after 10s"]);
        drop((silent, server));
        client.close().await;
    });
}

#[test]
fn it_can_end_with_its_first_connection() {
    paused(async {
        let (dialer, mut listener) = memory();
        let client = connect(dialer, Lines::any()).calls(Correlation::in_order()).once().await.unwrap();
        let mut unsolicited = client.unsolicited().unwrap();
        let mut server = accept(&mut listener).await;
        let lost = async {
            server.recv().await.unwrap();
            drop(server);
        };
        let (called, ()) = tokio::join!(client.call("hello"), lost);
        assert!(matches!(called, Err(CallError::Lost)), "{called:?}");
        assert_eq!(unsolicited.next().await, None);
        assert!(client.is_closed() && !client.is_connected() && !client.connected().await);
        let called = client.call("hello").await;
        assert!(matches!(&called, Err(error @ CallError::Closed) if error.is_unsent()), "{called:?}");
        assert_eq!(client.try_send("hello"), Err(SendError::Closed("hello")));
        assert_eq!(client.send("hello").await, Err(SendError::Closed("hello")));
        client.close().await;
    });
}

#[test]
fn what_waits_for_a_connection_is_bounded() {
    paused(async {
        let (dialer, mut listener) = memory();
        let limits = Limits { queue: 3, ..Limits::default() };
        let failing = Failing(Arc::new(AtomicUsize::new(8)), dialer);
        let calling = connect(failing, Lines::any()).limits(limits).calls(Correlation::in_order());
        let client = calling.start().unwrap();
        for n in 1..=3 {
            client.try_send(format!("message {n}")).unwrap();
        }
        assert_eq!(client.try_send("one too many"), Err(SendError::Full("one too many")));
        let begun = Instant::now();
        let called = client.call("one too many").await;
        assert!(matches!(called, Err(CallError::Deadline(_))), "{called:?}");
        assert_eq!(begun.elapsed(), Duration::from_secs(10));
        let mut server = accept(&mut listener).await;
        for n in 1..=3 {
            assert_eq!(server.recv().await.unwrap().unwrap(), format!("message {n}"));
        }
        drop(server);
        client.close().await;
    });
}

#[test]
fn calls_that_were_given_up_leave_their_room_to_others() {
    paused(async {
        let limits = Limits { queue: 2, ..Limits::default() };
        let client = connect(Never, Lines::any()).limits(limits).calls(Correlation::in_order()).start().unwrap();
        let second = Duration::from_secs(1);
        let called = tokio::join!(client.call_within(second, "a"), client.call_within(second, "b"));
        assert!(matches!(called, (Err(CallError::Deadline(_)), Err(CallError::Deadline(_)))), "{called:?}");
        client.try_send("a message").unwrap();
        client.close().await;
    });
}
