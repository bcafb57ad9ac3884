//! What all connections hold together.

use std::future::pending;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wirework::servers::MemoryDialer;
use wirework::{FramingExt, LengthPrefix, Limits, Lines, UTF_8, memory, serve};

use crate::support::Events;
use crate::support::runtime::paused;
use crate::world::{Running, start};

const KIB: usize = 1024;

#[test]
fn the_global_budget_with_2_000_half_frames() {
    paused(async {
        let (dialer, listener) = memory();
        let events = Events::default();
        let buffered = 16 * KIB * KIB;
        let limits = Limits { buffered: buffered.into(), ..Limits::default() };
        let server = serve(listener, LengthPrefix::u32_be()).limits(limits).on_event(events.hook());
        let server = start(server.answer(|frame, reply| reply.send(frame)));

        let mut busy = dialer.dial().await.unwrap();
        let mut small = dialer.dial().await.unwrap();
        small.write_all(b"\0\0\0\x04hal").await.unwrap();
        let mut half = Vec::new();
        let mut most = 0;
        for n in 0..2_000 {
            let mut io = dialer.dial().await.unwrap();
            // Each is a frame that is not too long, and each holds less than a frame may.
            io.write_all(&(64 * KIB as u32).to_be_bytes()).await.unwrap();
            let _ = io.write_all(&vec![b'x'; 16 * KIB + n]).await;
            half.push(io);
            tokio::task::yield_now().await;
            most = most.max(server.handle.buffered());
            busy.write_all(b"\0\0\0\x02hi").await.unwrap();
            busy.read_exact(&mut [0; 6]).await.unwrap();
        }
        // What one read brings is noticed when it has come.
        assert!(most <= buffered + 256 * KIB, "{most} bytes were held");
        let left = server.handle.open() - 2;
        assert!((100..1_900).contains(&left), "{left} of 2 000 are left");
        small.write_all(b"f\0\0\0\0").await.unwrap();
        let mut reply = [0; 8];
        small.read_exact(&mut reply).await.unwrap();
        assert_eq!(&reply, b"\0\0\0\x04half", "who holds little is not closed");
        drop(half);
        server.until(|server| server.open() == 2).await;
        assert_eq!(server.handle.buffered(), 0);
        server.stop().await;
        let told = events.take();
        let shed =
            told.iter().filter(|line| line.contains("all connections together hold too much, and this one the most"));
        assert_eq!(shed.count(), 2_000 - left);
    });
}

#[test]
fn replies_that_nobody_takes_count() {
    paused(async {
        let (dialer, listener) = memory();
        let limits = Limits { buffered: (1024 * KIB).into(), ..Limits::default() };
        let server = serve(listener, LengthPrefix::u32_be()).limits(limits);
        let server = start(server.answer(|frame, reply| reply.send(&frame.repeat(200)[..])));
        let mut deaf = Vec::new();
        for _ in 0..100 {
            let mut io = dialer.dial().await.unwrap();
            io.write_all(&1024_u32.to_be_bytes()).await.unwrap();
            io.write_all(&[b'x'; 1024]).await.unwrap();
            deaf.push(io);
        }
        server.until(|server| server.buffered() > 0 && server.open() < 50).await;
        assert!(server.handle.buffered() <= 1024 * KIB);
        drop(deaf);
        server.stop().await;
    });
}

/// Connects so many that each send 60 KiB of short lines at once, and waits until all of that is held.
async fn held_for(dialer: MemoryDialer, server: Running) {
    let mut open = Vec::new();
    for _ in 0..10 {
        let mut io = dialer.dial().await.unwrap();
        io.write_all(&b"hello\n".repeat(10 * KIB)).await.unwrap();
        open.push(io);
    }
    server.until(|server| server.buffered() > 10 * 50 * KIB).await;
    drop((open, server));
}

#[test]
fn messages_that_wait_for_a_handler_count() {
    paused(async {
        let (dialer, listener) = memory();
        let server = serve(listener, Lines::any().text(UTF_8));
        held_for(dialer, start(server.reply(async |_| pending::<&str>().await))).await;

        let (dialer, listener) = memory();
        let server = serve(listener, Lines::any().text(UTF_8)).each(async |mut conn| {
            conn.recv().await?;
            pending().await
        });
        held_for(dialer, start(server)).await;

        // Here it is a peer that does not take its replies.
        let (dialer, listener) = memory();
        let limits = Limits { output_high: 1, output_low: 0, ..Limits::default() };
        let long = "x".repeat(KIB - 1);
        let server = serve(listener, Lines::any().text(UTF_8)).limits(limits);
        held_for(dialer, start(server.answer(move |_, reply| reply.send(&long[..])))).await;
    });
}
