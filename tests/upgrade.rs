//! A connection that goes on over another stream: TLS in the middle of a conversation.

mod support;

use std::time::Duration;

use futures::FutureExt;
use support::runtime::{in_memory, paused};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use wirework::core::Codec;
use wirework::framing::Until;
use wirework::servers::tls::rustls::RootCertStore;
use wirework::servers::tls::{Certificates, TlsClient, TlsServer};
use wirework::servers::{Address, Peer};
use wirework::{Composition, Connection, Error, FramingExt, Limits, Lines, UTF_8};

fn over<C: Codec>(io: DuplexStream, codec: C, limits: Limits) -> Connection<DuplexStream, C> {
    Connection::new(io, Peer::new(Address::Memory), &codec, limits).unwrap()
}

/// Both ends of TLS.
fn tls() -> (TlsServer, TlsClient) {
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(own.cert.der().clone()).unwrap();
    let certificates = Certificates::from_der(vec![own.cert.into()], own.signing_key.into()).unwrap();
    (TlsServer::new(certificates).unwrap(), TlsClient::new(roots).unwrap().server_name("localhost"))
}

#[test]
fn a_conversation_goes_on_over_tls() {
    in_memory(async {
        let (server, client_side) = tls();
        let (io, peer) = duplex(4096);
        let serving = tokio::spawn(async move {
            let mut connection = over(io, Lines::crlf().text(UTF_8), Limits::default());
            while connection.recv().await.unwrap().unwrap() != "STARTTLS" {
                connection.feed("plain").await.unwrap();
            }
            // Written to the old stream, by the upgrade.
            connection.feed("220 go ahead").await.unwrap();
            let mut connection = connection.upgrade(|io, peer| server.accept(io, peer)).await.unwrap();
            while let Some(line) = connection.recv().await.unwrap() {
                connection.send(format!("{line} over TLS")).await.unwrap();
            }
            connection.close().await.unwrap();
        });
        let mut client = over(peer, Lines::crlf().text(UTF_8), Limits::default());
        for (said, answer) in [("EHLO", "plain"), ("STARTTLS", "220 go ahead")] {
            client.send(said).await.unwrap();
            assert_eq!(client.recv().await.unwrap().unwrap(), answer);
        }
        let mut client = client.upgrade(|io, peer| client_side.connect(io, peer)).await.unwrap();
        client.send("EHLO").await.unwrap();
        assert_eq!(client.recv().await.unwrap().unwrap(), "EHLO over TLS");
        client.close().await.unwrap();
        serving.await.unwrap();
    });
}

/// CVE-2011-0411: a command that somebody puts behind STARTTLS, before the client's handshake.
#[test]
fn what_came_in_plain_text_is_never_received_over_tls() {
    in_memory(async {
        let (server, client_side) = tls();
        let start = "STARTTLS\r\n";
        for injected in ["MAIL FROM:<evil@example>\r\n", "MAIL FR", "\r\n", "\r", "\x16\x03\x01\0\x05hello"] {
            let wire = [start, injected].concat();
            // Either with the command, in whole or in part, or in front of the handshake.
            for cut in start.len()..=wire.len() {
                let (io, mut peer) = duplex(4096);
                peer.write_all(&wire.as_bytes()[..cut]).await.unwrap();
                let mut connection = over(io, Lines::crlf().text(UTF_8), Limits::default());
                assert_eq!(connection.recv().await.unwrap().unwrap(), "STARTTLS");
                let rest = &wire.as_bytes()[cut..];
                let client = async {
                    // The server may have gone already.
                    let _ = peer.write_all(rest).await;
                    let client = client_side.connect(peer, Peer::new(Address::Memory)).await;
                    assert!(client.is_err(), "{injected:?} cut at {cut}");
                };
                let upgrade = connection.upgrade(|io, peer| server.accept(io, peer));
                let (upgraded, ()) = tokio::join!(upgrade, client);
                match upgraded.map(drop).unwrap_err() {
                    Error::Lost(lost) if cut > start.len() => {
                        assert_eq!((lost.location.message, lost.location.offset), (2, 10), "{lost}");
                        assert!(lost.to_string().contains("in front of the handshake"), "{lost}");
                    }
                    Error::Io(_) if cut == start.len() => {}
                    other => panic!("{injected:?} cut at {cut}: {other}"),
                }
            }
        }
    });
}

