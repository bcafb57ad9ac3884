//! What a handshake has told of the peer.

use std::hash::{Hash, Hasher};

use rustls::pki_types::CertificateDer;
use rustls::{CommonState, ProtocolVersion};

use super::rustls;

/// What a handshake of TLS has told of the peer, and agreed on with it.
///
/// ```
/// # use wirework_core::{BoxError, Codec};
/// # use wirework_servers::Connection;
/// # fn example<Io: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin>(conn: &Connection<Io, impl Codec>) -> Result<(), BoxError> {
/// let tls = conn.peer().tls.as_ref().ok_or("plain text")?;
/// let device = tls.certificates.first(); // to be read by a crate such as x509-parser
/// # let _ = device;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TlsPeer {
    /// The name of the server that the client asked for (SNI), if any.
    pub server_name: Option<String>,
    /// The protocol that was agreed on (ALPN), if any.
    pub alpn: Option<Vec<u8>>,
    /// The version of TLS.
    pub version: ProtocolVersion,
    /// The peer's certificate, and those behind it that lead to an authority; none of a client that has shown none. They
    /// were found to be valid.
    pub certificates: Vec<CertificateDer<'static>>,
}

impl TlsPeer {
    /// What a session knows once its handshake is done.
    pub(super) fn new(server_name: Option<String>, session: &CommonState) -> Self {
        Self {
            server_name,
            alpn: session.alpn_protocol().map(<[u8]>::to_vec),
            version: session.protocol_version().unwrap_or(ProtocolVersion::Unknown(0)),
            certificates: session.peer_certificates().unwrap_or_default().to_vec(),
        }
    }
}

impl Hash for TlsPeer {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // A version has no hash.
        (&self.server_name, &self.alpn, &self.certificates).hash(state);
    }
}
