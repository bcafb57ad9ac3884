//! Another stream in the middle of a conversation.

use std::future::Future;
use std::io;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};
use wirework_core::{Codec, Error, FrameError};

use super::Connection;
use crate::Peer;
use crate::handshake::within;

impl<Io, C: Codec> Connection<Io, C>
where
    Io: AsyncRead + AsyncWrite + Unpin,
{
    /// Goes on over the stream that `handshake` makes of this one, such as TLS behind a STARTTLS.
    ///
    /// ```text
    /// C: STARTTLS            received
    /// S: 220 go ahead        fed or sent, then upgrade
    /// C, S: the handshake    has the stream to itself, for as long as Limits::handshake says
    /// C: EHLO                received over the new stream
    /// ```
    ///
    /// A handshake here is one of [`BindExt::handshake`](crate::BindExt::handshake). With `tls`, a `TlsServer` (feature `tls`):
    ///
    /// ```
    /// # use tokio::net::TcpStream;
    /// # use wirework_core::{Codec, Error};
    /// # use wirework_servers::{Connection, Peer};
    /// # struct TlsServer;
    /// # impl TlsServer { async fn accept(&self, io: TcpStream, peer: Peer) -> std::io::Result<(TcpStream, Peer)> { Ok((io, peer)) } }
    /// # async fn example(tls: TlsServer, conn: Connection<TcpStream, impl Codec>) -> Result<(), Error> {
    /// let conn = conn.upgrade(|io, peer| tls.accept(io, peer)).await?;
    /// # drop(conn);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// What was fed is written to the old stream first. The limits and the codec stay, with what its formats have learned; the
    /// peer is the one that the handshake gives. What else the conversation has learned is for the handler to forget
    /// ([RFC 3207](https://www.rfc-editor.org/rfc/rfc3207#section-4.2), section 4.2). The new stream has another type, unless both
    /// are a [`BoxIo`](crate::BoxIo), as in a loop that goes on.
    ///
    /// Nothing that came over the old stream is received from the new one: who can write into the old one would put a command
    /// behind STARTTLS, to have it taken for what an authenticated peer has said (CVE-2011-0411). What has been read already is
    /// refused; what is read later is the handshake's, which fails over it. A peer that begins its handshake without
    /// waiting for an answer, as in MySQL, needs [`into_stream`](Connection::into_stream).
    ///
    /// # Errors
    /// [`Error::Lost`] when something was read behind the last message that was received; [`Error::Io`] when the handshake fails
    /// or takes too long. The connection is closed then.
    pub async fn upgrade<F, Fut, New>(mut self, handshake: F) -> Result<Connection<New, C>, Error>
    where
        F: FnOnce(Io, Peer) -> Fut,
        Fut: Future<Output = io::Result<(New, Peer)>>,
        New: AsyncRead + AsyncWrite + Unpin,
    {
        self.flush().await?;
        let Self { io, mut inbound, outbound, peer, keep_alive, drain_notice, link, others_in_a_row } = self;
        if !inbound.frames.pending().is_empty() {
            return Err(inbound.frames.lose(FrameError::malformed(PREMATURE)).into());
        }
        // Nothing of an unfinished frame, or of damage, reaches into the new stream.
        inbound.frames.take(0);
        let (io, peer) = within(inbound.entry.limits().handshake, handshake(io, peer)).await?;
        Ok(Connection { io, inbound, outbound, peer, keep_alive, drain_notice, link, others_in_a_row })
    }

    /// Gives the stream, and what was read from it and not received, once what was fed is written: for a tunnel, or a
    /// handshake that has begun.
    ///
    /// ```
    /// # use tokio::net::TcpStream;
    /// # use wirework_core::{Codec, Error};
    /// # use wirework_servers::Connection;
    /// use tokio::io::{AsyncWriteExt, copy_bidirectional};
    ///
    /// # async fn example(conn: Connection<TcpStream, impl Codec>) -> Result<(), Error> {
    /// let mut target = TcpStream::connect("192.0.2.1:443").await?;
    /// let (mut io, ahead) = conn.into_stream().await?;
    /// target.write_all(&ahead).await?;
    /// copy_bidirectional(&mut io, &mut target).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of the transport.
    pub async fn into_stream(mut self) -> Result<(Io, Bytes), Error> {
        self.flush().await?;
        let ahead = Bytes::copy_from_slice(self.inbound.frames.pending());
        Ok((self.io, ahead))
    }
}

const PREMATURE: &str = "it came over the stream that was to be upgraded, in front of the handshake";
