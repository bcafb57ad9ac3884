//! Handshakes that fail, why, and that nobody else notices.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout};
use wirework::servers::tls::TlsClient;
use wirework::servers::tls::rustls::{ClientConfig, ClientConnection, crypto};
use wirework::servers::{Address, BindExt, Peer};

use crate::authority::{Authority, answers, dial, echo};
use crate::support::runtime::{in_memory, paused};

/// The first flight of a client.
fn hello(authority: &Authority) -> Vec<u8> {
    let provider = Arc::new(crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(authority.roots()).with_no_client_auth();
    let mut session = ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
    let mut hello = Vec::new();
    session.write_tls(&mut hello).unwrap();
    hello
}

#[test]
fn a_client_that_stalls_in_its_handshake_is_closed_after_the_limit() {
    paused(async {
        let authority = Authority::new();
        let (dialer, mut events) = echo(|listener| listener.tls(authority.server()));
        let hello = hello(&authority);
        for len in [0, 1, 5, 30, hello.len()] {
            let begun = Instant::now();
            let mut io = dialer.dial().await.unwrap();
            io.write_all(&hello[..len]).await.unwrap();
            let end = timeout(Duration::from_secs(60), io.read_to_end(&mut Vec::new())).await;
            end.expect("it does not wait for ever").unwrap();
            assert_eq!(begun.elapsed().as_secs(), 10, "behind {len} bytes");
            assert_eq!(events.recv().await.unwrap(), "handshake failed: memory: not done after 10s");
        }
        answers(&authority.client(), &dialer).await;
    });
}

#[test]
fn a_client_that_speaks_plain_text_is_told_apart() {
    in_memory(async {
        let authority = Authority::new();
        let (dialer, mut events) = echo(|listener| listener.tls(authority.server()));
        for (said, told) in [
            ("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "it looks like HTTP"),
            ("hello\n", r#"which begins 68 65 6C 6C 6F 0A "hello\n": no TLS handshake"#),
            ("", "closed the connection before it has said anything"),
        ] {
            let mut io = dialer.dial().await.unwrap();
            io.write_all(said.as_bytes()).await.unwrap();
            io.shutdown().await.unwrap();
            let event = events.recv().await.unwrap();
            assert!(event.contains(told), "{said:?}: {event}");
        }
        answers(&authority.client(), &dialer).await;
    });
}

#[test]
fn what_is_wrong_from_its_first_bytes_on_is_not_waited_for() {
    paused(async {
        let authority = Authority::new();
        let (dialer, mut events) = echo(|listener| listener.tls(authority.server()));
        // A record longer than any may be; a version that is none; a hello of one byte.
        for wrong in [&b"\x16\x03\x01\xff\xff"[..], b"\x16\x66\x66\x00\x40rubbish", b"\x16\x03\x01\0\x05\x01\0\0\x01\0"]
        {
            let begun = Instant::now();
            let mut io = dialer.dial().await.unwrap();
            io.write_all(wrong).await.unwrap();
            events.recv().await.unwrap();
            assert_eq!(begun.elapsed(), Duration::ZERO, "{}", wrong.escape_ascii());
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn garbage_is_refused_whatever_it_is(garbage in prop::collection::vec(any::<u8>(), 0..200), flip in any::<prop::sample::Index>()) {
        let authority = Authority::new();
        let server = authority.server();
        let mut damaged = hello(&authority);
        // In the heads of record and message, where every bit counts.
        damaged[flip.index(9)] ^= 0x55;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        for wire in [&garbage[..], &[b"\x16\x03\x01", &garbage[..]].concat(), &damaged] {
            let io = tokio::io::join(wire, tokio::io::sink());
            let accepted = runtime.block_on(server.accept(io, Peer::new(Address::Memory)));
            prop_assert!(accepted.is_err());
        }
    }
}

#[test]
fn a_certificate_of_an_unknown_authority_is_refused_and_both_sides_say_why() {
    in_memory(async {
        let (ours, other) = (Authority::new(), Authority::new());
        let (dialer, mut events) = echo(|listener| listener.tls(other.server()));
        let error = dial(&ours.client(), &dialer).await.map(drop).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData);
        assert_eq!(
            error.to_string(),
            "TLS with localhost: invalid peer certificate: UnknownIssuer: no authority that is trusted has issued it"
        );
        assert_eq!(
            events.recv().await.unwrap(),
            "handshake failed: memory: received fatal alert: UnknownCA: the peer trusts no authority that has issued our certificate"
        );
    });
}

#[test]
fn a_certificate_for_another_name_is_refused() {
    in_memory(async {
        let authority = Authority::new();
        let (dialer, _events) = echo(|listener| listener.tls(authority.server()));
        let elsewhere = TlsClient::new(authority.roots()).unwrap().server_name("elsewhere.example");
        let error = dial(&elsewhere, &dialer).await.map(drop).unwrap_err().to_string();
        assert_eq!(
            error,
            "TLS with elsewhere.example: invalid peer certificate: certificate not valid for name \"elsewhere.example\"; \
             certificate is only valid for DnsName(\"localhost\")"
        );
    });
}

#[test]
fn a_client_that_offers_other_protocols_is_refused_and_one_that_offers_none_is_not() {
    in_memory(async {
        let authority = Authority::new();
        let server = authority.server().alpn(["mqtt"]);
        let (dialer, mut events) = echo(|listener| listener.tls(server));
        let error = dial(&authority.client().alpn(["h2"]), &dialer).await.map(drop).unwrap_err().to_string();
        assert!(error.contains("the peer speaks none of our ALPN protocols"), "{error}");
        let event = events.recv().await.unwrap();
        assert!(event.contains("it offers none of our ALPN protocols"), "{event}");
        answers(&authority.client(), &dialer).await;
        answers(&authority.client().alpn(["h2", "mqtt"]), &dialer).await;
    });
}

#[test]
fn a_server_that_stalls_in_its_handshake_keeps_no_client() {
    paused(async {
        let authority = Authority::new();
        let (dialer, mut listener) = wirework::memory();
        let begun = Instant::now();
        let accepted = async {
            use wirework::servers::Listener;
            listener.accept().await.unwrap().handshake.await.unwrap()
        };
        let (error, _io) = tokio::join!(dial_for(&authority, &dialer), accepted);
        assert_eq!(error, ErrorKind::TimedOut);
        assert_eq!(begun.elapsed().as_secs(), 10);
    });
}

async fn dial_for(authority: &Authority, dialer: &wirework::servers::MemoryDialer) -> ErrorKind {
    let client = authority.client();
    let dialled = timeout(Duration::from_secs(60), dial(&client, dialer)).await;
    dialled.expect("it does not wait for ever").map(drop).unwrap_err().kind()
}
