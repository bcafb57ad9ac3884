//! Which connection has which key.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

use wirework_core::Format;

use super::{JoinError, WhenTaken};
use crate::Handle;

/// Which connection has which key, and the other way round.
pub(super) struct Table<K, F: Format> {
    by_key: HashMap<K, Handle<F>>,
    /// By [`Handle::connection`]. None where another connection has taken the place of this one: while it is not closed yet, it
    /// could take it back, and both were closed in the end.
    keys: HashMap<usize, Option<K>>,
}

impl<K, F: Format> Table<K, F> {
    pub(super) fn new() -> Self {
        Self { by_key: HashMap::new(), keys: HashMap::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.by_key.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &Handle<F>)> {
        self.by_key.iter()
    }
}

impl<K: Clone + Eq + Hash, F: Format> Table<K, F> {
    pub(super) fn get<Q>(&self, key: &Q) -> Option<&Handle<F>>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.by_key.get(key)
    }

    pub(super) fn key_of(&self, connection: usize) -> Option<&K> {
        self.keys.get(&connection)?.as_ref()
    }

    /// Enters a connection under a key, instead of the one that it had. Gives whose place it has taken.
    pub(super) fn join(
        &mut self,
        key: K,
        handle: &Handle<F>,
        when_taken: WhenTaken,
    ) -> Result<Option<Handle<F>>, JoinError<K, F>> {
        let connection = handle.connection();
        if let Some(None) = self.keys.get(&connection) {
            return Err(JoinError::Closed(key));
        }
        match self.by_key.get(&key) {
            Some(holder) if holder == handle => return Ok(None),
            Some(holder) if when_taken == WhenTaken::Refuse && !holder.is_closed() => {
                return Err(JoinError::Taken { holder: holder.clone(), key });
            }
            _ => {}
        }
        self.leave(connection);
        self.keys.insert(connection, Some(key.clone()));
        let former = self.by_key.insert(key, handle.clone());
        if let Some(former) = &former {
            self.keys.insert(former.connection(), None);
        }
        Ok(former)
    }

    /// Takes a connection out, if it is there.
    pub(super) fn leave(&mut self, connection: usize) -> Option<(K, Handle<F>)> {
        self.key_of(connection)?;
        self.end(connection)
    }

    /// Forgets a connection.
    pub(super) fn end(&mut self, connection: usize) -> Option<(K, Handle<F>)> {
        let key = self.keys.remove(&connection);
        shrink(&mut self.keys);
        let left = self.by_key.remove_entry(&key??);
        shrink(&mut self.by_key);
        left
    }
}

/// Gives back what many have needed who are gone. Half of what it then holds is free, so that this is seldom done.
fn shrink<K: Eq + Hash, V>(map: &mut HashMap<K, V>) {
    if map.len() < map.capacity() / 4 {
        map.shrink_to(map.len().saturating_mul(2));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handle::alone;

    #[test]
    fn ten_thousand_who_have_gone_leave_nothing() {
        let mut table = Table::new();
        let handles: Vec<_> = (0..10_000).map(|_| alone()).collect();
        for (n, handle) in handles.iter().enumerate() {
            // Half of them take the places of the others.
            table.join(n / 2, handle, WhenTaken::Replace).unwrap();
        }
        assert_eq!((table.by_key.len(), table.keys.len()), (5_000, 10_000));
        for handle in &handles {
            table.end(handle.connection());
        }
        assert_eq!((table.by_key.len(), table.keys.len()), (0, 0));
        assert!(table.by_key.capacity() < 16 && table.keys.capacity() < 16, "{:?}", table.keys.capacity());
    }
}
