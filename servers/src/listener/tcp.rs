//! TCP.

use std::fmt;
use std::future::{Ready, ready};
use std::io;
use std::net::SocketAddr;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpStream;

use crate::{Address, Bind, Limits, Listener, Peer};

/// TCP, to be bound.
///
/// | option | default |
/// |---|---|
/// | [`backlog`](Tcp::backlog): connections that wait to be accepted | [`Limits::backlog`]: 1024 |
/// | [`reuse_address`](Tcp::reuse_address): bind also while old connections of the port linger | on, but on Windows, where it means something else |
/// | [`no_delay`](Tcp::no_delay): small writes leave at once | on |
/// | [`dual_stack`](Tcp::dual_stack): an IPv6 address takes IPv4 clients, too | off |
#[derive(Clone, Debug)]
pub struct Tcp {
    address: String,
    backlog: Option<u32>,
    reuse_address: bool,
    no_delay: bool,
    dual_stack: bool,
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

    async fn listen(&self, limits: &Limits) -> io::Result<TcpListener> {
        let address = match self.address.strip_prefix(':') {
            Some(port) => format!("0.0.0.0:{port}"),
            None => self.address.clone(),
        };
        let mut failure = None;
        for address in tokio::net::lookup_host(address).await? {
            match self.listen_on(address, limits) {
                Ok(inner) => return Ok(TcpListener { inner, no_delay: self.no_delay }),
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
}

impl From<tokio::net::TcpListener> for TcpListener {
    /// A listener that somebody else has bound.
    fn from(inner: tokio::net::TcpListener) -> Self {
        Self { inner, no_delay: true }
    }
}

impl Listener for TcpListener {
    type Io = TcpStream;
    type Handshake = Ready<io::Result<(TcpStream, Peer)>>;

    async fn accept(&mut self) -> io::Result<Self::Handshake> {
        let (io, address) = self.inner.accept().await?;
        let ready_io = io.set_nodelay(self.no_delay).map(|()| (io, Peer::new(address.into())));
        Ok(ready(ready_io))
    }

    fn local_address(&self) -> io::Result<Address> {
        // Not made canonical: `[::]` is what was bound.
        Ok(Address::Tcp(self.inner.local_addr()?))
    }
}
