//! The server's side.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::{TlsAcceptor, TlsStream};

use super::error::{explained, unusable};
use super::opening::Opening;
use super::{Certificates, TlsPeer, provider, rustls};
use crate::Peer;

/// TLS as a server speaks it: in front of all connections of a listener, [`BindExt::tls`](crate::BindExt::tls), or behind a
/// STARTTLS, [`accept`](Self::accept).
///
/// | option | default |
/// |---|---|
/// | [`with_clients`](Self::with_clients): certificates of clients | not asked for |
/// | [`alpn`](Self::alpn): the protocols that are spoken | not told |
///
/// A configuration of rustls is one, too, for all else: `TlsServer::from(Arc::new(config))`.
#[derive(Clone)]
pub struct TlsServer(Arc<ServerConfig>);

/// Whether clients show a certificate, and which authorities must have issued it.
#[derive(Clone, Debug)]
pub enum ClientCertificate {
    /// They are not asked for one.
    NotAsked,
    /// They may show one; one that is not valid ends the handshake.
    Optional(RootCertStore),
    /// They must show one.
    Required(RootCertStore),
}

impl TlsServer {
    /// A server that shows these certificates.
    ///
    /// # Errors
    /// As [`with_clients`](Self::with_clients).
    pub fn new(certificates: Certificates) -> io::Result<Self> {
        Self::with_clients(certificates, ClientCertificate::NotAsked)
    }

    /// A server that shows the certificate of these two files; see [`Certificates::from_pem_files`].
    ///
    /// # Errors
    /// As [`Certificates::from_pem_files`].
    pub fn from_pem_files(chain: impl AsRef<Path>, key: impl AsRef<Path>) -> io::Result<Self> {
        Self::new(Certificates::from_pem_files(chain, key)?)
    }

    /// A server that shows these certificates to clients that show theirs, which [`TlsPeer::certificates`] has then.
    ///
    /// ```no_run
    /// # use wirework_servers::tls::{Certificates, ClientCertificate, TlsServer, roots_from_pem_file};
    /// # fn example() -> std::io::Result<TlsServer> {
    /// let certificates = Certificates::from_pem_files("cert.pem", "key.pem")?;
    /// TlsServer::with_clients(certificates, ClientCertificate::Required(roots_from_pem_file("devices.pem")?))
    /// # }
    /// ```
    ///
    /// A certificate that an authority has revoked is still valid here: lists of those need a configuration of rustls.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] when there is no authority to issue certificates of clients.
    pub fn with_clients(certificates: Certificates, clients: ClientCertificate) -> io::Result<Self> {
        let provider = provider();
        let verifier = match clients {
            ClientCertificate::NotAsked => WebPkiClientVerifier::no_client_auth(),
            ClientCertificate::Optional(roots) => {
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
                verifier.allow_unauthenticated().build().map_err(unusable)?
            }
            ClientCertificate::Required(roots) => {
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
                verifier.build().map_err(unusable)?
            }
        };
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.map_err(unusable)?.with_client_cert_verifier(verifier);
        Ok(Self(Arc::new(config.with_cert_resolver(Arc::new(certificates)))))
    }

    /// The protocols that are spoken, the dearest first, such as `["mqtt"]`
    /// ([RFC 7301](https://www.rfc-editor.org/rfc/rfc7301)). A client that offers others, and none of these, is refused; one
    /// that offers none is not. What was agreed on is in [`TlsPeer::alpn`].
    pub fn alpn<P: Into<Vec<u8>>>(mut self, protocols: impl IntoIterator<Item = P>) -> Self {
        Arc::make_mut(&mut self.0).alpn_protocols = protocols.into_iter().map(Into::into).collect();
        self
    }

    /// The handshake of one connection, as [`Connection::upgrade`](crate::Connection::upgrade) and
    /// [`BindExt::handshake`](crate::BindExt::handshake) take one.
    ///
    /// ```
    /// # use tokio::net::TcpStream;
    /// # use wirework_core::{Codec, Error};
    /// # use wirework_servers::{Connection, tls::TlsServer};
    /// # async fn example(tls: TlsServer, conn: Connection<TcpStream, impl Codec>) -> Result<(), Error> {
    /// let conn = conn.upgrade(|io, peer| tls.accept(io, peer)).await?;
    /// # drop(conn);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// It has no deadline of its own, but those have. Not cancel safe: dropped, the connection is over.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`] when the peer does not speak TLS, and the error says what it seems to speak; or when
    /// it is not content with us, or we with it. [`io::ErrorKind::UnexpectedEof`] when it has gone.
    pub async fn accept<Io>(&self, mut io: Io, peer: Peer) -> io::Result<(TlsStream<Io>, Peer)>
    where
        Io: AsyncRead + AsyncWrite + Unpin,
    {
        let opening = Opening::read(&mut io).await?;
        self.accept_opened(opening, io, peer).await
    }

    /// The handshake with who has said something already.
    pub(super) async fn accept_opened<Io>(
        &self,
        opening: Opening,
        io: Io,
        mut peer: Peer,
    ) -> io::Result<(TlsStream<Io>, Peer)>
    where
        Io: AsyncRead + AsyncWrite + Unpin,
    {
        let opening = opening.into_tls()?;
        let mut opened = Ok(());
        let accepting = TlsAcceptor::from(Arc::clone(&self.0)).accept_with(io, |session| {
            opened = session.read_tls(&mut opening.as_ref()).and_then(|_| {
                // What is wrong from its first bytes on may be all that comes.
                session
                    .process_new_packets()
                    .map(drop)
                    .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
            });
        });
        opened?;
        let io = accepting.await.map_err(explained)?;
        let (_, session) = io.get_ref();
        peer.tls = Some(Arc::new(TlsPeer::new(session.server_name().map(str::to_owned), session)));
        Ok((io.into(), peer))
    }
}

impl From<Arc<ServerConfig>> for TlsServer {
    fn from(config: Arc<ServerConfig>) -> Self {
        Self(config)
    }
}

impl fmt::Debug for TlsServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsServer").field("certificates", &self.0.cert_resolver).finish_non_exhaustive()
    }
}
