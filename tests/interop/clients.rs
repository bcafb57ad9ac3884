//! Clients of ours, each a composition, and the servers that others wrote, directly and in other pieces.

use std::net::TcpListener;

use tokio::net::TcpStream;
use tokio::time::timeout;
use wirework::core::{BoxError, Bytes, Codec, Raw};
use wirework::{Composition, Connection, connect};

use crate::process::{Ended, PATIENCE, Process, Server, example};
use crate::real::Real;
use crate::relay::{Cut, relay};

type Outcome = Result<(), BoxError>;

fn ways(server: &Real) -> [String; 2] {
    [server.address.clone(), relay(&server.address, Cut::Both)]
}

async fn next(server: &mut Connection<TcpStream, impl Codec<Format = Raw>>) -> Result<Bytes, BoxError> {
    let message = timeout(PATIENCE, server.recv()).await??;
    Ok(message.ok_or("the server has closed")?)
}

/// A command and a reply of RESP2; what is sent goes out as it is.
const REDIS: &str =
    r#"duplex(peek {"$": head(lines crlf, after "$", none "-1", then CRLF), else lines crlf}, chunk 64KiB)"#;

#[tokio::test]
async fn redis_keeps_what_it_is_told() -> Outcome {
    let Some(redis) = Real::redis() else { return Ok(()) };
    for address in ways(&redis) {
        let mut redis = connect(address, REDIS.parse::<Composition>()?.bytes()?).await?;
        // All at once.
        let gbk = b"\x82\x7C\r\n$\xFF";
        redis.feed(command(&[b"SET", b"key", gbk])).await?;
        redis.feed(command(&[b"GET", b"key"])).await?;
        redis.feed(command(&[b"GET", b"none"])).await?;
        redis.feed(command(&[b"DEL", b"counter", b"none"])).await?;
        redis.feed(command(&[b"INCR", b"counter"])).await?;
        redis.feed(command(&[b"INCR", b"key"])).await?;
        redis.flush().await?;
        let bulk = [&b"$6\r\n"[..], gbk].concat();
        for expected in [&b"+OK"[..], &bulk, b"$-1\r\n"] {
            assert_eq!(next(&mut redis).await?, expected);
        }
        next(&mut redis).await?;
        assert_eq!(next(&mut redis).await?, ":1");
        let refused = next(&mut redis).await?;
        assert!(refused.starts_with(b"-ERR value is not an integer"), "{refused:?}");
        redis.send(command(&[b"QUIT"])).await?;
        assert_eq!(next(&mut redis).await?, "+OK");
        assert_eq!(timeout(PATIENCE, redis.recv()).await??, None);
    }
    Ok(())
}

#[test]
fn redis_client_calls_and_connects_again() {
    let ours = Server::example("redis");
    let talks = |address: &str| {
        let mut client = example("redis_client");
        client.arg(address);
        let (mut input, client) = Process::piped(client);
        // Behind QUIT the server closes the connection.
        input.send("SET key 倈\n\nGET key\nGET none\nQUIT\nGET key\nINCR key\n".as_bytes());
        drop(input);
        let Ended { status, stdout, stderr } = client.ended();
        assert!(status.success(), "{stderr:?}");
        let (refused, answers) = stdout.split_last().unwrap();
        assert_eq!(answers, ["+OK", r"\xe5\x80\x88", "(nil)", "+OK", r"\xe5\x80\x88"]);
        assert!(refused.starts_with("-ERR value is not an integer"), "{refused}");
    };
    talks(&ours.address);
    if let Some(redis) = Real::redis() {
        ways(&redis).iter().for_each(|address| talks(address));
    }
    let nobody = TcpListener::bind("127.0.0.1:0").expect("there is a port").local_addr().expect("it has one");
    let mut client = example("redis_client");
    client.arg(nobody.to_string());
    let ended = Process::start(client).ended();
    assert!(ended.status.code() == Some(1) && ended.stderr[0].contains("cannot connect to"), "{ended:?}");
}

/// An array of bulk strings.
fn command(words: &[&[u8]]) -> Vec<u8> {
    let mut command = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        command.extend(format!("${}\r\n", word.len()).into_bytes());
        command.extend([word, &b"\r\n"[..]].concat());
    }
    command
}

