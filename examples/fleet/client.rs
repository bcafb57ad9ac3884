//! One client: it joins its name, calls, and hears what is pushed to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use wirework::core::{BoxError, Codec};
use wirework::servers::{Client, Correlation};
use wirework::{Connection, Event, FramingExt, Lines, Text, UTF_8, connect};

use super::ledger::Ledger;

/// Every so manieth request is a push.
const PUSH_EVERY: u64 = 20;

/// The identifier of the request that joins; those of calls are counted from 1 on.
const JOIN: u64 = 0;

#[derive(Clone)]
pub(crate) struct Caller {
    name: u64,
    clients: u64,
    client: Client<Text>,
    ids: Arc<AtomicU64>,
    ledger: Arc<Ledger>,
}

impl Caller {
    /// One of so many clients, whose names are their numbers.
    pub(crate) async fn connect(
        address: &str,
        name: u64,
        clients: u64,
        ledger: &Arc<Ledger>,
    ) -> Result<Self, BoxError> {
        let (joining, told) = (ledger.clone(), ledger.clone());
        let client = connect(address.to_owned(), Lines::any().text(UTF_8))
            .calls(Correlation::by_key(|request: &str| id(request), |message: &String| id(message)))
            .login(move |conn| join(conn, name, joining.clone()))
            .leave_when(|message| message == "! leave")
            .on_event(move |event| match event {
                Event::Opened { .. } => told.opened(),
                Event::Closed { .. } => {}
                event => eprintln!("client {name}: {event}"),
            })
            .await?;
        let mut pushes = client.unsolicited().ok_or("somebody else hears what is pushed")?;
        let hearing = ledger.clone();
        tokio::spawn(async move {
            while let Some(message) = pushes.next().await {
                hearing.came(name, &message);
            }
        });
        Ok(Self { name, clients, client, ids: Arc::new(AtomicU64::new(JOIN + 1)), ledger: ledger.clone() })
    }

    /// Calls, one call after the other.
    pub(crate) async fn call_until(self, stopped: watch::Receiver<bool>) {
        let Self { name, clients, client, ids, ledger } = self;
        while !*stopped.borrow() {
            let id = ids.fetch_add(1, Relaxed);
            let told = if id.is_multiple_of(PUSH_EVERY) {
                // To each of the others, in turn.
                let to = (name + 1 + id / PUSH_EVERY % (clients - 1).max(1)) % clients;
                let number = ledger.push(to);
                let reply = client.call(format!("{id} push {to} {number}")).await;
                reply.map(|reply| ledger.pushed(number, &reply))
            } else {
                let reply = client.call(format!("{id} echo of {name}")).await;
                reply.map(|reply| ledger.answered(&reply, &format!("of {name}")))
            };
            if let Err(error) = told {
                ledger.failed(format_args!("client {name}, request {id}: {error}"));
            }
        }
    }
}

/// What request and reply have in common.
fn id(line: &str) -> Option<u64> {
    line.split(' ').next()?.parse().ok()
}

/// Joins before anything else is said. A node that is about to go is left at once, for another one.
async fn join<Io, C>(mut conn: Connection<Io, C>, name: u64, ledger: Arc<Ledger>) -> Result<Connection<Io, C>, BoxError>
where
    Io: AsyncRead + AsyncWrite + Unpin,
    C: Codec<Format = Text>,
{
    conn.send(format!("{JOIN} join {name}")).await?;
    let joined = format!("{JOIN} ok");
    loop {
        match conn.recv().await? {
            Some(line) if line == joined => return Ok(conn),
            // It is pushed to from when it joins on, which is before it is told so.
            Some(line) if line.starts_with("* ") => ledger.came(name, &line),
            Some(line) => return Err(format!("not joined: {line}").into()),
            None => return Err("closed before it has joined".into()),
        }
    }
}
