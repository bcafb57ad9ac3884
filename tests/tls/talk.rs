//! Handshakes that succeed, and what the peers are told.

use std::future::IntoFuture;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf, duplex};
use tokio::sync::mpsc;
use wirework::servers::tls::rustls::{self, ClientConfig, ProtocolVersion, ServerConfig};
use wirework::servers::tls::{Certificates, TlsClient, TlsServer};
use wirework::servers::{Address, BindExt, Peer, Tcp};
use wirework::{Connection, FramingExt, Limits, Lines, UTF_8, connect, memory, serve};

use crate::authority::{Authority, answers, dial, echo, folder};
use crate::support::runtime::{in_memory, on_sockets};

#[test]
fn both_sides_are_told_what_was_agreed_on() {
    in_memory(async {
        let authority = Authority::new();
        let server = authority.server().alpn(["second", "first"]);
        let client = authority.client().alpn(["first", "second", "third"]);
        let (dialer, listener) = memory();
        let (tell, mut told) = mpsc::unbounded_channel();
        let serving = serve(listener.tls(server), Lines::any()).each(async move |conn| {
            tell.send(conn.peer().clone())?;
            Ok(conn.close().await?)
        });
        let serving = tokio::spawn(serving.into_future());
        let client = dial(&client, &dialer).await.unwrap();
        let client = client.peer().tls.as_deref().unwrap();
        let server = told.recv().await.unwrap();
        let server = server.tls.as_deref().unwrap();
        for tls in [client, server] {
            assert_eq!(tls.server_name.as_deref(), Some("localhost"));
            assert_eq!(tls.alpn.as_deref(), Some(&b"second"[..]), "the server's dearest");
            assert_eq!(tls.version, ProtocolVersion::TLSv1_3);
        }
        assert_eq!((client.certificates.len(), server.certificates.len()), (1, 0));
        drop(dialer);
        serving.await.unwrap().unwrap();
    });
}

/// A stream that gives and takes no more than a byte at a time.
struct Dripping(DuplexStream);

