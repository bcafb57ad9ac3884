//! Who has a key, and who is sent what.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;
use wirework::servers::{PeerError, Told, WhenTaken};

use crate::support::runtime::paused;
use crate::{Client, VERBS, Verb, World, line, patient};

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
