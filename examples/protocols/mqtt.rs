//! MQTT 3.1.1 (OASIS standard): a broker, which takes publications of QoS 0 and 1 and passes them on at QoS 0, to whom has
//! subscribed to exactly that topic. Who reads too slowly misses some, as QoS 0 allows, and holds nobody up.

use std::collections::HashMap;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::mpsc::{self, Sender};
use wirework::core::BoxError;
use wirework::{Composition, FramingExt, Received, Tcp, address_argument, run, serve};

const PROTOCOL: &str = "length varint at 1";

/// Name and level of the protocol, with which a CONNECT begins (section 3.1.2).
const VERSION: &[u8] = b"\0\x04MQTT\x04";
// What CONNACK and SUBACK return (sections 3.2.2.3 and 3.9.3).
const ACCEPTED: u8 = 0;
const UNACCEPTABLE_VERSION: u8 = 1;
const QOS_0: u8 = 0;
const FAILURE: u8 = 0x80;

// Types of packets, with their flags (section 2.2). A length of 0 stands behind each that is sent, and is filled in.
const CONNECT: u8 = 0x10;
const CONNACK: u8 = 0x20;
const PUBLISH: u8 = 0x30;
const PUBACK: u8 = 0x40;
const SUBSCRIBE: u8 = 0x82;
const SUBACK: u8 = 0x90;
const UNSUBSCRIBE: u8 = 0xA2;
const UNSUBACK: u8 = 0xB0;
const PINGREQ: u8 = 0xC0;
const PINGRESP: u8 = 0xD0;
const DISCONNECT: u8 = 0xE0;

/// How many publications wait for a subscriber to read.
const WAITING: usize = 1000;

#[tokio::main]
async fn main() -> Result<ExitCode, BoxError> {
    let tcp = Tcp::bind(address_argument("0.0.0.0:1883"));
    let topics = Arc::<Mutex<Topics>>::default();
    let server = serve(tcp, PROTOCOL.parse::<Composition>()?.bytes()?.in_parts()).each(async move |mut conn| {
        let (queue, mut publications) = mpsc::channel(WAITING);
        let client = Client { topics, queue };
        let mut connected = false;
        loop {
            let packet = match conn.recv_or(publications.recv()).await? {
                Received::Message(packet) => packet,
                Received::Other(Some(publication)) => {
                    conn.feed(publication).await?;
                    continue;
                }
                Received::Other(None) | Received::End => break,
            };
            let [header, body] = &packet[..] else { break };
            let answer = match (header.first().copied().unwrap_or_default(), connected) {
                (CONNECT, false) => {
                    connected = body.starts_with(VERSION);
                    Some(vec![CONNACK, 0, 0, if connected { ACCEPTED } else { UNACCEPTABLE_VERSION }])
                }
                (SUBSCRIBE, true) => client.subscribe(body),
                (UNSUBSCRIBE, true) => client.unsubscribe(body),
                (kind @ PUBLISH..PUBACK, true) => client.publish(kind >> 1 & 3, body),
                (PINGREQ, true) => Some(vec![PINGRESP, 0]),
                (DISCONNECT, true) => break,
                _ => None,
            };
            let answer = answer.ok_or("this packet is malformed, out of turn or of QoS 2")?;
            if !answer.is_empty() {
                conn.feed(answer).await?;
            }
            if !connected {
                break;
            }
        }
        Ok(conn.close().await?)
    });
    Ok(run(server).await)
}

/// The queues of those who have subscribed to a topic.
type Topics = HashMap<String, Vec<Sender<Bytes>>>;

struct Client {
    topics: Arc<Mutex<Topics>>,
    queue: Sender<Bytes>,
}

impl Client {
    fn subscribe(&self, body: &[u8]) -> Option<Vec<u8>> {
        let (id, filters) = filters(body, 1)?;
        let grant = |filter: &str| {
            if filter.contains(['+', '#']) {
                return FAILURE;
            }
            let mut topics = self.topics();
            let queues = topics.entry(filter.to_owned()).or_default();
            queues.retain(|queue| !queue.same_channel(&self.queue));
            queues.push(self.queue.clone());
            QOS_0
        };
        Some([&[SUBACK, 0], id, &filters.into_iter().map(grant).collect::<Vec<_>>()].concat())
    }

    fn unsubscribe(&self, body: &[u8]) -> Option<Vec<u8>> {
        let (id, filters) = filters(body, 0)?;
        self.leave(|topic| filters.contains(&topic));
        Some([&[UNSUBACK, 0], id].concat())
    }

    fn publish(&self, qos: u8, body: &[u8]) -> Option<Vec<u8>> {
        let (topic, rest) = string(body)?;
        // Of QoS 0 a publication has no identifier.
        let (id, message) = rest.split_at_checked(*[0, 2].get(usize::from(qos))?)?;
        let publication = Bytes::from([&[PUBLISH, 0], body.strip_suffix(rest)?, message].concat());
        for queue in self.topics().get(topic).into_iter().flatten() {
            let _full_or_gone = queue.try_send(publication.clone());
        }
        Some(if id.is_empty() { vec![] } else { [&[PUBACK, 0], id].concat() })
    }

    fn leave(&self, left: impl Fn(&str) -> bool) {
        self.topics().retain(|topic, queues| {
            queues.retain(|queue| !left(topic) || !queue.same_channel(&self.queue));
            !queues.is_empty()
        });
    }

    fn topics(&self) -> MutexGuard<'_, Topics> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.leave(|_| true);
    }
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
