//! TCP.

use std::fmt;
use std::future::{Ready, ready};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};
use tokio::net::TcpStream;

use crate::{Address, Bind, Incoming, Limits, Listener, Peer};

/// TCP, to be bound.
///
/// | option | default |
/// |---|---|
/// | [`backlog`](Tcp::backlog): connections that wait to be accepted | [`Limits::backlog`]: 1024 |
/// | [`reuse_address`](Tcp::reuse_address): bind also while old connections of the port linger | on, but on Windows, where it means something else |
/// | [`no_delay`](Tcp::no_delay): small writes leave at once | on |
/// | [`reuse_port`](Tcp::reuse_port): several servers share the port (Linux) | off |
/// | [`keep_alive`](Tcp::keep_alive): ask a silent peer's system whether it is still there | off |
/// | [`dual_stack`](Tcp::dual_stack): an IPv6 address takes IPv4 clients, too | off |
#[derive(Clone, Debug)]
pub struct Tcp {
    address: String,
    backlog: Option<u32>,
    reuse_address: bool,
    no_delay: bool,
    dual_stack: bool,
    #[cfg(target_os = "linux")]
    reuse_port: bool,
    keep_alive: Option<Duration>,
}

impl Tcp {
    /// Listens on `address`: `host:port`. `0.0.0.0:7788`, or just `:7788`, is every IPv4 interface, `[::]:7788` every
    /// IPv6 one, and port 0 a port of the system's choice. Of a name the first address that can be bound is taken.
    pub fn bind(address: impl fmt::Display) -> Self {
        Self {
            address: address.to_string(),
            backlog: None,
            reuse_address: cfg!(not(windows)),
            no_delay: true,
            dual_stack: false,
            #[cfg(target_os = "linux")]
            reuse_port: false,
            keep_alive: None,
        }
    }

    /// How many connections may wait to be accepted; the system may take less.
    pub fn backlog(mut self, connections: u32) -> Self {
        self.backlog = Some(connections);
        self
    }

    /// Whether to bind while old connections of the port linger (`SO_REUSEADDR`).
    pub fn reuse_address(mut self, on: bool) -> Self {
        self.reuse_address = on;
        self
    }

    /// Whether small writes leave at once (`TCP_NODELAY`) rather than wait for more.
    pub fn no_delay(mut self, on: bool) -> Self {
        self.no_delay = on;
        self
    }

    /// Whether an IPv6 address takes IPv4 clients, too (`IPV6_V6ONLY` off): `[::]:7788` is then every interface.
    pub fn dual_stack(mut self, on: bool) -> Self {
        self.dual_stack = on;
        self
    }

    /// Whether several servers, each of which says so, listen on the same port, and the system deals the connections out
    /// among them (`SO_REUSEPORT`): one for each core, or the old and the new one during an update. Off, the second is told
    /// that the port is in use. What waits in the queue of one that closes is lost. Only on Linux: other systems do not deal out.
    #[cfg(target_os = "linux")]
    pub fn reuse_port(mut self, on: bool) -> Self {
        self.reuse_port = on;
        self
    }

    /// After how much silence of a connection the system begins to ask whether the other one is still there
    /// (`SO_KEEPALIVE`), and closes it when there is no answer. How often it asks is the system's to say. Most systems count in
    /// seconds.
    ///
    /// [`Limits::idle`] asks more of a peer: not that its system answers, but that it says something.
    pub fn keep_alive(mut self, after: Duration) -> Self {
        self.keep_alive = Some(after);
        self
    }

    async fn listen(&self, limits: &Limits) -> io::Result<TcpListener> {
        let address = match self.address.strip_prefix(':') {
            Some(port) => format!("0.0.0.0:{port}"),
            None => self.address.clone(),
        };
        let mut failure = None;
        for address in tokio::net::lookup_host(address).await? {
            match self.listen_on(address, limits) {
                Ok(inner) => {
                    return Ok(TcpListener {
                        inner,
                        no_delay: self.no_delay,
                        keep_alive: self.keep_alive.map(|after| TcpKeepalive::new().with_time(after)),
                    });
                }
                Err(error) => failure = Some(error),
            }
        }
        Err(failure.unwrap_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the name has no address")))
    }

    fn listen_on(&self, address: SocketAddr, limits: &Limits) -> io::Result<tokio::net::TcpListener> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        if address.is_ipv6() {
            socket.set_only_v6(!self.dual_stack)?;
        }
        socket.set_reuse_address(self.reuse_address)?;
        #[cfg(target_os = "linux")]
        socket.set_reuse_port(self.reuse_port)?;
        socket.bind(&address.into())?;
        socket.listen(i32::try_from(self.backlog.unwrap_or(limits.backlog)).unwrap_or(i32::MAX))?;
        socket.set_nonblocking(true)?;
        tokio::net::TcpListener::from_std(socket.into())
    }
}

impl Bind for Tcp {
    type Listener = TcpListener;

    async fn bind(self, limits: &Limits) -> io::Result<TcpListener> {
        if !self.address.contains(':') {
            let how = format!("cannot listen on {}: an address is a host and a port, as in 0.0.0.0:7788", self.address);
            return Err(io::Error::new(io::ErrorKind::InvalidInput, how));
        }
        let listening = self.listen(limits).await;
        listening.map_err(|error| io::Error::new(error.kind(), format!("cannot listen on {}: {error}", self.address)))
    }
}

/// A TCP socket that listens. It is passive: each accepted connection is a socket of its own, which goes on when this one
/// is closed.
#[derive(Debug)]
pub struct TcpListener {
    inner: tokio::net::TcpListener,
    no_delay: bool,
    keep_alive: Option<TcpKeepalive>,
}

impl From<tokio::net::TcpListener> for TcpListener {
    /// A listener that somebody else has bound.
    fn from(inner: tokio::net::TcpListener) -> Self {
        Self { inner, no_delay: true, keep_alive: None }
    }
}

impl TcpListener {
    fn set_up(&self, io: &TcpStream) -> io::Result<()> {
        if let Some(keep_alive) = &self.keep_alive {
            SockRef::from(io).set_tcp_keepalive(keep_alive)?;
        }
        io.set_nodelay(self.no_delay)
    }
}

impl Listener for TcpListener {
    type Io = TcpStream;
    type Handshake = Ready<io::Result<(TcpStream, Peer)>>;

    async fn accept(&mut self) -> io::Result<Incoming<Self::Handshake>> {
        let (io, address) = self.inner.accept().await?;
        let address = Address::from(address);
        let peer = Peer::new(address.clone());
        Ok(Incoming::of(ready(self.set_up(&io).map(|()| (io, peer))), address))
    }

    fn local_addresses(&self) -> io::Result<Vec<Address>> {
        // Not made canonical: `[::]` is what was bound.
        Ok(vec![Address::Tcp(self.inner.local_addr()?)])
    }
}
