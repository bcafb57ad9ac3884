//! Calls: requests to a peer by the handle of its connection, and their answers among whatever else it says.

#[path = "support/echo.rs"]
mod echo;
mod support;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use echo::{Running, VERBS, Verb, ask, ask_within, by_letter, line, reads, says, settled};
use support::runtime::paused;
use tokio::io::AsyncWriteExt;
use tokio::sync::Notify;
use tokio::time::Instant;
use wirework::servers::CallError;
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

/// Servers in which a conversation goes on when its peer has closed, until it gets the word.
fn that_go_on(word: &Arc<Notify>) -> [Running; 3] {
    let (first, second, third) = (word.clone(), word.clone(), word.clone());
    let each = Running::start(|serve, given| {
        serve.calls(by_letter()).each(async move |mut conn| {
            given.send(conn.handle())?;
            while conn.recv().await?.is_some() {}
            third.notified().await;
            Ok(())
        })
    });
    let waits = |word: Arc<Notify>| {
        async move |_, line: Bytes| {
            word.notified().await;
            line
        }
    };
    let reply = |several, word| Running::reply(several, Limits::default(), waits(word));
    [reply(false, first), reply(true, second), each]
}

/// There is no answer to wait for, whatever the conversation does meanwhile.
#[test]
fn a_call_is_lost_at_once_when_the_peer_closes() {
    paused(async {
        for half in [false, true] {
            let word = Arc::new(Notify::new());
            let servers = VERBS.map(|verb| Running::echo(verb, Limits::default()));
            for (n, mut server) in servers.into_iter().chain(that_go_on(&word)).enumerate() {
                let (mut client, handle) = server.client().await;
                client.send("hello").await.unwrap();
                let call = ask(&handle, "?a");
                settled().await;
                let since = Instant::now();
                let (mut io, _) = client.into_stream().await.unwrap();
                if half {
                    io.shutdown().await.unwrap();
                } else {
                    drop(io);
                }
                let error = call.await.unwrap().unwrap_err();
                assert!(matches!(error, CallError::Lost) && !error.is_unsent(), "server {n}: {error}");
                // One that neither receives nor closes does not know of it.
                if n != 6 {
                    let error = handle.call("?b").await.unwrap_err();
                    assert!(
                        matches!(error, CallError::Closed),
                        "server {n}: {error}: it would not be answered, either"
                    );
                }
                assert_eq!(since.elapsed().as_secs(), 0, "server {n}");
                word.notify_waiters();
                assert_eq!(server.stop().await.cut, 0);
            }
        }
    });
}

#[test]
fn a_call_is_lost_at_once_when_a_handler_fails() {
    paused(async {
        let limits = Limits { calls: 1, ..Limits::default() };
        let mut server = Running::reply(false, limits, async |_, _| Err::<Bytes, _>("as it was told"));
        let (mut client, handle) = server.client().await;
        let call = ask(&handle, "?a");
        settled().await;
        for _ in 0..4 {
            handle.send("x".repeat(60_000)).await.unwrap();
        }
        let waits = ask(&handle, "?b");
        settled().await;
        let since = Instant::now();
        client.send("fail").await.unwrap();
        assert!(matches!(call.await.unwrap().unwrap_err(), CallError::Lost));
        assert_eq!(since.elapsed().as_secs(), 0, "what waits to be written is not waited for");
        drop(client);
        assert!(matches!(waits.await.unwrap().unwrap_err(), CallError::Closed));
    });
}

#[test]
fn a_call_that_is_given_up_while_it_waits_is_not_made() {
    paused(async {
        for verb in VERBS {
            let mut server = Running::echo(verb, Limits { calls: 1, ..Limits::default() });
            let (mut client, handle) = server.client().await;
            let first = ask(&handle, "?a");
            settled().await;
            assert!(handle.call_within(SECOND, "?b").await.is_err());
            let third = ask(&handle, "?c");
            assert_eq!(line(&mut client).await, "?a");
            client.send("=a").await.unwrap();
            assert_eq!(line(&mut client).await, "?c", "{verb:?}");
            client.send("=c").await.unwrap();
            assert!(first.await.unwrap().is_ok() && third.await.unwrap().is_ok(), "{verb:?}");
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
            io.shutdown().await.unwrap();
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
