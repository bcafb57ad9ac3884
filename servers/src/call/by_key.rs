//! A request and its answer have a key in common.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use wirework_core::Format;

use super::CallError;
use super::pending::{Call, Encode, Pending, Sent, Unanswered};
use crate::{Limit, Limits};

/// How many answers that nobody awaits any more are remembered, beside the calls that somebody does.
const LATE: usize = 1024;

/// Calls that are answered in any order.
pub(super) struct ByKey<F: Format, K, R, M> {
    /// How to find the key of a request, and of a message.
    keys: Arc<(R, M)>,
    sent: HashMap<K, Numbered<F>>,
    /// The keys of the same calls by their numbers: the oldest first.
    order: BTreeMap<u64, K>,
    numbers: u64,
    /// All before this number were given up.
    given_up: u64,
    /// How many are known to be given up.
    late: usize,
    most: usize,
    overdue: Limit<Duration>,
}

struct Numbered<F: Format> {
    number: u64,
    /// Whether it is known to be given up.
    late: bool,
    sent: Sent<F>,
}

impl<F: Format, K: Eq + Hash + Clone, R, M> ByKey<F, K, R, M> {
    pub(super) fn new(keys: Arc<(R, M)>, limits: &Limits) -> Self {
        let (most, overdue) = (limits.calls.max(1), limits.overdue);
        let (sent, order) = (HashMap::new(), BTreeMap::new());
        Self { keys, sent, order, numbers: 0, given_up: 0, late: 0, most, overdue }
    }

    /// Forgets the oldest calls as long as nobody awaits their answers and they are overdue.
    fn forget(&mut self) {
        while let Some(oldest) = self.order.first_entry()
            && self.sent.get(oldest.get()).is_none_or(|known| known.sent.is_forgotten(self.overdue))
        {
            let forgotten = self.sent.remove(&oldest.remove());
            self.late = self.late.saturating_sub(usize::from(forgotten.is_some_and(|known| known.late)));
        }
    }

    /// Looks at all calls for those that were given up, and forgets those of them that are overdue.
    fn find_late(&mut self) {
        let mut overdue = Vec::new();
        for key in self.order.values() {
            let Some(known) = self.sent.get_mut(key) else { continue };
            if known.sent.is_forgotten(self.overdue) {
                overdue.push(key.clone());
            } else if !known.late && known.sent.is_given_up() {
                known.late = true;
                self.late += 1;
            }
        }
        overdue.iter().for_each(|key| drop(self.remove(key)));
    }

    fn has_room_now(&self) -> bool {
        self.sent.len().saturating_sub(self.late) < self.most && self.late < LATE
    }

    fn remove(&mut self, key: &K) -> Option<Sent<F>> {
        let Numbered { number, late, sent } = self.sent.remove(key)?;
        self.order.remove(&number);
        self.late = self.late.saturating_sub(usize::from(late));
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
        if !self.has_room_now() {
            self.find_late();
        }
        Ok(self.has_room_now())
    }

    fn enter(&mut self, call: Call<F>, keep: bool, encode: &mut Encode<'_, F>) {
        let Some(key) = (self.keys.0)((*call.request).as_reply()) else { return call.fail(CallError::NoKey) };
        if self.sent.contains_key(&key) {
            return call.fail(CallError::Duplicate);
        }
        if let Some(sent) = Sent::send(call, keep, encode) {
            self.numbers = self.numbers.wrapping_add(1);
            self.order.insert(self.numbers, key.clone());
            self.sent.insert(key, Numbered { number: self.numbers, late: false, sent });
        }
    }

    fn offer(&mut self, message: F::Owned) -> Option<F::Owned> {
        let Some(sent) = (self.keys.1)(&message).and_then(|key| self.remove(&key)) else { return Some(message) };
        sent.answer(message);
        None
    }

    fn is_empty(&self) -> bool {
        self.sent.is_empty()
    }

    fn oldest_awaited(&mut self) -> Option<Instant> {
        self.forget();
        // Who has given up does not come back: each is looked at once, but for the one that is found.
        for (number, key) in self.order.range(self.given_up..) {
            self.given_up = *number;
            if let Some(known) = self.sent.get(key)
                && !known.sent.is_given_up()
            {
                return Some(known.sent.at());
            }
        }
        None
    }

    fn lose(&mut self) -> Vec<Call<F>> {
        let keys = std::mem::take(&mut self.order);
        self.late = 0;
        keys.into_values().filter_map(|key| self.sent.remove(&key)?.sent.lose()).collect()
    }
}
