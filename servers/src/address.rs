//! Who is at which end.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

/// The address of one end of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Address {
    /// An IP address and a port.
    Tcp(SocketAddr),
    /// The path of a Unix socket; a client mostly has none.
    Unix(Option<PathBuf>),
    /// The memory of this process.
    Memory,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(Some(path)) => path.display().fmt(f),
            Self::Unix(None) => f.write_str("unix"),
            Self::Memory => f.write_str("memory"),
        }
    }
}

impl From<SocketAddr> for Address {
    /// An IPv4 client of an IPv6 socket (`::ffff:192.0.2.1`) is an IPv4 client.
    fn from(address: SocketAddr) -> Self {
        Self::Tcp(SocketAddr::new(address.ip().to_canonical(), address.port()))
    }
}

/// Who is at the other end of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Peer {
    /// Its address: that of its socket, or what a trusted proxy has said it is.
    pub address: Address,
    /// The proxy that it came through, if that has said who it is.
    pub via: Option<Box<Via>>,
    /// What a handshake of TLS has told of it; `None` in plain text.
    #[cfg(feature = "tls")]
    pub tls: Option<std::sync::Arc<crate::tls::TlsPeer>>,
}

impl Peer {
    /// The peer whose socket has this address.
    pub fn new(address: Address) -> Self {
        Self {
            address,
            via: None,
            #[cfg(feature = "tls")]
            tls: None,
        }
    }
}

/// A proxy between a peer and the server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Via {
    /// The address of the proxy's socket.
    pub address: Address,
    /// Where the peer connected to, as the proxy says.
    pub destination: Address,
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv4_client_of_an_ipv6_socket_is_an_ipv4_client() {
        let mapped: SocketAddr = "[::ffff:192.0.2.1]:7".parse().unwrap();
        assert_eq!(Address::from(mapped).to_string(), "192.0.2.1:7");
    }
}
