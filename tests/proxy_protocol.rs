//! Servers behind a proxy: who their peers are, and whom they refuse.

mod support;

use std::future::{Future, IntoFuture};
use std::net::SocketAddr;
use std::time::Duration;

use proptest::test_runner::Config;
use support::runtime::{in_memory, on_sockets, paused};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::Instant;
use wirework::servers::proxy::{Header, Trusted};
use wirework::servers::{Bind, BindExt, MemoryDialer, Peer, ServerHandle};
use wirework::{Event, FramingExt, Limits, Lines, Tcp, UTF_8, connect, memory, serve};

/// Says who has sent each line, and through whom; and gives the failures of its handshakes.
fn start(bind: impl Bind) -> (impl Future<Output = SocketAddr>, UnboundedReceiver<String>, ServerHandle) {
    let (failed, failures) = unbounded_channel();
    let (listening, mut addresses) = unbounded_channel();
    let server = serve(bind, Lines::any().text(UTF_8))
        .on_listening(move |address| drop(listening.send(address.to_string())))
        .on_event(move |event| {
            if matches!(event, Event::Handshake { .. } | Event::Panicked { .. }) {
                let _ = failed.send(event.to_string());
            }
        })
        .each(async |mut conn| {
            while let Some(line) = conn.recv().await? {
                conn.send(format!("{}: {line}", whole(conn.peer()))).await?;
            }
            Ok(conn.close().await?)
        });
    let handle = server.handle();
    tokio::spawn(server.into_future());
    (async move { addresses.recv().await.unwrap().parse().unwrap() }, failures, handle)
}

fn whole(peer: &Peer) -> String {
    match &peer.via {
        Some(via) => format!("{peer} to {} via {}", via.destination, via.address),
        None => peer.to_string(),
    }
}

fn trusting() -> (MemoryDialer, UnboundedReceiver<String>) {
    let (dialer, listener) = memory();
    (dialer, start(listener.proxy_protocol(Trusted::Anybody)).1)
}

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// What comes back for these bytes, sent together.
async fn told(wire: &[u8]) -> String {
    String::from_utf8(support::exchange(&trusting().0, wire).await).unwrap()
}

/// Why these bytes are refused. Nothing comes back.
async fn refused(wire: &[u8]) -> String {
    let (dialer, mut failures) = trusting();
    let mut io = dialer.dial().await.unwrap();
    io.write_all(wire).await.unwrap();
    assert_eq!(io.read(&mut [0]).await.unwrap(), 0, "something comes back");
    let failure = failures.recv().await.unwrap();
    failure.strip_prefix("handshake failed: PROXY header of memory: ").expect(&failure).to_owned()
}

fn with(header: &Header, behind: &[u8]) -> Vec<u8> {
    [&header.encode()[..], behind].concat()
}

#[test]
fn the_handler_sees_the_client_and_all_that_it_sends() {
    in_memory(async {
        let (v4, v6) = ("192.0.2.1:56324", "[2001:db8::1]:56324");
        let (to_v4, to_v6) = ("198.51.100.1:443", "[2001:db8::2]:443");
        for (client, destination) in [(v4, to_v4), (v6, to_v6), (v4, to_v6), (v6, to_v4)] {
            for header in [Header::v1, Header::v2] {
                let header = header(address(client), address(destination));
                let told = told(&with(&header, b"hello\nworld\n")).await;
                let whole = format!("{client} to {destination} via memory");
                assert_eq!(told, format!("{whole}: hello\n{whole}: world\n"), "header and messages in one segment");
            }
        }
    });
}

#[test]
fn a_mapped_address_is_an_ipv4_one() {
    in_memory(async {
        let expected = "192.0.2.1:1 to 192.0.2.2:2 via memory: hello\n";
        assert_eq!(told(b"PROXY TCP6 ::ffff:192.0.2.1 ::ffff:c000:202 1 2\r\nhello\n").await, expected);
        let mapped =
            [&[0; 10][..], b"\xFF\xFF\xC0\0\x02\x01", &[0; 10], b"\xFF\xFF\xC0\0\x02\x02", b"\0\x01\0\x02"].concat();
        assert_eq!(told(&[b"\r\n\r\n\0\r\nQUIT\n\x21\x21\0\x24", &mapped[..], b"hello\n"].concat()).await, expected);
    });
}

