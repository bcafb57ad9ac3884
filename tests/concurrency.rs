//! What `concurrency` promises, over memory and under a paused clock.

mod support;

use std::future::IntoFuture;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::{Instant, sleep};
use wirework::core::Codec;
use wirework::servers::{BindExt, Goodbye};
use wirework::{FramingExt, Limits, Lines, OnBad, Text, UTF_8, memory, serve};

use support::runtime::paused;
use support::{Counted, Events, exchange, start};

fn lines() -> impl Codec<Format = Text> {
    Lines::any().text(UTF_8)
}

/// Handles `MILLISECONDS WHAT`: waits as long, and gives what.
async fn wait(line: String) -> String {
    let (millis, what) = line.split_once(' ').expect("it has two words");
    sleep(Duration::from_millis(millis.parse().unwrap())).await;
    what.to_owned()
}

/// Numbers that look random, the same ones every time.
fn numbers(seed: u64) -> impl Iterator<Item = u64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    })
}

#[test]
fn replies_leave_in_the_order_of_their_messages_whatever_they_take() {
    paused(async {
        for seed in 1..=200 {
            let most = usize::try_from(seed % 9).unwrap();
            let dialer = start(|listener| serve(listener, lines()).reply(wait).concurrency(most));
            let delays: Vec<u64> = numbers(seed).map(|n| n % 50).take(64).collect();
            let wire: String = delays.iter().enumerate().map(|(n, millis)| format!("{millis} {n}\n")).collect();
            let replies: String = (0..64).map(|n| format!("{n}\n")).collect();
            assert_eq!(String::from_utf8(exchange(&dialer, wire.as_bytes()).await).unwrap(), replies, "seed {seed}");
        }
    });
}

#[test]
fn replies_without_an_order_leave_when_they_are_there() {
    paused(async {
        let slow_first = b"30 a\n10 b\n20 c\n";
        let dialer = start(|listener| serve(listener, lines()).reply(wait).concurrency(3).unordered());
        assert_eq!(exchange(&dialer, slow_first).await, b"b\nc\na\n");
        let dialer = start(|listener| serve(listener, lines()).reply(wait).concurrency(2).unordered());
        assert_eq!(exchange(&dialer, slow_first).await, b"b\na\nc\n", "the third begins only when the second is done");
        for seed in 1..=50 {
            let most = 1 + usize::try_from(seed % 9).unwrap();
            let dialer = start(|listener| serve(listener, lines()).reply(wait).concurrency(most).unordered());
            let wire: String =
                numbers(seed).take(64).enumerate().map(|(n, millis)| format!("{} {n}\n", millis % 50)).collect();
            let replies = String::from_utf8(exchange(&dialer, wire.as_bytes()).await).unwrap();
            let mut ids: Vec<usize> = replies.lines().map(|line| line.parse().unwrap()).collect();
            ids.sort_unstable();
            assert_eq!(ids, (0..64).collect::<Vec<_>>(), "each once: seed {seed}");
        }
    });
}

#[test]
fn so_many_at_once_and_never_one_more() {
    paused(async {
        for (most, unordered) in [(1, false), (7, false), (7, true)] {
            let (now, peak) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
            let (counted, highest) = (now.clone(), peak.clone());
            let dialer = start(|listener| {
                let server = serve(listener, lines()).reply(async move |line| {
                    highest.fetch_max(counted.fetch_add(1, Relaxed) + 1, Relaxed);
                    let reply = wait(line).await;
                    counted.fetch_sub(1, Relaxed);
                    reply
                });
                let server = server.concurrency(most);
                if unordered { server.unordered() } else { server }
            });
            let started = Instant::now();
            assert_eq!(exchange(&dialer, &b"10 x\n".repeat(70)).await, b"x\n".repeat(70));
            assert_eq!((peak.load(Relaxed), now.load(Relaxed)), (most, 0));
            assert_eq!(started.elapsed().as_millis(), (10 * 70 / most) as u128, "they wait at once");
        }
    });
}

#[test]
fn nothing_more_is_read_while_there_are_so_many() {
    paused(async {
        let dialer = start(|listener| {
            serve(listener, lines()).reply(async |_: String| std::future::pending::<String>().await).concurrency(3)
        });
        let mut io = dialer.dial().await.unwrap();
        let line = [&b"x".repeat(60_000)[..], b"\n"].concat();
        let mut taken = 0;
        while tokio::time::timeout(Duration::from_secs(3), io.write_all(&line)).await.is_ok() {
            taken += 1;
        }
        // What is in the transport, and what was read with the last one, is no more than a few.
        assert!((3..=9).contains(&taken), "{taken}");
    });
}

