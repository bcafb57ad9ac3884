//! What happens when a connection is gone.

use std::sync::{Mutex, PoisonError};

/// What happens when a connection is gone, whatever the end was.
pub(crate) struct Ending(Mutex<Option<Vec<Then>>>);

/// Whose it is, and what happens.
type Then = (usize, Box<dyn FnOnce() + Send>);

impl Default for Ending {
    fn default() -> Self {
        Self(Mutex::new(Some(Vec::new())))
    }
}

impl Ending {
    /// Adds what happens, unless something of this owner's does already. Gives whether the connection is not gone yet.
    pub(super) fn add(&self, owner: usize, then: impl FnOnce() + Send + 'static) -> bool {
        let mut ending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = &mut *ending else { return false };
        if known.iter().all(|(of, _)| *of != owner) {
            known.push((owner, Box::new(then)));
        }
        true
    }

    /// The connection is gone. What happens may look at it: it is not locked.
    pub(super) fn end(&self) {
        let ending = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        ending.into_iter().flatten().for_each(|(_, then)| then());
    }
}
