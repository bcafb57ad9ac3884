//! How long a connection waits for the answers to calls: when its server drains, when its peer says nothing, and when one does
//! not come.

#[path = "support/echo.rs"]
mod echo;
mod support;

use std::time::Duration;

use bytes::Bytes;
use echo::{Running, VERBS, ask, ask_within, line, reads, says, settled};
use support::Events;
use support::runtime::paused;
use tokio::time::{Instant, sleep};
use wirework::core::Raw;
use wirework::servers::{CallError, Correlation, Handle};
use wirework::{Limit, Limits};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_drain_waits_for_an_answer() {
    paused(async {
        for verb in VERBS {
            let mut server = Running::echo(verb, Limits::default());
            let (mut client, handle) = server.client().await;
            let (call, given_up) = (ask(&handle, "?a"), ask_within(&handle, SECOND, "?b"));
            reads(&mut client, ["?a", "?b"]).await;
            let since = Instant::now();
            let ended = tokio::spawn(server.stop());
            sleep(5 * SECOND).await;
            client.send("=a").await.unwrap();
            assert_eq!(call.await.unwrap().unwrap(), "=a", "{verb:?}");
            assert!(given_up.await.unwrap().is_err());
            assert_eq!(client.recv().await.unwrap(), None);
            assert!((6..9).contains(&since.elapsed().as_secs()), "{verb:?}: {:?}", since.elapsed());
            drop(client);
            assert_eq!(ended.await.unwrap().cut, 0, "{verb:?}");
        }
    });
}

#[test]
fn a_drain_waits_no_longer_than_it_may_take() {
    paused(async {
        for verb in VERBS {
            let mut server = Running::echo(verb, Limits::default());
            let (client, handle) = server.client().await;
            let call = ask(&handle, "?a");
            settled().await;
            let since = Instant::now();
            assert_eq!(server.stop().await.cut, 1, "{verb:?}");
            assert_eq!(since.elapsed().as_secs(), 15);
            assert!(matches!(call.await.unwrap(), Err(CallError::Lost)), "{verb:?}");
            drop(client);
        }
    });
}

#[test]
fn a_drain_does_not_wait_for_an_answer_that_nobody_awaits() {
    paused(async {
        for verb in VERBS {
            let mut server = Running::echo(verb, Limits::default());
            let (mut client, handle) = server.client().await;
            assert!(handle.call_within(SECOND, "?a").await.is_err());
            assert_eq!(line(&mut client).await, "?a");
            let since = Instant::now();
            let ended = tokio::spawn(server.stop());
            assert_eq!(client.recv().await.unwrap(), None);
            assert!(since.elapsed().as_secs() < 3, "{verb:?}");
            drop(client);
            assert_eq!(ended.await.unwrap().cut, 0, "{verb:?}");
        }
    });
}

/// Asks one thing after another, without a pause, until the connection is closed. Gives how long that takes.
async fn ask_on(handle: &Handle<Raw>, letters: impl Iterator<Item = char> + Clone, each: Duration) -> Duration {
    let since = Instant::now();
    for letter in letters.cycle() {
        match handle.call_within(each, format!("?{letter}")).await {
            Err(CallError::Deadline(_)) => {}
            Err(CallError::Lost | CallError::Closed) => return since.elapsed(),
            other => panic!("{other:?}"),
        }
    }
    panic!("there are letters without end")
}

#[test]
fn who_has_vanished_is_not_kept_by_what_it_is_asked() {
    paused(async {
        for verb in VERBS {
            let mut server = Running::echo(verb, Limits::default());
            let (client, handle) = server.client().await;
            let kept = ask_on(&handle, 'a'..='z', 7 * SECOND).await;
            assert!((60 * SECOND..72 * SECOND).contains(&kept), "{verb:?}: it has never said anything for {kept:?}");
            drop(client);

            let (mut client, handle) = server.client().await;
            client.send("hello").await.unwrap();
            assert_eq!(line(&mut client).await, "hello");
            let kept = ask_on(&handle, 'a'..='z', 7 * SECOND).await;
            assert!((300 * SECOND..312 * SECOND).contains(&kept), "{verb:?}: it has said nothing for {kept:?}");
            drop(client);

            // At each time there is somebody who awaits an answer.
            let (client, handle) = server.client().await;
            let (one, other) = (ask_on(&handle, 'a'..='z', 7 * SECOND), ask_on(&handle, 'A'..='Z', 5 * SECOND));
            let (kept, _) = tokio::join!(one, other);
            assert!((60 * SECOND..72 * SECOND).contains(&kept), "{verb:?}: it has never said anything for {kept:?}");
            drop(client);
        }
    });
}

