//! Nodes of ours, and the NATS server between them, which is killed.

use std::collections::BTreeSet;
use std::env;
use std::io;
use std::process::Command;
use std::time::Duration;

use futures::StreamExt;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::{oneshot, watch};
use tokio::time::timeout;
use wirework::core::BoxError;
use wirework::servers::nats::{Nats, Settings};
use wirework::servers::{Bus, Deliveries, Delivery, PublishError, Topics, WhenSlow};

use crate::process::{PATIENCE, Process};
use crate::real::Real;

type Outcome = Result<(), BoxError>;

async fn node(server: &Real) -> Result<Nats, BoxError> {
    Ok(Nats::connect(&server.address, Settings::default()).await?)
}

fn topics(bus: Nats) -> Topics<String> {
    Topics::over(bus, 4096, WhenSlow::Disconnect)
}

async fn next(deliveries: &mut Deliveries) -> Delivery {
    timeout(PATIENCE, deliveries.next()).await.expect("something comes").expect("the bus is there")
}

/// The other half of the test below.
#[tokio::test]
#[ignore = "is a process that another test starts and kills"]
async fn a_node_that_publishes_until_it_is_killed() -> Outcome {
    let topics = topics(Nats::connect(env::var("NATS")?, Settings::default()).await?);
    let mut news = topics.subscribe("news").await?;
    for n in 0.. {
        topics.publish("news", format!("other {n}")).await?;
        while news.next().await != Some(format!("other {n}")) {}
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_get_everything_in_order_and_when_one_is_killed_the_other_goes_on() -> Outcome {
    let Some(nats) = Real::nats() else { return Ok(()) };
    let here = topics(node(&nats).await?);
    let mut news = here.subscribe("news").await?;
    let mut command = Command::new(env::current_exe()?);
    command.args(["--exact", "bus::a_node_that_publishes_until_it_is_killed", "--ignored", "--nocapture"]);
    command.env("NATS", &nats.address);
    let other = Process::start(command);

    // All of both, each in its order.
    let (mut own, mut others) = (0, 0);
    let mut publishing = tokio::spawn({
        let here = here.clone();
        async move {
            for n in 0..500 {
                here.publish("news", format!("own {n}")).await.expect("it is confirmed");
            }
        }
    });
    let mut killed = false;
    while own < 1000 {
        let message = timeout(PATIENCE, news.next()).await?.ok_or("it was cut off")?;
        let (from, n) = message.split_once(' ').ok_or("a word and a number")?;
        let expected = if from == "own" { &mut own } else { &mut others };
        assert_eq!(n.parse::<usize>()?, *expected, "{from}");
        *expected += 1;
        if own >= 500 && others >= 100 && !killed {
            assert!(other.signal("KILL"));
            killed = true;
            (&mut publishing).await?;
            let here = here.clone();
            publishing = tokio::spawn(async move {
                for n in 500..1000 {
                    here.publish("news", format!("own {n}")).await.expect("it is confirmed");
                }
            });
        }
    }
    publishing.await?;
    assert!(killed);
    assert_eq!(news.missed(), 0, "nothing was sent that has not come");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_silently_when_the_server_is_killed_under_load_and_started_again() -> Outcome {
    let Some(mut nats) = Real::nats() else { return Ok(()) };
    let settings = Settings { deadline: Duration::from_millis(500), ..Settings::default() };
    let publisher = Nats::connect(&nats.address, settings).await?;
    let mut deliveries = node(&nats).await?.subscribe("news").await?;
    let reading = tokio::spawn(async move {
        let mut all = Vec::new();
        loop {
            match deliveries.next().await.expect("the bus stays") {
                Delivery::Message(payload) if payload == "end" => return all,
                delivery => all.push(delivery),
            }
        }
    });
    let (stop, mut stopped) = oneshot::channel::<()>();
    let (count, mut counted) = watch::channel((0, 0));
    let publishing = tokio::spawn(async move {
        let mut confirmed = BTreeSet::new();
        let mut failed = 0;
        for n in 0.. {
            match publisher.publish("news", n.to_string().into()).await {
                Ok(()) => _ = confirmed.insert(n),
                Err(_) => failed += 1,
            }
            count.send_replace((confirmed.len(), failed));
            if stopped.try_recv().is_ok() {
                break;
            }
        }
        publisher.publish("news", "end".into()).await.expect("the server is there");
        confirmed
    });
    for _ in 0..3 {
        let confirmed = counted.borrow().0;
        timeout(PATIENCE, counted.wait_for(|now| now.0 > confirmed + 500)).await??;
        let failed = counted.borrow().1;
        nats.kill();
        timeout(PATIENCE, counted.wait_for(|now| now.1 > failed)).await??;
        nats.revive_nats();
    }
    let confirmed = counted.borrow().0;
    timeout(PATIENCE, counted.wait_for(|now| now.0 > confirmed + 500)).await??;
    stop.send(()).map_err(|()| "it has ended")?;

    let mut confirmed = timeout(PATIENCE, publishing).await??;
    let mut told = false;
    for delivery in timeout(PATIENCE, reading).await?? {
        match delivery {
            Delivery::Missed(_) => told = true,
            Delivery::Message(payload) => {
                let number: u64 = String::from_utf8_lossy(&payload).parse()?;
                let later = confirmed.split_off(&number);
                assert!(told || confirmed.is_empty(), "{confirmed:?} were confirmed and have not come before {number}");
                (confirmed, told) = (later, false);
                confirmed.remove(&number);
            }
        }
    }
    assert!(confirmed.is_empty(), "{confirmed:?} were confirmed and have not come");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_cut_off_from_the_server_is_told_at_once_and_when_it_is_back() -> Outcome {
    let Some(mut nats) = Real::nats() else { return Ok(()) };
    let node = node(&nats).await?;
    let mut news = node.subscribe("news").await?;
    nats.kill();
    assert_eq!(next(&mut news).await, Delivery::Missed(1));
    nats.revive_nats();
    assert_eq!(
        next(&mut news).await,
        Delivery::Missed(1),
        "once it has subscribed again, and though nothing is published"
    );
    node.publish("news", "hello".into()).await?;
    assert_eq!(next(&mut news).await, Delivery::Message("hello".into()));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_take_what_it_gets_is_told_what_it_loses() -> Outcome {
    let Some(nats) = Real::nats() else { return Ok(()) };
    let slow = Nats::connect(&nats.address, Settings { queue: 2, ..Settings::default() }).await?;
    let mut deliveries = slow.subscribe("news").await?;
    let publisher = node(&nats).await?;
    for n in 0..10 {
        publisher.publish("news", n.to_string().into()).await?;
    }
    // What comes back to it has come behind those.
    slow.publish("other", "".into()).await?;
    let mut got = Vec::new();
    let mut told = 0;
    while got.len() < 2 || told == 0 {
        match next(&mut deliveries).await {
            Delivery::Missed(n) => told += n,
            Delivery::Message(payload) => got.push(payload),
        }
    }
    assert_eq!(got, ["0", "1"]);
    publisher.publish("news", "10".into()).await?;
    while next(&mut deliveries).await != Delivery::Missed(8) {}
    assert_eq!(next(&mut deliveries).await, Delivery::Message("10".into()));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_gets_its_own_messages_whatever_its_name() -> Outcome {
    let Some(nats) = Real::nats() else { return Ok(()) };
    let (one, other) = (topics(node(&nats).await?), topics(node(&nats).await?));
    let names =
        ["", "a", "a.b", "*", ">", "a.*", "a.>", "a b", "%", "%2E", "\r\nPUB x 0\r\n\r\n", "倈", "a\0", "沪A·1"];
    let mut subscriptions = Vec::new();
    for name in names {
        subscriptions.push(one.subscribe(name).await?);
    }
    for name in names {
        other.publish(name, format!("for {name}")).await?;
    }
    // Behind all of them.
    for name in names {
        other.publish(name, "last".into()).await?;
    }
    for (subscription, name) in subscriptions.iter_mut().zip(names) {
        for expected in [format!("for {name}"), "last".into()] {
            assert_eq!(timeout(PATIENCE, subscription.next()).await?, Some(expected));
        }
        assert_eq!(subscription.missed(), 0);
    }
    let too_long = "a".repeat(257);
    let error = one.subscribe(&too_long).await.unwrap_err();
    assert_eq!(error.to_string(), "not subscribed: a topic of 257 bytes: a bus over NATS takes 256");
    assert!(matches!(one.publish(&too_long, String::new()).await, Err(PublishError::NotSent(_))));
    let too_large = one.publish("a", "x".repeat(2 << 20)).await;
    assert!(matches!(too_large, Err(PublishError::NotSent(_))), "{too_large:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_does_not_allow_is_not_taken_for_delivered() -> Outcome {
    let deny = "authorization { users = [ { user: node, password: \"\", permissions: {
        publish: { deny: \"wirework.secret.*\" }, subscribe: { deny: \"wirework.hidden.*\" } } } ] }
        no_auth_user: node";
    let Some(nats) = Real::nats_with(deny) else { return Ok(()) };
    let settings = Settings { deadline: Duration::from_millis(500), ..Settings::default() };
    let node = Nats::connect(&nats.address, settings.clone()).await?;
    node.publish("open", "".into()).await?;
    let refused = node.publish("secret", "".into()).await.unwrap_err();
    assert_eq!(refused.to_string(), "published, or perhaps not: the NATS server has not confirmed it within 500ms");
    assert_eq!(next(&mut node.subscribe("hidden").await?).await, Delivery::Missed(1));

    let Some(nats) = Real::nats_with(&deny.replace("secret.*", ">")) else { return Ok(()) };
    assert!(Nats::connect(&nats.address, settings.clone()).await.is_err(), "nothing would ever be confirmed");
    let prefix = Settings { prefix: "a.*".into(), ..settings };
    assert_eq!(Nats::connect(&nats.address, prefix).await.unwrap_err().kind(), io::ErrorKind::InvalidInput);
    Ok(())
}

/// What is drawn at [`Nats`], as another client sees it, and what that sends.
#[tokio::test(flavor = "multi_thread")]
async fn the_bytes_on_the_wire_are_those_that_are_drawn() -> Outcome {
    let Some(nats) = Real::nats() else { return Ok(()) };
    let mut raw = BufReader::new(TcpStream::connect(&nats.address).await?);
    raw.write_all(b"CONNECT {\"verbose\":false,\"headers\":true}\r\nSUB wirework.> 7\r\nPING\r\n").await?;
    while line(&mut raw).await? != "PONG\r\n" {}

    let node = node(&nats).await?;
    for plate in ["沪A12343", "沪A12344", "沪A12345"] {
        node.publish("alarms", plate.to_owned().into()).await?;
    }
    let round_trip = line(&mut raw).await?;
    let name = round_trip.strip_prefix("HMSG wirework.%%.").and_then(|rest| rest.split(' ').next()).unwrap().to_owned();
    assert!(name.len() == 22 && name.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{name:?}");
    while line(&mut raw).await? != "沪A12344\r\n" {}
    let mut seen = String::new();
    for _ in 0..6 {
        seen += &line(&mut raw).await?;
    }
    let headers = format!("NATS/1.0\r\nWirework-From: {name}.0\r\nWirework-Number: 2\r\n\r\n");
    let swapped = format!("NATS/1.0\r\nWirework-Number: 2\r\nWirework-From: {name}.0\r\n\r\n");
    let drawn = |headers: &str| format!("HMSG wirework.alarms.{name} 7 73 82\r\n{headers}沪A12345\r\n");
    assert!(seen == drawn(&headers) || seen == drawn(&swapped), "{seen}");

    let mut alarms = node.subscribe("alarms").await?;
    for number in [4, 7] {
        let headers = format!("NATS/1.0\r\nWirework-From: other.0\r\nWirework-Number: {number}\r\n\r\n");
        let length = headers.len();
        raw.write_all(format!("HPUB wirework.alarms.other {length} {length}\r\n{headers}\r\n").as_bytes()).await?;
    }
    raw.write_all(b"PUB wirework.alarms.stranger 5\r\nhello\r\n").await?;
    for expected in [Delivery::Message("".into()), Delivery::Missed(2), Delivery::Message("".into())] {
        assert_eq!(next(&mut alarms).await, expected);
    }
    assert_eq!(next(&mut alarms).await, Delivery::Message("hello".into()));
    Ok(())
}

async fn line(raw: &mut BufReader<TcpStream>) -> Result<String, BoxError> {
    let mut line = String::new();
    timeout(PATIENCE, raw.read_line(&mut line)).await??;
    Ok(line)
}
