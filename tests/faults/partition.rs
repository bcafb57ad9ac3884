//! Networks that lose what is sent, or keep it for a while: simulated ones.

use std::future::{Ready, ready};
use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, sleep};
use turmoil::net::{TcpListener, TcpStream};
use turmoil::{Builder, Sim, hold, partition, release, repair};
use wirework::servers::{Address, Incoming, Listener, ServerHandle, State};
use wirework::{LengthPrefix, Peer, serve};

use crate::support::Events;
use crate::world::until;

const SECOND: Duration = Duration::from_secs(1);
const SERVER: (&str, u16) = ("server", 7788);

/// A socket of the simulation that listens.
struct Simulated(TcpListener);

impl Listener for Simulated {
    type Io = TcpStream;
    type Handshake = Ready<io::Result<(TcpStream, Peer)>>;

    async fn accept(&mut self) -> io::Result<Incoming<Self::Handshake>> {
        let (io, address) = self.0.accept().await?;
        Ok(Incoming::of(ready(Ok((io, Peer::new(address.into())))), address.into()))
    }

    fn local_addresses(&self) -> io::Result<Vec<Address>> {
        Ok(vec![Address::Tcp(self.0.local_addr()?)])
    }
}

/// A network with a server of frames in it, what looks into that, and what it has told.
fn network() -> (Sim<'static>, Arc<OnceLock<ServerHandle>>, Events) {
    let mut builder = Builder::new();
    builder.rng_seed(7788).tick_duration(Duration::from_millis(10)).simulation_duration(1000 * SECOND);
    let mut network = builder.build();
    let (handle, events) = <(Arc<OnceLock<ServerHandle>>, Events)>::default();
    let (of_server, told) = (handle.clone(), events.clone());
    network.host("server", move || {
        let (handle, events) = (of_server.clone(), told.clone());
        async move {
            let listener = Simulated(TcpListener::bind(("0.0.0.0", SERVER.1)).await?);
            let server = serve(listener, LengthPrefix::u32_be()).on_event(move |event| events.add(event));
            let server = server.answer(|frame, reply| reply.send(frame));
            let _ = handle.set(server.handle());
            server.await?;
            Ok(())
        }
    });
    (network, handle, events)
}

fn frame(text: &str) -> Vec<u8> {
    [&(text.len() as u32).to_be_bytes(), text.as_bytes()].concat()
}

/// Waits for a reply, which is this one.
async fn hear(io: &mut TcpStream, text: &str) {
    let mut reply = vec![0; 4 + text.len()];
    io.read_exact(&mut reply).await.unwrap();
    assert_eq!(reply, frame(text));
}

/// Sends numbered requests, one a second, and has each of them back.
async fn converse(name: &str, requests: u32) {
    let mut io = TcpStream::connect(SERVER).await.unwrap();
    for n in 0..requests {
        let request = format!("{name} asks for the {n}th time");
        io.write_all(&frame(&request)).await.unwrap();
        hear(&mut io, &request).await;
        sleep(SECOND).await;
    }
}

/// Has the server receive the first half of a frame; gives the other half.
async fn send_half(io: &mut TcpStream, text: &str, server: &ServerHandle) -> Vec<u8> {
    let mut frame = frame(text);
    let rest = frame.split_off(frame.len() / 2);
    io.write_all(&frame).await.unwrap();
    until(|| server.connections().iter().any(|connection| connection.state == State::Receiving)).await;
    rest
}

#[test]
fn a_partition_in_mid_conversation() {
    let (mut network, server, events) = network();
    network.client("other", async {
        converse("other", 60).await;
        Ok(())
    });
    network.client("client", async move {
        let server = server.wait();
        let mut io = TcpStream::connect(SERVER).await?;
        io.write_all(&frame("before")).await?;
        hear(&mut io, "before").await;
        let lost = send_half(&mut io, "lost", server).await;

        partition("client", "server");
        let began = Instant::now();
        io.write_all(&lost).await?;
        until(|| server.open() == 1).await;
        // The deadline of a frame, and then what a peer is given that does not close.
        let took = began.elapsed();
        assert!((30 * SECOND..40 * SECOND).contains(&took), "{took:?}");
        assert_eq!(server.buffered(), 0);

        repair("client", "server");
        drop(io);
        converse("client", 3).await;
        Ok(())
    });
    network.run().unwrap();
    let told = events.take();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("was not whole after 30s"), "{told:?}");
}

#[test]
fn half_of_a_frame_is_held_and_released() {
    let (mut network, server, events) = network();
    network.client("client", async move {
        let server = server.wait();
        let mut io = TcpStream::connect(SERVER).await?;
        for n in 0..5 {
            let request = format!("request {n}");
            let held = send_half(&mut io, &request, server).await;
            hold("client", "server");
            io.write_all(&held).await?;
            io.write_all(&frame("another one")).await?;
            sleep(20 * SECOND).await;
            let [connection] = &server.connections()[..] else { panic!("there is one") };
            assert_eq!((connection.state, connection.frames_in), (State::Receiving, 2 * n));
            release("client", "server");
            hear(&mut io, &request).await;
            hear(&mut io, "another one").await;
        }
        Ok(())
    });
    network.run().unwrap();
    assert_eq!(events.take(), [""; 0]);
}

#[test]
fn replies_are_never_mixed_whatever_the_network_keeps() {
    const CLIENTS: [&str; 3] = ["first", "second", "third"];
    let (mut network, _, events) = network();
    for name in CLIENTS {
        network.client(name, async move {
            converse(name, 100).await;
            Ok(())
        });
    }
    network.client("who sits between", async {
        for n in 0..90 {
            hold(CLIENTS[n % 3], "server");
            sleep(SECOND).await;
            release(CLIENTS[(n + 2) % 3], "server");
        }
        CLIENTS.iter().for_each(|name| release(*name, "server"));
        Ok(())
    });
    network.run().unwrap();
    assert_eq!(events.take(), [""; 0]);
}
