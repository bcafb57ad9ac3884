//! Clients of ours, each a composition, and the servers that others wrote.

use wirework::core::{BoxError, TextEncoding};
use wirework::{Composition, FramingExt, connect};

use crate::process::{Process, example};
use crate::real::Real;

type Outcome = Result<(), BoxError>;

/// A command and a reply of RESP2; what is sent goes out as it is.
const REDIS: &str =
    r#"duplex(peek {"$": head(lines crlf, after "$", none "-1", then CRLF), else lines crlf}, chunk 64KiB)"#;

#[tokio::test]
async fn redis_keeps_what_it_is_told() -> Outcome {
    let Some(redis) = Real::redis() else { return Ok(()) };
    let mut redis = connect(redis.address.as_str(), REDIS.parse::<Composition>()?.bytes()?).await?;
    // All at once.
    let gbk = b"\x82\x7C\r\n$\xFF";
    redis.feed(command(&[b"SET", b"key", gbk])).await?;
    redis.feed(command(&[b"GET", b"key"])).await?;
    redis.feed(command(&[b"GET", b"none"])).await?;
    redis.feed(command(&[b"INCR", b"counter"])).await?;
    redis.feed(command(&[b"INCR", b"key"])).await?;
    redis.flush().await?;
    let bulk = [&b"$6\r\n"[..], gbk].concat();
    for expected in [&b"+OK"[..], &bulk, b"$-1\r\n", b":1"] {
        assert_eq!(redis.recv().await?.as_deref(), Some(expected));
    }
    let refused = redis.recv().await?.ok_or("an answer is missing")?;
    assert!(refused.starts_with(b"-ERR value is not an integer"), "{refused:?}");
    redis.send(command(&[b"QUIT"])).await?;
    assert_eq!(redis.recv().await?.as_deref(), Some(&b"+OK"[..]));
    assert_eq!(redis.recv().await?, None);
    Ok(())
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
    let protocol = "head(lines crlf, last word of PUB HPUB MSG HMSG, then CRLF)".parse::<Composition>()?;
    let mut nats = connect(nats.address.as_str(), protocol.bytes()?).await?;
    let info = nats.recv().await?.ok_or("the server says nothing of itself")?;
    assert!(info.starts_with(b"INFO {"), "{info:?}");
    // What is not acknowledged is not told apart from what has no answer.
    nats.feed("CONNECT {\"verbose\":false,\"pedantic\":true}\r\n").await?;
    nats.feed("SUB readings.* 7\r\n").await?;
    nats.feed("PUB readings.a 8\r\n23 \r\nPUB").await?;
    nats.feed("PUB elsewhere 0\r\n").await?;
    nats.feed("PING\r\n").await?;
    nats.flush().await?;
    assert_eq!(nats.recv().await?.as_deref(), Some(&b"MSG readings.a 7 8\r\n23 \r\nPUB"[..]));
    assert_eq!(nats.recv().await?.as_deref(), Some(&b"PONG\r\n"[..]));
    // A subject must not begin with a dot, and this server closes where one does.
    nats.send("SUB .a 8\r\n").await?;
    let refused = nats.recv().await?.ok_or("a reason is missing")?;
    assert!(refused.starts_with(b"-ERR 'Invalid Subject'"), "{refused:?}");
    Ok(())
}

// Types of MQTT's packets, with their flags.
const CONNACK: &[u8] = &[0x20, 2, 0, 0];
const PUBACK: &[u8] = &[0x40, 2, 0, 1];
const SUBACK: &[u8] = &[0x90, 3, 0, 2, 1];

#[tokio::test]
async fn mosquitto_acknowledges_and_passes_on() -> Outcome {
    let Some(mosquitto) = Real::mosquitto() else { return Ok(()) };
    let protocol = "length varint at 1".parse::<Composition>()?;
    let mut mqtt = connect(mosquitto.address.as_str(), protocol.bytes()?).await?;
    // Name and level of the protocol, a clean session, nothing to keep alive, a client without a name.
    mqtt.send(b"\x10\0\0\x04MQTT\x04\x02\0\0\0\0").await?;
    assert_eq!(mqtt.recv().await?.as_deref(), Some(CONNACK));
    // More than the 127 bytes that one byte of length can say.
    let payload = [b'x'; 300];
    mqtt.send(b"\x82\0\0\x02\0\x03a/b\x01").await?;
    assert_eq!(mqtt.recv().await?.as_deref(), Some(SUBACK));
    mqtt.send([&b"\x32\0\0\x03a/b\0\x01"[..], &payload].concat()).await?;
    let (mut acknowledged, mut published) = (false, false);
    while !(acknowledged && published) {
        let packet = mqtt.recv().await?.ok_or("the broker has closed")?;
        match packet[0] {
            0x40 => acknowledged = packet == PUBACK,
            _ => published = packet == [&b"\x32\xB3\x02\0\x03a/b\0\x01"[..], &payload].concat(),
        }
    }
    Ok(())
}
