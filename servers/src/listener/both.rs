//! Two listeners as one.

use std::future::Future;
use std::io;
use std::pin::Pin;

use thiserror::Error;
use tokio_util::either::Either;

use crate::{Address, Bind, Incoming, Limits, Listener, Peer};

/// Two that will listen under one server; see [`BindExt::and`](crate::BindExt::and).
#[derive(Clone, Debug)]
pub struct Both<A, B>(A, B);

impl<A, B> Both<A, B> {
    pub(super) fn new(one: A, other: B) -> Self {
        Self(one, other)
    }
}

impl<A: Bind, B: Bind> Bind for Both<A, B> {
    type Listener = BothListener<A::Listener, B::Listener>;

    async fn bind(self, limits: &Limits) -> io::Result<Self::Listener> {
        let one = self.0.bind(limits).await?;
        // If this fails, the first one is closed again, before anybody was told that it listens.
        let other = self.1.bind(limits).await?;
        Ok(BothListener { one: Some(one), other: Some(other) })
    }
}

/// The listener of a [`Both`]; apart from it, because what is not yet bound is no listener.
#[derive(Debug)]
pub struct BothListener<A, B> {
    /// Until no connection can come from it any more.
    one: Option<A>,
    other: Option<B>,
}

impl<A, B> BothListener<A, B> {
    /// Only the first.
    #[cfg(unix)]
    pub(super) fn one(one: A) -> Self {
        Self { one: Some(one), other: None }
    }

    /// Only the second.
    #[cfg(unix)]
    pub(super) fn other(other: B) -> Self {
        Self { one: None, other: Some(other) }
    }
}

impl<A: Listener, B: Listener> Listener for BothListener<A, B> {
    type Io = Either<A::Io, B::Io>;
    type Handshake = Pin<Box<dyn Future<Output = io::Result<(Self::Io, Peer)>> + Send>>;

    async fn accept(&mut self) -> io::Result<Incoming<Self::Handshake>> {
        // The order in which they are asked is a matter of chance: a busy one does not keep the other waiting.
        tokio::select! {
            Some(accepted) = next(&mut self.one) => {
                Ok(accepted?.map(|handshake| -> Self::Handshake {
                    Box::pin(async { handshake.await.map(|(io, peer)| (Either::Left(io), peer)) })
                }))
            }
            Some(accepted) = next(&mut self.other) => {
                Ok(accepted?.map(|handshake| -> Self::Handshake {
                    Box::pin(async { handshake.await.map(|(io, peer)| (Either::Right(io), peer)) })
                }))
            }
            else => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    fn local_addresses(&self) -> io::Result<Vec<Address>> {
        let one = self.one.as_ref().map_or(Ok(Vec::new()), Listener::local_addresses)?;
        let other = self.other.as_ref().map_or(Ok(Vec::new()), Listener::local_addresses)?;
        Ok([one, other].concat())
    }
}

/// The next connection of a listener; `None` when none can come any more.
async fn next<L: Listener>(listener: &mut Option<L>) -> Option<io::Result<Incoming<L::Handshake>>> {
    let listening = listener.as_mut()?;
    match listening.accept().await {
        Err(ended) if ended.kind() == io::ErrorKind::NotConnected => {
            *listener = None;
            None
        }
        Err(error) => Some(Err(named(listening, error))),
        accepted => Some(accepted),
    }
}

/// An error of one listener of several.
#[derive(Debug, Error)]
#[error("{addresses}: {cause}")]
struct OfOne {
    addresses: String,
    #[source]
    cause: io::Error,
}

/// The error with where its listener listens, unless that is one of several itself and has said so.
fn named(listener: &impl Listener, error: io::Error) -> io::Error {
    if error.get_ref().is_some_and(|inner| inner.is::<OfOne>()) {
        return error;
    }
    let addresses = listener.local_addresses().unwrap_or_default();
    let addresses = addresses.iter().map(Address::to_string).collect::<Vec<_>>().join(", ");
    io::Error::new(error.kind(), OfOne { addresses, cause: error })
}

/// What the system has said, without the name of the listener.
pub(crate) fn cause(error: &io::Error) -> &io::Error {
    error.get_ref().and_then(|inner| inner.downcast_ref::<OfOne>()).map_or(error, |of_one| &of_one.cause)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory;

    #[tokio::test]
    async fn neither_keeps_the_other_waiting() {
        let ((one, first), (other, second)) = (memory(), memory());
        for _ in 0..100 {
            one.dial().await.unwrap();
            other.dial().await.unwrap();
        }
        let mut both = Both::new(first, second).bind(&Limits::default()).await.unwrap();
        let mut firsts = 0;
        for _ in 0..100 {
            let (io, _) = both.accept().await.unwrap().handshake.await.unwrap();
            firsts += usize::from(matches!(io, Either::Left(_)));
        }
        assert!((1..100).contains(&firsts), "{firsts} of 100 from the first");
    }
}
