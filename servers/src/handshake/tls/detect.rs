//! One port for TLS and for plain text.

use std::io;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsStream;
use tokio_util::either::Either;

use super::TlsServer;
use super::opening::Opening;
use crate::{Peer, Prefixed};

/// The stream of who speaks TLS, or of who does not; see [`BindExt::tls_or_plaintext`](crate::BindExt::tls_or_plaintext).
pub type TlsOrPlaintext<Io> = Either<TlsStream<Io>, Prefixed<Io>>;

/// The handshake of who begins one; all others as they are.
pub(crate) async fn tls_or_plaintext<Io>(
    tls: TlsServer,
    mut io: Io,
    peer: Peer,
) -> io::Result<(TlsOrPlaintext<Io>, Peer)>
where
    Io: AsyncRead + AsyncWrite + Unpin,
{
    let opening = Opening::read(&mut io).await?;
    if !opening.is_tls() {
        return Ok((Either::Right(Prefixed::new(opening.into_bytes(), io)), peer));
    }
    let (io, peer) = tls.accept_opened(opening, io, peer).await?;
    Ok((Either::Left(io), peer))
}
