//! MQTT 3.1.1 (OASIS standard): a broker, which takes publications of QoS 0 and 1 and passes them on at QoS 0, to whom has
//! subscribed to exactly that topic. Who reads too slowly misses some, as QoS 0 allows, and holds nobody up.

use std::collections::HashSet;
use std::process::ExitCode;

use tokio::sync::broadcast::{self, error::RecvError};
use wirework::core::{BoxError, Bytes};
use wirework::{Composition, FramingExt, Received, Tcp, address_argument, run, serve};

const PROTOCOL: &str = "length varint at 1 max 256KiB";

/// Name and level of the protocol, with which a CONNECT begins (section 3.1.2).
const VERSION: &[u8] = b"\0\x04MQTT\x04";
/// How many publications wait at most for those who read slowly, and how many topics a client may have.
const WAITING: usize = 256;
const TOPICS: usize = 100;

#[tokio::main]
async fn main() -> Result<ExitCode, BoxError> {
    let tcp = Tcp::bind(address_argument("0.0.0.0:1883"));
    let (publisher, _) = broadcast::channel::<(String, Bytes)>(WAITING);
    let server = serve(tcp, PROTOCOL.parse::<Composition>()?.bytes()?.in_parts()).each(async move |mut conn| {
        let (mut publications, mut topics, mut connected) = (publisher.subscribe(), HashSet::new(), false);
        loop {
            let packet = match conn.recv_or(publications.recv()).await? {
                Received::Message(packet) => packet,
                Received::Other(Ok((topic, publication))) if topics.contains(&topic) => {
                    conn.feed(publication).await?;
                    continue;
                }
                Received::Other(Err(RecvError::Closed)) | Received::End => break,
                // Another topic, or some are missed.
                Received::Other(_) => continue,
            };
            let [header, body] = &packet[..] else { break };
            // A type with its flags (section 2.2). The length of an answer is filled in behind its own.
            match (header.first().copied().unwrap_or_default(), connected) {
                (0x10, false) if body.starts_with(VERSION) => {
                    connected = true;
                    conn.feed(b"\x20\0\0\0").await?; // CONNACK
                }
                (0x10, false) => break conn.feed(b"\x20\0\0\x01").await?, // unacceptable version
                // Of QoS 0 or 1, retained or not, for the first time or again.
                (kind @ 0x30..0x40, true) if kind & 4 == 0 => {
                    let Some((topic, rest)) = string(body) else { break };
                    let Some((id, message)) = rest.split_at_checked((kind & 2).into()) else { break };
                    let named = body.strip_suffix(rest).unwrap_or_default();
                    publisher.send((topic.into(), [b"\x30\0", named, message].concat().into()))?;
                    if !id.is_empty() {
                        conn.feed([b"\x40\0", id].concat()).await?; // PUBACK
                    }
                }
                (0x82, true) => {
                    let Some((id, filters)) = filters(body, 1) else { break };
                    let mut answer = [b"\x90\0", id].concat(); // SUBACK
                    for filter in filters {
                        let granted = !filter.contains(['+', '#']) && topics.len() < TOPICS;
                        answer.push(if granted { 0 } else { 0x80 });
                        topics.extend(granted.then(|| filter.to_owned()));
                    }
                    conn.feed(answer).await?;
                }
                (0xA2, true) => {
                    let Some((id, filters)) = filters(body, 0) else { break };
                    topics.retain(|topic| !filters.contains(&topic.as_str()));
                    conn.feed([b"\xB0\0", id].concat()).await?; // UNSUBACK
                }
                (0xC0, true) => conn.feed(b"\xD0\0").await?, // PINGREQ, PINGRESP
                // DISCONNECT, or what is malformed, out of turn or of QoS 2.
                _ => break,
            }
        }
        Ok(conn.close().await?)
    });
    Ok(run(server).await)
}

/// The identifier of a packet, and the topics behind it, each with so many bytes of options.
fn filters(body: &[u8], options: usize) -> Option<(&[u8], Vec<&str>)> {
    let (id, mut rest) = body.split_at_checked(2)?;
    let mut filters = Vec::new();
    while !rest.is_empty() {
        let (filter, behind) = string(rest)?;
        filters.push(filter);
        rest = behind.get(options..)?;
    }
    Some((id, filters))
}

/// A string behind its length (section 1.5.3), and what is behind it.
fn string(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (text, rest) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
    Some((str::from_utf8(text).ok()?, rest))
}
