//! How long a handler may take.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until, timeout_at};
use wirework_core::BoxError;

use crate::Limit;

/// Until when a message is to be handled, if there is a limit: how long that is, and when it is over.
#[derive(Clone, Copy)]
pub(super) struct Deadline(Option<(Duration, Instant)>);

impl Deadline {
    /// That of a message that has just come.
    pub(super) fn new(limit: Limit<Duration>) -> Self {
        Self(limit.at().and_then(|limit| Some((limit, Instant::now().checked_add(limit)?))))
    }

    /// Waits for what a handler does, but no longer than it may take.
    pub(super) async fn meet<T>(self, handling: impl Future<Output = T>) -> Result<T, BoxError> {
        let Some((_, at)) = self.0 else { return Ok(handling.await) };
        timeout_at(at, handling).await.map_err(|_| self.missed())
    }

    /// Ends when it has passed.
    pub(super) fn passed(self) -> Option<Sleep> {
        self.0.map(|(_, at)| sleep_until(at))
    }

    /// That it has passed.
    pub(super) fn missed(self) -> BoxError {
        let limit = self.0.map(|(limit, _)| limit).unwrap_or_default();
        format!("the handler was not done after {limit:?}").into()
    }
}
