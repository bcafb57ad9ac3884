//! What `route` promises, over memory and under a paused clock.

mod support;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::time::{Instant, sleep};
use tower::ServiceBuilder;
use wirework::core::{BadCause, BoxError, Codec, Raw};
use wirework::servers::{Bind, Correlation, Handle, MemoryListener, Peer, Replying, Router};
use wirework::{FramingExt, LengthPrefix, Limits, Lines, OnBad, Server, Text, UTF_8, memory, serve};

use support::runtime::{in_memory, paused};
use support::{Events, exchange, start};

fn lines() -> impl Codec<Format = Text> {
    Lines::any().text(UTF_8)
}

/// Handles `WORD MILLISECONDS WHAT`: waits as long, and gives what.
async fn wait(line: String) -> Result<String, BoxError> {
    let [_, millis, what] = line.split(' ').collect::<Vec<_>>()[..] else { return Err("it has three words".into()) };
    sleep(Duration::from_millis(millis.parse()?)).await;
    Ok(what.to_owned())
}

#[test]
fn a_message_goes_to_the_handler_of_its_key_and_others_where_otherwise_says() {
    in_memory(async {
        let routed = |listener| {
            serve(listener, lines())
                .route()
                .by_part(|line| line.split(' ').next())
                .on("who", async |handle, _| handle.peer().to_string())
                .on("say", async |_, line| line.strip_prefix("say ").map(str::to_owned))
                .otherwise(async |_, line| format!("what is {line}?"))
        };
        let wire = b"say hello\nwho\nshout\nsay\nsaying\n\nsay \xe4\xbd\xa0\n".as_slice();
        let replies = "hello\nmemory\nwhat is shout?\nwhat is saying?\nwhat is ?\n你\n".as_bytes();
        assert_eq!(exchange(&start(routed), wire).await, replies);
        assert_eq!(exchange(&start(|listener| routed(listener).concurrency(3)), wire).await, replies);
    });
}

#[test]
fn a_handler_may_return_what_one_of_reply_may() {
    in_memory(async {
        let dialer = start(|listener| {
            serve(listener, lines())
                .route()
                .by_part(|line| line.split(' ').next())
                .on("plain".to_owned(), async |_, line| line)
                .on("maybe".to_owned(), async |_, _| None::<&str>)
                .on("fallible".to_owned(), async |_, _| Ok::<_, BoxError>("well"))
                .on("both".to_owned(), async |_, _| Ok::<_, BoxError>(Some("good")))
        });
        assert_eq!(exchange(&dialer, b"plain\nmaybe\nfallible\nboth\n").await, b"plain\nwell\ngood\n");
    });
}

#[test]
fn a_key_is_a_part_of_the_message_or_a_value_made_of_it() {
    in_memory(async {
        let bytes = || LengthPrefix::u8();
        let lent = start(|listener| {
            serve(listener, bytes())
                .route()
                .by_part(|message| message.get(..2))
                .on(*b"ab", async |_, message| message)
                .otherwise(async |_, _| "?")
        });
        assert_eq!(exchange(&lent, b"\x03abc\x01a\x02ba").await, b"\x03abc\x01?\x01?");
        let of = start(|listener| {
            serve(listener, bytes())
                .route()
                .by(|message| Some(u16::from_be_bytes(*message.first_chunk()?)))
                .on(0x0102, async |_, message| message.slice(2..))
                .otherwise(async |_, _| "?")
        });
        assert_eq!(exchange(&of, b"\x03\x01\x02c\x01\x01\x02\x02\x01").await, b"\x01c\x01?\x01?");
    });
}

