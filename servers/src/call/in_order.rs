//! Answers come in the order of their requests.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use wirework_core::Format;

use super::pending::{Call, Encode, Pending, Sent, Unanswered};
use crate::{Limit, Limits};

/// Calls that are answered in their order.
pub(super) struct InOrder<F: Format> {
    sent: VecDeque<Sent<F>>,
    /// So many in front were given up.
    given_up: usize,
    unsolicited: Arc<dyn Fn(&F::Owned) -> bool + Send + Sync>,
    most: usize,
    overdue: Limit<Duration>,
}

impl<F: Format> InOrder<F> {
    pub(super) fn new(unsolicited: Arc<dyn Fn(&F::Owned) -> bool + Send + Sync>, limits: &Limits) -> Self {
        let (most, overdue) = (limits.calls.max(1), limits.overdue);
        Self { sent: VecDeque::new(), given_up: 0, unsolicited, most, overdue }
    }
}

impl<F: Format> Pending<F> for InOrder<F> {
    fn has_room(&mut self) -> Result<bool, Unanswered> {
        match (self.sent.front(), self.overdue) {
            // All answers behind it wait, too, and may be given to the wrong calls.
            (Some(first), Limit::At(time)) if first.is_overdue(self.overdue) => Err(Unanswered(time)),
            _ => Ok(self.sent.len() < self.most),
        }
    }

    fn enter(&mut self, call: Call<F>, keep: bool, encode: &mut Encode<'_, F>) {
        self.sent.extend(Sent::send(call, keep, encode));
    }

    fn offer(&mut self, message: F::Owned) -> Option<F::Owned> {
        if (self.unsolicited)(&message) {
            return Some(message);
        }
        let Some(first) = self.sent.pop_front() else { return Some(message) };
        self.given_up = self.given_up.saturating_sub(1);
        first.answer(message);
        None
    }

    fn is_empty(&self) -> bool {
        self.sent.is_empty()
    }

    fn oldest_awaited(&mut self) -> Option<Instant> {
        // Who has given up does not come back: each is looked at once, but for the one that is found.
        self.given_up += self.sent.range(self.given_up..).take_while(|sent| sent.is_given_up()).count();
        self.sent.get(self.given_up).map(Sent::at)
    }

    fn lose(&mut self) -> Vec<Call<F>> {
        self.given_up = 0;
        std::mem::take(&mut self.sent).into_iter().filter_map(Sent::lose).collect()
    }
}
