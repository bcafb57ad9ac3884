//! The messages that are in flight.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_util::stream::{FuturesOrdered, FuturesUnordered};
use wirework_core::{AsReply, BoxError, Codec, Reply};

use crate::serve::deadline::Deadline;
use crate::serve::handler::Handler;

/// One message: what it is charged for, and what becomes of it.
pub(super) struct Task<C: Codec, H: Handler<C>> {
    pub(super) charge: usize,
    pub(super) what: What<C, H>,
}

/// What becomes of a message.
pub(super) enum What<C: Codec, H: Handler<C>> {
    Handle(H::Handling, Deadline),
    /// It was bad, and this is replied.
    Bad(Box<dyn AsReply<Reply<C>> + Send>),
    /// It could not be handled.
    Failed(BoxError),
}

/// A message that was handled, and what it was charged for.
pub(super) struct Handled<C: Codec, H: Handler<C>> {
    pub(super) charge: usize,
    pub(super) reply: Result<Said<C, H::Reply>, BoxError>,
}

/// What is replied.
pub(super) enum Said<C: Codec, R> {
    Nothing,
    Reply(R),
    Bad(Box<dyn AsReply<Reply<C>> + Send>),
}

/// Handles a message.
pub(super) async fn work<C: Codec, H: Handler<C>>(Task { charge, what }: Task<C, H>) -> Handled<C, H> {
    let reply = match what {
        What::Handle(handling, deadline) => match deadline.meet(handling).await {
            Ok(response) => H::respond(response).map(|reply| reply.map_or(Said::Nothing, Said::Reply)),
            Err(late) => Err(late),
        },
        What::Bad(message) => Ok(Said::Bad(message)),
        What::Failed(error) => Err(error),
    };
    Handled { charge, reply }
}

/// What is being handled.
pub(super) enum AtWork<W: Future> {
    Ordered(FuturesOrdered<W>),
    Unordered(FuturesUnordered<W>),
}

impl<W: Future> AtWork<W> {
    pub(super) fn new(ordered: bool) -> Self {
        if ordered { Self::Ordered(FuturesOrdered::new()) } else { Self::Unordered(FuturesUnordered::new()) }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Ordered(queue) => queue.len(),
            Self::Unordered(set) => set.len(),
        }
    }

    pub(super) fn push(&mut self, work: W) {
        match self {
            Self::Ordered(queue) => queue.push_back(work),
            Self::Unordered(set) => set.push(work),
        }
    }

    /// The next one that is done; `None` when there is none.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<W::Output>> {
        match self {
            Self::Ordered(queue) => Pin::new(queue).poll_next(cx),
            Self::Unordered(set) => Pin::new(set).poll_next(cx),
        }
    }
}
