//! What handles the messages of one key.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use wirework_core::{AsReply, BoxError, Codec, Message, Reply};

use crate::serve::Respond;

/// What handles the messages of one key, of all connections.
pub(super) type Route<C, S> = dyn Fn(S, Message<C>) -> Handling<C> + Send + Sync;

/// The handling of one message.
pub(in crate::serve) type Handling<C> = Pin<Box<dyn Future<Output = Outcome<C>> + Send>>;

/// What handling gives.
pub(in crate::serve) type Outcome<C> = Result<Option<AnyReply<Reply<C>>>, BoxError>;

/// A reply of any type.
pub(in crate::serve) struct AnyReply<T: ?Sized>(Box<dyn AsReply<T> + Send>);

impl<T: ?Sized> AsReply<T> for AnyReply<T> {
    fn as_reply(&self) -> &T {
        (*self.0).as_reply()
    }
}

/// A closure, cloned for each message.
pub(super) fn closure<C, S, F, Fut, R, M>(handler: F) -> Arc<Route<C, S>>
where
    C: Codec,
    F: FnOnce(S, Message<C>) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = R> + Send + 'static,
    R: Respond<Reply<C>, M, Reply: Send + 'static>,
{
    Arc::new(move |state, message| {
        let handling = (handler.clone())(state, message);
        Box::pin(async move { outcome::<C, _, _>(handling.await) })
    })
}

/// What a handler has returned, as that of any route.
pub(super) fn outcome<C, R, M>(response: R) -> Outcome<C>
where
    C: Codec,
    R: Respond<Reply<C>, M, Reply: Send + 'static>,
{
    Ok(response.respond()?.map(|reply| AnyReply(Box::new(reply))))
}
