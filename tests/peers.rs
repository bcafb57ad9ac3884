//! Connections under the keys of their peers: what is there, what is not any more, and who is sent what.

mod support;

use std::collections::BTreeMap;
use std::future::{IntoFuture, pending};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;
use support::runtime::{in_memory, on_sockets, paused};
use tokio::io::DuplexStream;
use tokio::net::TcpStream;
use tokio::sync::{Notify, mpsc};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;
use wirework::core::{BoxError, Raw};
use wirework::framing::Until;
use wirework::servers::{
    Address, Bind, Conversation, Handle, JoinError, Listener, MemoryDialer, PeerError, Peers, ServerHandle, Told,
    WhenTaken,
};
use wirework::{Connection, Ended, Event, Limit, Limits, Lines, Peer, Server, Tcp, connect, memory, serve};

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

/// Tries an end of a connection. A bystander is there before and after it.
fn leaves_nothing(verbs: &[Verb], limits: &Limits, end: impl AsyncFn(&World, Client, Handle<Raw>)) {
    for verb in verbs {
        paused(async {
            let world = World::new(*verb, WhenTaken::Refuse, limits.clone());
            let (_bystander, other) = world.log_in("bystander").await;
            let (client, handle) = world.log_in("a").await;
            assert_eq!(world.peers.len(), 2);
            end(&world, client, handle.clone()).await;
            assert_eq!(world.peers.connections(), [("bystander".into(), other)], "{verb:?}");
            assert_eq!(world.peers.key_of(&handle), None);
            world.log_in("a").await;
            world.stop().await;
        });
    }
}

#[test]
fn a_peer_that_closes_leaves_nothing() {
    leaves_nothing(&VERBS, &patient(), async |world, client, _| {
        client.close().await.unwrap();
        world.closed().await;
    });
}

#[test]
fn a_peer_that_resets_leaves_nothing() {
    on_sockets(async {
        let listener = Tcp::bind("127.0.0.1:0").bind(&Limits::default()).await.unwrap();
        let address = listener.local_addresses().unwrap()[0].to_string();
        let (peers, gone) = (Peers::new(WhenTaken::Refuse), Arc::new(Notify::new()));
        let (joined, telling) = (peers.clone(), gone.clone());
        let server = serve(listener, Lines::any()).each(async move |mut conn| {
            let handle = conn.handle();
            assert!(conn.recv().await?.is_some());
            joined.join("a", &handle)?;
            conn.send("welcome").await?;
            let reset = conn.recv().await;
            drop(conn);
            telling.notify_one();
            assert!(reset.is_err());
            Ok(())
        });
        let (handle, task) = run(server);
        let socket = TcpStream::connect(address).await.unwrap();
        socket2::SockRef::from(&socket).set_linger(Some(Duration::ZERO)).unwrap();
        let mut client = Connection::new(socket, Peer::new(Address::Memory), &Lines::any(), patient()).unwrap();
        client.send("a").await.unwrap();
        assert_eq!(client.recv().await.unwrap().unwrap(), "welcome");
        assert_eq!(peers.len(), 1);
        drop(client);
        gone.notified().await;
        assert!(peers.is_empty());
        handle.stop();
        task.await.unwrap().unwrap();
    });
}

#[test]
fn a_lost_stream_leaves_nothing() {
    leaves_nothing(&VERBS, &patient(), async |world, mut client, _| {
        client.send([b'x'; LONGEST + 1]).await.unwrap();
        assert_eq!(client.recv().await.unwrap(), None);
        drop(client);
        world.closed().await;
    });
}

#[test]
fn a_handler_that_fails_leaves_nothing() {
    leaves_nothing(&VERBS, &patient(), async |world, mut client, _| {
        client.send("fail").await.unwrap();
        assert_eq!(client.recv().await.unwrap(), None);
        drop(client);
        world.closed().await;
    });
}

#[test]
fn a_handler_that_panics_leaves_nothing() {
    leaves_nothing(&VERBS, &patient(), async |world, mut client, _| {
        client.send("panic").await.unwrap();
        world.closed().await;
    });
}