#[test]
fn replies_to_messages_that_came_together_leave_in_one_write() {
    paused(async {
        let writes = Arc::new(AtomicUsize::new(0));
        let counting = writes.clone();
        let counted = async move |io, peer| Ok((Counted(io, counting), peer));
        let dialer =
            start(|listener| serve(listener.handshake(counted), lines()).reply(async |line| line).concurrency(4));
        assert_eq!(exchange(&dialer, &b"a\n".repeat(100)).await, b"a\n".repeat(100));
        assert_eq!(writes.load(Relaxed), 1);
    });
}

#[test]
fn a_peer_that_has_closed_its_side_gets_all_replies() {
    paused(async {
        for unordered in [false, true] {
            let dialer = start(|listener| {
                let server = serve(listener, lines()).reply(wait).concurrency(8);
                if unordered { server.unordered() } else { server }
            });
            assert_eq!(exchange(&dialer, b"100000 a\n200000 b\n300000 c\n").await, b"a\nb\nc\n");
        }
    });
}

#[test]
fn an_error_ends_the_conversation_behind_the_replies_before_it() {
    paused(async {
        let events = Events::default();
        let dialer = start(|listener| {
            let server = serve(listener, lines()).on_event(events.hook());
            let server = server.reply(async |line| match wait(line).await.as_str() {
                "error" => Err("it does not work"),
                what => Ok(what.to_owned()),
            });
            server.concurrency(8)
        });
        assert_eq!(exchange(&dialer, b"50 a\n40 b\n10 error\n0 c\n60 d\n").await, b"a\nb\n");
        assert_eq!(events.take(), ["memory: it does not work"]);
    });
}

#[test]
fn each_handler_has_its_own_deadline() {
    paused(async {
        let events = Events::default();
        let limits = Limits { handler: Duration::from_millis(50).into(), ..Limits::default() };
        let dialer = start(|listener| {
            let server = serve(listener, lines()).limits(limits).on_event(events.hook());
            server.reply(wait).concurrency(2)
        });
        // One behind the other they take longer than one may.
        assert_eq!(exchange(&dialer, &b"40 x\n".repeat(10)).await, b"x\n".repeat(10));
        let started = Instant::now();
        assert_eq!(exchange(&dialer, b"40 a\n1000 b\n10 c\n").await, b"a\n");
        assert_eq!(started.elapsed().as_millis(), 50);
        assert_eq!(events.take(), ["memory: the handler was not done after 50ms"]);
    });
}

#[test]
fn a_panic_ends_one_conversation_with_all_its_handlers() {
    paused(async {
        let events = Events::default();
        let dialer = start(|listener| {
            let server = serve(listener, lines()).on_event(events.hook());
            let server = server.reply(async |line| {
                let what = wait(line).await;
                assert_ne!(what, "panic");
                what
            });
            server.concurrency(8)
        });
        let mut other = dialer.dial().await.unwrap();
        other.write_all(b"100 still here\n").await.unwrap();
        assert_eq!(exchange(&dialer, b"1000 a\n10 panic\n").await, b"");
        let mut reply = [0; 11];
        other.read_exact(&mut reply).await.unwrap();
        assert_eq!(events.take(), ["memory: the handler panicked"]);
    });
}

#[test]
fn a_server_that_drains_finishes_what_is_in_flight() {
    paused(async {
        let (stop, stopped) = oneshot::channel::<()>();
        let (dialer, listener) = memory();
        let server = serve(listener, lines())
            .goodbye(|why| matches!(why, Goodbye::Draining).then_some("bye"))
            .reply(wait)
            .concurrency(2)
            .until(stopped);
        let server = tokio::spawn(server.into_future());
        let mut io = dialer.dial().await.unwrap();
        io.write_all(b"0 first\n3000 a\n2000 b\n1000 c\n").await.unwrap();
        let mut replies = BufReader::new(io);
        assert_eq!(line(&mut replies).await, "first\n");
        stop.send(()).unwrap();
        let mut rest = String::new();
        replies.read_to_string(&mut rest).await.unwrap();
        assert_eq!(rest, "a\nb\nc\nbye\n", "what has come is answered, too");
        drop(replies);
        assert_eq!(server.await.unwrap().unwrap().cut, 0);
    });
}

