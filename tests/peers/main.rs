//! Connections under the keys of their peers: what is there, what is not any more, and who is sent what.

#[path = "../support/mod.rs"]
mod support;

mod ends;
mod keys;
mod model;

use std::future::pending;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use tokio::io::DuplexStream;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use wirework::core::{BoxError, Raw};
use wirework::framing::Until;
use wirework::servers::{Address, Bind, Conversation, Handle, Listener, MemoryDialer, Peers, ServerHandle, WhenTaken};
use wirework::{Connection, Ended, Event, Limit, Limits, Lines, Peer, Server, connect, memory, serve};

type Client = Connection<DuplexStream, Until>;

#[derive(Clone, Copy, Debug)]
enum Verb {
    Answer,
    Reply,
    Concurrent,
    Each,
}

const VERBS: [Verb; 4] = [Verb::Answer, Verb::Reply, Verb::Concurrent, Verb::Each];

/// The longest line that the server takes.
const LONGEST: usize = 16 * 1024;

/// A server whose peers log in, and what it leads to.
struct World {
    peers: Peers<String, Raw>,
    dialer: MemoryDialer,
    handle: ServerHandle,
    task: JoinHandle<io::Result<Ended>>,
    /// Told when a connection has ended.
    closed: Arc<Notify>,
}

/// Nobody is closed for being silent.
fn patient() -> Limits {
    Limits { first_byte: Limit::Unlimited, idle: Limit::Unlimited, ..Limits::default() }
}

/// What a peer is answered.
fn answer(peers: &Peers<String, Raw>, handle: &Handle<Raw>, line: &[u8]) -> Result<Bytes, BoxError> {
    match line {
        b"fail" => Err("as it was told".into()),
        b"panic" => panic!("as it was told"),
        _ => {
            let Some(name) = line.strip_prefix(b"login ") else { return Ok(Bytes::copy_from_slice(line)) };
            let former = match peers.join(String::from_utf8(name.to_vec())?, handle) {
                Ok(former) => former,
                Err(error) => return Ok(error.to_string().into()),
            };
            if let Some(former) = former {
                former.try_send("another has logged in")?;
            }
            Ok("welcome".into())
        }
    }
}

/// The same, by a handler that may wait for ever.
async fn answer_or_hang(peers: &Peers<String, Raw>, handle: &Handle<Raw>, line: &[u8]) -> Result<Bytes, BoxError> {
    if line == b"hang" {
        pending::<()>().await;
    }
    answer(peers, handle, line)
}

impl World {
    fn new(verb: Verb, when_taken: WhenTaken, limits: Limits) -> Self {
        let (dialer, listener) = memory();
        let (peers, closed) = (Peers::new(when_taken), Arc::new(Notify::new()));
        let telling = closed.clone();
        let serve = serve(listener, Lines::any().max_len(LONGEST)).limits(limits).on_event(move |event| {
            if let Event::Closed { .. } = event {
                telling.notify_one();
            }
        });
        let joined = peers.clone();
        let (handle, task) = match verb {
            Verb::Answer => run(serve.answer_with(
                |handle| handle,
                move |handle, line, reply| Ok::<_, BoxError>(reply.send(answer(&joined, handle, line)?)?),
            )),
            Verb::Reply => run(serve.reply_with(
                |handle| (joined, handle),
                async |(peers, handle), line| answer_or_hang(&peers, &handle, &line).await,
            )),
            Verb::Concurrent => run(serve
                .reply_with(
                    |handle| (joined, handle),
                    async |(peers, handle), line| answer_or_hang(&peers, &handle, &line).await,
                )
                .concurrency(4)),
            Verb::Each => run(serve.each(async move |mut conn| {
                let handle = conn.handle();
                while let Some(line) = conn.recv().await? {
                    conn.send(answer_or_hang(&joined, &handle, &line).await?).await?;
                }
                Ok(conn.close().await?)
            })),
        };
        Self { peers, dialer, handle, task, closed }
    }

    async fn client(&self) -> Client {
        connect(&self.dialer, Lines::any()).await.unwrap()
    }

    /// A client that has logged in, and what the server has of it.
    async fn log_in(&self, name: &str) -> (Client, Handle<Raw>) {
        let mut client = self.client().await;
        client.send(format!("login {name}")).await.unwrap();
        assert_eq!(line(&mut client).await, "welcome");
        (client, self.peers.get(name).unwrap())
    }

    /// Waits until a connection has ended.
    async fn closed(&self) {
        self.closed.notified().await;
    }

    async fn stop(self) {
        self.handle.stop();
        self.task.await.unwrap().unwrap();
    }
}

fn run<B, S>(server: Server<B, S>) -> (ServerHandle, JoinHandle<io::Result<Ended>>)
where
    B: Bind,
    S: Conversation<<B::Listener as Listener>::Io>,
{
    (server.handle(), tokio::spawn(server.into_future()))
}

async fn line(client: &mut Client) -> String {
    String::from_utf8(client.recv().await.unwrap().unwrap().to_vec()).unwrap()
}

/// A connection that nobody has a server for.
fn lone() -> (Connection<DuplexStream, Until>, Handle<Raw>) {
    let io = tokio::io::duplex(1024).0;
    let mut connection = Connection::new(io, Peer::new(Address::Memory), &Lines::any(), Limits::default()).unwrap();
    let handle = connection.handle();
    (connection, handle)
}
