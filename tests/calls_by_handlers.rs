//! Calls that handlers make to their own peer, while other messages come.

#[path = "support/echo.rs"]
mod echo;
mod support;

use std::time::Duration;

use bytes::Bytes;
use echo::{Client, Running, line, reads, says, settled};
use support::runtime::paused;
use support::start;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, sleep};
use wirework::core::{BoxError, Raw, TextEncoding};
use wirework::format::{Choice, Chosen};
use wirework::servers::{Correlation, Handle, State};
use wirework::{Encoding, FramingExt, GBK, LengthPrefix, Limits, UTF_8, serve};

const SECOND: Duration = Duration::from_secs(1);

/// Asks its own peer when it is told to.
async fn ask_back(handle: Handle<Raw>, line: Bytes) -> Bytes {
    match line.strip_prefix(b"ask ") {
        None => line,
        Some(what) => match handle.call([b"?", what].concat()).await {
            Ok(answer) => answer,
            Err(error) => error.to_string().into(),
        },
    }
}

#[test]
fn a_handler_asks_its_own_peer_while_others_come() {
    paused(async {
        for several in [false, true] {
            let mut server = Running::reply(several, Limits::default(), ask_back);
            let (mut client, _handle) = server.client().await;
            let others: Vec<_> = (0..64).map(|n| n.to_string()).collect();
            let others: Vec<_> = others.iter().map(String::as_str).collect();
            says(&mut client, &["ask a"]).await;
            assert_eq!(line(&mut client).await, "?a");
            says(&mut client, &others).await;
            settled().await;
            client.send("=a").await.unwrap();
            reads(&mut client, ["=a"]).await;
            reads(&mut client, &others).await;
            client.send("ask b").await.unwrap();
            assert_eq!(line(&mut client).await, "?b");
            says(&mut client, &["=b", "the last"]).await;
            reads(&mut client, ["=b", "the last"]).await;
        }
    });
}

#[test]
fn more_than_so_many_wait_and_none_is_lost() {
    paused(async {
        for several in [false, true] {
            let mut server = Running::reply(several, Limits::default(), ask_back);
            let (mut client, _handle) = server.client().await;
            // As many as are handled at once, if several are.
            let asked: &[_] = if several { &["ask a", "ask b", "ask c", "ask d"] } else { &["ask a"] };
            says(&mut client, asked).await;
            for asked in asked {
                assert_eq!(line(&mut client).await, asked.replace("ask ", "?"));
            }
            let since = Instant::now();
            let others: Vec<_> = (0..1000).map(|n| n.to_string()).collect();
            let others: Vec<_> = others.iter().map(String::as_str).collect();
            says(&mut client, &others).await;
            says(&mut client, &["=a"]).await;
            for _ in asked {
                assert_eq!(line(&mut client).await, "no answer came within 10s");
            }
            assert_eq!(since.elapsed().as_secs(), 10);
            reads(&mut client, &others).await;
            says(&mut client, &["after it"]).await;
            assert_eq!(line(&mut client).await, "after it", "the late answer was dropped");
            assert_eq!(server.server.buffered(), 0);
        }
    });
}

#[test]
fn handlers_that_ask_at_once_are_answered_in_any_order() {
    paused(async {
        let mut server = Running::reply(true, Limits::default(), ask_back);
        let (mut client, _handle) = server.client().await;
        says(&mut client, &["ask a", "ask b", "ask c", "ask d", "five"]).await;
        reads(&mut client, ["?a", "?b", "?c", "?d"]).await;
        says(&mut client, &["six", "=d", "=b", "=c", "=a"]).await;
        reads(&mut client, ["=a", "=b", "=c", "=d", "five", "six"]).await;
    });
}

#[test]
fn a_drain_waits_for_a_handler_that_asks() {
    paused(async {
        for several in [false, true] {
            let mut server = Running::reply(several, Limits::default(), ask_back);
            let (mut client, _handle) = server.client().await;
            client.send("ask a").await.unwrap();
            assert_eq!(line(&mut client).await, "?a");
            let ended = tokio::spawn(server.stop());
            sleep(5 * SECOND).await;
            says(&mut client, &["aside", "=a"]).await;
            reads(&mut client, ["=a", "aside"]).await;
            assert_eq!(client.recv().await.unwrap(), None);
            drop(client);
            assert_eq!(ended.await.unwrap().cut, 0);
        }
    });
}

/// Has as many handlers ask as there can be at once. Gives what they ask.
async fn ask_all(client: &mut Client, several: bool) -> &'static [&'static str] {
    let (told, asked): (&[_], &[_]) = if several {
        (&["ask a", "ask b", "ask c", "ask d"], &["?a", "?b", "?c", "?d"])
    } else {
        (&["ask a"], &["?a"])
    };
    says(client, told).await;
    reads(client, asked).await;
    asked
}

