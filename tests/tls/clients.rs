//! Certificates of clients.

use std::io::ErrorKind;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wirework::servers::tls::{ClientCertificate, TlsServer};
use wirework::servers::{BindExt, MemoryDialer};
use wirework::{Error, FramingExt, Lines, UTF_8, serve};

use crate::authority::{Authority, answers, dial, echo};
use crate::support::runtime::in_memory;
use crate::support::start;

/// A server that tells each client how many certificates it has shown, and has seen to it that they are right.
fn counting(server: TlsServer) -> MemoryDialer {
    start(|listener| {
        serve(listener.tls(server), Lines::any().text(UTF_8)).each(async |mut conn| {
            let shown = conn.peer().tls.as_ref().map_or(0, |tls| tls.certificates.len());
            conn.send(shown.to_string()).await?;
            Ok(conn.close().await?)
        })
    })
}

#[test]
fn a_client_without_the_certificate_that_is_required_is_refused() {
    in_memory(async {
        let (authority, devices) = (Authority::new(), Authority::new());
        let server = || authority.issue("localhost").certificates();
        let required = TlsServer::with_clients(server(), ClientCertificate::Required(devices.roots())).unwrap();
        let (dialer, mut events) = echo(|listener| listener.tls(required.clone()));
        // In TLS 1.3 the handshake is done for the client before the server has looked.
        let mut client = dial(&authority.client(), &dialer).await.unwrap();
        // What it sends may find the server gone already.
        let _ = client.send("hello").await;
        let refused = client.recv().await.unwrap_err();
        assert!(matches!(&refused, Error::Io(error) if error.kind() == ErrorKind::InvalidData), "{refused:?}");
        assert!(refused.to_string().contains("CertificateRequired"), "{refused}");
        let event = events.recv().await.unwrap();
        assert!(event.ends_with("peer sent no certificates: a client certificate is required"), "{event}");

        let own = authority.client().certificate(authority.issue("device").certificates());
        dial(&own, &dialer).await.unwrap().recv().await.unwrap_err();
        let event = events.recv().await.unwrap();
        assert!(event.ends_with("UnknownIssuer: no authority that is trusted has issued it"), "{event}");

        let device = authority.client().certificate(devices.issue("device").certificates());
        answers(&device, &dialer).await;
        let shown = dial(&device, &counting(required)).await.unwrap().recv().await.unwrap().unwrap();
        assert_eq!(shown, "1");
    });
}

#[test]
fn a_client_may_show_a_certificate_where_that_is_optional() {
    in_memory(async {
        let (authority, devices) = (Authority::new(), Authority::new());
        let optional = ClientCertificate::Optional(devices.roots());
        let server = TlsServer::with_clients(authority.issue("localhost").certificates(), optional).unwrap();
        let dialer = counting(server);
        let device = authority.client().certificate(devices.issue("device").certificates());
        let stranger = authority.client().certificate(authority.issue("device").certificates());
        for (client, shown) in [(&device, Some("1")), (&authority.client(), Some("0")), (&stranger, None)] {
            let said = dial(client, &dialer).await.unwrap().recv().await.ok().flatten();
            assert_eq!(said.as_deref(), shown);
        }
    });
}

#[test]
fn what_an_unauthenticated_client_has_sent_ahead_is_never_received() {
    in_memory(async {
        let (authority, devices) = (Authority::new(), Authority::new());
        let required = ClientCertificate::Required(devices.roots());
        let server = TlsServer::with_clients(authority.issue("localhost").certificates(), required).unwrap();
        let (received, mut receiving) = tokio::sync::mpsc::unbounded_channel::<String>();
        let dialer = start(|listener| {
            serve(listener.tls(server), Lines::any().text(UTF_8)).reply(async move |line| {
                received.send(line).unwrap();
                None::<String>
            })
        });
        let (io, peer) = (dialer.dial().await.unwrap(), wirework::Peer::new(wirework::servers::Address::Memory));
        let (mut io, _) = authority.client().connect(io, peer).await.unwrap();
        // The server may have gone already.
        let _ = io.write_all(b"command\n").await;
        let _ = io.shutdown().await;
        let _ = io.read_to_end(&mut Vec::new()).await;
        drop((io, dialer));
        assert_eq!(receiving.recv().await, None);
    });
}
