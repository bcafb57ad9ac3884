//! What can be connected to.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio::net::TcpStream;

use crate::{Address, MemoryDialer, Peer};

/// What can be connected to: `"host:port"`, a [`SocketAddr`], a `Unix` socket, a [`MemoryDialer`].
pub trait Dial: Send {
    /// The connection's stream of bytes.
    type Io: AsyncRead + AsyncWrite + Unpin + Send;

    /// Makes a connection. It has no deadline of its own: [`connect`](crate::connect) sets it one,
    /// [`Limits::handshake`](crate::Limits::handshake).
    ///
    /// # Errors
    /// Those of the system, with the address.
    fn dial(self) -> impl Future<Output = io::Result<(Self::Io, Peer)>> + Send;

    /// The host that is dialled, a name or an IP address, where there is one: the certificate of a server must have it.
    fn host(&self) -> Option<String> {
        None
    }
}

impl Dial for &str {
    type Io = TcpStream;

    async fn dial(self) -> io::Result<(TcpStream, Peer)> {
        let connected = async {
            let io = TcpStream::connect(self).await?;
            io.set_nodelay(true)?;
            let peer = Peer::new(io.peer_addr()?.into());
            Ok((io, peer))
        };
        connected.await.map_err(|error: io::Error| cannot_connect(self, &error))
    }

    fn host(&self) -> Option<String> {
        let (host, _port) = self.rsplit_once(':')?;
        let ipv6 = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        Some(ipv6.unwrap_or(host).to_owned())
    }
}

impl Dial for String {
    type Io = TcpStream;

    async fn dial(self) -> io::Result<(TcpStream, Peer)> {
        self.as_str().dial().await
    }

    fn host(&self) -> Option<String> {
        self.as_str().host()
    }
}

impl Dial for SocketAddr {
    type Io = TcpStream;

    async fn dial(self) -> io::Result<(TcpStream, Peer)> {
        self.to_string().dial().await
    }

    fn host(&self) -> Option<String> {
        Some(self.ip().to_string())
    }
}

#[cfg(unix)]
impl Dial for crate::Unix {
    type Io = tokio::net::UnixStream;

    async fn dial(self) -> io::Result<(Self::Io, Peer)> {
        match tokio::net::UnixStream::connect(&self.path).await {
            Ok(io) => Ok((io, Peer::new(Address::Unix(Some(self.path))))),
            Err(error) => Err(cannot_connect(self.path.display(), &error)),
        }
    }
}

impl Dial for &MemoryDialer {
    type Io = DuplexStream;

    async fn dial(self) -> io::Result<(DuplexStream, Peer)> {
        Ok((MemoryDialer::dial(self).await?, Peer::new(Address::Memory)))
    }
}

impl Dial for MemoryDialer {
    type Io = DuplexStream;

    async fn dial(self) -> io::Result<(DuplexStream, Peer)> {
        Dial::dial(&self).await
    }
}

/// Makes a connection, in no more time than `limit`.
pub(super) async fn dial_within<D: Dial>(limit: Duration, target: D) -> io::Result<(D::Io, Peer)> {
    let host = target.host();
    tokio::time::timeout(limit, target.dial()).await.unwrap_or_else(|_| {
        let to = host.map(|host| format!(" to {host}")).unwrap_or_default();
        Err(io::Error::new(io::ErrorKind::TimedOut, format!("cannot connect{to}: not done after {limit:?}")))
    })
}

fn cannot_connect(target: impl std::fmt::Display, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot connect to {target}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_names_its_host() {
        for (target, host) in [
            ("gateway.example:8883", "gateway.example"),
            ("192.0.2.1:7", "192.0.2.1"),
            ("[2001:db8::1]:7", "2001:db8::1"),
        ] {
            assert_eq!(target.host().as_deref(), Some(host));
        }
        let address: SocketAddr = "[2001:db8::1]:7".parse().unwrap();
        assert_eq!(address.host().as_deref(), Some("2001:db8::1"));
        assert_eq!("nowhere".host(), None);
    }
}
