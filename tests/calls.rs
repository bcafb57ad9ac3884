//! Calls: requests to a peer by the handle of its connection, and their answers among whatever else it says.

#[path = "support/echo.rs"]
mod echo;
mod support;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use echo::{Running, VERBS, Verb, ask, ask_within, by_letter, line, reads, says, settled};
use support::Events;
use support::runtime::paused;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};
use wirework::servers::{CallError, Correlation};
use wirework::{Limits, Received};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn an_answer_is_found_among_other_messages_and_none_of_those_is_lost() {
    paused(async {
        for verb in VERBS {
            let mut server = Running::echo(verb, Limits::default());
            let (mut client, handle) = server.client().await;
            let (a, b) = (ask(&handle, "?a"), ask(&handle, "?b"));
            reads(&mut client, ["?a", "?b"]).await;
            says(&mut client, &["one", "=b", "two", "=c of no call", "=a", "three"]).await;
            reads(&mut client, ["one", "two", "=c of no call", "three"]).await;
            assert_eq!((a.await.unwrap().unwrap(), b.await.unwrap().unwrap()), ("=a".into(), "=b".into()), "{verb:?}");
        }
    });
}

#[test]
fn a_call_ends_by_its_deadline_and_its_late_answer_is_dropped() {
    paused(async {
        for verb in VERBS {
            let mut server = Running::echo(verb, Limits::default());
            let (mut client, handle) = server.client().await;
            let since = Instant::now();
            let error = handle.call_within(SECOND, "?a").await.unwrap_err();
            assert!(matches!(error, CallError::Deadline(SECOND)) && !error.is_unsent(), "{error}");
            assert!(matches!(handle.call("?b").await.unwrap_err(), CallError::Deadline(time) if time == 10 * SECOND));
            assert_eq!(since.elapsed().as_secs(), 11, "{verb:?}");
            reads(&mut client, ["?a", "?b"]).await;
            assert!(matches!(handle.call("?a again").await.unwrap_err(), CallError::Duplicate), "its answer may come");
            says(&mut client, &["=a late", "=b late", "said"]).await;
            assert_eq!(line(&mut client).await, "said", "{verb:?}");
            let again = ask(&handle, "?a again");
            assert_eq!(line(&mut client).await, "?a again");
            client.send("=a in time").await.unwrap();
            assert_eq!(again.await.unwrap().unwrap(), "=a in time");
        }
    });
}

#[test]
fn a_call_says_why_it_was_not_made() {
    paused(async {
        for verb in VERBS {
            let mut server = Running::echo_as(verb, |serve| serve);
            let (client, handle) = server.client().await;
            let error = handle.call("?a").await.unwrap_err();
            assert!(matches!(error, CallError::Uncorrelated) && error.is_unsent(), "{verb:?}: {error}");
            drop(client);
            handle.closed().await;
            let error = handle.call("?a").await.unwrap_err();
            assert!(matches!(error, CallError::Closed) && error.is_unsent(), "{verb:?}: {error}");

            let mut server = Running::echo(verb, Limits::default());
            let (mut client, handle) = server.client().await;
            let error = handle.call("a").await.unwrap_err();
            assert!(matches!(error, CallError::NoKey) && error.is_unsent(), "{verb:?}: {error}");
            let error = handle.call("?b\n").await.unwrap_err();
            assert!(matches!(error, CallError::Unsendable(_)), "{verb:?}: {error:?}");
            assert!(error.is_unsent());
            let first = ask(&handle, "?b");
            settled().await;
            let error = handle.call("?b").await.unwrap_err();
            assert!(matches!(error, CallError::Duplicate) && error.is_unsent(), "{verb:?}: {error}");
            assert_eq!(line(&mut client).await, "?b");
            client.send("=b").await.unwrap();
            assert_eq!(first.await.unwrap().unwrap(), "=b");
            settled().await;
            assert_eq!(server.server.connections()[0].frames_out, 1, "{verb:?}: the others were not sent");
        }
    });
}

/// There is no answer to wait for, whatever the conversation does meanwhile.
#[test]
fn a_call_is_lost_at_once_when_the_peer_closes() {
    paused(async {
        let never = Arc::new(Notify::new());
        let wait = |never: &Arc<Notify>| {
            let never = never.clone();
            async move |_, line: Bytes| {
                if line == "wait" {
                    never.notified().await;
                }
                line
            }
        };
        let after_all = Arc::new(Notify::new());
        let word = after_all.clone();
        let each = Running::start(move |serve, given| {
            serve.calls(by_letter()).each(async move |mut conn| {
                given.send(conn.handle())?;
                while conn.recv().await?.is_some() {}
                word.notified().await;
                Ok(())
            })
        });
        let servers = VERBS
            .map(|verb| Running::echo(verb, Limits::default()))
            .into_iter()
            .chain([false, true].map(|several| Running::reply(several, Limits::default(), wait(&never))));
        for (n, mut server) in servers.chain([each]).enumerate() {
            let (mut client, handle) = server.client().await;
            client.send("wait").await.unwrap();
            let call = ask(&handle, "?a");
            settled().await;
            let since = Instant::now();
            drop(client);
            let error = call.await.unwrap().unwrap_err();
            assert!(matches!(error, CallError::Lost) && !error.is_unsent(), "server {n}: {error}");
            let error = handle.call("?b").await.unwrap_err();
            assert!(matches!(error, CallError::Closed), "server {n}: {error}: it would not be answered, either");
            assert_eq!(since.elapsed().as_secs(), 0, "server {n}");
            never.notify_one();
            after_all.notify_one();
            assert_eq!(server.stop().await.cut, 0);
        }
    });
}

