//! What a client tells of itself, and how little it does when there is nothing to do.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use wirework::servers::{Correlation, Dial, MemoryDialer, Peer};
use wirework::{Event, FramingExt, Lines, UTF_8, connect, memory};

use crate::support::runtime::{in_memory, paused};
use crate::{accept, answers};

#[test]
fn each_thing_that_happens_is_an_event() {
    in_memory(async {
        let (dialer, mut listener) = memory();
        let events = Arc::new(Mutex::new(Vec::new()));
        let telling = events.clone();
        let client = connect(dialer, Lines::any().text(UTF_8))
            .calls(Correlation::in_order_but(|message: &String| message.starts_with('*')))
            .login(async |mut conn| match conn.recv().await? {
                Some(answer) if answer == "welcome" => Ok(conn),
                other => Err(format!("refused: {other:?}").into()),
            })
            .on_event(move |event| {
                telling.lock().unwrap().push(match event {
                    Event::Opened { id, .. } => format!("opened {id}"),
                    Event::Closed { status } => format!("closed {} after {} messages", status.id, status.frames_in),
                    event => event.to_string(),
                });
            })
            .start()
            .unwrap();
        for answer in ["go away", "not you", "welcome"] {
            let mut server = accept(&mut listener).await;
            server.send(answer).await.unwrap();
            if answer == "welcome" {
                server.send(b"\xff").await.unwrap();
                client.try_send("two\nlines").unwrap();
                let (answer, ()) = tokio::join!(client.call("hello"), answers(&mut server, "hello", "you"));
                assert_eq!(answer.unwrap(), "you");
            }
        }
        client.close().await;
        let events = events.lock().unwrap();
        let told: Vec<&str> = events.iter().map(String::as_str).collect();
        let [first, second, opened, bad, unsent, closed] = told[..] else { panic!("{told:?}") };
        assert_eq!([first, second], [r#"refused: Some("go away")"#, r#"refused: Some("not you")"#]);
        assert_eq!((opened, closed), ("opened 3", "closed 3 after 3 messages"));
        assert!(bad.starts_with("memory: skipped bad message 2"), "{bad}");
        assert!(unsent.starts_with("memory: left out a message"), "{unsent}");
    });
}

/// A transport that counts how often something is read.
struct Counting(DuplexStream, Arc<AtomicUsize>);

#[derive(Clone)]
struct CountingDialer(MemoryDialer, Arc<AtomicUsize>);

impl Dial for CountingDialer {
    type Io = Counting;

    async fn dial(self) -> io::Result<(Counting, Peer)> {
        let (io, peer) = Dial::dial(self.0).await?;
        Ok((Counting(io, self.1), peer))
    }
}

impl AsyncRead for Counting {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.1.fetch_add(1, Ordering::Relaxed);
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Counting {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

#[test]
fn a_client_that_has_nothing_to_do_does_nothing() {
    paused(async {
        let (dialer, mut listener) = memory();
        let reads = Arc::new(AtomicUsize::new(0));
        let dialer = CountingDialer(dialer, reads.clone());
        let client = connect(dialer, Lines::any()).calls(Correlation::in_order()).await.unwrap();
        let mut server = accept(&mut listener).await;
        let (answer, ()) = tokio::join!(client.call("hello"), answers(&mut server, "hello", "you"));
        assert_eq!(answer.unwrap(), "you");
        tokio::time::sleep(Duration::from_secs(3600)).await;
        let reads = reads.load(Ordering::Relaxed);
        assert!(reads < 10, "{reads} reads in an hour");
        drop(server);
        client.close().await;
    });
}
