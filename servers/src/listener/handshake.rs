//! A stage between accepting a connection and using it.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::{Address, Bind, Listener, Peer};

/// What listens, with a handshake; see [`BindExt::handshake`](crate::BindExt::handshake).
#[derive(Clone, Debug)]
pub struct Shaken<B, F> {
    inner: B,
    shake: F,
}

impl<B, F> Shaken<B, F> {
    pub(super) fn new(inner: B, shake: F) -> Self {
        Self { inner, shake }
    }
}

/// Waits for a handshake, but no longer than `limit`.
pub(crate) async fn within<T>(limit: Duration, handshake: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    match tokio::time::timeout(limit, handshake).await {
        Ok(shaken) => shaken,
        Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, format!("not done after {limit:?}"))),
    }
}

/// The listener of a [`Shaken`]; apart from it, because what is not yet bound is no listener.
pub struct ShakenListener<L, F> {
    inner: L,
    shake: F,
}

impl<B, F, Fut, Io> Bind for Shaken<B, F>
where
    B: Bind,
    F: FnOnce(<B::Listener as Listener>::Io, Peer) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = io::Result<(Io, Peer)>> + Send + 'static,
    Io: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Listener = ShakenListener<B::Listener, F>;

    async fn bind(self) -> io::Result<Self::Listener> {
        Ok(ShakenListener { inner: self.inner.bind().await?, shake: self.shake })
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

    async fn accept(&mut self) -> io::Result<Self::Handshake> {
        let before = self.inner.accept().await?;
        let shake = self.shake.clone();
        Ok(Box::pin(async move {
            let (io, peer) = before.await?;
            shake(io, peer).await
        }))
    }

    fn local_address(&self) -> io::Result<Address> {
        self.inner.local_address()
    }
}