#[test]
fn where_no_client_is_named_the_peer_is_the_proxy() {
    in_memory(async {
        for header in [Header::v1_unknown(), Header::v2_unknown(), Header::v2_local()] {
            assert_eq!(told(&with(&header, b"hello\n")).await, "memory: hello\n", "{header:?}");
        }
        assert_eq!(told(b"PROXY UNKNOWN 192.0.2.1 192.0.2.2 1 2\r\nhello\n").await, "memory: hello\n");
        assert_eq!(
            told(b"\r\n\r\n\0\r\nQUIT\n\x20\x11\0\x0C\xC0\0\x02\x01\xC0\0\x02\x02\0\x01\0\x02hello\n").await,
            "memory: hello\n"
        );
    });
}

#[cfg(unix)]
#[test]
fn clients_of_a_unix_socket() {
    in_memory(async {
        use std::path::Path;
        let header = Header::v2_unix(Some(Path::new("/run/client")), Path::new("/run/proxy.sock")).unwrap();
        assert_eq!(told(&with(&header, b"hello\n")).await, "/run/client to /run/proxy.sock via memory: hello\n");
        let header = Header::v2_unix(None, Path::new("/run/proxy.sock")).unwrap();
        assert_eq!(told(&with(&header, b"hello\n")).await, "unix to /run/proxy.sock via memory: hello\n");
    });
}

#[test]
fn byte_by_byte() {
    in_memory(async {
        for header in [Header::v1, Header::v2] {
            let (dialer, _failures) = trusting();
            let mut io = dialer.dial().await.unwrap();
            for byte in with(&header(address("192.0.2.1:1"), address("192.0.2.2:2")), b"hello\n") {
                io.write_all(&[byte]).await.unwrap();
                // On one thread, so that the server reads it before the next one is written.
                tokio::task::yield_now().await;
            }
            io.shutdown().await.unwrap();
            let mut told = String::new();
            io.read_to_string(&mut told).await.unwrap();
            assert_eq!(told, "192.0.2.1:1 to 192.0.2.2:2 via memory: hello\n");
        }
    });
}

