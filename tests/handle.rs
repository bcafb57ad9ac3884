//! What other tasks do with a connection by its handle.

mod support;

use std::future::IntoFuture;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use support::runtime::in_memory;
use support::{Events, start};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::Notify;
use tokio::sync::mpsc::{self, UnboundedSender};
use tokio::time::Instant;
use wirework::core::Raw;
use wirework::framing::Until;
use wirework::servers::{CallError, Correlation, Handle, MemoryDialer, MemoryListener, SendError};
use wirework::{Connection, Limits, Lines, Received, Serve, connect, serve};

type Client = Connection<DuplexStream, Until>;

async fn client(dialer: &MemoryDialer) -> Client {
    connect(dialer, Lines::any()).await.unwrap()
}

async fn line(client: &mut Client) -> String {
    String::from_utf8(client.recv().await.unwrap().unwrap().to_vec()).unwrap()
}

/// `?k` is asked, and `=k` answers.
fn by_letter() -> Correlation<Raw> {
    Correlation::by_key(
        |request: &[u8]| request.strip_prefix(b"?")?.first().copied(),
        |message: &Bytes| message.strip_prefix(b"=")?.first().copied(),
    )
}

/// Pushes to a connection of a server, asks its peer and closes it, whatever the verb is. It gets where its handles go.
async fn pushed_to<S>(server: impl FnOnce(Serve<MemoryListener, Until>, UnboundedSender<Handle<Raw>>) -> S)
where
    S: IntoFuture<IntoFuture: Send + 'static, Output: Send + 'static>,
{
    let (given, mut handles) = mpsc::unbounded_channel();
    let dialer = start(|listener| server(serve(listener, Lines::any()).calls(by_letter()), given));
    let mut client = client(&dialer).await;
    client.send("hello").await.unwrap();
    assert_eq!(line(&mut client).await, "hello");
    let handle = handles.recv().await.unwrap();
    handle.send("pushed").await.unwrap();
    handle.try_send("pushed, too").unwrap();
    assert_eq!(line(&mut client).await, "pushed");
    assert_eq!(line(&mut client).await, "pushed, too");

    let asked = tokio::spawn({
        let handle = handle.clone();
        async move { handle.call("?a").await }
    });
    assert_eq!(line(&mut client).await, "?a");
    client.send("among others").await.unwrap();
    client.send("=a answered").await.unwrap();
    client.send("after it").await.unwrap();
    assert_eq!(line(&mut client).await, "among others");
    assert_eq!(line(&mut client).await, "after it", "the handler does not see the answer");
    assert_eq!(asked.await.unwrap().unwrap(), "=a answered");

    handle.send("the last").await.unwrap();
    handle.close();
    assert_eq!(line(&mut client).await, "the last");
    assert_eq!(client.recv().await.unwrap(), None);
    assert_eq!(handle.try_send("late"), Err(SendError::Closed("late")));
    assert!(matches!(handle.call("?b").await, Err(CallError::Closed)));
    handle.closed().await;
}

/// What gives a handle away, and the state of its connection.
fn give(given: UnboundedSender<Handle<Raw>>) -> impl FnOnce(Handle<Raw>) + Clone {
    move |handle| given.send(handle).unwrap()
}

#[test]
fn answer_is_pushed_to_and_asked() {
    in_memory(pushed_to(|serve, given| serve.answer_with(give(given), |(), line, reply| reply.send(line))));
}

#[test]
fn reply_is_pushed_to_and_asked() {
    in_memory(pushed_to(|serve, given| serve.reply_with(give(given), async |(), line| line)));
}

#[test]
fn reply_to_several_at_once_is_pushed_to_and_asked() {
    in_memory(pushed_to(|serve, given| serve.reply_with(give(given), async |(), line| line).concurrency(4)));
}

#[test]
fn each_is_pushed_to_and_asked() {
    in_memory(pushed_to(|serve, given| {
        serve.each(async move |mut conn| {
            given.send(conn.handle())?;
            while let Some(line) = conn.recv().await? {
                conn.send(line).await?;
            }
            Ok(conn.close().await?)
        })
    }));
}
