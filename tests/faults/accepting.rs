//! More connections than there may be, and connections that cannot be accepted.

use std::collections::VecDeque;
use std::future::{Ready, pending, ready};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, timeout};
use wirework::servers::{Address, BindExt, Incoming, Listener, Peer, WhenFull};
use wirework::{FramingExt, Limits, Lines, UTF_8, memory, serve};

use crate::support::Events;
use crate::support::runtime::{on_sockets, paused};
use crate::world::{listening, rest, start};

const SECOND: Duration = Duration::from_secs(1);

async fn echoes(io: &mut DuplexStream) -> bool {
    let asked = async {
        io.write_all(b"hello\n").await?;
        io.read_exact(&mut [0; 6]).await
    };
    timeout(SECOND, asked).await.is_ok_and(|read| read.is_ok())
}

#[test]
fn more_connections_than_allowed_then_one_leaves() {
    paused(async {
        let (dialer, listener) = memory();
        let limits = Limits { connections: 3.into(), ..Limits::default() };
        let server = start(serve(listener, Lines::any().text(UTF_8)).limits(limits).reply(async |line| line));
        let mut open = Vec::new();
        for _ in 0..3 {
            let mut io = dialer.dial().await.unwrap();
            assert!(echoes(&mut io).await);
            open.push(io);
        }
        let mut waits = dialer.dial().await.unwrap();
        assert!(!echoes(&mut waits).await, "a fourth one waits");
        assert_eq!(server.handle.open(), 3);
        drop(open.pop());
        waits.read_exact(&mut [0; 6]).await.unwrap();
        assert!(echoes(&mut waits).await, "and is served when one has left");
        server.stop().await;
    });
}

#[test]
fn one_too_many_is_refused_with_the_bytes_of_your_choice() {
    paused(async {
        let (dialer, listener) = memory();
        let events = Events::default();
        let when_full = WhenFull::Refuse("-ERR too many clients\r\n".into());
        let limits = Limits { connections: 1.into(), when_full, ..Limits::default() };
        let server = serve(listener, Lines::any().text(UTF_8)).limits(limits).on_event(events.hook());
        let server = start(server.reply(async |line| line));
        let mut open = dialer.dial().await.unwrap();
        assert!(echoes(&mut open).await);
        for _ in 0..3 {
            let mut refused = dialer.dial().await.unwrap();
            let (read, end) = rest(&mut refused).await;
            end.unwrap();
            assert_eq!(read, b"-ERR too many clients\r\n");
        }
        drop(open);
        server.until(|server| server.open() == 0).await;
        let mut next = dialer.dial().await.unwrap();
        assert!(echoes(&mut next).await);
        server.stop().await;
        assert_eq!(events.take(), ["refused a connection: there are as many connections as there may be"; 3]);
    });
}

/// Connections whose peers have the addresses that their first lines say.
fn from_the_address_it_says(
    io: DuplexStream,
    _: Peer,
) -> impl Future<Output = io::Result<(DuplexStream, Peer)>> + Send {
    let mut io = io;
    async move {
        let mut address = String::new();
        loop {
            match io.read_u8().await? {
                b'\n' => break,
                byte => address.push(byte.into()),
            }
        }
        let address: SocketAddr = address.parse().map_err(io::Error::other)?;
        Ok((io, Peer::new(address.into())))
    }
}

#[test]
fn one_address_takes_all() {
    paused(async {
        let (dialer, listener) = memory();
        let events = Events::default();
        let exempt = vec!["10.0.0.0/8".parse().unwrap(), "2001:db8:9::7/128".parse().unwrap()];
        let limits = Limits { per_address: 2.into(), exempt, ..Limits::default() };
        let server = serve(listener.handshake(from_the_address_it_says), Lines::any().text(UTF_8));
        let server = start(server.limits(limits).on_event(events.hook()).reply(async |line| line));
        let dial = async |from: &str| {
            let mut io = dialer.dial().await.unwrap();
            io.write_all(format!("{from}\n").as_bytes()).await.unwrap();
            io
        };
        let mut held = Vec::new();
        for (from, fits) in [
            ("192.0.2.1:1", true),
            ("192.0.2.1:2", true),
            ("192.0.2.1:3", false),
            ("[::ffff:192.0.2.1]:4", false),
            ("192.0.2.2:1", true),
            ("[2001:db8:1:2::1]:1", true),
            ("[2001:db8:1:2::2]:1", true),
            ("[2001:db8:1:2:ffff::3]:1", false),
            ("[2001:db8:1:3::1]:1", true),
            ("10.1.2.3:1", true),
            ("10.1.2.3:2", true),
            ("10.1.2.3:3", true),
            ("[2001:db8:9::7]:1", true),
            ("[2001:db8:9::7]:2", true),
            ("[2001:db8:9::7]:3", true),
        ] {
            let mut io = dial(from).await;
            assert_eq!(echoes(&mut io).await, fits, "{from}");
            if fits {
                held.push(io);
            }
        }
        drop(held.remove(0));
        server.until(|server| server.open() == 11).await;
        assert!(echoes(&mut dial("192.0.2.1:5").await).await, "one has left");
        drop(held);
        server.stop().await;
        let told = events.take();
        assert_eq!(told.len(), 3, "{told:?}");
        assert_eq!(told[0], "192.0.2.1:3: refused: its address has as many connections as it may");
    });
}

