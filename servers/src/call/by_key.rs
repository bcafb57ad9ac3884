//! A request and its answer have a key in common.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use wirework_core::{Bad, Format};

use super::CallError;
use super::pending::{Call, Encode, Pending, Sent, Unanswered};
use crate::{Limit, Limits};

/// Calls that are answered in any order.
pub(super) struct ByKey<F: Format, K, R, M> {
    /// How to find the key of a request, and of a message.
    keys: Arc<(R, M)>,
    /// Each with its number.
    sent: HashMap<K, (u64, Sent<F>)>,
    /// The keys of the same calls by their numbers: the oldest first.
    order: BTreeMap<u64, K>,
    numbers: u64,
    most: usize,
    overdue: Limit<Duration>,
}

impl<F: Format, K: Eq + Hash + Clone, R, M> ByKey<F, K, R, M> {
    pub(super) fn new(keys: Arc<(R, M)>, limits: &Limits) -> Self {
        let (most, overdue) = (limits.calls.max(1), limits.overdue);
        Self { keys, sent: HashMap::new(), order: BTreeMap::new(), numbers: 0, most, overdue }
    }

    /// Forgets the oldest calls as long as nobody awaits their answers and they are overdue; one that nobody awaits if there
    /// is no room otherwise.
    fn forget(&mut self) {
        while let Some(oldest) = self.order.first_entry() {
            let given_up = |(_, sent): &(u64, Sent<F>)| sent.is_given_up() && sent.is_overdue(self.overdue);
            if !self.sent.get(oldest.get()).is_none_or(given_up) {
                break;
            }
            self.sent.remove(&oldest.remove());
        }
        if self.sent.len() >= self.most {
            let given_up = |key: &&K| self.sent.get(*key).is_none_or(|(_, sent)| sent.is_given_up());
            let oldest = self.order.values().find(given_up).cloned();
            oldest.and_then(|key| self.remove(&key));
        }
    }

    fn remove(&mut self, key: &K) -> Option<Sent<F>> {
        let (number, sent) = self.sent.remove(key)?;
        self.order.remove(&number);
        Some(sent)
    }
}

impl<F, K, R, M> Pending<F> for ByKey<F, K, R, M>
where
    F: Format,
    K: Eq + Hash + Clone + Send + Sync,
    R: Fn(&F::Reply) -> Option<K> + Send + Sync,
    M: Fn(&F::Owned) -> Option<K> + Send + Sync,
{
    fn has_room(&mut self) -> Result<bool, Unanswered> {
        self.forget();
        Ok(self.sent.len() < self.most)
    }

    fn enter(&mut self, mut call: Call<F>, keep: bool, encode: &mut Encode<'_, F>) {
        let Some(key) = (self.keys.0)(call.request.get()) else { return call.fail(CallError::NoKey) };
        if self.sent.contains_key(&key) {
            return call.fail(CallError::Duplicate);
        }
        if let Some(sent) = Sent::send(call, keep, encode) {
            self.numbers = self.numbers.wrapping_add(1);
            self.order.insert(self.numbers, key.clone());
            self.sent.insert(key, (self.numbers, sent));
        }
    }

    fn offer(&mut self, message: F::Owned) -> Option<F::Owned> {
        let Some(sent) = (self.keys.1)(&message).and_then(|key| self.remove(&key)) else { return Some(message) };
        sent.answer(message);
        None
    }

    /// What is bad has no key: if it is an answer, its call ends with its deadline.
    fn offer_bad(&mut self, bad: Bad) -> Result<Option<Bad>, Bad> {
        Ok(Some(bad))
    }

    fn oldest(&self) -> Option<Instant> {
        let (_, key) = self.order.first_key_value()?;
        Some(self.sent.get(key)?.1.at)
    }

    fn is_empty(&self) -> bool {
        self.sent.is_empty()
    }

    fn is_awaited(&self) -> bool {
        self.sent.values().any(|(_, sent)| !sent.is_given_up())
    }

    fn lose(&mut self) -> Vec<Call<F>> {
        let keys = std::mem::take(&mut self.order);
        keys.into_values().filter_map(|key| self.sent.remove(&key)?.1.lose()).collect()
    }
}
