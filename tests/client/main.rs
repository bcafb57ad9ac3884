//! A client: calls, reconnecting, ending, what the server says by itself.

#[path = "../support/mod.rs"]
mod support;

mod calls;
mod connecting;
mod ending;
mod events;
mod leaving;
mod pool;
mod transports;
mod unsolicited;

use bytes::Bytes;
use tokio::io::DuplexStream;
use tokio::task::JoinHandle;
use wirework::core::Raw;
use wirework::framing::Until;
use wirework::servers::{CallError, Client, Correlation, MemoryListener};
use wirework::{Connection, Limits, Lines};

/// What `=k` begins with answers what `?k` does.
fn by_letter() -> Correlation<Raw> {
    Correlation::by_key(
        |request: &[u8]| request.strip_prefix(b"?")?.first().copied(),
        |message: &Bytes| message.strip_prefix(b"=")?.first().copied(),
    )
}

/// The next connection to a listener that the test answers itself.
async fn accept(listener: &mut MemoryListener) -> Connection<DuplexStream, Until> {
    let incoming = wirework::servers::Listener::accept(listener).await.unwrap();
    let (io, peer) = incoming.handshake.await.unwrap();
    Connection::new(io, peer, &Lines::any(), Limits::default()).unwrap()
}

/// A call that is made while the test goes on.
fn call(client: &Client<Raw>, request: &'static str) -> JoinHandle<Result<Bytes, CallError>> {
    let client = client.clone();
    tokio::spawn(async move { client.call(request).await })
}

/// That the server is sent `request`, which it answers.
async fn answers(server: &mut Connection<DuplexStream, Until>, request: &str, answer: &str) {
    assert_eq!(server.recv().await.unwrap().unwrap(), request.to_owned());
    server.send(answer.to_owned()).await.unwrap();
}
