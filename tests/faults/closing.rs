//! Ends of connections, in every way.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::Instant;
use wirework::servers::{BindExt, Tcp};
use wirework::{Chunks, Connection, FramingExt, LengthPrefix, Limits, Lines, UTF_8, memory, serve};

use crate::support::Events;
use crate::support::runtime::{on_sockets, paused};
use crate::world::{assert_met, rest, start};

/// A hook for the address of a server, and what gives it.
fn listening() -> (impl FnMut(&wirework::servers::Address) + Send + 'static, oneshot::Receiver<SocketAddr>) {
    let (tell, told) = oneshot::channel();
    // There is one.
    let mut tell = Some(tell);
    let hook = move |address: &wirework::servers::Address| {
        tell.take().unwrap().send(address.to_string().parse().unwrap()).unwrap();
    };
    (hook, told)
}

#[test]
fn half_close_then_reply() {
    on_sockets(async {
        let (hook, address) = listening();
        // The handler waits until the peer has ended its side, which it sees; and then replies.
        let server = serve(Tcp::bind("127.0.0.1:0"), Lines::any().text(UTF_8)).on_listening(hook);
        let server = start(server.each(async |mut conn| {
            let mut lines = 0;
            while conn.recv().await?.is_some() {
                lines += 1;
            }
            conn.feed(format!("{lines} lines")).await?;
            Ok(conn.close().await?)
        }));
        let mut io = TcpStream::connect(address.await.unwrap()).await.unwrap();
        io.write_all(b"one\ntwo\n").await.unwrap();
        io.shutdown().await.unwrap();
        let (read, end) = rest(&mut io).await;
        end.unwrap();
        assert_eq!(read, b"2 lines\n");
        drop(io);
        server.stop().await;
    });
}

#[test]
fn half_close_with_replies_to_come() {
    paused(async {
        let (dialer, listener) = memory();
        let server = start(serve(listener, Lines::any().text(UTF_8)).reply(async |line| {
            tokio::time::sleep(Duration::from_secs(100)).await;
            line
        }));
        let mut io = dialer.dial().await.unwrap();
        io.write_all(b"one\ntwo\nthree").await.unwrap();
        io.shutdown().await.unwrap();
        let (read, end) = rest(&mut io).await;
        end.unwrap();
        assert_eq!(read, b"one\ntwo\n", "all whole ones are answered");
        server.stop().await;
    });
}

#[test]
fn reset_in_mid_frame() {
    on_sockets(async {
        let (hook, address) = listening();
        let events = Events::default();
        let server = serve(Tcp::bind("127.0.0.1:0"), LengthPrefix::u32_be()).on_listening(hook);
        let server = start(server.on_event(events.hook()).answer(|frame, reply| reply.send(frame)));
        let address = address.await.unwrap();
        let mut other = TcpStream::connect(address).await.unwrap();
        let mut io = TcpStream::connect(address).await.unwrap();
        io.write_all(b"\0\0\0\x02hi\0\0\0\x09half").await.unwrap();
        io.read_exact(&mut [0; 6]).await.unwrap();
        socket2::SockRef::from(&io).set_linger(Some(Duration::ZERO)).unwrap();
        drop(io);
        server.until(|server| server.open() == 1).await;
        other.write_all(b"\0\0\0\x02hi").await.unwrap();
        other.read_exact(&mut [0; 6]).await.unwrap();
        drop(other);
        server.stop().await;
        let told = events.take();
        assert!(told[0].starts_with("127.0.0.1:") && told[0].contains("reset"), "{told:?}");
    });
}

#[test]
fn close_with_unread_input_200_of_200() {
    on_sockets(async {
        let (hook, address) = listening();
        let server = serve(Tcp::bind("127.0.0.1:0"), Chunks::new(16).text(UTF_8)).on_listening(hook);
        let server = start(server.reply_once(async |_| "thank you !"));
        let address = address.await.unwrap();
        for n in 0..200 {
            let mut io = TcpStream::connect(address).await.unwrap();
            // Far more than is read at once: were the socket just closed, its reset would destroy the reply.
            io.write_all(&vec![b'x'; 1_000_000]).await.unwrap();
            let (read, end) = rest(&mut io).await;
            assert!(end.is_ok(), "{n}: {end:?}");
            assert_eq!(read, b"thank you !", "{n}");
        }
        server.stop().await;
    });
}

