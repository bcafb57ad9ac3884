//! How long a handler may take.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};
use wirework_core::BoxError;

use crate::Limit;

/// Until when a message is to be handled, if there is a limit.
pub(super) struct Deadline {
    /// How long that is, and when it is over.
    limit: Option<(Duration, Instant)>,
    /// Ends with it, once it has been waited for.
    passed: Option<Pin<Box<Sleep>>>,
}

impl Deadline {
    /// That of a message that has just come.
    pub(super) fn new(limit: Limit<Duration>) -> Self {
        let limit = limit.at().and_then(|limit| Some((limit, Instant::now().checked_add(limit)?)));
        Self { limit, passed: None }
    }

    /// Ready, with what is to be said about it, when it has passed.
    pub(super) fn poll_missed(&mut self, cx: &mut Context<'_>) -> Poll<BoxError> {
        let Some((limit, at)) = self.limit else { return Poll::Pending };
        let passed = self.passed.get_or_insert_with(|| Box::pin(sleep_until(at)));
        ready!(passed.as_mut().poll(cx));
        Poll::Ready(format!("the handler was not done after {limit:?}").into())
    }

    /// Waits for what a handler does, but no longer than it may take.
    pub(super) async fn meet<T>(mut self, handling: impl Future<Output = T>) -> Result<T, BoxError> {
        let mut handling = pin!(handling);
        poll_fn(|cx| match handling.as_mut().poll(cx) {
            Poll::Ready(done) => Poll::Ready(Ok(done)),
            Poll::Pending => self.poll_missed(cx).map(Err),
        })
        .await
    }
}
