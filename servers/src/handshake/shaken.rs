//! A stage between accepting a connection and using it.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};

use super::within;
use crate::{Address, Bind, Incoming, Limits, Listener, Peer};

/// What listens, with a handshake; see [`BindExt::handshake`](crate::BindExt::handshake).
#[derive(Clone, Debug)]
pub struct Shaken<B, F> {
    inner: B,
    shake: F,
}

impl<B, F> Shaken<B, F> {
    pub(crate) fn new(inner: B, shake: F) -> Self {
        Self { inner, shake }
    }
}

/// The listener of a [`Shaken`]; apart from it, because what is not yet bound is no listener.
pub struct ShakenListener<L, F> {
    inner: L,
    shake: F,
    limit: Duration,
}

impl<B, F, Fut, Io> Bind for Shaken<B, F>
where
    B: Bind,
    F: FnOnce(<B::Listener as Listener>::Io, Peer) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = io::Result<(Io, Peer)>> + Send + 'static,
    Io: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Listener = ShakenListener<B::Listener, F>;

    async fn bind(self, limits: &Limits) -> io::Result<Self::Listener> {
        Ok(ShakenListener { inner: self.inner.bind(limits).await?, shake: self.shake, limit: limits.handshake })
    }
}

impl<L, F, Fut, Io> Listener for ShakenListener<L, F>
where
    L: Listener,
    F: FnOnce(L::Io, Peer) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = io::Result<(Io, Peer)>> + Send + 'static,
    Io: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Io = Io;
    type Handshake = Pin<Box<dyn Future<Output = io::Result<(Io, Peer)>> + Send>>;

    async fn accept(&mut self) -> io::Result<Incoming<Self::Handshake>> {
        let incoming = self.inner.accept().await?;
        let (shake, limit) = (self.shake.clone(), self.limit);
        Ok(incoming.map(|before| -> Self::Handshake {
            Box::pin(async move {
                let (io, peer) = before.await?;
                let whose = peer.clone();
                let shaken = within(limit, shake(io, peer)).await;
                shaken.map_err(|error| io::Error::new(error.kind(), format!("{whose}: {error}")))
            })
        }))
    }

    fn local_addresses(&self) -> io::Result<Vec<Address>> {
        self.inner.local_addresses()
    }
}