#[test]
fn a_peer_that_falls_silent_leaves_nothing() {
    let idle = Duration::from_secs(300);
    for verb in VERBS {
        paused(async {
            let world = World::new(verb, WhenTaken::Refuse, Limits { idle: idle.into(), ..patient() });
            let (mut client, _) = world.log_in("a").await;
            let began = Instant::now();
            tokio::time::sleep(idle / 2).await;
            assert!(world.peers.last_seen("a").unwrap() > idle / 3, "{:?}", world.peers.last_seen("a"));
            assert_eq!(client.recv().await.unwrap(), None);
            assert!(began.elapsed() >= idle);
            drop(client);
            world.closed().await;
            assert!(world.peers.is_empty(), "{verb:?}");
            world.stop().await;
        });
    }
}

#[test]
fn a_connection_that_the_operator_closes_leaves_nothing() {
    leaves_nothing(&VERBS, &patient(), async |world, _client, handle| {
        assert!(world.handle.close(handle.id()));
        world.closed().await;
    });
}

#[test]
fn a_handler_that_is_cut_off_leaves_nothing() {
    leaves_nothing(&[Verb::Reply, Verb::Concurrent, Verb::Each], &patient(), async |world, mut client, handle| {
        client.send("hang").await.unwrap();
        assert!(world.handle.close(handle.id()));
        world.closed().await;
    });
}

#[test]
fn a_connection_that_is_closed_by_its_handle_leaves_nothing() {
    leaves_nothing(&VERBS, &patient(), async |world, mut client, _| {
        world.peers.get("a").unwrap().close();
        assert_eq!(client.recv().await.unwrap(), None);
        client.close().await.unwrap();
        world.closed().await;
    });
}

#[test]
fn a_server_that_drains_leaves_nothing() {
    for verb in VERBS {
        paused(async {
            let world = World::new(verb, WhenTaken::Refuse, patient());
            let (_client, handle) = world.log_in("a").await;
            let peers = world.peers.clone();
            world.stop().await;
            assert!(handle.is_closed() && peers.is_empty(), "{verb:?}");
        });
    }
}

#[test]
fn a_server_that_is_dropped_leaves_nothing() {
    for verb in VERBS {
        paused(async {
            let world = World::new(verb, WhenTaken::Refuse, patient());
            let (_client, handle) = world.log_in("a").await;
            world.task.abort();
            handle.closed().await;
            assert!(world.peers.is_empty(), "{verb:?}");
        });
    }
}

#[test]
fn a_connection_that_goes_on_as_something_else_leaves_nothing() {
    in_memory(async {
        let peers = Peers::<&str, _>::new(WhenTaken::Refuse);
        let ((first, handle), (second, other)) = (lone(), lone());
        peers.join("a", &handle).unwrap();
        peers.join("b", &other).unwrap();
        let halves = first.split();
        assert_eq!((peers.len(), handle.is_closed()), (1, true));
        let changed = second.with_codec(&Lines::any()).unwrap();
        assert!(peers.is_empty());
        drop((halves, changed));
    });
}

#[test]
fn who_logs_in_again_takes_its_former_place_and_the_end_of_that_is_not_its_own() {
    for verb in VERBS {
        paused(async {
            let world = World::new(verb, WhenTaken::Replace, patient());
            let (mut former, gone) = world.log_in("a").await;
            let (mut client, handle) = world.log_in("a").await;
            assert_eq!(line(&mut former).await, "another has logged in");
            assert_eq!(former.recv().await.unwrap(), None);
            former.close().await.unwrap();
            world.closed().await;
            assert!(gone.is_closed());
            assert_eq!(world.peers.connections(), [("a".into(), handle)]);
            world.peers.send("a", "still here?").await.unwrap();
            assert_eq!(line(&mut client).await, "still here?");
            client.close().await.unwrap();
            world.closed().await;
            assert!(world.peers.is_empty());
            world.stop().await;
        });
    }
}

