//! How a connection ends: with a word, or cut off by whoever can cut a wire.

use std::io::ErrorKind;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use wirework::core::Codec;
use wirework::framing::Rest;
use wirework::servers::tls::TlsStream;
use wirework::servers::{Address, BindExt, Peer};
use wirework::{Connection, Error, FramingExt, Limits, Lines, UTF_8, serve};

use crate::authority::{Authority, dial};
use crate::support::runtime::in_memory;
use crate::support::start;

/// A connection that speaks `codec`, and the other end.
async fn pair<C: Codec>(codec: C) -> (Connection<TlsStream<DuplexStream>, C>, TlsStream<DuplexStream>) {
    let authority = Authority::new();
    let (server, client) = (authority.server(), authority.client());
    let (ours, theirs) = duplex(4096);
    let here = Peer::new(Address::Memory);
    let (accepted, connected) = tokio::join!(server.accept(ours, here.clone()), client.connect(theirs, here));
    let ((io, peer), (client, _)) = (accepted.unwrap(), connected.unwrap());
    (Connection::new(io, peer, &codec, Limits::default()).unwrap(), client)
}

#[test]
fn a_stream_that_is_cut_off_is_an_error_inside_a_frame_and_between_frames() {
    in_memory(async {
        for (sent, ended, cut_off) in
            [("one\ntw", false, true), ("one\n", false, true), ("one\ntw", true, false), ("one\n", true, false)]
        {
            let (mut conn, mut client) = pair(Lines::lf().text(UTF_8)).await;
            client.write_all(sent.as_bytes()).await.unwrap();
            client.flush().await.unwrap();
            if ended {
                client.shutdown().await.unwrap();
            }
            drop(client);
            assert_eq!(conn.recv().await.unwrap().unwrap(), "one", "what came whole is received");
            match conn.recv().await {
                Err(Error::Io(error)) if cut_off => assert_eq!(error.kind(), ErrorKind::UnexpectedEof),
                Err(Error::Lost(lost)) if !cut_off && sent.ends_with("tw") => {
                    assert!(lost.to_string().contains("the stream ended inside it"), "{lost}");
                }
                Ok(None) if !cut_off && sent.ends_with('\n') => {}
                other => panic!("{sent:?}, ended: {ended}: {other:?}"),
            }
        }
    });
}

#[test]
fn a_message_that_the_end_ends_is_none_when_it_is_cut_off() {
    in_memory(async {
        for ended in [true, false] {
            let (mut conn, mut client) = pair(Rest::new().text(UTF_8)).await;
            client.write_all(b"pay 100").await.unwrap();
            client.flush().await.unwrap();
            if ended {
                client.shutdown().await.unwrap();
            }
            drop(client);
            match conn.recv().await {
                Ok(Some(whole)) if ended => assert_eq!(whole, "pay 100"),
                Err(Error::Io(error)) if !ended => assert_eq!(error.kind(), ErrorKind::UnexpectedEof),
                other => panic!("ended: {ended}: {other:?}"),
            }
        }
    });
}

#[test]
fn a_server_that_has_said_all_says_so() {
    in_memory(async {
        let authority = Authority::new();
        let dialer = start(|listener| {
            serve(listener.tls(authority.server()), Lines::any().text(UTF_8)).reply_once(async |line| line)
        });
        let mut client = dial(&authority.client(), &dialer).await.unwrap();
        client.send("hello").await.unwrap();
        assert_eq!(client.recv().await.unwrap().unwrap(), "hello");
        assert!(client.recv().await.unwrap().is_none(), "the end, and no error");
    });
}

#[test]
fn a_closing_side_says_so_before_it_waits_for_the_other() {
    in_memory(async {
        let (mut conn, mut client) = pair(Lines::lf().text(UTF_8)).await;
        conn.feed("bye").await.unwrap();
        let closing = tokio::spawn(conn.close());
        let mut said = String::new();
        client.read_to_string(&mut said).await.unwrap();
        assert_eq!(said, "bye\n");
        client.shutdown().await.unwrap();
        closing.await.unwrap().unwrap();
    });
}