/// Whoever has not said who it is counts for the address of its socket.
#[cfg(target_os = "linux")]
#[test]
fn one_address_stalls_in_its_handshakes() {
    on_sockets(async {
        let limits = Limits { connections: 4.into(), per_address: 3.into(), ..Limits::default() };
        let (listener, address) = listening().await;
        let events = Events::default();
        let knocking = listener.handshake(async |mut io: TcpStream, peer| {
            io.read_u8().await?;
            Ok((io, peer))
        });
        let server = serve(knocking, Lines::any().text(UTF_8)).limits(limits);
        let server = start(server.on_event(events.hook()).reply(async |line| line));
        let mut stalled = Vec::new();
        for _ in 0..6 {
            stalled.push(TcpStream::connect(&address).await.unwrap());
        }
        // All but three were refused, and there is a place for another address.
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
        let mut other = socket.connect(address.parse().unwrap()).await.unwrap();
        other.write_all(b"!hello\n").await.unwrap();
        other.read_exact(&mut [0; 6]).await.unwrap();
        for io in &mut stalled[3..] {
            assert_eq!(io.read(&mut [0]).await.unwrap(), 0);
        }
        let refused = events.take();
        assert_eq!(refused.len(), 3, "{refused:?}");
        assert!(refused[0].starts_with("127.0.0.1:") && refused[0].contains("its address has as many"), "{refused:?}");
        drop((stalled, other));
        server.stop().await;
    });
}

#[test]
fn a_flood_of_connections_is_accepted_at_a_rate() {
    paused(async {
        let (dialer, listener) = memory();
        let limits = Limits { accept_rate: 100.into(), ..Limits::default() };
        let server = start(serve(listener, Lines::any().text(UTF_8)).limits(limits).reply(async |line| line));
        let began = Instant::now();
        let mut open = Vec::new();
        for _ in 0..500 {
            let mut io = dialer.dial().await.unwrap();
            io.write_all(b"hello\n").await.unwrap();
            open.push(io);
        }
        for io in &mut open {
            io.read_exact(&mut [0; 6]).await.unwrap();
        }
        assert_eq!(began.elapsed().as_secs(), 4, "a hundred at once, then a hundred a second");
        server.stop().await;
    });
}

/// A listener that fails as it is told between connections.
struct Failing {
    script: VecDeque<Option<i32>>,
    connections: Vec<DuplexStream>,
}

impl Listener for Failing {
    type Io = DuplexStream;
    type Handshake = Ready<io::Result<(DuplexStream, Peer)>>;

    async fn accept(&mut self) -> io::Result<Incoming<Self::Handshake>> {
        match self.script.pop_front() {
            Some(Some(error)) => Err(io::Error::from_raw_os_error(error)),
            Some(None) => Ok(Incoming::new(ready(Ok((self.connections.remove(0), Peer::new(Address::Memory)))))),
            None => pending().await,
        }
    }

    fn local_addresses(&self) -> io::Result<Vec<Address>> {
        Ok(vec![Address::Memory])
    }
}

#[cfg(target_os = "linux")]
#[test]
fn storms_of_every_other_accept_error() {
    // accept(2): what a connection that is gone leaves behind, and what the system lacks and gets back.
    let gone = [103, 71, 64, 92, 95, 112, 113, 101, 100, 4, 11, 1, 110];
    let lacking = [23, 24, 105, 12];
    for error in gone.into_iter().chain(lacking) {
        paused(async move {
            let (ours, theirs) = tokio::io::duplex(64);
            let (second, their_second) = tokio::io::duplex(64);
            let script = [vec![None], vec![Some(error); 1000], vec![None]].concat().into();
            let events = Events::default();
            let listener = Failing { script, connections: vec![theirs, their_second] };
            let server = serve(listener, Lines::any().text(UTF_8)).on_event(events.hook());
            let server = start(server.reply(async |line| line));
            let (mut ours, mut second) = (ours, second);
            assert!(echoes(&mut ours).await, "a live connection is unharmed by {error}");
            second.write_all(b"hello\n").await.unwrap();
            second.read_exact(&mut [0; 6]).await.unwrap();
            server.stop().await;
            let told = events.take();
            assert_eq!(told.iter().filter(|line| line.starts_with("cannot accept a connection")).count(), 1000);
        });
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_listener_that_is_broken_ends_its_server_loudly() {
    paused(async {
        let listener = Failing { script: [Some(9)].into(), connections: Vec::new() };
        let ended = serve(listener, Lines::any().text(UTF_8)).reply(async |line| line).await;
        assert_eq!(ended.unwrap_err().raw_os_error(), Some(9));
    });
}