#[test]
fn who_is_given_longer_for_an_answer_is_not_idle_before() {
    paused(async {
        for verb in VERBS {
            let mut server = Running::echo(verb, Limits::default());
            let (mut client, handle) = server.client().await;
            let call = ask(&handle, "?a");
            assert_eq!(line(&mut client).await, "?a");
            sleep(400 * SECOND).await;
            client.send("=a").await.unwrap();
            assert_eq!(call.await.unwrap().unwrap(), "=a", "{verb:?}");
            sleep(200 * SECOND).await;
            client.send("still here").await.unwrap();
            assert_eq!(line(&mut client).await, "still here", "{verb:?}");

            let since = Instant::now();
            assert!(handle.call_within(400 * SECOND, "?b").await.is_err());
            assert_eq!(line(&mut client).await, "?b");
            assert_eq!(client.recv().await.unwrap(), None);
            assert_eq!(since.elapsed().as_secs(), 400, "{verb:?}: it is idle as soon as nobody awaits its answer");
        }
    });
}

#[test]
fn who_says_nothing_is_idle_although_it_is_sent_to() {
    paused(async {
        for verb in VERBS {
            let mut server = Running::echo(verb, Limits::default());
            let (mut client, handle) = server.client().await;
            let since = Instant::now();
            for _ in 0..5 {
                handle.send("what it is sent does not count").await.unwrap();
                sleep(10 * SECOND).await;
            }
            handle.closed().await;
            assert!((60 * SECOND..72 * SECOND).contains(&since.elapsed()), "{verb:?}: {:?}", since.elapsed());
            for _ in 0..5 {
                line(&mut client).await;
            }
            assert_eq!(client.recv().await.unwrap(), None);
        }
    });
}

#[test]
fn answers_in_order_that_are_late_do_not_disturb_and_that_do_not_come_are_not_guessed() {
    paused(async {
        for verb in VERBS {
            let events = Events::default();
            let in_order = Correlation::in_order_but(|message: &Bytes| message.starts_with(b">"));
            let mut server = Running::echo_as(verb, |serve| serve.calls(in_order).on_event(events.hook()));
            let (mut client, handle) = server.client().await;
            assert!(handle.call_within(SECOND, "late").await.is_err());
            let next = ask(&handle, "in time");
            reads(&mut client, ["late", "in time"]).await;
            says(&mut client, &[">pushed", "to the first", "to the second"]).await;
            assert_eq!(next.await.unwrap().unwrap(), "to the second", "{verb:?}");
            assert_eq!(line(&mut client).await, ">pushed");

            assert!(handle.call("very late").await.is_err());
            sleep(100 * SECOND).await;
            says(&mut client, &["to the third", ">said"]).await;
            reads(&mut client, ["very late", ">said"]).await;
            assert_eq!(events.take(), [""; 0], "{verb:?}: nobody asked meanwhile");

            assert!(handle.call("never").await.is_err());
            sleep(60 * SECOND).await;
            let error = handle.call("whose would the answer be?").await.unwrap_err();
            assert!(matches!(error, CallError::Closed), "{verb:?}: {error}");
            assert_eq!(line(&mut client).await, "never");
            assert!(client.recv().await.unwrap().is_none());
            drop(client);
            assert_eq!(server.stop().await.cut, 0);
            let told = events.take();
            assert!(told.len() == 1 && told[0].contains("was not answered for 60s"), "{verb:?}: {told:?}");
        }
    });
}

#[test]
fn a_request_is_forgotten_when_it_is_overdue() {
    paused(async {
        for verb in VERBS {
            let mut server = Running::echo(verb, Limits::default());
            let (mut client, handle) = server.client().await;
            assert!(handle.call_within(SECOND, "?a").await.is_err());
            assert_eq!(line(&mut client).await, "?a");
            sleep(20 * SECOND).await;
            client.send("=a late").await.unwrap();
            settled().await;
            assert!(handle.call_within(SECOND, "?a").await.is_err());
            assert_eq!(line(&mut client).await, "?a");
            client.send("still here").await.unwrap();
            assert_eq!(line(&mut client).await, "still here");
            sleep(60 * SECOND).await;
            client.send("and here").await.unwrap();
            assert_eq!(line(&mut client).await, "and here");
            client.send("=a too late").await.unwrap();
            assert_eq!(line(&mut client).await, "=a too late", "{verb:?}");
        }
    });
}

#[test]
fn a_call_that_waits_for_room_does_not_wait_behind_one_that_is_overdue() {
    paused(async {
        for verb in VERBS {
            let (first_byte, idle, call) = (Limit::Unlimited, Limit::Unlimited, Limit::Unlimited);
            let limits = Limits { calls: 1, first_byte, idle, call, ..Limits::default() };
            let mut server = Running::echo_as(verb, |serve| serve.limits(limits).calls(Correlation::in_order()));
            let (client, handle) = server.client().await;
            assert!(handle.call_within(SECOND, "never").await.is_err());
            let since = Instant::now();
            let error = handle.call("waits").await.unwrap_err();
            assert!(matches!(error, CallError::Closed), "{verb:?}: {error}");
            assert!((58 * SECOND..60 * SECOND).contains(&since.elapsed()), "{verb:?}: {:?}", since.elapsed());
            drop(client);
        }
    });
}