#[test]
fn a_peer_that_does_not_read_is_not_read_from_and_gets_all_later() {
    paused(async {
        // What the transport holds, and what is unsent up to its mark; and those in flight, where they take time.
        for (at_once, most) in [(true, 65 + 5 + 1), (false, 65 + 5 + 64)] {
            let begun = Arc::new(AtomicUsize::new(0));
            let counted = begun.clone();
            let limits = Limits { output_high: 4096, output_low: 1024, ..Limits::default() };
            let (dialer, listener) = memory();
            let server = serve(listener, lines()).limits(limits).reply(async move |line: String| {
                counted.fetch_add(1, Relaxed);
                if !at_once {
                    tokio::task::yield_now().await;
                }
                line.repeat(1000)
            });
            let server = server.concurrency(64);
            let handle = server.handle();
            tokio::spawn(server.into_future());
            let (mut read, mut write) = tokio::io::split(dialer.dial().await.unwrap());
            write.write_all(&b"x\n".repeat(10_000)).await.unwrap();
            write.shutdown().await.unwrap();
            sleep(Duration::from_secs(1)).await;
            let before = begun.load(Relaxed);
            assert!(before <= most, "{before}");
            // Those that were read, too.
            assert!(handle.buffered() <= 20_000 + 3 * 4096 + 64 * 64, "{}", handle.buffered());
            let mut replies = Vec::new();
            read.read_to_end(&mut replies).await.unwrap();
            assert_eq!((replies.len(), begun.load(Relaxed)), (10_000 * 1001, 10_000));
        }
    });
}

#[test]
fn a_peer_that_does_not_read_keeps_no_handler_from_going_on() {
    paused(async {
        // One handler at a time, over all connections: who holds it and is not polled would keep it from others.
        let lock = Arc::new(Semaphore::new(1));
        let limits = Limits { output_high: 1024, output_low: 0, ..Limits::default() };
        let dialer = start(|listener| {
            let server = serve(listener, lines()).limits(limits).reply(async move |line: String| {
                if line == "5 large" {
                    return wait(line).await.repeat(12_000);
                }
                let _permit = lock.acquire().await;
                wait(line).await
            });
            server.concurrency(4)
        });
        let mut silent = dialer.dial().await.unwrap();
        silent.write_all(b"5 large\n5 large\n10 a\n").await.unwrap();
        sleep(Duration::from_millis(1)).await;
        let other = tokio::time::timeout(Duration::from_secs(1), exchange(&dialer, b"10 b\n")).await;
        assert_eq!(other.expect("it is not kept waiting"), b"b\n");
    });
}

#[test]
fn a_peer_that_waits_for_its_reply_is_not_idle() {
    paused(async {
        let limits = Limits {
            first_byte: Duration::from_secs(1).into(),
            idle: Duration::from_secs(10).into(),
            ..Limits::default()
        };
        let dialer = start(|listener| serve(listener, lines()).limits(limits).reply(wait).concurrency(4));
        let mut io = BufReader::new(dialer.dial().await.unwrap());
        io.write_all(b"100000 a\n").await.unwrap();
        assert_eq!(line(&mut io).await, "a\n");
        let idle = Instant::now();
        assert_eq!(line(&mut io).await, "", "but then it is");
        assert!((10..12).contains(&idle.elapsed().as_secs()), "{:?}", idle.elapsed());
    });
}

#[test]
fn a_frame_that_does_not_get_whole_has_its_deadline_while_others_are_handled() {
    paused(async {
        let limits = Limits { frame: Duration::from_secs(5).into(), ..Limits::default() };
        let dialer = start(|listener| {
            let server = serve(listener, lines()).limits(limits);
            server.goodbye(|why| matches!(why, Goodbye::TooLate(_)).then_some("too late")).reply(wait).concurrency(4)
        });
        let mut io = dialer.dial().await.unwrap();
        let started = Instant::now();
        io.write_all(b"4000 a\n8000 b\n0 unfinish").await.unwrap();
        let mut replies = String::new();
        io.read_to_string(&mut replies).await.unwrap();
        assert_eq!(replies, "a\nb\ntoo late\n");
        assert_eq!(started.elapsed().as_secs(), 8, "no longer than for what was in flight");
    });
}

