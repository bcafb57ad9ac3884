//! Answers come in the order of their requests.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use wirework_core::{Bad, Format};

use super::pending::{Call, Encode, Pending, Sent, Unanswered};
use crate::{Limit, Limits};

/// Calls that are answered in their order.
pub(super) struct InOrder<F: Format> {
    sent: VecDeque<Sent<F>>,
    /// Tells which messages answer no call, if any do not.
    unsolicited: Option<Arc<Unsolicited<F>>>,
    most: usize,
    overdue: Limit<Duration>,
}

/// Tells whether a message answers no call.
pub(super) type Unsolicited<F> = dyn Fn(&<F as Format>::Owned) -> bool + Send + Sync;

impl<F: Format> InOrder<F> {
    pub(super) fn new(unsolicited: Option<Arc<Unsolicited<F>>>, limits: &Limits) -> Self {
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
        if self.unsolicited.as_ref().is_some_and(|unsolicited| unsolicited(&message)) {
            return Some(message);
        }
        let Some(first) = self.sent.pop_front() else { return Some(message) };
        first.answer(message);
        None
    }

    fn offer_bad(&mut self, bad: Bad) -> Result<Option<Bad>, Bad> {
        match (self.sent.is_empty(), &self.unsolicited) {
            (true, _) => return Ok(Some(bad)),
            (false, Some(_)) => return Err(bad),
            (false, None) => {}
        }
        if let Some(first) = self.sent.pop_front() {
            first.answer_bad(bad);
        }
        Ok(None)
    }

    fn oldest(&self) -> Option<Instant> {
        self.sent.front().map(|sent| sent.at)
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
