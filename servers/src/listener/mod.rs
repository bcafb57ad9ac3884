//! Where connections come from.

#[cfg(unix)]
mod activated;
mod both;
mod boxed;
mod incoming;
mod memory;
#[cfg(unix)]
mod start_lock;
mod tcp;
#[cfg(unix)]
mod unix;

use std::future::Future;
use std::io;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::handshake::Shaken;
use crate::handshake::proxy::{Proxied, Trusted};
#[cfg(feature = "tls")]
use crate::handshake::tls::{TlsOrPlaintext, TlsServer, TlsStream, tls_or_plaintext};
use crate::{Address, Limits, Peer};

#[cfg(unix)]
pub use activated::Activated;
pub(crate) use both::cause;
pub use both::{Both, BothListener};
pub use boxed::{BoxIo, BoxListener};
pub use incoming::Incoming;
pub use memory::{MemoryDialer, MemoryListener, memory};
pub use tcp::{Tcp, TcpListener};
#[cfg(unix)]
pub use unix::{Unix, UnixListener};

/// What will listen. Nothing is bound before [`bind`](Bind::bind), so that a server can refuse what cannot work first.
///
/// A [`Listener`] is one that listens already.
pub trait Bind: Send + 'static {
    /// What listens.
    type Listener: Listener;

    /// Begins to listen, within the limits of the server that this is for.
    ///
    /// # Errors
    /// Those of the system, with the address.
    fn bind(self, limits: &Limits) -> impl Future<Output = io::Result<Self::Listener>> + Send;
}

/// What listens: it accepts connections, one after the other.
pub trait Listener: Send + 'static {
    /// A connection's stream of bytes.
    type Io: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// What is still to be done before the connection can be used. It runs in the connection's own task, under a
    /// deadline, so that a slow peer delays nobody else.
    type Handshake: Future<Output = io::Result<(Self::Io, Peer)>> + Send + 'static;

    /// Waits for the next connection. Cancel safe: no connection is lost.
    ///
    /// # Errors
    /// Those of the system. [`io::ErrorKind::NotConnected`] says that no connection can come any more, and is a clean end.
    fn accept(&mut self) -> impl Future<Output = io::Result<Incoming<Self::Handshake>>> + Send;

    /// The addresses that clients connect to, with the real ports: one, unless several listen as one.
    ///
    /// # Errors
    /// Those of the system.
    fn local_addresses(&self) -> io::Result<Vec<Address>>;
}

impl<L: Listener> Bind for L {
    type Listener = L;

    async fn bind(self, _: &Limits) -> io::Result<L> {
        Ok(self)
    }
}

/// The stream of a connection of what will listen.
#[cfg(feature = "tls")]
type Io<B> = <<B as Bind>::Listener as Listener>::Io;