#[test]
fn what_is_set_aside_is_held_and_the_handler_at_work() {
    paused(async {
        for several in [false, true] {
            let mut server = Running::reply(several, Limits::default(), ask_back);
            let (mut client, _handle) = server.client().await;
            let asked = ask_all(&mut client, several).await;
            let others: Vec<_> = (0..20).map(|n| format!("{n} {}", "x".repeat(50_000))).collect();
            says(&mut client, &others.iter().map(String::as_str).collect::<Vec<_>>()).await;
            settled().await;
            let (held, known) = (server.server.buffered(), server.server.connections());
            assert!((1_000_000..1_200_000).contains(&held), "{held}");
            assert_eq!(known[0].state, State::Handling);
            for asked in asked {
                client.send(asked.replace('?', "=")).await.unwrap();
            }
            reads(&mut client, asked.iter().map(|asked| asked.replace('?', "="))).await;
            reads(&mut client, &others).await;
            settled().await;
            assert_eq!(server.server.buffered(), 0);
            assert_eq!(server.server.connections()[0].state, State::Waiting);
        }
    });
}

#[test]
fn a_peer_of_which_too_much_is_set_aside_is_closed() {
    paused(async {
        for several in [false, true] {
            let limits = Limits { buffered: 1_000_000.into(), ..Limits::default() };
            let mut server = Running::reply(several, limits, ask_back);
            let (mut client, handle) = server.client().await;
            ask_all(&mut client, several).await;
            let since = Instant::now();
            for _ in 0..40 {
                // Nobody may be there any more.
                let _ = client.send("x".repeat(50_000)).await;
            }
            handle.closed().await;
            assert!(since.elapsed() < SECOND);
            drop(client);
            settled().await;
            assert_eq!((server.server.open(), server.server.buffered()), (0, 0));
        }
    });
}

/// A first letter `g` or `u` says in which encoding a message is, and those that follow.
fn by_first_letter() -> Chosen {
    Chosen::one_of(UTF_8, [GBK]).by(|message: &[u8], _| {
        Ok::<_, BoxError>(match message.first() {
            Some(b'g') => Choice::This(GBK),
            Some(b'u') => Choice::This(UTF_8),
            _ => Choice::AsBefore,
        })
    })
}

fn framed(text: &str, encoding: Encoding) -> Vec<u8> {
    let mut out = bytes::BytesMut::new();
    encoding.encode(text, Default::default(), &mut out).unwrap();
    [&[out.len() as u8][..], &out[..]].concat()
}

#[test]
fn what_was_set_aside_is_answered_in_its_own_encoding() {
    paused(async {
        let by_letter: fn(&str) -> Option<char> = |text| text.strip_prefix(['?', '='])?.chars().next();
        let correlation =
            Correlation::by_key(
                by_letter,
                move |message: &String| {
                    if message.starts_with('=') { by_letter(message) } else { None }
                },
            );
        let dialer = start(|listener| {
            serve(listener, LengthPrefix::u8().format(by_first_letter())).calls(correlation).reply_with(
                |handle| handle,
                async |handle: Handle<Chosen>, text: String| {
                    if text.contains("ask") { handle.call("?a").await.map(|_| text) } else { Ok(text) }
                },
            )
        });
        let mut io = dialer.dial().await.unwrap();
        io.write_all(&framed("u ask 东", UTF_8)).await.unwrap();
        let said = [("g 东", GBK), ("u 东", UTF_8), ("g 西", GBK)];
        for (text, encoding) in said {
            io.write_all(&framed(text, encoding)).await.unwrap();
        }
        io.write_all(&framed("=a", UTF_8)).await.unwrap();
        io.shutdown().await.unwrap();
        let mut replies = Vec::new();
        io.read_to_end(&mut replies).await.unwrap();
        let mut expected = [framed("?a", UTF_8), framed("u ask 东", UTF_8)].concat();
        expected.extend(said.iter().flat_map(|(text, encoding)| framed(text, *encoding)));
        assert_eq!(replies, expected);
    });
}

#[test]
fn a_message_that_has_begun_is_not_late_because_a_handler_was_waited_for() {
    paused(async {
        for several in [false, true] {
            let mut server = Running::reply(several, Limits::default(), async |_, line: Bytes| {
                if line.starts_with(b"wait") {
                    sleep(33 * SECOND).await;
                }
                line
            });
            let (client, handle) = server.client().await;
            let (mut io, _) = client.into_stream().await.unwrap();
            let waiting = "wait\n".repeat(if several { 4 } else { 1 });
            io.write_all(format!("{waiting}begun").as_bytes()).await.unwrap();
            assert!(handle.call_within(SECOND, "?a").await.is_err(), "it is read on for so long");
            sleep(32 * SECOND).await;
            settled().await;
            io.write_all(b" and ended\n").await.unwrap();
            io.shutdown().await.unwrap();
            let mut got = String::new();
            io.read_to_string(&mut got).await.unwrap();
            assert_eq!(got, format!("?a\n{waiting}begun and ended\n"));
        }
    });
}