#[test]
fn what_is_in_flight_is_charged() {
    paused(async {
        let (dialer, listener) = memory();
        let server = serve(listener, lines()).reply(wait).concurrency(4);
        let handle = server.handle();
        tokio::spawn(server.into_future());
        let mut io = BufReader::new(dialer.dial().await.unwrap());
        let long = format!("1000 {}\n", "x".repeat(995));
        io.write_all(format!("1000 a\n{long}").as_bytes()).await.unwrap();
        sleep(Duration::from_millis(500)).await;
        assert_eq!(handle.buffered(), 64 + long.len());
        assert!(handle.connections()[0].state.is_in_flight());
        assert_eq!(line(&mut io).await, "a\n");
        assert_eq!(line(&mut io).await.len(), 996);
        sleep(Duration::from_millis(500)).await;
        assert_eq!(handle.buffered(), 0);
        assert!(!handle.connections()[0].state.is_in_flight());
    });
}

#[test]
fn who_has_too_much_in_flight_is_closed_when_all_hold_too_much() {
    paused(async {
        let events = Events::default();
        let limits = Limits { buffered: 100_000.into(), ..Limits::default() };
        let (dialer, listener) = memory();
        let server = serve(listener, lines()).limits(limits).on_event(events.hook());
        let server = server.reply(wait).concurrency(4);
        let handle = server.handle();
        tokio::spawn(server.into_future());
        let mut modest = BufReader::new(dialer.dial().await.unwrap());
        modest.write_all(b"9000 a\n").await.unwrap();
        let large = format!("8000 {}\n", "x".repeat(40_000)).repeat(3);
        let mut greedy = dialer.dial().await.unwrap();
        greedy.write_all(large.as_bytes()).await.unwrap();
        let mut nothing = Vec::new();
        greedy.read_to_end(&mut nothing).await.unwrap();
        assert_eq!(nothing, b"");
        assert_eq!(line(&mut modest).await, "a\n");
        let [ended] = &events.take()[..] else { panic!("one was closed") };
        assert!(ended.contains("all connections together hold too much") || ended.contains("cut off"), "{ended}");
        assert!(handle.buffered() <= 64, "{}", handle.buffered());
    });
}

#[test]
fn what_is_said_of_a_bad_message_has_its_place_in_the_order() {
    paused(async {
        let wire = b"20 a\n\xff\n10 b\n";
        let reply =
            start(|listener| serve(listener, lines()).on_bad(|_, _| OnBad::reply("bad")).reply(wait).concurrency(4));
        assert_eq!(exchange(&reply, wire).await, b"a\nbad\nb\n");
        let skip = start(|listener| serve(listener, lines()).reply(wait).concurrency(4));
        assert_eq!(exchange(&skip, wire).await, b"a\nb\n");
        for unordered in [false, true] {
            let begun = Arc::new(Mutex::new(Vec::new()));
            let noted = begun.clone();
            let close = start(|listener| {
                let server = serve(listener, lines()).on_bad(|_, _| OnBad::Close).reply(async move |line: String| {
                    noted.lock().unwrap().push(line.clone());
                    wait(line).await
                });
                let server = server.concurrency(4);
                if unordered { server.unordered() } else { server }
            });
            assert_eq!(exchange(&close, wire).await, b"a\n");
            assert_eq!(*begun.lock().unwrap(), ["20 a"], "what is behind it is not even begun");
        }
    });
}

#[test]
fn a_lost_stream_ends_behind_the_replies_to_what_came_before() {
    paused(async {
        let dialer = start(|listener| {
            let server = serve(listener, Lines::any().max_len(10).text(UTF_8));
            server.goodbye(|why| matches!(why, Goodbye::Lost(_)).then_some("lost")).reply(wait).concurrency(4)
        });
        assert_eq!(exchange(&dialer, b"20 a\n10 b\nmuch too long\n").await, b"a\nb\nlost\n");
    });
}

#[test]
fn handlers_go_on_when_their_peer_is_gone() {
    paused(async {
        let done = Arc::new(AtomicUsize::new(0));
        let counted = done.clone();
        let (dialer, listener) = memory();
        let server = serve(listener, lines()).reply(async move |line| {
            let reply = wait(line).await;
            counted.fetch_add(1, Relaxed);
            reply
        });
        tokio::spawn(server.concurrency(4).into_future());
        let mut io = dialer.dial().await.unwrap();
        io.write_all(b"10 a\n20 b\n30 c\n").await.unwrap();
        sleep(Duration::from_millis(5)).await;
        drop(io);
        sleep(Duration::from_millis(100)).await;
        assert_eq!(done.load(Relaxed), 3);
    });
}

async fn line(io: &mut BufReader<DuplexStream>) -> String {
    let mut line = String::new();
    io.read_line(&mut line).await.unwrap();
    line
}
