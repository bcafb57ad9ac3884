//! Answers come in the order of their requests.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use wirework_core::Format;

use super::pending::{Call, Encode, Pending, Sent, Unanswered};
use crate::{Limit, Limits};

/// Calls that are answered in their order.
pub(super) struct InOrder<F: Format> {
    sent: VecDeque<Sent<F>>,
    unsolicited: Arc<dyn Fn(&F::Owned) -> bool + Send + Sync>,
    most: usize,
    overdue: Limit<Duration>,
}

impl<F: Format> InOrder<F> {
    pub(super) fn new(unsolicited: Arc<dyn Fn(&F::Owned) -> bool + Send + Sync>, limits: &Limits) -> Self {
        Self { sent: VecDeque::new(), unsolicited, most: limits.calls.max(1), overdue: limits.overdue }
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
        first.answer(message);
        None
    }

    fn is_empty(&self) -> bool {
        self.sent.is_empty()
    }

    fn is_awaited(&self) -> bool {
        // Those that were sent later are given up later, but for a few.
        self.sent.iter().rev().any(|sent| !sent.is_given_up())
    }

    fn lose(&mut self) -> Vec<Call<F>> {
        std::mem::take(&mut self.sent).into_iter().filter_map(Sent::lose).collect()
    }
}
