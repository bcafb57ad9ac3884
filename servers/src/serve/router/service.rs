//! Routes that are `tower` services.

use std::fmt::Debug;
use std::future::poll_fn;
use std::hash::Hash;
use std::sync::Arc;

use tower_service::Service;
use wirework_core::{BoxError, Codec, Message, Reply};

use super::Router;
use super::route::{Handling, outcome};
use crate::serve::{Replying, Respond, Server};

impl<B, C, S, K> Server<B, Replying<C, Router<C, S, K>>>
where
    C: Codec,
    K: Eq + Hash + Clone + Debug,
{
    /// As [`on`](Server::on), with a service that is called with the state and the message, and any layers of
    /// [`tower`](https://docs.rs/tower) in front: such as a time that is this key's own, or a limit of how many such messages are
    /// handled at once.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use wirework_core::{BoxError, Raw};
    /// # async fn example(bind: impl wirework_servers::Bind, codec: impl wirework_core::Codec<Format = Raw>) -> std::io::Result<()> {
    /// use bytes::Bytes;
    /// use tower::ServiceBuilder;
    /// use wirework_servers::{Handle, serve};
    ///
    /// let report = ServiceBuilder::new()
    ///     .concurrency_limit(2) // over all connections
    ///     .timeout(Duration::from_secs(60))
    ///     .service_fn(async |(_, month): (Handle<Raw>, Bytes)| Ok::<_, BoxError>(month));
    /// serve(bind, codec)
    ///     .route()
    ///     .by(|message| message.first().copied())
    ///     .on(b'?', async |_, _| "!")
    ///     .on_service(b'R', report)
    ///     .concurrency(8)
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The service is cloned for each message, and its readiness is awaited as a part of the handling, so that a service that is
    /// not ready delays no message of another key, if there may be several at once. A response is as in [`reply`](super::Serve::reply); an
    /// error ends the conversation, after the replies before it.
    pub fn on_service<V, M>(self, key: K, service: V) -> Self
    where
        S: Send + 'static,
        V: Service<(S, Message<C>), Error: Into<BoxError>, Future: Send> + Clone + Send + Sync + 'static,
        V::Response: Respond<Reply<C>, M, Reply: Send + 'static>,
    {
        let route = move |state, message| -> Handling<C> {
            let mut service = service.clone();
            Box::pin(async move {
                poll_fn(|cx| service.poll_ready(cx)).await.map_err(Into::into)?;
                outcome::<C, _, _>(service.call((state, message)).await.map_err(Into::into)?)
            })
        };
        self.routed(key, Arc::new(route))
    }
}
