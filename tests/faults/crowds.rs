//! Many at once. On sockets they are in `crowds_on_sockets.rs`.

use std::time::Duration;

use futures::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::time::{Instant, sleep};
use wirework::servers::{BindExt, MemoryDialer};
use wirework::{FramingExt, Limit, Limits, Lines, Peer, UTF_8, memory, serve};

use crate::support::Events;
use crate::support::runtime::paused;
use crate::world::{assert_met, echo, rest, start};

const SECOND: Duration = Duration::from_secs(1);
const IDLE: usize = 10_000;
const BUSY: usize = 100;

/// As many as there are: this is not about how many there may be.
pub(crate) fn unlimited() -> Limits {
    Limits { connections: Limit::Unlimited, per_address: Limit::Unlimited, ..Limits::default() }
}

/// New connections that have been served once.
async fn served(dialer: &MemoryDialer, how_many: usize) -> Vec<DuplexStream> {
    let mut open = Vec::new();
    for _ in 0..how_many {
        let mut io = dialer.dial().await.unwrap();
        echo(&mut io, "hello").await;
        open.push(io);
    }
    open
}

#[test]
fn ten_thousand_idle_and_a_hundred_busy_until_the_idle_deadline() {
    paused(async {
        let (dialer, listener) = memory();
        let server = serve(listener, Lines::any().text(UTF_8)).limits(unlimited());
        let server = start(server.reply(async |line| line));
        let mut idle = served(&dialer, IDLE).await;
        let mut busy = served(&dialer, BUSY).await;
        let began = Instant::now();
        assert_eq!((server.handle.open(), server.handle.buffered()), (IDLE + BUSY, 0));
        let work = async {
            // Beyond the deadline of those who say nothing.
            for n in 0..70 {
                join_all(busy.iter_mut().map(async |io| echo(io, &format!("request {n}")).await)).await;
                sleep(5 * SECOND).await;
            }
        };
        let end = async {
            for io in &mut idle {
                let (read, end) = rest(io).await;
                end.unwrap();
                assert_eq!(read, b"");
                assert_met(began.elapsed(), 300 * SECOND);
            }
        };
        tokio::join!(work, end);
        assert_eq!((server.handle.open(), server.handle.buffered()), (BUSY, 0));
        drop(busy);
        server.stop().await;
    });
}

#[test]
fn two_thousand_stall_in_a_handshake_beside_a_busy_client() {
    const STALLED: usize = 2_000;
    /// Waits for the word, which most never say.
    async fn shake(mut io: DuplexStream, peer: Peer) -> std::io::Result<(DuplexStream, Peer)> {
        io.read_exact(&mut [0; 4]).await?;
        Ok((io, peer))
    }
    paused(async {
        let (dialer, listener) = memory();
        let events = Events::default();
        let server = serve(listener.handshake(shake), Lines::any().text(UTF_8)).limits(unlimited());
        let server = start(server.on_event(events.hook()).reply(async |line| line));
        let mut busy = dialer.dial().await.unwrap();
        busy.write_all(b"word").await.unwrap();
        let began = Instant::now();
        let mut stalled = Vec::new();
        for n in 0..STALLED {
            let mut io = dialer.dial().await.unwrap();
            io.write_all(&b"wor"[..n % 4]).await.unwrap();
            stalled.push(io);
            echo(&mut busy, &format!("request {n}")).await;
        }
        assert!(began.elapsed() < SECOND, "nobody waits for them");
        assert_eq!(server.handle.open(), 1);
        for io in &mut stalled {
            let _ = rest(io).await;
            assert_met(began.elapsed(), 10 * SECOND);
        }
        echo(&mut busy, "and goes on").await;
        drop(busy);
        server.stop().await;
        assert_eq!(events.take().iter().filter(|line| line.starts_with("handshake failed: ")).count(), STALLED);
    });
}
