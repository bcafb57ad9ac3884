//! Several connections, of which each call takes one.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::DuplexStream;
use tokio::time::Instant;
use wirework::core::Raw;
use wirework::framing::Until;
use wirework::servers::{CallError, Calling, Correlation, MemoryDialer, MemoryListener, Pool};
use wirework::{Connection, Event, Limits, Lines, connect, memory};

use crate::support::runtime::paused;
use crate::{accept, answers};

fn calling() -> (Calling<MemoryDialer, Until>, MemoryListener) {
    let (dialer, listener) = memory();
    (connect(dialer, Lines::any()).calls(Correlation::in_order()), listener)
}

fn pool(connections: usize) -> (Pool<Raw>, MemoryListener) {
    let (calling, listener) = calling();
    (calling.pool(connections).unwrap(), listener)
}

/// Makes a call, and waits until the server has it.
async fn received(pool: &Pool<Raw>, request: &'static str, server: &mut Connection<DuplexStream, Until>) -> Called {
    let pool = pool.clone();
    let called = tokio::spawn(async move { pool.call(request).await.map(|answer| answer.to_vec()) });
    assert_eq!(server.recv().await.unwrap().unwrap(), request);
    called
}

type Called = tokio::task::JoinHandle<Result<Vec<u8>, CallError>>;

#[test]
fn calls_overtake_each_other_on_as_many_connections_as_are_needed() {
    paused(async {
        let (pool, mut listener) = pool(2);
        let slow = pool.clone();
        let slow = tokio::spawn(async move { slow.call("slow").await.unwrap() });
        let mut first = accept(&mut listener).await;
        assert_eq!(first.recv().await.unwrap().unwrap(), "slow");
        let quick = async {
            let mut second = accept(&mut listener).await;
            answers(&mut second, "quick", "done").await;
            second
        };
        let (answer, mut second) = tokio::join!(pool.call("quick"), quick);
        assert_eq!(answer.unwrap(), "done");
        // The one that is free is taken again.
        let (answer, ()) = tokio::join!(pool.call("another"), answers(&mut second, "another", "done"));
        assert_eq!(answer.unwrap(), "done");
        first.send("at last").await.unwrap();
        assert_eq!(slow.await.unwrap(), "at last");
        drop(pool);
        assert_eq!((first.recv().await.unwrap(), second.recv().await.unwrap()), (None, None));
    });
}

#[test]
fn when_all_are_in_use_a_call_waits_for_as_long_as_a_call_may() {
    paused(async {
        let (pool, mut listener) = pool(1);
        let (one, mut server) = tokio::join!(pool.get(), accept(&mut listener));
        let one = one.unwrap();
        let (mine, ()) = tokio::join!(one.call("mine"), answers(&mut server, "mine", "yours"));
        assert_eq!(mine.unwrap(), "yours");
        let begun = Instant::now();
        let (called, got) = tokio::join!(pool.call("hello"), pool.get());
        assert!(matches!(called, Err(CallError::Deadline(_))), "{called:?}");
        assert!(matches!(got, Err(CallError::Deadline(_))), "{got:?}");
        assert_eq!(begun.elapsed(), Duration::from_secs(10));
        let called = pool.call_within(Duration::from_secs(1), "hello").await;
        assert!(matches!(called, Err(CallError::Deadline(_))), "{called:?}");
        assert_eq!(begun.elapsed(), Duration::from_secs(11));
        drop(one);
        let (answer, ()) = tokio::join!(pool.call("hello"), answers(&mut server, "hello", "you"));
        assert_eq!(answer.unwrap(), "you");
        drop(server);
    });
}

#[test]
fn one_that_is_broken_is_thrown_away_and_another_made() {
    paused(async {
        let (pool, mut listener) = pool(1);
        for n in 0..3 {
            let serving = async {
                let mut server = accept(&mut listener).await;
                answers(&mut server, "hello", "you").await;
                server
            };
            let (answer, mut server) = tokio::join!(pool.call("hello"), serving);
            assert_eq!(answer.unwrap(), "you", "{n}");
            let lost = received(&pool, "the answer is lost", &mut server).await;
            drop(server);
            assert!(matches!(lost.await.unwrap(), Err(CallError::Lost)));
        }
    });
}

