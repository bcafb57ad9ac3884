//! `each`: the handler holds the conversation itself.

use std::future::Future;

use tokio::io::{AsyncRead, AsyncWrite};
use wirework_core::{BoxError, Codec};

use super::{Accepted, Conversation, Setup};
use crate::Connection;

/// The conversation of [`Serve::each`](super::Serve::each).
pub(super) struct Each<C: Codec, F> {
    setup: Setup<C>,
    handler: F,
}

impl<C: Codec, F> Each<C, F> {
    pub(super) fn new(setup: Setup<C>, handler: F) -> Self {
        Self { setup, handler }
    }
}

impl<C: Codec, F: Clone> Clone for Each<C, F> {
    fn clone(&self) -> Self {
        Self { setup: self.setup.clone(), handler: self.handler.clone() }
    }
}

impl<Io, C, F, Fut> Conversation<Io> for Each<C, F>
where
    Io: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    C: Codec,
    F: FnOnce(Connection<Io, C>) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Result<(), BoxError>> + Send,
{
    async fn hold(self, accepted: Accepted<Io>) -> Result<(), BoxError> {
        let connection = self.setup.connection(accepted)?;
        (self.handler)(connection).await
    }
}
