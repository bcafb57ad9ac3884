//! The stage between accepting a connection and using it.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::{Header, Trusted};
use crate::address::Via;
use crate::handshake::within;
use crate::{Address, Bind, Incoming, Limits, Listener, Peer};

/// What listens behind a proxy; see [`BindExt::proxy_protocol`](crate::BindExt::proxy_protocol).
#[derive(Clone, Debug)]
pub struct Proxied<B> {
    inner: B,
    trusted: Trusted,
}

impl<B> Proxied<B> {
    pub(crate) fn new(inner: B, trusted: Trusted) -> Self {
        Self { inner, trusted }
    }
}

/// The listener of a [`Proxied`]; apart from it, because what is not yet bound is no listener.
#[derive(Debug)]
pub struct ProxiedListener<L> {
    inner: L,
    trusted: Arc<Trusted>,
    limit: Duration,
}

impl<B: Bind> Bind for Proxied<B> {
    type Listener = ProxiedListener<B::Listener>;

    async fn bind(self, limits: &Limits) -> io::Result<Self::Listener> {
        let inner = self.inner.bind(limits).await?;
        Ok(ProxiedListener { inner, trusted: Arc::new(self.trusted), limit: limits.proxy_header })
    }
}

impl<L: Listener> Listener for ProxiedListener<L> {
    type Io = L::Io;
    type Handshake = Pin<Box<dyn Future<Output = io::Result<(L::Io, Peer)>> + Send>>;

    async fn accept(&mut self) -> io::Result<Incoming<Self::Handshake>> {
        // Its socket is the proxy's, which is one for many.
        let Incoming { handshake: before, .. } = self.inner.accept().await?;
        let (trusted, limit) = (self.trusted.clone(), self.limit);
        Ok(Incoming::new(Box::pin(async move {
            let (mut io, proxy) = before.await?;
            if !trusted.includes(&proxy.address) {
                let why = format!("{proxy} is not trusted to send a PROXY header");
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
            }
            match within(limit, Header::read(&mut io)).await {
                Ok(header) => Ok((io, behind(proxy, header))),
                Err(error) => Err(io::Error::new(error.kind(), format!("PROXY header of {proxy}: {error}"))),
            }
        })))
    }

    fn local_addresses(&self) -> io::Result<Vec<Address>> {
        self.inner.local_addresses()
    }
}

/// Who is behind a proxy that has sent this header.
fn behind(mut peer: Peer, header: Header) -> Peer {
    if let Some((client, destination)) = header.into_client() {
        let address = std::mem::replace(&mut peer.address, client);
        peer.via = Some(Box::new(Via { address, destination }));
    }
    peer
}