/// What can be put in front of whatever listens.
pub trait BindExt: Bind + Sized {
    /// A handshake behind every accepted connection: it gets the stream and the peer, and gives a stream and a peer.
    ///
    /// ```no_run
    /// # use wirework_servers::{BindExt, Tcp};
    /// use tokio::io::AsyncReadExt;
    ///
    /// let knock = Tcp::bind("0.0.0.0:7788").handshake(async |mut io, peer| match io.read_u8().await? {
    ///     0x42 => Ok((io, peer)),
    ///     _ => Err(std::io::Error::other("wrong knock")),
    /// });
    /// ```
    fn handshake<F, Fut, Io>(self, shake: F) -> Shaken<Self, F>
    where
        F: FnOnce(<Self::Listener as Listener>::Io, Peer) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = io::Result<(Io, Peer)>> + Send + 'static,
        Io: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        Shaken::new(self, shake)
    }

    /// Listens on another one, too, under the same server and its limits. A connection's stream is then an
    /// [`Either`](tokio_util::either::Either). For three and more write `a.and(b).and(c)`.
    ///
    /// ```no_run
    /// # use wirework_servers::{BindExt, Tcp};
    /// # #[cfg(unix)]
    /// let both = Tcp::bind("0.0.0.0:7788").and(wirework_servers::Unix::new("/run/echo.sock"));
    /// ```
    ///
    /// Half a start is no start: when one cannot be bound none listens, and the error names it. So does the error with which
    /// a server ends when one of its listeners breaks. Whoever is told where the server listens is told about each.
    fn and<B: Bind>(self, other: B) -> Both<Self, B> {
        Both::new(self, other)
    }

    /// Behind every accepted connection the header of the PROXY protocol, version 1 or 2, with which a proxy such as HAProxy,
    /// nginx or a cloud's load balancer says who its client is.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use wirework_servers::{BindExt, Tcp, proxy::Trusted};
    ///
    /// let behind_haproxy = Tcp::bind("0.0.0.0:7788").proxy_protocol(Trusted::Networks(vec!["10.0.0.0/8".parse()?]));
    /// # drop(behind_haproxy);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// ```text
    /// before: 50 52 4F 58 59 20 54 43 50 34 ... 0D 0A 68 65 6C 6C 6F 0A   "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443", "hello"
    /// after:                                          68 65 6C 6C 6F 0A   "hello" of 192.0.2.1:56324
    /// ```
    ///
    /// [`Peer::address`] becomes the client's, and [`Peer::via`] says through which proxy it came. Where the header names no client
    /// (`LOCAL`, by which a proxy looks whether the server is well, `UNKNOWN`, or a client of datagrams) the peer stays the proxy.
    ///
    /// The header is required, as its specification demands, and never guessed: a client that could choose to send one could be
    /// anybody. A connection is closed without it, and when it does not come within [`Limits::proxy_header`]; that of a peer
    /// that is not trusted is closed without being read. Each is an [`Event::Handshake`](crate::Event::Handshake).
    ///
    /// There is one header. What is behind it is the client's, even when it looks like another: it reaches the codec, and
    /// changes nothing about the peer. Of version 2 the check sum is verified if there is one; what else may stand behind the
    /// addresses, such as the name that the client asked for, is skipped.
    fn proxy_protocol(self, trusted: Trusted) -> Proxied<Self> {
        Proxied::new(self, trusted)
    }

    /// TLS on every connection; what does not begin a handshake is refused. Feature `tls`.
    ///
    /// ```no_run
    /// # use wirework_servers::{Bind, BindExt, Tcp};
    /// use wirework_servers::tls::TlsServer;
    ///
    /// # fn example() -> std::io::Result<impl Bind> {
    /// let bind = Tcp::bind("0.0.0.0:8883").tls(TlsServer::from_pem_files("cert.pem", "key.pem")?);
    /// # Ok(bind)
    /// # }
    /// ```
    #[cfg(feature = "tls")]
    fn tls(self, tls: TlsServer) -> impl Bind<Listener = impl Listener<Io = TlsStream<Io<Self>>>> {
        self.handshake(async move |io, peer| tls.accept(io, peer).await)
    }

    /// TLS on the connections that begin with its handshake, and plain text on all others: one port for old and for new
    /// clients. [`Peer::tls`] says which it is. Feature `tls`.
    ///
    /// ```text
    /// first byte 16         TLS, a record of a handshake (RFC 8446, section 5.1)
    /// any other             plain text, from that byte on
    /// ```
    ///
    /// It gives up what TLS is for where clients can be made to do without: who sits between lets a client that falls back
    /// to plain text believe that there is no TLS. Handlers of `each` that need it must look at the peer. It is not for protocols
    /// whose server speaks first, since both sides would wait, nor for those whose messages may begin with byte 16. A client
    /// that says nothing for [`Limits::handshake`] is closed.
    #[cfg(feature = "tls")]
    fn tls_or_plaintext(self, tls: TlsServer) -> impl Bind<Listener = impl Listener<Io = TlsOrPlaintext<Io<Self>>>> {
        self.handshake(async move |io, peer| tls_or_plaintext(tls, io, peer).await)
    }
}

impl<B: Bind> BindExt for B {}
