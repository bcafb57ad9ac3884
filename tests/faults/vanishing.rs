//! Peers that are gone, and do not say so.

use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wirework::servers::State;
use wirework::{FramingExt, LengthPrefix, Lines, UTF_8, serve};

use crate::support::Events;
use crate::support::runtime::on_sockets;
use crate::world::{echo, listening, start};

/// A process whose standard output is a connection to `address`, on which it has sent this. Nobody else has that
/// connection, and it lives for as long as its standard input.
fn peer(address: &str, sends: &str) -> std::process::Child {
    let io = std::net::TcpStream::connect(address).unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", r#"printf "$1" && exec cat"#, "sh", sends]);
    let io = std::os::fd::OwnedFd::from(io);
    command.stdin(Stdio::piped()).stdout(io).spawn().unwrap()
}

#[test]
fn kill_9_of_the_peer_in_mid_frame() {
    on_sockets(async {
        let events = Events::default();
        let (listener, address) = listening().await;
        let server = serve(listener, LengthPrefix::u8()).on_event(events.hook());
        let server = start(server.answer(|frame, reply| reply.send(frame)));
        let mut other = TcpStream::connect(&address).await.unwrap();
        other.write_all(b"\x05hello").await.unwrap();
        other.read_exact(&mut [0; 6]).await.unwrap();
        // The system says that one is gone, and resets the other, which has not read its reply.
        for sends in [r"\011half", r"\002hi\011half"] {
            let mut peer = peer(&address, sends);
            server.until(|server| server.connections().iter().any(|c| c.state == State::Receiving)).await;
            peer.kill().unwrap();
            peer.wait().unwrap();
            server.until(|server| server.open() == 1).await;
            assert_eq!(server.handle.buffered(), 0);
            other.write_all(b"\x09unharmed!").await.unwrap();
            other.read_exact(&mut [0; 10]).await.unwrap();
        }
        drop(other);
        server.stop().await;
        let told = events.take();
        assert_eq!(told.len(), 2, "{told:?}");
    });
}

/// Opens a connection, and has the system reset it.
async fn reset(address: &str) {
    let io = TcpStream::connect(address).await.unwrap();
    socket2::SockRef::from(&io).set_linger(Some(Duration::ZERO)).unwrap();
}

#[test]
fn storms_of_resets() {
    on_sockets(async {
        let (listener, address) = listening().await;
        // They are in the queue, and gone, before anybody accepts them.
        for _ in 0..500 {
            reset(&address).await;
        }
        let events = Events::default();
        let server = serve(listener, Lines::any().text(UTF_8));
        let server = start(server.on_event(events.hook()).reply(async |line| line));
        let mut io = TcpStream::connect(&address).await.unwrap();
        for _ in 0..500 {
            reset(&address).await;
            echo(&mut io, "hello").await;
        }
        drop(io);
        server.until(|server| server.open() == 0).await;
        server.stop().await;
        let told = events.take();
        assert!(told.iter().all(|line| line.contains("reset")), "{told:?}");
    });
}
