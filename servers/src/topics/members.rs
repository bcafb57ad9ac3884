//! Connections that are sent what is published.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use futures_core::future::BoxFuture;
use wirework_core::{AsReply, Format};

use super::hub::Hub;
use super::outlet::{Outlet, Put};
use crate::{Handle, SendError};

/// A connection that is sent what is published.
pub(super) struct Member<F: Format>(pub(super) Handle<F>);

impl<T, F> Outlet<T> for Member<F>
where
    T: AsReply<F::Reply> + Send + 'static,
    F: Format,
{
    /// Others send there, too: what room there is may be theirs.
    fn has_room(&self) -> bool {
        self.0.is_closed()
    }

    fn try_put(&self, message: T) -> Put {
        match self.0.try_send(message) {
            Ok(()) => Put::Taken,
            Err(SendError::Full(_)) => Put::Full,
            Err(SendError::Closed(_)) => Put::Gone,
        }
    }

    fn put(self: Arc<Self>, message: T) -> BoxFuture<'static, bool> {
        Box::pin(async move { self.0.send(message).await.is_ok() })
    }

    /// It cannot be told: its protocol is its own.
    fn miss(&self, _: u64) {}

    fn cut(&self) {
        self.0.cut_off("it takes what is published too slowly");
    }
}

/// Which connections have joined which topics.
pub(super) struct Members<T>(Mutex<Joined<T>>);

/// The places of each connection, by topic.
type Joined<T> = BTreeMap<usize, BTreeMap<Arc<str>, Place<T>>>;

/// One that is a subscriber, until it has left.
struct Place<T> {
    hub: Weak<Hub<T>>,
    id: u64,
}

impl<T> Default for Members<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Members<T> {
    /// Has `enter` take a place for a connection, unless it has one. Gives whether it had none.
    pub(super) fn join(&self, connection: usize, topic: &str, enter: impl FnOnce() -> (Arc<Hub<T>>, u64)) -> bool {
        let mut joined = self.joined();
        let places = joined.entry(connection).or_default();
        if places.get(topic).is_some_and(Place::is_taken) {
            return false;
        }
        let (hub, id) = enter();
        places.insert(topic.into(), Place { hub: Arc::downgrade(&hub), id });
        true
    }

    /// Gives whether it had joined.
    pub(super) fn leave(&self, connection: usize, topic: &str) -> bool {
        let place = {
            let mut joined = self.joined();
            let Some(places) = joined.get_mut(&connection) else { return false };
            let place = places.remove(topic);
            if places.is_empty() {
                joined.remove(&connection);
            }
            place
        };
        place.is_some_and(Place::leave)
    }

    /// The connection is gone.
    pub(super) fn leave_all(&self, connection: usize) {
        let places = self.joined().remove(&connection);
        for place in places.into_iter().flat_map(BTreeMap::into_values) {
            place.leave();
        }
    }

    pub(super) fn has(&self, connection: usize, topic: &str) -> bool {
        let joined = self.joined();
        joined.get(&connection).and_then(|places| places.get(topic)).is_some_and(Place::is_taken)
    }

    fn joined(&self) -> MutexGuard<'_, Joined<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Place<T> {
    fn is_taken(&self) -> bool {
        self.hub.upgrade().is_some_and(|hub| hub.has(self.id))
    }

    fn leave(self) -> bool {
        self.hub.upgrade().is_some_and(|hub| hub.remove(self.id))
    }
}