#[test]
fn absent_a_client_that_speaks_http() {
    in_memory(async {
        let why = refused(b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n").await;
        assert_eq!(why, r#"no PROXY header: the connection begins with "GET / HTTP/1.1\r""#);
        let tls = refused(b"\x16\x03\x01").await;
        assert_eq!(tls, r#"no PROXY header: the connection begins with "\x16\x03\x01""#, "without waiting for more");
    });
}

#[test]
fn too_long() {
    in_memory(async {
        let endless = [b"PROXY UNKNOWN ", &[b'x'; 10_000][..]].concat();
        assert!(refused(&endless).await.starts_with("no PROXY header of version 1: it is longer than 107 bytes: "));
        let claim = refused(b"\r\n\r\n\0\r\nQUIT\n\x21\x11\xFF\xFF").await;
        assert_eq!(claim, "a PROXY header of 65551 bytes, of which 4096 are allowed", "before any of them have come");
    });
}

#[test]
fn nested_a_second_header_is_data_and_names_nobody() {
    in_memory(async {
        let first = Header::v1(address("192.0.2.1:1"), address("192.0.2.2:2"));
        let told = told(&with(&first, b"PROXY TCP4 203.0.113.9 192.0.2.2 9 2\r\nhello\n")).await;
        let whole = "192.0.2.1:1 to 192.0.2.2:2 via memory";
        assert_eq!(told, format!("{whole}: PROXY TCP4 203.0.113.9 192.0.2.2 9 2\n{whole}: hello\n"));
    });
}

#[test]
fn from_an_untrusted_peer_nothing_is_read() {
    on_sockets(async {
        let elsewhere = Trusted::Networks(vec!["10.0.0.0/8".parse().unwrap()]);
        let (server, mut failures, handle) = start(Tcp::bind("127.0.0.1:0").proxy_protocol(elsewhere));
        let server = server.await;
        let mut io = tokio::net::TcpStream::connect(server).await.unwrap();
        let us = io.local_addr().unwrap();
        // It is refused although nothing has been sent.
        assert_eq!(io.read(&mut [0]).await.unwrap(), 0);
        let failure = failures.recv().await.unwrap();
        assert_eq!(failure, format!("handshake failed: {us} is not trusted to send a PROXY header"));
        handle.stop();
    });
}

#[test]
fn from_a_trusted_peer_over_tcp() {
    on_sockets(async {
        let here = Trusted::Networks(vec!["127.0.0.0/8".parse().unwrap()]);
        let (server, _failures, handle) = start(Tcp::bind("127.0.0.1:0").proxy_protocol(here));
        let server = server.await;
        let header = Header::v2(address("192.0.2.1:1"), address("192.0.2.2:2"));
        let mut client = connect(header.to(server), Lines::any().text(UTF_8)).await.unwrap();
        client.send("hello").await.unwrap();
        let told = client.recv().await.unwrap().unwrap();
        assert!(told.starts_with("192.0.2.1:1 to 192.0.2.2:2 via 127.0.0.1:") && told.ends_with(": hello"), "{told}");
        drop(client);
        handle.stop();
    });
}

#[test]
fn truncated_then_closed() {
    in_memory(async {
        for header in [Header::v1, Header::v2] {
            let header = header(address("192.0.2.1:1"), address("192.0.2.2:2")).encode();
            for end in 0..header.len() {
                let (dialer, mut failures) = trusting();
                assert_eq!(support::exchange(&dialer, &header[..end]).await, b"");
                let at = if end == 0 { "before a" } else { "within the" };
                let failure = failures.recv().await.unwrap();
                assert_eq!(failure, format!("handshake failed: PROXY header of memory: closed {at} PROXY header"));
            }
        }
    });
}

#[test]
fn stalled() {
    paused(async {
        for wire in [&b""[..], b"PROXY TCP4 192.0.2.1 ", b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0C\xC0"] {
            let (before, limit) = (Instant::now(), Limits::default().proxy_header);
            assert_eq!(refused(wire).await, "not done after 5s");
            assert!((limit..limit + Duration::from_millis(10)).contains(&before.elapsed()), "{:?}", before.elapsed());
        }
    });
}

#[test]
fn of_version_2_the_check_sum_is_verified() {
    in_memory(async {
        // Made by hand: two addresses, then the vector of the sum.
        let head = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x13\xC0\0\x02\x01\xC0\0\x02\x02\0\x01\0\x02\x03\0\x04";
        let sum = crc32c(&[&head[..], &[0; 4]].concat()).to_be_bytes();
        let right = [&head[..], &sum, b"hello\n"].concat();
        assert_eq!(told(&right).await, "192.0.2.1:1 to 192.0.2.2:2 via memory: hello\n");
        let mut wrong = right;
        wrong[19] ^= 2;
        assert_eq!(refused(&wrong).await, "no PROXY header of version 2: its check sum is wrong");
    });
}

/// Bit by bit, so that it shares nothing with what it checks.
fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0x82F6_3B78 & (crc & 1).wrapping_neg()))
    })
}

proptest::proptest! {
    #![proptest_config(Config { cases: 64, failure_persistence: None, ..Config::default() })]

    #[test]
    fn garbage_ends_its_own_connection_and_no_other(garbage: Vec<u8>, begins_well: bool) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let (dialer, mut failures) = trusting();
            let wire = if begins_well { [&b"\r\n\r\n\0\r\nQUIT\n\x21"[..], &garbage].concat() } else { garbage };
            support::exchange(&dialer, &wire).await;
            let good = with(&Header::v1(address("192.0.2.1:1"), address("192.0.2.2:2")), b"hello\n");
            let told = support::exchange(&dialer, &good).await;
            assert_eq!(told, b"192.0.2.1:1 to 192.0.2.2:2 via memory: hello\n");
            while let Ok(event) = failures.try_recv() {
                assert!(!event.contains("panicked"), "{event}");
            }
        });
    }
}