/// Its side may be open, and what it was sent unread.
#[test]
fn a_call_is_not_kept_by_a_connection_that_closes() {
    paused(async {
        for verb in [Verb::Reply, Verb::Several, Verb::Each] {
            let mut server = Running::echo(verb, Limits::default());
            let (client, handle) = server.client().await;
            let call = ask(&handle, "?a");
            settled().await;
            for _ in 0..4 {
                handle.send("x".repeat(60_000)).await.unwrap();
            }
            settled().await;
            handle.close();
            let (mut io, _) = client.into_stream().await.unwrap();
            let since = Instant::now();
            tokio::io::AsyncWriteExt::shutdown(&mut io).await.unwrap();
            assert!(matches!(call.await.unwrap().unwrap_err(), CallError::Lost), "{verb:?}");
            assert_eq!(since.elapsed().as_secs(), 0, "{verb:?}");
        }
    });
}

#[test]
fn a_connection_that_is_told_to_close_loses_its_calls() {
    paused(async {
        for verb in VERBS {
            let mut server = Running::echo(verb, Limits { calls: 1, ..Limits::default() });
            let (mut client, handle) = server.client().await;
            let (first, second) = (ask(&handle, "?a"), ask(&handle, "?b"));
            assert_eq!(line(&mut client).await, "?a");
            let since = Instant::now();
            handle.close();
            assert!(matches!(first.await.unwrap().unwrap_err(), CallError::Lost), "{verb:?}");
            assert!(matches!(second.await.unwrap().unwrap_err(), CallError::Closed), "{verb:?}");
            assert_eq!(client.recv().await.unwrap(), None);
            assert_eq!(since.elapsed().as_secs(), 0, "{verb:?}");

            let (mut client, handle) = server.client().await;
            let (first, second) = (ask(&handle, "?a"), ask(&handle, "?b"));
            assert_eq!(line(&mut client).await, "?a");
            assert!(server.server.close(handle.id()));
            assert!(matches!(first.await.unwrap().unwrap_err(), CallError::Lost), "{verb:?}");
            assert!(matches!(second.await.unwrap().unwrap_err(), CallError::Closed), "{verb:?}");

            let (mut client, handle) = server.client().await;
            let (first, second) = (ask(&handle, "?a"), ask(&handle, "?b"));
            assert_eq!(line(&mut client).await, "?a");
            drop(client);
            assert!(matches!(first.await.unwrap().unwrap_err(), CallError::Lost), "{verb:?}");
            assert!(matches!(second.await.unwrap().unwrap_err(), CallError::Closed), "{verb:?}");
        }
    });
}

#[test]
fn a_call_waits_for_room_and_what_was_sent_behind_it_with_it() {
    paused(async {
        for verb in VERBS {
            let mut server = Running::echo(verb, Limits { calls: 1, ..Limits::default() });
            let (mut client, handle) = server.client().await;
            let since = Instant::now();
            let first = ask_within(&handle, SECOND, "?a");
            settled().await;
            let second = ask(&handle, "?b");
            settled().await;
            handle.send("behind").await.unwrap();
            reads(&mut client, ["?a", "?b", "behind"]).await;
            assert_eq!(since.elapsed().as_secs(), 1, "{verb:?}: once the first was given up");
            assert!(first.await.unwrap().is_err());
            let third = ask(&handle, "?c");
            settled().await;
            client.send("=b").await.unwrap();
            assert_eq!(line(&mut client).await, "?c", "{verb:?}: once the second was answered");
            client.send("=a late").await.unwrap();
            client.send("=c").await.unwrap();
            assert_eq!(second.await.unwrap().unwrap(), "=b");
            assert_eq!(third.await.unwrap().unwrap(), "=c");
            client.send("said").await.unwrap();
            assert_eq!(line(&mut client).await, "said", "{verb:?}: the late answer was dropped");
        }
    });
}

#[test]
fn answers_in_order_that_are_late_do_not_disturb_and_that_do_not_come_are_not_guessed() {
    paused(async {
        for verb in VERBS {
            let events = Events::default();
            let heard = events.clone();
            let in_order = Correlation::in_order_but(|message: &Bytes| message.starts_with(b">"));
            let mut server =
                Running::echo_as(verb, |serve| serve.calls(in_order).on_event(move |event| heard.add(event)));
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
fn each_is_answered_while_it_receives() {
    paused(async {
        let mut server = Running::start(|serve, given| {
            serve.calls(by_letter()).each(async move |mut conn| {
                let handle = conn.handle();
                given.send(handle.clone())?;
                let mut call = std::pin::pin!(handle.call("?a"));
                let answer = loop {
                    match conn.recv_or(&mut call).await? {
                        Received::Message(line) => conn.feed(line).await?,
                        Received::Other(answer) => break answer?,
                        Received::End => unreachable!(),
                    }
                };
                conn.send([&answer[..], b", then"].concat()).await?;
                let mut call = std::pin::pin!(handle.call("?b"));
                assert!(matches!(conn.recv_or(&mut call).await?, Received::End));
                assert!(matches!(call.await, Err(CallError::Lost)));
                Ok(())
            })
        });
        let (mut client, handle) = server.client().await;
        assert_eq!(line(&mut client).await, "?a");
        says(&mut client, &["one", "two", "=a"]).await;
        reads(&mut client, ["one", "two", "=a, then", "?b"]).await;
        drop(client);
        handle.closed().await;
    });
}
