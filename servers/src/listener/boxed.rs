//! A listener whose type is known at run time only.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::{Address, Incoming, Listener, Peer};

/// A stream of bytes of any kind.
pub type BoxIo = Box<dyn Stream>;

/// What a [`BoxIo`] holds.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

type BoxHandshake = Pin<Box<dyn Future<Output = io::Result<(BoxIo, Peer)>> + Send>>;

/// A listener of any kind, for a transport that is chosen at run time.
///
/// ```
/// # use wirework_servers::{Bind, BoxListener, Limits, Tcp, memory};
/// # async fn example(tcp: bool) -> std::io::Result<BoxListener> {
/// Ok(match tcp {
///     true => BoxListener::new(Tcp::bind("127.0.0.1:0").bind(&Limits::default()).await?),
///     false => BoxListener::new(memory().1),
/// })
/// # }
/// ```
pub struct BoxListener(Box<dyn Erased>);

impl BoxListener {
    /// Erases the type of a listener.
    pub fn new(listener: impl Listener) -> Self {
        Self(Box::new(listener))
    }
}

impl fmt::Debug for BoxListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BoxListener")
    }
}

trait Erased: Send {
    fn accept(&mut self) -> Pin<Box<dyn Future<Output = io::Result<Incoming<BoxHandshake>>> + Send + '_>>;
    fn local_addresses(&self) -> io::Result<Vec<Address>>;
}

impl<L: Listener> Erased for L {
    fn accept(&mut self) -> Pin<Box<dyn Future<Output = io::Result<Incoming<BoxHandshake>>> + Send + '_>> {
        Box::pin(async move {
            let incoming = Listener::accept(self).await?;
            Ok(incoming.map(|handshake| -> BoxHandshake {
                Box::pin(async move {
                    let (io, peer) = handshake.await?;
                    Ok((Box::new(io) as BoxIo, peer))
                })
            }))
        })
    }

    fn local_addresses(&self) -> io::Result<Vec<Address>> {
        Listener::local_addresses(self)
    }
}

impl Listener for BoxListener {
    type Io = BoxIo;
    type Handshake = BoxHandshake;

    async fn accept(&mut self) -> io::Result<Incoming<BoxHandshake>> {
        self.0.accept().await
    }

    fn local_addresses(&self) -> io::Result<Vec<Address>> {
        self.0.local_addresses()
    }
}
