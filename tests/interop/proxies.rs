//! A server of ours behind HAProxy.

use std::future::IntoFuture;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::timeout;
use wirework::core::BoxError;
use wirework::servers::BindExt;
use wirework::servers::proxy::Trusted;
use wirework::{Event, FramingExt, Lines, Tcp, UTF_8, serve};

use crate::process::PATIENCE;
use crate::real::Real;

#[tokio::test]
async fn haproxy_says_who_its_client_is() -> Result<(), BoxError> {
    let (listening, mut addresses) = unbounded_channel();
    let (seen, mut peers) = unbounded_channel();
    let server = serve(Tcp::bind("127.0.0.1:0").proxy_protocol(Trusted::Anybody), Lines::any().text(UTF_8))
        .on_listening(move |address| drop(listening.send(address.to_string())))
        .on_event(|event| assert!(!matches!(event, Event::Handshake { .. }), "{event}"))
        .each(async move |mut conn| {
            let _ = seen.send(conn.peer().clone());
            while let Some(line) = conn.recv().await? {
                conn.send(line).await?;
            }
            Ok(conn.close().await?)
        });
    tokio::spawn(server.into_future());
    let server = addresses.recv().await.ok_or("it does not listen")?;

    for options in ["send-proxy", "send-proxy-v2", "send-proxy-v2 proxy-v2-options crc32c,unique-id"] {
        let Some(haproxy) = Real::haproxy(&server, options) else { return Ok(()) };
        let mut client = TcpStream::connect(&haproxy.address).await?;
        client.write_all(b"hello\n").await?;
        let mut reply = [0; 6];
        timeout(PATIENCE, client.read_exact(&mut reply)).await??;
        assert_eq!(&reply, b"hello\n", "{options}");
        let peer = timeout(PATIENCE, peers.recv()).await?.ok_or("nobody came")?;
        assert_eq!(peer.to_string(), client.local_addr()?.to_string(), "{options}");
        let via = peer.via.ok_or("it came through nobody")?;
        assert_eq!(via.destination.to_string(), haproxy.address, "{options}");
    }

    // It looks whether the server is well, on its own behalf.
    let Some(_haproxy) = Real::haproxy(&server, "send-proxy-v2 check") else { return Ok(()) };
    let peer = timeout(PATIENCE, peers.recv()).await?.ok_or("nobody came")?;
    assert!(peer.via.is_none() && peer.to_string().starts_with("127.0.0.1:"), "{peer:?}");
    Ok(())
}