#[tokio::test]
async fn nats_sends_back_what_is_subscribed_to() -> Outcome {
    let Some(nats) = Real::nats() else { return Ok(()) };
    for address in ways(&nats) {
        let protocol = "head(lines crlf, last word of PUB HPUB MSG HMSG, then CRLF)".parse::<Composition>()?;
        let mut nats = connect(address, protocol.bytes()?).await?;
        let info = next(&mut nats).await?;
        assert!(info.starts_with(b"INFO {"), "{info:?}");
        // What is not acknowledged is not told apart from what has no answer.
        nats.feed("CONNECT {\"verbose\":false,\"pedantic\":true}\r\n").await?;
        nats.feed("SUB readings.* 7\r\n").await?;
        nats.feed("PUB readings.a 8\r\n23 \r\nPUB").await?;
        nats.feed("PUB elsewhere 0\r\n").await?;
        nats.feed("PING\r\n").await?;
        nats.flush().await?;
        assert_eq!(next(&mut nats).await?, "MSG readings.a 7 8\r\n23 \r\nPUB");
        assert_eq!(next(&mut nats).await?, "PONG\r\n");
        // A subject must not begin with a dot, and this server closes where one does.
        nats.send("SUB .a 8\r\n").await?;
        let refused = next(&mut nats).await?;
        assert!(refused.starts_with(b"-ERR 'Invalid Subject'"), "{refused:?}");
    }
    Ok(())
}

// Types of MQTT's packets, with their flags.
const CONNACK: &[u8] = &[0x20, 2, 0, 0];
const PUBACK: &[u8] = &[0x40, 2, 0, 1];
const SUBACK: &[u8] = &[0x90, 3, 0, 2, 1];

#[tokio::test]
async fn mosquitto_acknowledges_and_passes_on() -> Outcome {
    let Some(mosquitto) = Real::mosquitto() else { return Ok(()) };
    for address in ways(&mosquitto) {
        let protocol = "length varint at 1".parse::<Composition>()?;
        let mut mqtt = connect(address, protocol.bytes()?).await?;
        // Name and level of the protocol, a clean session, nothing to keep alive, a client without a name.
        mqtt.send(b"\x10\0\0\x04MQTT\x04\x02\0\0\0\0").await?;
        assert_eq!(next(&mut mqtt).await?, CONNACK);
        // More than the 127 bytes that one byte of length can say.
        let payload = [b'x'; 300];
        mqtt.send(b"\x82\0\0\x02\0\x03a/b\x01").await?;
        assert_eq!(next(&mut mqtt).await?, SUBACK);
        mqtt.send([&b"\x32\0\0\x03a/b\0\x01"[..], &payload].concat()).await?;
        // In which order these come is not said.
        let mut packets = [next(&mut mqtt).await?, next(&mut mqtt).await?];
        packets.sort();
        let published = [&b"\x32\xB3\x02\0\x03a/b\0\x01"[..], &payload].concat();
        assert_eq!(packets, [&published[..], PUBACK]);
    }
    Ok(())
}

#[test]
fn postgres_is_asked_in_gbk_and_answers_in_it() {
    let Some(postgres) = Real::postgres() else { return };
    for address in ways(&postgres) {
        let ask = |query: &str| {
            let mut client = example("postgres_query");
            client.args([&address, query]);
            let ended = Process::start(client).ended();
            (ended.status.code(), ended.stdout, ended.stderr)
        };
        // Their second bytes are | and \.
        let rows = "select '倈\\僜', length('倈\\僜'), null, n from generate_series(1, 2) n";
        assert_eq!(ask(rows), (Some(0), vec!["倈\\僜\t3\t\t1".into(), "倈\\僜\t3\t\t2".into()], vec![]));
        let missing = "column \"東京\" does not exist";
        assert_eq!(ask("select 東京"), (Some(1), vec![], vec![missing.into()]));
        let lacking = "GBK has no '😀' (U+1F600), at byte 8 of the text";
        assert_eq!(ask("select '😀'"), (Some(1), vec![], vec![lacking.into()]));
        // The database has it, and the server says that GBK has not.
        let (code, _, stderr) = ask("select U&'\\+01F600'");
        assert!(code == Some(1) && stderr[0].contains("has no equivalent in encoding \"GBK\""), "{stderr:?}");
    }
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let mut client = example("postgres_query");
    client.arg(listener.local_addr().expect("it listens").to_string());
    let client = Process::start(client);
    drop(listener.accept());
    let ended = client.ended();
    assert!(ended.status.code() == Some(1) && ended.stderr.len() == 1, "{ended:?}");
}