#[test]
fn a_message_without_a_route_is_a_bad_one() {
    in_memory(async {
        for most in [1, 4] {
            let events = Events::default();
            let dialer = start(|listener| {
                serve(listener, lines())
                    .on_event(events.hook())
                    .route()
                    .by_part(|line| line.split(' ').next())
                    .on("say", async |_, line| line)
                    .concurrency(most)
            });
            assert_eq!(exchange(&dialer, b"say a\nshout b\nsay c\n").await, b"say a\nsay c\n");
            assert_eq!(
                events.take(),
                [r#"memory: skipped bad message 2 at byte 6: there is no route for "shout""#],
                "{most} at once"
            );
        }
    });
}

#[test]
fn what_happens_to_a_message_without_a_route_says_on_bad() {
    in_memory(async {
        let wire = b"say a\nshout b\nsay c\nquit\nsay d\n";
        let replies = b"say a\nthere is no route for \"shout\"\nsay c\n";
        let routed = |listener| {
            serve(listener, lines())
                .on_bad(|bad, _| match &bad.cause {
                    BadCause::Unhandled(why) if why.contains("quit") => OnBad::Close,
                    BadCause::Unhandled(why) => OnBad::reply(why.to_string()),
                    _ => OnBad::Skip,
                })
                .route()
                .by_part(|line| line.split(' ').next())
                .on("say", async |_, line| line)
        };
        assert_eq!(exchange(&start(routed), wire).await, replies);
        assert_eq!(exchange(&start(|listener| routed(listener).concurrency(1)), wire).await, replies);
        assert_eq!(exchange(&start(|listener| routed(listener).concurrency(8)), wire).await, replies);
    });
}

#[test]
fn a_message_that_waited_for_a_handler_is_told_of_where_it_stood() {
    in_memory(async {
        let events = Events::default();
        let dialer = start(|listener| {
            serve(listener, lines())
                .on_event(events.hook())
                .calls(Correlation::by_key(|_: &str| Some(()), |line: &String| line.starts_with('=').then_some(())))
                .route()
                .by_part(|line| line.split(' ').next())
                .on("ask", async |handle: Handle<Text>, _| handle.call("?").await)
        });
        let mut peer = BufReader::new(dialer.dial().await.unwrap());
        peer.write_all(b"ask\n").await.unwrap();
        let mut question = String::new();
        peer.read_line(&mut question).await.unwrap();
        assert_eq!(question, "?\n");
        peer.write_all(b"one\ntwo\n=answer\n").await.unwrap();
        peer.shutdown().await.unwrap();
        let mut answer = String::new();
        peer.read_line(&mut answer).await.unwrap();
        assert_eq!(answer, "=answer\n");
        assert_eq!(peer.read_line(&mut answer).await.unwrap(), 0);
        assert_eq!(
            events.take(),
            [
                r#"memory: skipped bad message 2 at byte 4: there is no route for "one""#,
                r#"memory: skipped bad message 3 at byte 8: there is no route for "two""#,
            ]
        );
    });
}

/// A transport that knows whether it was bound.
struct Watched(MemoryListener, Arc<AtomicBool>);

impl Bind for Watched {
    type Listener = MemoryListener;

    async fn bind(self, limits: &Limits) -> std::io::Result<MemoryListener> {
        self.1.store(true, Relaxed);
        self.0.bind(limits).await
    }
}

#[test]
fn two_routes_of_one_key_are_refused_before_anything_is_bound() {
    in_memory(async {
        let bound = Arc::new(AtomicBool::new(false));
        let watched = || Watched(memory().1, bound.clone());
        let twice = serve(watched(), lines())
            .route()
            .by_part(|line| line.split(' ').next())
            .on("say", async |_, line| line)
            .on("who", async |_, line| line)
            .on("say", async |_, line| line)
            .on("who", async |_, line| line);
        let refused = twice.concurrency(2).await.unwrap_err();
        assert_eq!(refused.kind(), std::io::ErrorKind::InvalidInput);
        assert_eq!(refused.to_string(), r#"two routes have the key "say": leave one out"#);

        let otherwise = serve(watched(), lines())
            .route()
            .by_part::<&str, _, _>(|line| line.split(' ').next())
            .otherwise(async |_, line| line)
            .otherwise(async |_, line| line);
        assert_eq!(otherwise.await.unwrap_err().to_string(), "`otherwise` is there twice: leave one out");
        assert!(!bound.load(Relaxed));

        let (dialer, listener) = memory();
        drop(dialer);
        serve(Watched(listener, bound.clone()), lines())
            .route()
            .by_part(|line| line.split(' ').next())
            .on("say", async |_, line| line)
            .await
            .unwrap();
        assert!(bound.load(Relaxed));
    });
}

#[derive(Clone)]
struct Session {
    said: Arc<Mutex<Vec<String>>>,
    peer: Peer,
}

type Sessions<B, C> = Server<B, Replying<C, Router<C, Session, &'static str>>>;

/// Routes that a part of a program adds.
fn saying<B, C: Codec<Format = Text>>(server: Sessions<B, C>) -> Sessions<B, C> {
    server.on("say", async |session, line| {
        session.said.lock().unwrap().push(line);
        None::<&str>
    })
}

#[test]
fn each_connection_has_its_state_and_routes_may_be_added_anywhere() {
    in_memory(async {
        let made = Arc::new(AtomicUsize::new(0));
        let counted = made.clone();
        let dialer = start(|listener| {
            let server = serve(listener, lines())
                .route_with(move |handle| {
                    counted.fetch_add(1, Relaxed);
                    Session { said: Arc::default(), peer: handle.peer().clone() }
                })
                .by_part(|line| line.split(' ').next())
                .on("said", async |session, _| {
                    format!("{} from {}", session.said.lock().unwrap().join(","), session.peer)
                });
            saying(server)
        });
        let (one, other) =
            tokio::join!(exchange(&dialer, b"say a\nsay b\nsaid\n"), exchange(&dialer, b"say c\nsaid\nsay d\nsaid\n"));
        assert_eq!(one, b"say a,say b from memory\n");
        assert_eq!(other, b"say c from memory\nsay c,say d from memory\n");
        assert_eq!(made.load(Relaxed), 2);
    });
}

#[test]
fn an_error_of_a_route_ends_the_conversation_behind_the_replies_before() {
    paused(async {
        for most in [1, 4] {
            let events = Events::default();
            let dialer = start(|listener| {
                serve(listener, lines())
                    .on_event(events.hook())
                    .route()
                    .by_part(|line| line.split(' ').next())
                    .on("wait", async |_, line| wait(line).await)
                    .on("fail", async |_, _| Err::<&str, _>("as it was told to"))
                    .concurrency(most)
            });
            assert_eq!(exchange(&dialer, b"wait 20 a\nwait 10 b\nfail\nwait 0 c\n").await, b"a\nb\n");
            assert_eq!(events.take(), ["memory: as it was told to"], "{most} at once");
        }
    });
}

#[test]
fn several_at_once_reply_in_order_or_as_they_are_done() {
    paused(async {
        let routed = |listener| {
            serve(listener, lines())
                .on_bad(|bad, _| OnBad::reply(bad.cause.to_string()))
                .route()
                .by_part(|line| line.split(' ').next())
                .on("slow", async |_, line| wait(line).await)
                .on("fast", async |_, _| "fast")
        };
        let wire = b"slow 300 a\nslow 200 b\nnone\nfast\n";
        let none = "there is no route for \"none\"\n";
        let ordered = start(|listener| routed(listener).concurrency(4));
        let started = Instant::now();
        assert_eq!(exchange(&ordered, wire).await, format!("a\nb\n{none}fast\n").into_bytes());
        assert_eq!(started.elapsed().as_millis(), 300);
        let unordered = start(|listener| routed(listener).concurrency(4).unordered());
        let replies = String::from_utf8(exchange(&unordered, wire).await).unwrap();
        assert!(replies.ends_with("b\na\n"), "{replies}");
        assert_eq!(replies.len(), "a\nb\nfast\n".len() + none.len());
    });
}

#[test]
fn a_handler_has_the_time_that_handlers_have() {
    paused(async {
        let events = Events::default();
        let dialer = start(|listener| {
            serve(listener, lines())
                .limits(Limits { handler: Duration::from_secs(1).into(), ..Limits::default() })
                .on_event(events.hook())
                .route()
                .by_part(|line| line.split(' ').next())
                .on("wait", async |_, line| wait(line).await)
        });
        let started = Instant::now();
        assert_eq!(exchange(&dialer, b"wait 900 a\nwait 1100 b\nwait 0 c\n").await, b"a\n");
        assert_eq!(started.elapsed().as_millis(), 1900);
        assert_eq!(events.take().len(), 1);
    });
}

#[test]
fn a_layer_is_in_front_of_its_own_route_alone() {
    paused(async {
        let dialer = start(|listener| {
            let service = ServiceBuilder::new()
                .timeout(Duration::from_secs(1))
                .service_fn(async |(_, line): (Handle<Text>, String)| wait(line).await);
            serve(listener, lines())
                .route()
                .by_part(|line| line.split(' ').next())
                .on("slow", async |_, line| wait(line).await)
                .on_service("hasty", service)
        });
        let started = Instant::now();
        assert_eq!(exchange(&dialer, b"hasty 900 a\nslow 5000 b\nhasty 1100 c\nslow 0 d\n").await, b"a\nb\n");
        assert_eq!(started.elapsed().as_millis(), 6900);
    });
}

#[test]
fn a_limit_of_a_route_holds_over_all_connections_and_delays_no_other_route() {
    paused(async {
        let (now, peak) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (counted, highest) = (now.clone(), peak.clone());
        let dialer = start(|listener| {
            let service =
                ServiceBuilder::new().concurrency_limit(2).service_fn(move |(session, line): (Arc<str>, String)| {
                    let (counted, highest) = (counted.clone(), highest.clone());
                    async move {
                        highest.fetch_max(counted.fetch_add(1, Relaxed) + 1, Relaxed);
                        let waited = wait(line).await;
                        counted.fetch_sub(1, Relaxed);
                        waited.map(|what| format!("{session}{what}"))
                    }
                });
            serve(listener, lines())
                .route_with(|_| Arc::from("#"))
                .by_part(|line| line.split(' ').next())
                .on_service("few", service)
                .on("any", async |_, line| line)
                .concurrency(16)
                .unordered()
        });
        let started = Instant::now();
        let wire = [b"few 100 x\n".repeat(10), b"any\n".to_vec()].concat();
        let (one, other) = tokio::join!(exchange(&dialer, &wire), exchange(&dialer, &wire));
        // Other messages are not behind those that wait for their turn.
        let replies = [b"any\n".to_vec(), b"#x\n".repeat(10)].concat();
        assert_eq!((one, other), (replies.clone(), replies));
        assert_eq!((peak.load(Relaxed), now.load(Relaxed)), (2, 0));
        assert_eq!(started.elapsed().as_millis(), 1000);
    });
}

/// What is generic infers as well: over any transport, and any codec of bytes.
async fn generic(bind: impl Bind, codec: impl Codec<Format = Raw>) -> std::io::Result<()> {
    let server = serve(bind, codec).route_with(|handle| (handle.id(), handle)).by_part(|message| message.first()).on(
        b'?',
        async |(id, handle), message| {
            handle.try_send([b"#", message.as_ref()].concat()).ok();
            Some(format!("{id}"))
        },
    );
    server.await.map(drop)
}

#[test]
fn types_are_inferred_in_generic_functions() {
    in_memory(async {
        let (dialer, listener) = memory();
        let serving = tokio::spawn(generic(listener, LengthPrefix::u8()));
        let replies = exchange(&dialer, b"\x02?a").await;
        assert!(replies.windows(4).any(|sent| sent == b"\x03#?a"), "{replies:?}");
        drop(dialer);
        serving.await.unwrap().unwrap();
    });
}

#[test]
fn a_key_may_be_an_enum() {
    #[derive(Clone, Debug, PartialEq, Eq, Hash)]
    enum Kind {
        Get,
        Set,
    }
    fn kind(message: &Bytes) -> Option<Kind> {
        match message.first()? {
            b'g' => Some(Kind::Get),
            b's' => Some(Kind::Set),
            _ => None,
        }
    }
    in_memory(async {
        let dialer = start(|listener| {
            serve(listener, LengthPrefix::u8())
                .route()
                .by(kind)
                .on(Kind::Get, async |_, _| "got")
                .on(Kind::Set, async |_, message| message)
                .otherwise(async |_, _| "neither")
        });
        assert_eq!(exchange(&dialer, b"\x01g\x02sx\x00").await, b"\x03got\x02sx\x07neither");
    });
}
