//! What all connections hold together.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wirework::{LengthPrefix, Limits, memory, serve};

use crate::support::Events;
use crate::support::runtime::paused;
use crate::world::start;

const KIB: usize = 1024;

#[test]
fn the_global_budget_with_2_000_half_frames() {
    paused(async {
        let (dialer, listener) = memory();
        let events = Events::default();
        let telling = events.clone();
        let buffered = 16 * KIB * KIB;
        let limits = Limits { buffered: buffered.into(), ..Limits::default() };
        let server = serve(listener, LengthPrefix::u32_be()).limits(limits).on_event(move |event| telling.add(event));
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
