//! Peers that do not take what they are sent.

use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufStream, split};
use tokio::time::{Instant, sleep};
use wirework::core::BoxError;
use wirework::servers::{BindExt, Broadcast, State, WhenSlow};
use wirework::{FramingExt, Lines, Received, UTF_8, memory, serve};

use crate::support::Events;
use crate::support::runtime::paused;
use crate::world::{assert_met, rest, start};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_peer_that_never_reads() {
    paused(async {
        let (dialer, listener) = memory();
        let events = Events::default();
        let server = serve(listener, Lines::any()).on_event(events.hook());
        let server = start(server.answer(|line, reply| reply.send(line)));
        let mut io = dialer.dial().await.unwrap();
        let began = Instant::now();
        let mut sent = 0;
        // It is not read from while it does not read: the pipe fills, and writing waits.
        while io.write_all(&[b"x".repeat(1023), b"\n".to_vec()].concat()).await.is_ok() {
            sent += 1;
            assert!(sent < 1024, "a mebibyte was taken of who reads nothing");
            assert!(server.handle.buffered() < 1024 * 1024);
        }
        assert_met(began.elapsed(), 30 * SECOND);
        drop(io);
        server.stop().await;
        let told = events.take();
        assert!(told[0].starts_with("memory: only ") && told[0].contains(" bytes were taken in 30s"), "{told:?}");
    });
}

/// A transport with a buffer of its own, as TLS has one: it takes all, and then does not get rid of it.
#[test]
fn a_peer_that_never_reads_behind_a_transport_with_a_buffer() {
    paused(async {
        let (dialer, listener) = memory();
        let events = Events::default();
        let listener =
            listener.handshake(async |io, peer| Ok((BufStream::with_capacity(8 * 1024, 1024 * 1024, io), peer)));
        let server = serve(listener, Lines::any()).on_event(events.hook());
        let server = start(server.answer(|_, reply| reply.send(&[b'x'; 1023][..])));
        let mut deaf = dialer.dial().await.unwrap();
        let began = Instant::now();
        deaf.write_all(&b"\n".repeat(200)).await.unwrap();
        server.until(|server| server.open() == 1).await;
        server.until(|server| server.open() == 0).await;
        // It may have taken 64 KiB of what is not seen, at 1 KiB a second.
        assert!((30 * SECOND..100 * SECOND).contains(&began.elapsed()), "{:?}", began.elapsed());
        drop(deaf);

        let (mut read, mut write) = split(dialer.dial().await.unwrap());
        write.write_all(&b"\n".repeat(100)).await.unwrap();
        write.shutdown().await.unwrap();
        let began = Instant::now();
        let mut got = 0;
        while got < 100 * 1024 {
            got += read.read(&mut [0; 1100]).await.unwrap();
            sleep(SECOND).await;
        }
        assert!(began.elapsed() > 90 * SECOND, "who reads slowly, but fast enough, gets all");
        rest(&mut read).await.1.unwrap();
        drop((read, write));
        server.stop().await;
        let told = events.take();
        assert!(told.len() == 1 && told[0].contains("some were not taken in 30s"), "{told:?}");
    });
}

#[test]
fn a_peer_that_reads_one_byte_a_second() {
    paused(async {
        let (dialer, listener) = memory();
        let server =
            start(serve(listener, Lines::any().max_len(2_000_000).text(UTF_8)).reply(async |_| "x".repeat(1_000_000)));
        let mut io = dialer.dial().await.unwrap();
        io.write_all(b"much\n").await.unwrap();
        let mut other = dialer.dial().await.unwrap();
        let began = Instant::now();
        let mut read = 0;
        while server.handle.open() == 2 || read == 0 {
            read += io.read(&mut [0]).await.unwrap();
            sleep(SECOND).await;
        }
        assert_met(began.elapsed(), 30 * SECOND);
        other.write_all(b"much\n").await.unwrap();
        let mut reply = vec![0; 1_000_001];
        other.read_exact(&mut reply).await.unwrap();
        server.stop().await;
    });
}

#[test]
fn who_reads_slowly_but_fast_enough_gets_all() {
    paused(async {
        let (dialer, listener) = memory();
        let server =
            start(serve(listener, Lines::any().max_len(2_000_000).text(UTF_8)).reply(async |_| "x".repeat(500_000)));
        let mut io = dialer.dial().await.unwrap();
        io.write_all(b"much\n").await.unwrap();
        let mut read = 0;
        let began = Instant::now();
        while read < 500_001 {
            read += io.read(&mut [0; 2048]).await.unwrap();
            sleep(SECOND).await;
        }
        assert!(began.elapsed() > 240 * SECOND);
        server.stop().await;
    });
}

/// A server that sends what is broadcast to whoever has said something.
async fn one_slow_of_a_hundred(when_slow: WhenSlow) -> (usize, Duration, usize) {
    const LINES: usize = 1000;
    let (dialer, listener) = memory();
    let all: Broadcast<Bytes> = Broadcast::new(16, when_slow);
    let room = all.clone();
    let server = start(serve(listener, Lines::any()).each(async move |mut conn| {
        let mut news = room.subscribe();
        loop {
            match conn.recv_or(news.next()).await? {
                Received::Other(Some(line)) => conn.feed(line).await?,
                Received::Other(None) => return Err(BoxError::from("too slow")),
                Received::Message(_) => {}
                Received::End => return Ok(conn.close().await?),
            }
        }
    }));
    let mut slow = dialer.dial().await.unwrap();
    slow.write_all(b"here\n").await.unwrap();
    let mut readers = Vec::new();
    for _ in 0..99 {
        let mut io = dialer.dial().await.unwrap();
        readers.push(tokio::spawn(async move {
            let mut read = vec![0; LINES * 1024];
            io.read_exact(&mut read).await.expect("ninety-nine get all");
            io
        }));
    }
    while all.subscribers() < 100 {
        tokio::task::yield_now().await;
    }
    let line = Bytes::from(vec![b'x'; 1023]);
    let began = Instant::now();
    for _ in 0..LINES {
        all.send(line.clone()).await;
        tokio::task::yield_now().await;
    }
    let mut stay = Vec::new();
    for reader in readers {
        stay.push(reader.await.unwrap());
    }
    let took = began.elapsed();
    let sending = server.handle.connections().iter().filter(|c| c.state == State::Sending).count();
    let subscribers = all.subscribers();
    drop((slow, stay));
    server.stop().await;
    (subscribers, took, sending)
}

#[test]
fn one_slow_reader_of_a_hundred_in_a_broadcast_misses_messages() {
    paused(async {
        let (subscribers, took, sending) = one_slow_of_a_hundred(WhenSlow::DropMessage).await;
        assert_eq!((subscribers, sending), (100, 1), "it is still there");
        assert!(took < SECOND, "and nobody waits for it: {took:?}");
    });
}

#[test]
fn one_slow_reader_of_a_hundred_in_a_broadcast_is_disconnected() {
    paused(async {
        let (subscribers, took, _) = one_slow_of_a_hundred(WhenSlow::Disconnect).await;
        assert_eq!(subscribers, 99);
        assert!(took < SECOND, "and nobody waits for it: {took:?}");
    });
}

#[test]
fn one_slow_reader_of_a_hundred_in_a_broadcast_is_waited_for_as_long_as_it_may_take() {
    paused(async {
        let (subscribers, took, _) = one_slow_of_a_hundred(WhenSlow::Wait).await;
        assert_eq!(subscribers, 99, "it has failed");
        assert_met(took, 30 * SECOND);
    });
}