#[test]
fn who_logs_in_under_another_name_is_not_found_under_the_first() {
    paused(async {
        let world = World::new(Verb::Answer, WhenTaken::Refuse, patient());
        let (mut client, _) = world.log_in("a").await;
        let (_other, _) = world.log_in("b").await;
        client.send("login b").await.unwrap();
        assert_eq!(line(&mut client).await, "the connection with memory has this key");
        assert!(world.peers.contains("a"));
        client.send("login c").await.unwrap();
        assert_eq!(line(&mut client).await, "welcome");
        assert_eq!((world.peers.contains("a"), world.peers.contains("c"), world.peers.len()), (false, true, 2));
        assert_eq!(world.peers.try_send("a", "lost"), Err(PeerError::Absent("lost")));
        assert_eq!(world.peers.send("a", "lost").await, Err(PeerError::Absent("lost")));
        world.stop().await;
    });
}

/// Nothing depends on it but when a broken test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// Many log in under one name at once, from several tasks. Gives the one that stays, once all others are gone.
async fn at_once(world: &World) -> Client {
    const MANY: usize = 64;
    let mut clients = JoinSet::new();
    let (stays, mut stayed) = mpsc::unbounded_channel();
    for _ in 0..MANY {
        let (mut client, stays) = (world.client().await, stays.clone());
        clients.spawn(async move {
            client.send("login a").await.unwrap();
            if line(&mut client).await == "welcome" {
                client.send("here").await.unwrap();
                loop {
                    match client.recv().await.unwrap() {
                        Some(said) if said == "go" => return stays.send(client).unwrap(),
                        Some(_) => {}
                        None => break,
                    }
                }
            }
            client.close().await.unwrap();
        });
    }
    for _ in 1..MANY {
        clients.join_next().await.unwrap().unwrap();
    }
    assert_eq!(world.peers.len(), 1);
    world.peers.send("a", "go").await.unwrap();
    clients.join_next().await.unwrap().unwrap();
    stayed.recv().await.unwrap()
}

#[test]
fn of_many_that_log_in_at_once_one_stays_and_it_is_there() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_time().build().unwrap();
    runtime.block_on(async {
        for when_taken in [WhenTaken::Replace, WhenTaken::Refuse] {
            for verb in VERBS {
                let world = World::new(verb, when_taken, patient());
                // If two stayed, neither would ever be gone.
                let client = tokio::time::timeout(PATIENCE, at_once(&world)).await.expect("one stays");
                let peers = world.peers.clone();
                assert!(!peers.get("a").unwrap().is_closed());
                client.close().await.unwrap();
                world.stop().await;
                assert!(peers.is_empty());
            }
        }
    });
}

#[test]
fn all_but_one_and_several_are_told() {
    paused(async {
        let world = World::new(Verb::Reply, WhenTaken::Refuse, patient());
        let (mut a, handle) = world.log_in("a").await;
        let (mut b, _) = world.log_in("b").await;
        let (mut c, gone) = world.log_in("c").await;
        let peers = &world.peers;
        let told = peers.send_all_but(&handle, "a is here");
        assert_eq!(told, Told { sent: 2, unsent: vec![] });
        assert_eq!((line(&mut b).await, line(&mut c).await), ("a is here".into(), "a is here".into()));
        gone.close();
        let told = peers.send_many(["a", "nobody", "c"], "to some");
        let unsent = vec![("nobody", PeerError::Absent(())), ("c", PeerError::Closed(()))];
        assert_eq!(told, Told { sent: 1, unsent });
        assert_eq!(line(&mut a).await, "to some");
        assert_eq!(peers.send_all("to all").sent, 2);
        assert_eq!((line(&mut a).await, line(&mut b).await), ("to all".into(), "to all".into()));
        drop(c);
        world.stop().await;
    });
}

