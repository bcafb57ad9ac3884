//! The client's side.

use std::fmt;
use std::io;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::{TlsConnector, TlsStream};

use super::error::{explained, unusable};
use super::{Certificates, TlsPeer, provider, rustls};
use crate::{Dial, Peer};

/// TLS as a client speaks it: to a server, [`to`](Self::to), or behind a STARTTLS, [`connect`](Self::connect).
///
/// ```no_run
/// # use wirework_core::{Codec, Raw};
/// # use wirework_servers::connect;
/// # use wirework_servers::tls::{TlsClient, roots_from_pem_file};
/// # async fn example(codec: impl Codec<Format = Raw>) -> std::io::Result<()> {
/// let tls = TlsClient::new(roots_from_pem_file("ca.pem")?)?.alpn(["mqtt"]);
/// let conn = connect(tls.to("gateway.example:8883"), codec).await?;
/// # drop(conn);
/// # Ok(())
/// # }
/// ```
///
/// | option | default |
/// |---|---|
/// | [`server_name`](Self::server_name): the name that is asked for, and that the server's certificate must have | the host that is dialled |
/// | [`certificate`](Self::certificate): what the server is shown if it asks | nothing |
/// | [`alpn`](Self::alpn): the protocols that are offered | none |
///
/// A configuration of rustls is one, too, for all else: `TlsClient::from(Arc::new(config))`.
#[derive(Clone)]
pub struct TlsClient {
    config: Arc<ClientConfig>,
    server_name: Option<String>,
}

impl TlsClient {
    /// A client that trusts these authorities, such as those of a file,
    /// [`roots_from_pem_file`](super::roots_from_pem_file). The system's are found by the crate `rustls-native-certs`.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] when there are none.
    pub fn new(roots: RootCertStore) -> io::Result<Self> {
        if roots.is_empty() {
            return Err(unusable("a TLS client that trusts no authority can trust no server"));
        }
        let config = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions();
        let config = config.map_err(unusable)?.with_root_certificates(roots).with_no_client_auth();
        Ok(Arc::new(config).into())
    }

    /// The name that is asked for, and that the server's certificate must have: of a host, or an IP address.
    pub fn server_name(mut self, name: impl Into<String>) -> Self {
        self.server_name = Some(name.into());
        self
    }

    /// What a server is shown that asks for a certificate: the first of these.
    pub fn certificate(mut self, certificates: Certificates) -> Self {
        Arc::make_mut(&mut self.config).client_auth_cert_resolver = Arc::new(certificates);
        self
    }

    /// The protocols that are offered, the dearest first ([RFC 7301](https://www.rfc-editor.org/rfc/rfc7301)). What the
    /// server has chosen, if anything, is in [`TlsPeer::alpn`].
    pub fn alpn<P: Into<Vec<u8>>>(mut self, protocols: impl IntoIterator<Item = P>) -> Self {
        Arc::make_mut(&mut self.config).alpn_protocols = protocols.into_iter().map(Into::into).collect();
        self
    }

    /// A server, for [`connect`](crate::connect()), which has the time of [`Limits::handshake`](crate::Limits::handshake) for
    /// all of it.
    pub fn to<D: Dial>(&self, target: D) -> TlsTarget<D> {
        TlsTarget { tls: self.clone(), target }
    }

    /// The handshake over a stream, as [`Connection::upgrade`](crate::Connection::upgrade) takes one.
    ///
    /// ```
    /// # use tokio::net::TcpStream;
    /// # use wirework_core::{Codec, Error};
    /// # use wirework_servers::{Connection, tls::TlsClient};
    /// # async fn example(tls: TlsClient, conn: Connection<TcpStream, impl Codec>) -> Result<(), Error> {
    /// let tls = tls.server_name("mail.example");
    /// let conn = conn.upgrade(|io, peer| tls.connect(io, peer)).await?;
    /// # drop(conn);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// It has no deadline of its own, but `upgrade` has. Not cancel safe: dropped, the connection is over. In TLS 1.3 it is
    /// done before the server has looked at our certificate: a server that refuses it says so to who receives.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] without a [`server_name`](Self::server_name), or with one that is no name;
    /// [`io::ErrorKind::InvalidData`] when the server is not who it should be, and the error says why.
    pub async fn connect<Io>(&self, io: Io, mut peer: Peer) -> io::Result<(TlsStream<Io>, Peer)>
    where
        Io: AsyncRead + AsyncWrite + Unpin,
    {
        let Some(name) = self.server_name.clone() else {
            return Err(unusable("which name must the server's certificate have? Say it with TlsClient::server_name"));
        };
        let server = ServerName::try_from(name.clone()).map_err(|error| unusable(format!("{name:?}: {error}")))?;
        let connecting = TlsConnector::from(Arc::clone(&self.config)).connect(server, io);
        let io = connecting.await.map_err(|error| {
            let error = explained(error);
            io::Error::new(error.kind(), format!("TLS with {name}: {error}"))
        })?;
        let (_, session) = io.get_ref();
        peer.tls = Some(Arc::new(TlsPeer::new(Some(name), session)));
        Ok((io.into(), peer))
    }
}

impl From<Arc<ClientConfig>> for TlsClient {
    fn from(config: Arc<ClientConfig>) -> Self {
        Self { config, server_name: None }
    }
}

impl fmt::Debug for TlsClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsClient").field("server_name", &self.server_name).finish_non_exhaustive()
    }
}

/// A server that speaks TLS, to be connected to; see [`TlsClient::to`].
#[derive(Clone, Debug)]
pub struct TlsTarget<D> {
    tls: TlsClient,
    target: D,
}

impl<D: Dial> Dial for TlsTarget<D> {
    type Io = TlsStream<D::Io>;

    async fn dial(self) -> io::Result<(Self::Io, Peer)> {
        let Self { mut tls, target } = self;
        tls.server_name = tls.server_name.or_else(|| target.host());
        let (io, peer) = target.dial().await?;
        tls.connect(io, peer).await
    }

    fn host(&self) -> Option<String> {
        self.target.host()
    }
}