#[test]
fn one_whose_call_was_given_up_is_used_again_and_its_late_answer_is_nobodys() {
    paused(async {
        let (pool, mut listener) = pool(1);
        let (late, mut server) = tokio::join!(pool.call_within(Duration::from_secs(1), "late"), accept(&mut listener));
        assert!(matches!(late, Err(CallError::Deadline(_))), "{late:?}");
        assert_eq!(server.recv().await.unwrap().unwrap(), "late");
        let cancelled = received(&pool, "cancelled", &mut server).await;
        cancelled.abort();
        assert!(cancelled.await.unwrap_err().is_cancelled());
        let called = received(&pool, "hello", &mut server).await;
        for answer in ["to the late one", "to the cancelled one", "to this one"] {
            server.send(answer).await.unwrap();
        }
        assert_eq!(called.await.unwrap().unwrap(), b"to this one");
        drop(server);
    });
}

#[test]
fn one_that_is_asked_to_leave_is_replaced_at_once() {
    paused(async {
        let (dialer, mut listener) = memory();
        let correlation = Correlation::in_order_but(|message| message == "leave");
        let calling = connect(dialer, Lines::any()).calls(correlation).leave_when(|message| message == "leave");
        let pool = calling.pool(2).unwrap();
        let serving = async {
            let mut old = accept(&mut listener).await;
            assert_eq!(old.recv().await.unwrap().unwrap(), "one");
            old
        };
        let held = tokio::spawn({
            let pool = pool.clone();
            async move {
                let one = pool.get().await.unwrap();
                let answer = one.call("one").await.unwrap();
                (answer, one.call("two").await)
            }
        });
        let mut old = serving.await;
        old.send("leave").await.unwrap();
        old.send("answered").await.unwrap();
        let (answer, refused) = held.await.unwrap();
        assert_eq!(answer, "answered");
        assert!(matches!(refused, Err(CallError::Closed)), "{refused:?}");
        let serving = async {
            let mut new = accept(&mut listener).await;
            answers(&mut new, "three", "here").await;
            new
        };
        let (answer, new) = tokio::join!(pool.call("three"), serving);
        assert_eq!(answer.unwrap(), "here");
        drop((old, new));
    });
}

#[test]
fn each_connection_logs_in_and_has_a_number_of_its_own() {
    paused(async {
        let (calling, mut listener) = calling();
        let opened = Arc::new(Mutex::new(Vec::new()));
        let telling = opened.clone();
        let calling = calling.on_event(move |event| {
            if let Event::Opened { id, .. } = event {
                telling.lock().unwrap().push(*id);
            }
        });
        let pool = calling
            .login(async |mut conn| {
                conn.send("login").await?;
                match conn.recv().await? {
                    Some(answer) if answer == "welcome" => Ok(conn),
                    other => Err(format!("refused: {other:?}").into()),
                }
            })
            .pool(3)
            .unwrap();
        let mut login = async |answer: &str| {
            let mut server = accept(&mut listener).await;
            answers(&mut server, "login", answer).await;
            server
        };
        let (refused, _) = tokio::join!(pool.call("hello"), login("go away"));
        let Err(refused @ CallError::Unreachable(_)) = refused else { panic!("{refused:?}") };
        let why = r#"no connection could be made, and the request was not sent: refused: Some(b"go away")"#;
        assert!(refused.is_unsent() && refused.to_string() == why, "{refused}");
        let (one, first) = tokio::join!(pool.get(), login("welcome"));
        let (two, second) = tokio::join!(pool.get(), login("welcome"));
        assert_eq!(*opened.lock().unwrap(), [2, 3]);
        drop((one, two, first, second));
    });
}

#[test]
fn what_connecting_takes_is_bounded_by_the_call() {
    paused(async {
        let (calling, mut listener) = calling();
        let pool = calling.login(async |_| std::future::pending().await).pool(1).unwrap();
        let begun = Instant::now();
        let called = pool.call_within(Duration::from_secs(2), "hello").await;
        assert!(matches!(called, Err(CallError::Deadline(_))), "{called:?}");
        assert_eq!(begun.elapsed(), Duration::from_secs(2));
        // Nothing is left of it.
        assert_eq!(accept(&mut listener).await.recv().await.unwrap(), None);
    });
}

#[test]
fn a_pool_of_none_is_one_of_one() {
    paused(async {
        let (dialer, mut listener) = memory();
        let limits = Limits { call: Duration::from_secs(1).into(), ..Limits::default() };
        let pool = connect(dialer, Lines::any()).limits(limits).calls(Correlation::in_order()).pool(0).unwrap();
        let serving = async {
            let mut server = accept(&mut listener).await;
            answers(&mut server, "hello", "you").await;
            server
        };
        let (answer, _server) = tokio::join!(pool.call("hello"), serving);
        assert_eq!(answer.unwrap(), "you");
    });
}
