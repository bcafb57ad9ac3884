//! NATS, as its clients speak it (NATS documentation, "Client Protocol"), with headers, wildcards and queue groups. Who reads too
//! slowly is cut off, as NATS does with slow consumers.

use std::collections::HashSet;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::{Notify, mpsc};
use wirework::core::BoxError;
use wirework::{Composition, Error, FramingExt, Received, Tcp, address_argument, run, serve};

/// A line of ours is longer than the one it answers.
const PROTOCOL: &str = "duplex(\
    head(lines crlf max 4KiB, last word of PUB HPUB, then CRLF), head(lines crlf, last word of MSG HMSG, then CRLF))";

const INFO: &str = r#"INFO {"server_id":"wirework","version":"2.9.0","proto":1,"headers":true,"max_payload":1048576}"#;

/// How many messages wait for a client to read.
const WAITING: usize = 1000;

#[tokio::main]
async fn main() -> Result<ExitCode, BoxError> {
    let tcp = Tcp::bind(address_argument("0.0.0.0:4222"));
    let subscriptions = Arc::<Mutex<Vec<Subscription>>>::default();
    let server = serve(tcp, PROTOCOL.parse::<Composition>()?.bytes()?.in_parts()).each(async move |mut conn| {
        let (queue, mut waiting) = mpsc::channel(WAITING);
        let client = Client { subscriptions, outbox: Outbox { queue, slow: Arc::default() } };
        client.outbox.put(INFO.into(), Bytes::new());
        loop {
            let received = tokio::select! {
                received = conn.recv_or(waiting.recv()) => received,
                () = client.outbox.slow.notified() => return Err("a slow consumer".into()),
            };
            let done = match received {
                Ok(Received::Message(message)) => client.take(&message),
                Ok(Received::Other(Some((line, body)))) => Ok(conn.feed([line.as_bytes(), b"\r\n", &body].concat()).await?),
                Ok(Received::Other(None) | Received::End) => break,
                Err(Error::Lost(_)) => Err("Parser Error"),
                Err(error) => return Err(error.into()),
            };
            if let Err(error) = done {
                conn.feed(format!("-ERR '{error}'\r\n")).await?;
                break;
            }
        }
        Ok(conn.close().await?)
    });
    Ok(run(server).await)
}

/// Lines that wait for a client to read, each with the body behind it. All that a client is sent goes through here, so that it
/// comes in the order in which it was put.
#[derive(Clone)]
struct Outbox {
    queue: mpsc::Sender<(String, Bytes)>,
    slow: Arc<Notify>,
}

impl Outbox {
    fn put(&self, line: String, body: Bytes) {
        if self.queue.try_send((line, body)).is_err() {
            self.slow.notify_one();
        }
    }
}

struct Subscription {
    subject: String,
    group: Option<String>,
    id: String,
    outbox: Outbox,
    /// How many messages it has had, and with how many it ends.
    had: u64,
    limit: u64,
}

struct Client {
    subscriptions: Arc<Mutex<Vec<Subscription>>>,
    outbox: Outbox,
}

impl Client {
    fn take(&self, message: &[Bytes]) -> Result<(), &'static str> {
        let body = message.get(1).cloned().unwrap_or_default();
        let line = message.first().and_then(|line| str::from_utf8(line).ok()).ok_or("Parser Error")?;
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let (verb, words) = words.split_first().unwrap_or((&"", &[]));
        let fits = |headers: &str| headers.parse::<usize>().is_ok_and(|len| len <= body.len());
        match (&*verb.to_ascii_uppercase(), words) {
            ("PUB", [subject, rest @ ..]) if matches!(rest, [_] | [_, _]) => self.publish("MSG", subject, rest, &body),
            ("HPUB", [subject, rest @ ..]) if matches!(rest, [headers, _] | [_, headers, _] if fits(headers)) => {
                self.publish("HMSG", subject, rest, &body);
            }
            ("SUB", [subject, id]) => self.subscribe(subject, None, id),
            ("SUB", [subject, group, id]) => self.subscribe(subject, Some(group.to_string()), id),
            ("UNSUB", [id]) => self.unsubscribe(id, 0),
            ("UNSUB", [id, limit]) => self.unsubscribe(id, limit.parse().map_err(|_| "Parser Error")?),
            ("PING", []) => self.outbox.put("PONG".into(), Bytes::new()),
            ("CONNECT", _) | ("PONG", []) | ("", []) => {}
            _ => return Err("Unknown Protocol Operation"),
        }
        Ok(())
    }

    fn publish(&self, verb: &str, subject: &str, rest: &[&str], body: &Bytes) {
        let (mut subscriptions, mut groups) = (self.subscriptions(), HashSet::new());
        let its = |subscription: &mut Subscription| {
            let Subscription { subject: pattern, group, .. } = subscription;
            matches(pattern, subject) && group.as_ref().is_none_or(|group| groups.insert((pattern.clone(), group.clone())))
        };
        // They go to the end, so that it is another one's turn in a group.
        for mut subscription in subscriptions.extract_if(.., its).collect::<Vec<_>>() {
            let line = format!("{verb} {subject} {} {}", subscription.id, rest.join(" "));
            subscription.outbox.put(line, body.clone());
            subscription.had += 1;
            if subscription.had < subscription.limit {
                subscriptions.push(subscription);
            }
        }
    }

    fn subscribe(&self, subject: &str, group: Option<String>, id: &str) {
        let (subject, id, outbox) = (subject.to_owned(), id.to_owned(), self.outbox.clone());
        self.subscriptions().push(Subscription { subject, group, id, outbox, had: 0, limit: u64::MAX });
    }

    fn unsubscribe(&self, id: &str, limit: u64) {
        self.subscriptions().retain_mut(|subscription| {
            if subscription.id == id && subscription.outbox.queue.same_channel(&self.outbox.queue) {
                subscription.limit = limit;
            }
            subscription.had < subscription.limit
        });
    }

    fn subscriptions(&self) -> MutexGuard<'_, Vec<Subscription>> {
        self.subscriptions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.subscriptions().retain(|subscription| !subscription.outbox.queue.same_channel(&self.outbox.queue));
    }
}

/// Whether a subject is one of a pattern, in which `*` is any token and `>` all that are left.
fn matches(pattern: &str, subject: &str) -> bool {
    let (mut pattern, mut subject) = (pattern.split('.'), subject.split('.'));
    loop {
        match (pattern.next(), subject.next()) {
            (Some(">"), Some(_)) | (None, None) => return true,
            (Some(wanted), Some(token)) if wanted == "*" || wanted == token => {}
            _ => return false,
        }
    }
}
