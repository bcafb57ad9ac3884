//! Servers of lines in every verb, which echo what they are told, and can be asked for the handles of their connections.

#![allow(dead_code, reason = "each test takes what it needs")]

use std::future::{Future, IntoFuture};
use std::io;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::DuplexStream;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinHandle;
use tokio::time::sleep;
use wirework::core::Raw;
use wirework::framing::Until;
use wirework::servers::{CallError, Correlation, Handle, Listener, MemoryDialer, MemoryListener, ServerHandle};
use wirework::servers::{Conversation, Ended, Respond, Server};
use wirework::{Connection, Limits, Lines, Serve, connect, memory, serve};

pub(crate) type Client = Connection<DuplexStream, Until>;

/// The next line that a client gets.
pub(crate) async fn line(client: &mut Client) -> String {
    String::from_utf8(client.recv().await.unwrap().expect("it has not ended").to_vec()).unwrap()
}

/// `?k` is asked, and `=k` answers.
pub(crate) fn by_letter() -> Correlation<Raw> {
    Correlation::by_key(
        |request: &[u8]| request.strip_prefix(b"?")?.first().copied(),
        |message: &Bytes| message.strip_prefix(b"=")?.first().copied(),
    )
}

/// The verbs, and `reply` for several messages at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Answer,
    Reply,
    Several,
    Each,
}

pub(crate) const VERBS: [Verb; 4] = [Verb::Answer, Verb::Reply, Verb::Several, Verb::Each];

/// A server that runs.
pub(crate) struct Running {
    pub(crate) dialer: MemoryDialer,
    pub(crate) server: ServerHandle,
    ended: JoinHandle<io::Result<Ended>>,
    handles: UnboundedReceiver<Handle<Raw>>,
}

/// Where a server gives the handles of its connections.
pub(crate) type Given = UnboundedSender<Handle<Raw>>;

impl Running {
    /// One that echoes.
    pub(crate) fn echo(verb: Verb, limits: Limits) -> Self {
        Self::echo_as(verb, |serve| serve.limits(limits).calls(by_letter()))
    }

    /// One that echoes, and is what `configure` makes of it.
    pub(crate) fn echo_as(
        verb: Verb,
        configure: impl FnOnce(Serve<MemoryListener, Until>) -> Serve<MemoryListener, Until>,
    ) -> Self {
        match verb {
            Verb::Answer => Self::start(|serve, given| {
                configure(serve).answer_with(give(given), |(), line, reply| reply.send(line))
            }),
            Verb::Reply => Self::start(|serve, given| configure(serve).reply_with(give(given), async |(), line| line)),
            Verb::Several => Self::start(|serve, given| {
                configure(serve).reply_with(give(given), async |(), line| line).concurrency(4)
            }),
            Verb::Each => Self::start(|serve, given| {
                configure(serve).each(async move |mut conn| {
                    given.send(conn.handle())?;
                    while let Some(line) = conn.recv().await? {
                        conn.send(line).await?;
                    }
                    Ok(conn.close().await?)
                })
            }),
        }
    }

    /// One of `reply`, for one message after another or for several at once, whose handler has the handle.
    pub(crate) fn reply<F, Fut, R, M>(several: bool, limits: Limits, handler: F) -> Self
    where
        F: FnOnce(Handle<Raw>, Bytes) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = R> + Send,
        R: Respond<[u8], M, Reply: Send>,
        M: 'static,
    {
        let server = |serve: Serve<MemoryListener, Until>, given: Given| {
            let init = move |handle: Handle<Raw>| {
                given.send(handle.clone()).unwrap();
                handle
            };
            serve.limits(limits).calls(by_letter()).reply_with(init, handler)
        };
        if several { Self::start(|serve, given| server(serve, given).concurrency(4)) } else { Self::start(server) }
    }

    /// Any other.
    pub(crate) fn start<S>(
        server: impl FnOnce(Serve<MemoryListener, Until>, Given) -> Server<MemoryListener, S>,
    ) -> Self
    where
        S: Conversation<<MemoryListener as Listener>::Io>,
    {
        let (dialer, listener) = memory();
        let (given, handles) = mpsc::unbounded_channel();
        let server = server(serve(listener, Lines::any()), given);
        let handle = server.handle();
        Self { dialer, server: handle, ended: tokio::spawn(server.into_future()), handles }
    }

    /// A client, and the server's handle of its connection.
    pub(crate) async fn client(&mut self) -> (Client, Handle<Raw>) {
        let client = connect(&self.dialer, Lines::any()).await.unwrap();
        (client, self.handles.recv().await.unwrap())
    }

    /// Has the server stop; gives how it ends.
    pub(crate) async fn stop(self) -> Ended {
        self.server.stop();
        self.ended.await.unwrap().unwrap()
    }
}

/// What gives a handle away, and is the state of its connection.
pub(crate) fn give(given: Given) -> impl FnOnce(Handle<Raw>) + Clone + Send {
    move |handle| given.send(handle).unwrap()
}

/// What comes of a call.
pub(crate) type Outcome = Result<Bytes, CallError>;

/// Makes a call in another task.
pub(crate) fn ask(handle: &Handle<Raw>, request: &str) -> JoinHandle<Outcome> {
    ask_within(handle, Duration::from_secs(1000), request)
}

pub(crate) fn ask_within(handle: &Handle<Raw>, deadline: Duration, request: &str) -> JoinHandle<Outcome> {
    let (handle, request) = (handle.clone(), request.to_owned());
    tokio::spawn(async move { handle.call_within(deadline, request).await })
}

/// Time passes only when nobody has anything to do.
pub(crate) async fn settled() {
    sleep(Duration::from_millis(1)).await;
}

pub(crate) async fn says(client: &mut Client, lines: &[&str]) {
    for line in lines {
        client.feed(*line).await.unwrap();
    }
    client.flush().await.unwrap();
}

pub(crate) async fn reads<S: AsRef<str>>(client: &mut Client, expected: impl IntoIterator<Item = S>) {
    for expected in expected {
        assert_eq!(line(client).await, expected.as_ref());
    }
}
