//! What happens when a connection is gone.

use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// What happens when a connection is gone, whatever the end was.
pub(crate) struct Ending(Mutex<Option<Vec<Then>>>);

/// Whose it is, and what happens.
type Then = (Weak<dyn Any + Send + Sync>, Box<dyn FnOnce() + Send>);

impl Default for Ending {
    fn default() -> Self {
        Self(Mutex::new(Some(Vec::new())))
    }
}

impl Ending {
    /// Adds what happens to an owner that is still there then, unless something does already. Gives whether the connection is not
    /// gone yet.
    pub(super) fn add<T>(&self, owner: &Arc<T>, then: impl FnOnce(Arc<T>) + Send + 'static) -> bool
    where
        T: Send + Sync + 'static,
    {
        let mut ending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = &mut *ending else { return false };
        let address = Arc::as_ptr(owner).addr();
        if known.iter().all(|(of, _)| of.as_ptr().addr() != address) {
            // A connection may outlive many.
            known.retain(|(of, _)| of.strong_count() > 0);
            let weak = Arc::downgrade(owner);
            let then = {
                let weak = weak.clone();
                move || _ = weak.upgrade().map(then)
            };
            known.push((weak, Box::new(then)));
        }
        true
    }

    /// The connection is gone. What happens may look at it: it is not locked.
    pub(super) fn end(&self) {
        let ending = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        ending.into_iter().flatten().for_each(|(_, then)| then());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_that_is_gone_leaves_nothing() {
        let (ending, stays) = (Ending::default(), Arc::new(Mutex::new(0)));
        for _ in 0..1000 {
            assert!(ending.add(&Arc::new(()), |_| unreachable!("it is gone")));
            assert!(ending.add(&stays, |ended| *ended.lock().unwrap() += 1));
        }
        assert_eq!(ending.0.lock().unwrap().as_ref().unwrap().len(), 2);
        ending.end();
        assert_eq!(*stays.lock().unwrap(), 1);
        assert!(!ending.add(&stays, |_| ()));
    }
}
