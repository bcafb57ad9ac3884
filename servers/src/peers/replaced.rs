//! A connection whose place another one has taken.

use std::fmt;
use std::ops::Deref;

use wirework_core::Format;

use crate::Handle;

/// A connection whose place another one has taken; see [`Peers::join`](crate::Peers::join). Dropped, it is [closed](Handle::close),
/// behind what it was told: let go of it soon.
///
/// Tell it with [`try_send`](Handle::try_send): it may be dead, and [`send`](Handle::send) wait for it.
#[derive(PartialEq, Eq)]
pub struct Replaced<F: Format>(Handle<F>);

impl<F: Format> Replaced<F> {
    pub(super) fn new(handle: Handle<F>) -> Self {
        Self(handle)
    }
}

impl<F: Format> Deref for Replaced<F> {
    type Target = Handle<F>;

    fn deref(&self) -> &Handle<F> {
        &self.0
    }
}

impl<F: Format> Drop for Replaced<F> {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl<F: Format> fmt::Debug for Replaced<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Replaced").field(&self.0).finish()
    }
}
