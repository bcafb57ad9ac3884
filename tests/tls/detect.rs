//! One port for TLS and for plain text.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout};
use wirework::servers::{BindExt, MemoryDialer};
use wirework::{FramingExt, Lines, UTF_8, connect, serve};

use crate::authority::{Authority, dial, echo};
use crate::support::runtime::{in_memory, paused};
use crate::support::{exchange, start};

/// A server that says of each line how it came.
fn telling(authority: &Authority) -> MemoryDialer {
    let tls = authority.server();
    start(|listener| {
        serve(listener.tls_or_plaintext(tls), Lines::any().text(UTF_8)).each(async |mut conn| {
            let how = if conn.peer().tls.is_some() { "TLS" } else { "plain" };
            while let Some(line) = conn.recv().await? {
                conn.send(format!("{how} {line}")).await?;
            }
            Ok(conn.close().await?)
        })
    })
}

#[test]
fn one_port_takes_tls_and_plain_text() {
    in_memory(async {
        let authority = Authority::new();
        let dialer = telling(&authority);
        // More than is looked at, less, and nothing.
        let long = "x".repeat(100);
        for (said, answer) in
            [(format!("{long}\n{long}\n"), format!("plain {long}\nplain {long}\n")), (String::new(), String::new())]
        {
            assert_eq!(String::from_utf8(exchange(&dialer, said.as_bytes()).await).unwrap(), answer);
        }
        let mut client = dial(&authority.client(), &dialer).await.unwrap();
        client.send("hello").await.unwrap();
        assert_eq!(client.recv().await.unwrap().unwrap(), "TLS hello");
        let mut client = connect(&dialer, Lines::any().text(UTF_8)).await.unwrap();
        client.send("hello").await.unwrap();
        assert_eq!(client.recv().await.unwrap().unwrap(), "plain hello");
        let mut io = dialer.dial().await.unwrap();
        for byte in b"slow\n" {
            io.write_all(&[*byte]).await.unwrap();
            tokio::task::yield_now().await;
        }
        io.shutdown().await.unwrap();
        let mut answer = String::new();
        io.read_to_string(&mut answer).await.unwrap();
        assert_eq!(answer, "plain slow\n");
    });
}

#[test]
fn what_begins_like_tls_and_is_none_is_never_taken_for_plain_text() {
    in_memory(async {
        let authority = Authority::new();
        let (dialer, mut events) = echo(|listener| listener.tls_or_plaintext(authority.server()));
        let mut io = dialer.dial().await.unwrap();
        io.write_all(b"\x16hello\n").await.unwrap();
        io.shutdown().await.unwrap();
        let mut answer = Vec::new();
        io.read_to_end(&mut answer).await.unwrap();
        assert!(!answer.ends_with(b"hello\n"), "{answer:?}");
        let event = events.recv().await.unwrap();
        assert!(event.starts_with("handshake failed"), "{event}");
    });
}

#[test]
fn a_client_that_says_nothing_by_which_it_could_be_told_is_closed() {
    paused(async {
        let authority = Authority::new();
        let (dialer, mut events) = echo(|listener| listener.tls_or_plaintext(authority.server()));
        let begun = Instant::now();
        let mut io = dialer.dial().await.unwrap();
        timeout(Duration::from_secs(60), io.read_to_end(&mut Vec::new()))
            .await
            .expect("it does not wait for ever")
            .unwrap();
        assert_eq!(begun.elapsed().as_secs(), 10);
        assert_eq!(events.recv().await.unwrap(), "handshake failed: memory: not done after 10s");
    });
}