#[test]
fn limits_codec_and_peer_go_on() {
    in_memory(async {
        let (old, _peer) = duplex(64);
        let (new, mut peer) = duplex(64);
        let there = Peer::new(Address::Unix(Some("there".into())));
        let limits = Limits { exact: 4, ..Limits::default() };
        let connection = over(old, Until::new(";").text(UTF_8), limits);
        let mut connection = connection.upgrade(async |_, _| Ok((new, there.clone()))).await.unwrap();
        assert_eq!(connection.peer(), &there);
        peer.write_all(b"one;").await.unwrap();
        assert_eq!(connection.recv().await.unwrap().unwrap(), "one");
        connection.send("two").await.unwrap();
        let mut got = [0; 4];
        peer.read_exact(&mut got).await.unwrap();
        assert_eq!(&got, b"two;");
        let beyond = connection.recv_exact(5).now_or_never().expect("it is refused at once").unwrap_err().to_string();
        assert!(beyond.contains("longer than 4 bytes"), "{beyond}");
    });
}

#[test]
fn damage_of_the_old_stream_does_not_reach_into_the_new_one() {
    in_memory(async {
        let (old, mut peer) = duplex(64);
        let codec = "lines lf max 4 | resync delimiter LF".parse::<Composition>().unwrap().bytes().unwrap();
        let mut connection = over(old, codec, Limits::default());
        peer.write_all(b"far too long").await.unwrap();
        connection.recv().await.unwrap_err();
        assert!(
            connection.recv().now_or_never().is_none(),
            "it passes over the rest of the line, whose end has not come"
        );
        let (new, mut peer) = duplex(64);
        let mut connection = connection.upgrade(async |_, peer| Ok((new, peer))).await.unwrap();
        peer.write_all(b"one\ntwo\n").await.unwrap();
        assert_eq!(connection.recv().await.unwrap().unwrap(), "one");
    });
}

#[test]
fn a_peer_cannot_keep_a_handshake_waiting() {
    paused(async {
        let (io, _peer) = duplex(64);
        let limits = Limits { handshake: Duration::from_secs(3), ..Limits::default() };
        let connection = over(io, Lines::any(), limits);
        let begun = tokio::time::Instant::now();
        let upgraded = connection.upgrade(async |mut io, peer| {
            io.read_u8().await?;
            Ok((io, peer))
        });
        let upgraded =
            tokio::time::timeout(Duration::from_secs(60), upgraded).await.expect("it does not wait for ever");
        let error = upgraded.map(drop).unwrap_err();
        assert!(matches!(&error, Error::Io(io) if io.kind() == std::io::ErrorKind::TimedOut), "{error}");
        assert_eq!(begun.elapsed().as_secs(), 3);
    });
}

#[test]
fn a_stream_is_given_back_with_what_was_read_ahead() {
    in_memory(async {
        let (io, mut peer) = duplex(64);
        peer.write_all(b"CONNECT\nahead\nof").await.unwrap();
        let mut connection = over(io, Lines::any(), Limits::default());
        assert_eq!(connection.recv().await.unwrap().unwrap(), "CONNECT");
        connection.feed("OK").await.unwrap();
        let (mut io, ahead) = connection.into_stream().await.unwrap();
        assert_eq!(ahead, "ahead\nof");
        io.write_all(b"tunnel").await.unwrap();
        drop(io);
        let mut got = String::new();
        peer.read_to_string(&mut got).await.unwrap();
        assert_eq!(got, "OK\ntunnel");
    });
}