#[test]
fn who_never_stops_sending_is_left() {
    on_sockets(async {
        let (hook, address) = listening();
        let server = serve(Tcp::bind("127.0.0.1:0"), Chunks::new(16).text(UTF_8)).on_listening(hook);
        let server = start(server.reply_once(async |_| "thank you !"));
        let mut io = TcpStream::connect(address.await.unwrap()).await.unwrap();
        let block = vec![b'x'; 64 * 1024];
        let mut sent = 0;
        let failed = loop {
            match io.write_all(&block).await {
                Ok(()) => sent += block.len(),
                Err(error) => break error,
            }
        };
        assert!(matches!(failed.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{failed}");
        // 16 MiB are discarded; the rest was in the buffers of the system.
        assert!((16 << 20..64 << 20).contains(&sent), "{sent}");
        drop(io);
        server.stop().await;
    });
}

/// A transport that has something to say before it ends, as TLS has, to a peer that takes nothing more.
struct Deaf(DuplexStream);

impl AsyncRead for Deaf {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Deaf {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

#[test]
fn a_goodbye_of_the_transport_that_is_not_taken() {
    paused(async {
        let (dialer, listener) = memory();
        let listener = listener.handshake(async |io, peer| Ok((Deaf(io), peer)));
        let server = start(serve(listener, Lines::any().text(UTF_8)).reply_once(async |line| line));
        let mut io = dialer.dial().await.unwrap();
        let began = Instant::now();
        io.write_all(b"hello\n").await.unwrap();
        assert_eq!(rest(&mut io).await.0, b"hello\n");
        assert_met(began.elapsed(), Duration::from_secs(30));
        server.stop().await;
    });
}

#[test]
fn a_connection_that_its_handler_gives_away_is_known_until_it_ends() {
    paused(async {
        let (dialer, listener) = memory();
        let (give, mut given) = tokio::sync::mpsc::channel::<Connection<_, _>>(1);
        let server = start(serve(listener, Lines::any().text(UTF_8)).each(async move |conn| {
            give.send(conn).await?;
            Ok(())
        }));
        let mut io = dialer.dial().await.unwrap();
        let mut conn = given.recv().await.unwrap();
        assert_eq!(server.handle.open(), 1);
        server.handle.stop();
        io.write_all(b"still there\n").await.unwrap();
        assert_eq!(conn.recv().await.unwrap().as_deref(), Some("still there"));
        drop(conn);
        assert_eq!(server.stop().await.cut, 0);
    });
}

#[test]
fn one_is_closed_by_its_number() {
    paused(async {
        let (dialer, listener) = memory();
        let events = Events::default();
        let server = serve(listener, Lines::any().text(UTF_8)).on_event(events.hook());
        let server = start(server.reply(async |line| if line == "hang" { std::future::pending().await } else { line }));
        let mut open = Vec::new();
        for said in ["hello\n", "hello\n", "hang\n"] {
            let mut io = dialer.dial().await.unwrap();
            io.write_all(said.as_bytes()).await.unwrap();
            server.until(|server| server.connections().iter().any(|c| c.frames_in > 0 || c.bytes_in > 4)).await;
            open.push(io);
        }
        server.until(|server| server.open() == 3).await;
        let mut ids: Vec<u64> = server.handle.connections().iter().map(|connection| connection.id).collect();
        ids.sort_unstable();
        assert!(!server.handle.close(1_000_000), "there is no such connection");
        for (id, left) in [(ids[0], 2), (ids[2], 1)] {
            assert!(server.handle.close(id));
            // The one whose handler hangs is cut off.
            server.until(|server| server.open() == left).await;
        }
        open[1].read_exact(&mut [0; 6]).await.unwrap();
        open[1].write_all(b"hello\n").await.unwrap();
        open[1].read_exact(&mut [0; 6]).await.unwrap();
        drop(open);
        server.stop().await;
        assert_eq!(
            events.take(),
            ["memory: the server was told to close the connection", "memory: cut off: it had not ended by itself"]
        );
    });
}

#[test]
fn a_short_drain_ends_who_is_idle_in_time() {
    paused(async {
        let (dialer, listener) = memory();
        let (drain_idle, drain) = (Duration::from_millis(100), Duration::from_secs(1));
        let limits = Limits { drain_idle, drain, ..Limits::default() };
        let server = start(serve(listener, Lines::any().text(UTF_8)).limits(limits).reply(async |line| line));
        let mut idle = Vec::new();
        for _ in 0..16 {
            let mut io = dialer.dial().await.unwrap();
            io.write_all(b"hello\n").await.unwrap();
            io.read_exact(&mut [0; 6]).await.unwrap();
            idle.push(tokio::spawn(async move { rest(&mut io).await.1 }));
        }
        assert_eq!(server.stop().await.cut, 0);
        for ended in idle {
            ended.await.unwrap().unwrap();
        }
    });
}
