//! How many connections there may be.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::Limit;

/// A place for each connection that there may be.
#[derive(Debug)]
pub(crate) struct Slots(Option<Arc<Semaphore>>);

/// The place of a connection, free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Slot(#[expect(dead_code, reason = "held, not looked at")] Option<OwnedSemaphorePermit>);

impl Slots {
    pub(super) fn new(connections: Limit<usize>) -> Self {
        let places = connections.at().map(|places| places.min(Semaphore::MAX_PERMITS));
        Self(places.map(|places| Arc::new(Semaphore::new(places))))
    }

    /// A place, once there is one. Cancel safe.
    pub(crate) async fn take(&self) -> Slot {
        match &self.0 {
            // It is never closed.
            Some(places) => Slot(places.clone().acquire_owned().await.ok()),
            None => Slot(None),
        }
    }

    /// A place, if there is one.
    pub(crate) fn try_take(&self) -> Option<Slot> {
        match &self.0 {
            Some(places) => places.clone().try_acquire_owned().ok().map(|place| Slot(Some(place))),
            None => Some(Slot(None)),
        }
    }
}