#[test]
fn a_slow_one_among_many_is_told_of_and_the_others_are_told() {
    paused(async {
        let world = World::new(Verb::Answer, WhenTaken::Refuse, patient());
        let mut clients = Vec::new();
        for n in 0..100 {
            clients.push(world.log_in(&n.to_string()).await.0);
        }
        let (mut slow, _) = world.log_in("slow").await;
        let peers = &world.peers;
        let second = Duration::from_secs(1);
        // Time passes when nothing else happens: there is no more room then.
        while tokio::time::timeout(second, peers.send("slow", vec![b'x'; 10_000])).await.is_ok() {}
        let began = Instant::now();
        assert_eq!(peers.send_all("news"), Told { sent: 100, unsent: vec![("slow".into(), PeerError::Full(()))] });
        assert_eq!(peers.try_send("slow", "news"), Err(PeerError::Full("news")));
        for client in &mut clients {
            assert_eq!(line(client).await, "news");
        }
        assert_eq!(began.elapsed(), Duration::ZERO);
        // It reads on, and is told what is waited for.
        let (sent, ()) =
            tokio::join!(peers.send("slow", "in the end"), async { while line(&mut slow).await != "in the end" {} });
        assert_eq!(sent, Ok(()));
        drop((clients, slow));
        world.stop().await;
    });
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Join(usize, u8),
    Leave(usize),
    Close(usize),
    End(usize),
    Connect(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let connection = 0..CONNECTIONS;
    prop_oneof![
        4 => (connection.clone(), 0..KEYS).prop_map(|(connection, key)| Step::Join(connection, key)),
        1 => connection.clone().prop_map(Step::Leave),
        1 => connection.clone().prop_map(Step::Close),
        2 => connection.clone().prop_map(Step::End),
        2 => connection.prop_map(Step::Connect),
    ]
}

const CONNECTIONS: usize = 6;
const KEYS: u8 = 4;

/// What is known of one of several connections.
struct Known {
    /// Until it ends.
    connection: Option<Connection<DuplexStream, Until>>,
    handle: Handle<Raw>,
    key: Option<u8>,
    closed: bool,
}

impl Known {
    fn new() -> Self {
        let (connection, handle) = lone();
        Self { connection: Some(connection), handle, key: None, closed: false }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn it_is_as_a_list_would_be(replaces: bool, steps in prop::collection::vec(step(), 1..60)) {
        let peers = Peers::new(if replaces { WhenTaken::Replace } else { WhenTaken::Refuse });
        let mut all: Vec<_> = (0..CONNECTIONS).map(|_| Known::new()).collect();
        for step in steps {
            match step {
                Step::Join(n, key) => {
                    let holder = all.iter().position(|known| known.key == Some(key));
                    let joined = peers.join(key, &all[n].handle);
                    match holder {
                        _ if all[n].closed => {
                            prop_assert!(matches!(joined, Err(JoinError::Closed(back)) if back == key));
                        }
                        Some(of) if of == n => prop_assert_eq!(joined.unwrap(), None),
                        Some(of) if replaces || all[of].closed => {
                            prop_assert_eq!(&*joined.unwrap().unwrap(), &all[of].handle);
                            (all[of].key, all[of].closed, all[n].key) = (None, true, Some(key));
                        }
                        Some(of) => {
                            let Err(JoinError::Taken { key: back, holder }) = joined else { panic!("it has joined") };
                            prop_assert_eq!((back, &holder), (key, &all[of].handle));
                        }
                        None => {
                            prop_assert_eq!(joined.unwrap(), None);
                            all[n].key = Some(key);
                        }
                    }
                }
                Step::Leave(n) => prop_assert_eq!(peers.leave(&all[n].handle), all[n].key.take()),
                Step::Close(n) => {
                    all[n].handle.close();
                    all[n].closed = true;
                }
                Step::End(n) => {
                    all[n].connection = None;
                    (all[n].key, all[n].closed) = (None, true);
                }
                Step::Connect(n) => all[n] = Known::new(),
            }
            let there: BTreeMap<u8, &Handle<Raw>> =
                all.iter().filter_map(|known| Some((known.key?, &known.handle))).collect();
            prop_assert_eq!((peers.len(), peers.is_empty()), (there.len(), there.is_empty()));
            for key in 0..KEYS {
                prop_assert_eq!(peers.get(&key), there.get(&key).copied().cloned());
                prop_assert_eq!(peers.contains(&key), there.contains_key(&key));
            }
            for known in &all {
                prop_assert_eq!((peers.key_of(&known.handle), known.handle.is_closed()), (known.key, known.closed));
            }
            let mut connections = peers.connections();
            connections.sort_by_key(|(key, _)| *key);
            prop_assert!(connections.iter().map(|(key, handle)| (*key, handle)).eq(there));
        }
        drop(all);
        prop_assert!(peers.is_empty());
    }
}
