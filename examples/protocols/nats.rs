//! NATS, as its clients speak it (NATS documentation, "Client Protocol"), with headers and wildcards, and without queue groups.
//! Who reads too slowly holds nobody up, and is cut off when it reads on, as a slow consumer is.

use std::process::ExitCode;

use tokio::sync::broadcast;
use wirework::core::{BoxError, Bytes};
use wirework::{Composition, Error, FramingExt, Received, Tcp, address_argument, run, serve};

/// A line of ours is longer than the one that it passes on, by the number of a subscription.
const PROTOCOL: &str = "duplex(\
    head(lines crlf max 4KiB, last word of PUB HPUB, then CRLF), head(lines crlf, last word of MSG HMSG, then CRLF))";

const INFO: &str =
    "INFO {\"server_id\":\"wirework\",\"version\":\"2.9.0\",\"proto\":1,\"headers\":true,\"max_payload\":1048576}\r\n";
/// How many messages, of 1 MiB at most, wait for those who read slowly, and how many subscriptions a client may have.
const WAITING: usize = 1024;
const SUBSCRIPTIONS: usize = 1000;

#[tokio::main]
async fn main() -> Result<ExitCode, BoxError> {
    let tcp = Tcp::bind(address_argument("0.0.0.0:4222"));
    let (publisher, _) = broadcast::channel::<(&str, String, String, Bytes)>(WAITING);
    let server = serve(tcp, PROTOCOL.parse::<Composition>()?.bytes()?.in_parts()).each(async move |mut conn| {
        let (mut publications, mut subscriptions) = (publisher.subscribe(), Vec::<Subscription>::new());
        conn.send(INFO).await?;
        loop {
            let message = match conn.recv_or(publications.recv()).await {
                Ok(Received::Message(message)) => message,
                // Who has subscribed to nothing has missed nothing.
                Ok(Received::Other(_)) if subscriptions.is_empty() => continue,
                Ok(Received::Other(publication)) => {
                    let (verb, subject, words, payload) = publication.map_err(|_| "a slow consumer")?;
                    for subscription in subscriptions.iter_mut().filter(|subscription| subscription.takes(&subject)) {
                        let head = format!("{verb} {subject} {} {words}\r\n", subscription.id);
                        conn.feed([head.as_bytes(), &payload].concat()).await?;
                        subscription.had += 1;
                    }
                    subscriptions.retain(|subscription| subscription.had < subscription.limit);
                    continue;
                }
                Ok(Received::End) => break,
                Err(Error::Lost(_)) => break conn.feed("-ERR 'Parser Error'\r\n").await?,
                Err(error) => return Err(error.into()),
            };
            let line = String::from_utf8_lossy(message.first().unwrap_or(message.whole()));
            let payload = message.get(1).cloned().unwrap_or_default();
            let words: Vec<&str> = line.split_ascii_whitespace().collect();
            let (verb, words) = words.split_first().unwrap_or((&"", &[]));
            let fits = |headers: &str| headers.parse::<usize>().is_ok_and(|len| len <= payload.len());
            match (&*verb.to_ascii_uppercase(), words) {
                ("PUB", [subject, words @ ..]) if matches!(words, [_] | [_, _]) => {
                    publisher.send(("MSG", subject.to_string(), words.join(" "), payload))?;
                }
                ("HPUB", [subject, words @ ..]) if matches!(words, [headers, _] | [_, headers, _] if fits(headers)) => {
                    publisher.send(("HMSG", subject.to_string(), words.join(" "), payload))?;
                }
                ("SUB", [subject, id]) if subscriptions.len() < SUBSCRIPTIONS => {
                    subscriptions.push(Subscription::new(subject, id));
                }
                ("UNSUB", [id, limit @ ..]) => {
                    // As with nats-server, one that is no number is none.
                    let limit = limit.first().and_then(|limit| limit.parse().ok()).unwrap_or(0);
                    for subscription in subscriptions.iter_mut().filter(|subscription| subscription.id == *id) {
                        subscription.limit = limit;
                    }
                    subscriptions.retain(|subscription| subscription.had < subscription.limit);
                }
                ("PING", []) => conn.feed("PONG\r\n").await?,
                ("CONNECT", _) | ("PONG", []) | ("", []) => {}
                _ => break conn.feed("-ERR 'Unknown Protocol Operation'\r\n").await?,
            }
        }
        Ok(conn.close().await?)
    });
    Ok(run(server).await)
}

struct Subscription {
    pattern: String,
    id: String,
    /// How many messages it has had, and with how many it ends.
    had: u64,
    limit: u64,
}

impl Subscription {
    fn new(pattern: &str, id: &str) -> Self {
        Self { pattern: pattern.into(), id: id.into(), had: 0, limit: u64::MAX }
    }

    /// Whether a subject is one of the pattern, in which `*` is any token and `>` all that are left.
    fn takes(&self, subject: &str) -> bool {
        let (mut pattern, mut subject) = (self.pattern.split('.'), subject.split('.'));
        loop {
            match (pattern.next(), subject.next()) {
                (Some(">"), Some(_)) | (None, None) => return true,
                (Some(wanted), Some(token)) if wanted == "*" || wanted == token => {}
                _ => return false,
            }
        }
    }
}