impl AsyncRead for Dripping {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut byte = [0];
        let mut one = ReadBuf::new(&mut byte);
        ready!(Pin::new(&mut self.0).poll_read(cx, &mut one))?;
        buf.put_slice(one.filled());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Dripping {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, &bytes[..bytes.len().min(1)])
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

#[test]
fn a_handshake_one_byte_at_a_time_succeeds() {
    in_memory(async {
        let authority = Authority::new();
        let (server, client) = (authority.server(), authority.client());
        let (ours, theirs) = duplex(4096);
        let (ours, theirs) = (Dripping(ours), Dripping(theirs));
        let serving = async {
            let (io, peer) = server.accept(theirs, Peer::new(Address::Memory)).await.unwrap();
            let mut conn = Connection::new(io, peer, &Lines::any().text(UTF_8), Limits::default()).unwrap();
            let line = conn.recv().await.unwrap().unwrap();
            conn.send(line).await.unwrap();
            conn.close().await.unwrap();
        };
        let asking = async {
            let (io, peer) = client.connect(ours, Peer::new(Address::Memory)).await.unwrap();
            let mut conn = Connection::new(io, peer, &Lines::any().text(UTF_8), Limits::default()).unwrap();
            conn.send("hello").await.unwrap();
            assert_eq!(conn.recv().await.unwrap().unwrap(), "hello");
            assert!(conn.recv().await.unwrap().is_none());
            conn.close().await.unwrap();
        };
        tokio::join!(serving, asking);
    });
}

#[test]
fn a_client_looks_for_the_host_that_it_dials() {
    on_sockets(async {
        let authority = Authority::new();
        let (tell, mut addresses) = tokio::sync::mpsc::unbounded_channel();
        let server = serve(Tcp::bind("127.0.0.1:0").tls(authority.server()), Lines::any().text(UTF_8))
            .on_listening(move |address| drop(tell.send(address.to_string())))
            .reply(async |line| line);
        let handle = server.handle();
        tokio::spawn(server.into_future());
        let address = addresses.recv().await.unwrap();
        let tls = TlsClient::new(authority.roots()).unwrap();
        let by_address = connect(tls.to(address.as_str()), Lines::any()).await.map(drop).unwrap_err().to_string();
        assert!(by_address.contains("TLS with 127.0.0.1") && by_address.contains("not valid for name"), "{by_address}");
        let by_name = address.replace("127.0.0.1", "localhost");
        let mut client = connect(tls.to(by_name), Lines::any().text(UTF_8)).await.unwrap();
        client.send("hello").await.unwrap();
        assert_eq!(client.recv().await.unwrap().unwrap(), "hello");
        drop(client);
        handle.stop();
    });
}

#[test]
fn a_client_that_can_know_no_name_says_so() {
    in_memory(async {
        let authority = Authority::new();
        let (dialer, _listener) = memory();
        let nameless = TlsClient::new(authority.roots()).unwrap();
        let error = dial(&nameless, &dialer).await.map(drop).unwrap_err();
        assert!(error.to_string().contains("TlsClient::server_name"), "{error}");
        let error = dial(&nameless.server_name("no name"), &dialer).await.map(drop).unwrap_err();
        assert!(error.to_string().contains("\"no name\""), "{error}");
    });
}

#[test]
fn of_several_certificates_the_one_for_the_name_is_shown() {
    in_memory(async {
        let authority = Authority::new();
        let certificates =
            ["one.example", "two.example", "*.three.example"].map(|name| authority.issue(name).certificates());
        let all = certificates.into_iter().reduce(Certificates::and).unwrap();
        let tls = TlsServer::new(all).unwrap();
        let (dialer, _events) = echo(|listener| listener.tls(tls));
        let client = TlsClient::new(authority.roots()).unwrap();
        for name in ["one.example", "two.example", "at.three.example"] {
            answers(&client.clone().server_name(name), &dialer).await;
        }
        let unknown =
            dial(&client.clone().server_name("four.example"), &dialer).await.map(drop).unwrap_err().to_string();
        assert!(
            unknown.contains("only valid for DnsName(\"one.example\")"),
            "the first, for whom there is none: {unknown}"
        );
    });
}

#[test]
fn files_hold_a_certificate_and_its_key() {
    in_memory(async {
        let authority = Authority::new();
        let [chain, key] = authority.issue("localhost").write(&folder("files"));
        let tls = TlsServer::from_pem_files(&chain, &key).unwrap();
        let (dialer, _events) = echo(|listener| listener.tls(tls));
        answers(&authority.client(), &dialer).await;
    });
}

#[test]
fn configurations_of_rustls_will_do() {
    in_memory(async {
        let authority = Authority::new();
        let issued = authority.issue("localhost");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let server =
            ServerConfig::builder_with_provider(provider.clone()).with_protocol_versions(&[&rustls::version::TLS12]);
        let server = server.unwrap().with_no_client_auth();
        let server = server.with_single_cert(vec![issued.certificate.der().clone()], issued.key.into()).unwrap();
        let client = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let client = client.with_root_certificates(authority.roots()).with_no_client_auth();
        let (dialer, _events) = echo(|listener| listener.tls(Arc::new(server).into()));
        let client = TlsClient::from(Arc::new(client)).server_name("localhost");
        let client = dial(&client, &dialer).await.unwrap();
        assert_eq!(client.peer().tls.as_ref().unwrap().version, ProtocolVersion::TLSv1_2);
    });
}

#[test]
fn what_cannot_be_served_is_refused_at_once() {
    in_memory(async {
        let nobody = rustls::RootCertStore::empty();
        TlsClient::new(nobody.clone()).unwrap_err();
        let authority = Authority::new();
        let certificates = authority.issue("localhost").certificates();
        let clients = wirework::servers::tls::ClientCertificate::Required(nobody);
        TlsServer::with_clients(certificates, clients).unwrap_err();
        let (one, two) = (authority.issue("localhost"), authority.issue("localhost"));
        Certificates::from_der(vec![one.certificate.der().clone()], two.key.into()).unwrap_err();
    });
}
