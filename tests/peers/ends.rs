//! Whatever the end of a connection is, nothing of it is left.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::Instant;
use wirework::core::Raw;
use wirework::servers::{Address, Bind, Handle, Listener, Peers, WhenTaken};
use wirework::{Connection, Limits, Lines, Peer, Tcp, serve};

use crate::support::runtime::{in_memory, on_sockets, paused};
use crate::{Client, LONGEST, VERBS, Verb, World, lone, patient, run};

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
