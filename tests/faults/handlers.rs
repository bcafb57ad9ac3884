//! Handlers that panic, hang, block and fail.

use std::future::pending;
use std::sync::mpsc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;
use wirework::core::BoxError;
use wirework::servers::{BindExt, Tcp};
use wirework::{Event, FramingExt, Limits, Lines, UTF_8, memory, serve};

use crate::support::Events;
use crate::support::runtime::{on_sockets, paused};
use crate::world::{assert_met, rest, start};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_handler_panics() {
    paused(async {
        let (dialer, listener) = memory();
        let events = Events::default();
        let server = serve(listener, Lines::any().text(UTF_8)).on_event(events.hook());
        let server = start(server.answer(|line, reply| {
            assert_ne!(line, "panic");
            reply.send(line)
        }));
        let mut other = dialer.dial().await.unwrap();
        for _ in 0..3 {
            let mut io = dialer.dial().await.unwrap();
            io.write_all(b"panic\n").await.unwrap();
            rest(&mut io).await.1.unwrap();
        }
        other.write_all(b"hello\n").await.unwrap();
        other.read_exact(&mut [0; 6]).await.unwrap();
        assert_eq!(server.handle.open(), 1, "who panicked is gone, and nobody else");
        server.stop().await;
        assert_eq!(events.take(), ["memory: the handler panicked"; 3], "each is told");
    });
}

#[test]
fn a_handler_hangs() {
    paused(async {
        let (dialer, listener) = memory();
        let events = Events::default();
        let limits = Limits { handler: (10 * SECOND).into(), ..Limits::default() };
        let server = serve(listener, Lines::any().text(UTF_8)).limits(limits).on_event(events.hook());
        let server = start(server.reply(async |line| if line == "hang" { pending().await } else { line }));
        let mut hung = dialer.dial().await.unwrap();
        let mut other = dialer.dial().await.unwrap();
        hung.write_all(b"one\nhang\ntwo\n").await.unwrap();
        other.write_all(b"hello\n").await.unwrap();
        other.read_exact(&mut [0; 6]).await.unwrap();
        let began = Instant::now();
        assert_eq!(rest(&mut hung).await.0, b"one\n", "the reply before it is sent");
        assert_met(began.elapsed(), 10 * SECOND);
        drop(hung);
        server.stop().await;
        assert_eq!(events.take(), ["memory: the handler was not done after 10s"]);
    });
}

#[test]
fn a_handler_blocks_its_thread() {
    on_sockets(async {
        let (release, blocked) = mpsc::channel::<()>();
        let blocked = std::sync::Arc::new(std::sync::Mutex::new(blocked));
        let (listening, mut addresses) = tokio::sync::mpsc::unbounded_channel();
        let server = serve(Tcp::bind("127.0.0.1:0"), Lines::any().text(UTF_8));
        let server = server.on_listening(move |address| listening.send(address.to_string()).unwrap());
        // There are two threads: one is blocked, and everybody else goes on with the other.
        let server = start(server.reply(async move |line| {
            if line == "block" {
                let _ = blocked.lock().unwrap().recv();
            }
            line
        }));
        let address = addresses.recv().await.unwrap();
        let mut stuck = tokio::net::TcpStream::connect(&address).await.unwrap();
        stuck.write_all(b"block\n").await.unwrap();
        for _ in 0..50 {
            let mut other = tokio::net::TcpStream::connect(&address).await.unwrap();
            other.write_all(b"hello\n").await.unwrap();
            other.read_exact(&mut [0; 6]).await.unwrap();
        }
        release.send(()).unwrap();
        stuck.read_exact(&mut [0; 6]).await.unwrap();
        drop(stuck);
        server.stop().await;
    });
}

#[test]
fn a_handler_fails() {
    paused(async {
        let (dialer, listener) = memory();
        let events = Events::default();
        let telling = events.clone();
        let server = serve(listener, Lines::any().text(UTF_8)).on_event(move |event: &Event<'_>| telling.add(event));
        let server = start(server.reply(async |line| match line.as_str() {
            "fail" => Err(BoxError::from("no such device")),
            _ => Ok(line),
        }));
        let mut io = dialer.dial().await.unwrap();
        io.write_all(b"one\nfail\ntwo\n").await.unwrap();
        assert_eq!(rest(&mut io).await.0, b"one\n");
        drop(io);
        server.stop().await;
        assert_eq!(events.take(), ["memory: no such device"]);
    });
}

#[test]
fn a_handshake_panics() {
    paused(async {
        let (dialer, listener) = memory();
        let events = Events::default();
        let knocking = listener.handshake(async |mut io: tokio::io::DuplexStream, peer| {
            assert_ne!(io.read_u8().await?, b'p');
            Ok((io, peer))
        });
        let server = serve(knocking, Lines::any().text(UTF_8)).on_event(events.hook());
        let server = start(server.reply(async |line| line));
        let mut panics = dialer.dial().await.unwrap();
        panics.write_all(b"p").await.unwrap();
        assert_eq!(rest(&mut panics).await.0, b"");
        let mut other = dialer.dial().await.unwrap();
        other.write_all(b"!hello\n").await.unwrap();
        other.read_exact(&mut [0; 6]).await.unwrap();
        server.stop().await;
        assert_eq!(events.take(), ["handshake failed: it panicked"]);
    });
}
