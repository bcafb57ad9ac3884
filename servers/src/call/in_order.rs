//! Answers come in the order of their requests.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Context;
use std::time::Duration;

use tokio::time::Instant;
use wirework_core::{Bad, Format};

use super::pending::{Call, Encode, Pending, Sent, Unanswered};
use crate::{Limit, Limits};

/// Calls that are answered in their order.
pub(super) struct InOrder<F: Format> {
    sent: VecDeque<Sent<F>>,
    /// So many in front were given up.
    given_up: usize,
    /// Tells which messages answer no call, if any do not.
    unsolicited: Option<Arc<Unsolicited<F>>>,
    most: usize,
    overdue: Limit<Duration>,
}

/// Tells whether a message answers no call.
pub(super) type Unsolicited<F> = dyn Fn(&<F as Format>::Owned) -> bool + Send + Sync;

impl<F: Format> InOrder<F> {
    pub(super) fn new(unsolicited: Option<Arc<Unsolicited<F>>>, limits: &Limits) -> Self {
        let (most, overdue) = (limits.calls.max(1), limits.overdue);
        Self { sent: VecDeque::new(), given_up: 0, unsolicited, most, overdue }
    }

    /// That which is answered next.
    fn take_first(&mut self) -> Option<Sent<F>> {
        self.given_up = self.given_up.saturating_sub(1);
        self.sent.pop_front()
    }
}

impl<F: Format> Pending<F> for InOrder<F> {
    fn forget(&mut self) {}

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
        let Some(first) = self.take_first() else { return Some(message) };
        first.answer(message);
        None
    }

    fn offer_bad(&mut self, bad: Bad) -> Result<Option<Bad>, Bad> {
        match (self.sent.is_empty(), &self.unsolicited) {
            (true, _) => return Ok(Some(bad)),
            (false, Some(_)) => return Err(bad),
            (false, None) => {}
        }
        if let Some(first) = self.take_first() {
            first.answer_bad(bad);
        }
        Ok(None)
    }

    fn oldest(&self) -> Option<Instant> {
        self.sent.front().map(|sent| sent.at)
    }

    fn full_until(&self) -> Option<Instant> {
        self.oldest()?.checked_add(self.overdue.at()?)
    }

    fn is_empty(&self) -> bool {
        self.sent.is_empty()
    }

    fn oldest_awaited(&mut self) -> Option<Instant> {
        // Who has given up does not come back: each is looked at once, but for the one that is found.
        self.given_up += self.sent.range(self.given_up..).take_while(|sent| sent.is_given_up()).count();
        self.sent.get(self.given_up).map(|sent| sent.at)
    }

    fn watch_oldest_awaited(&mut self, cx: &mut Context<'_>) {
        if self.oldest_awaited().is_some()
            && let Some(oldest) = self.sent.get_mut(self.given_up)
        {
            oldest.watch(cx);
        }
    }

    fn lose(&mut self) -> Vec<Call<F>> {
        self.given_up = 0;
        std::mem::take(&mut self.sent).into_iter().filter_map(Sent::lose).collect()
    }
}

#[cfg(test)]
mod tests {
    use wirework_core::Raw;

    use super::super::pending::tests::{answers, enter, lost, outcome};
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Those that begin with `>` answer none.
    fn in_order(limits: &Limits) -> InOrder<Raw> {
        InOrder::new(Some(Arc::new(|message: &bytes::Bytes| message.starts_with(b">"))), limits)
    }

    #[test]
    fn the_first_answer_is_that_of_the_first_request() {
        let mut calls = in_order(&Limits::default());
        assert!(!answers(&mut calls, "before all"), "none waits");
        let mut asked = ["a", "b"].map(|request| enter(&mut calls, request));
        assert!(!answers(&mut calls, ">pushed"));
        assert!(answers(&mut calls, "A") && answers(&mut calls, "B"));
        assert_eq!(asked.each_mut().map(outcome), [Some(Ok("A".to_owned())), Some(Ok("B".to_owned()))]);
        assert!(calls.is_empty() && !answers(&mut calls, "after all"));
    }

    #[test]
    fn a_late_answer_is_dropped_and_not_given_to_the_next() {
        let mut calls = in_order(&Limits::default());
        drop(enter(&mut calls, "a"));
        let mut next = enter(&mut calls, "b");
        assert!(answers(&mut calls, "A"));
        assert_eq!(outcome(&mut next), None);
        assert!(answers(&mut calls, "B"));
        assert_eq!(outcome(&mut next), Some(Ok("B".to_owned())));
    }

    #[test]
    fn a_request_that_cannot_be_sent_awaits_no_answer() {
        let mut calls = in_order(&Limits::default());
        let (call, _answered) = Call::new("a");
        calls.enter(call, false, &mut |_| Err(wirework_core::EncodeError::TooLong { len: 1, max: 0 }));
        assert!(calls.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn the_oldest_that_is_awaited_is_known() {
        let mut calls = in_order(&Limits::default());
        let mut asked = VecDeque::new();
        for request in ["a", "b", "c", "d"] {
            asked.push_back((Instant::now(), enter(&mut calls, request)));
            tokio::time::advance(SECOND).await;
        }
        let oldest = |asked: &VecDeque<(Instant, _)>| asked.front().map(|(at, _)| *at);
        assert_eq!(calls.oldest_awaited(), oldest(&asked));
        asked.remove(1);
        assert_eq!(calls.oldest_awaited(), oldest(&asked), "the first one still is");
        asked.pop_front();
        assert_eq!(calls.oldest_awaited(), oldest(&asked), "the two before it are given up");
        assert!(answers(&mut calls, "A") && answers(&mut calls, "B"));
        assert_eq!(calls.oldest_awaited(), oldest(&asked));
        assert!(answers(&mut calls, "C"));
        asked.pop_front();
        assert_eq!(calls.oldest_awaited(), oldest(&asked));
        asked.pop_front();
        assert_eq!((calls.oldest_awaited(), calls.is_empty()), (None, false));
        let last = enter(&mut calls, "e");
        assert_eq!(calls.oldest_awaited(), Some(Instant::now()));
        drop(last);
        assert_eq!(calls.oldest_awaited(), None);
    }

    #[test]
    fn there_is_room_for_so_many_whether_they_are_awaited_or_not() {
        let mut calls = in_order(&Limits { calls: 2, ..Limits::default() });
        let _first = enter(&mut calls, "a");
        assert_eq!(calls.has_room(), Ok(true));
        drop(enter(&mut calls, "b"));
        assert_eq!(calls.has_room(), Ok(false), "the answer to a request that was given up is still to come");
        assert!(answers(&mut calls, "A"));
        assert_eq!(calls.has_room(), Ok(true));
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_can_be_relied_on_behind_an_answer_that_does_not_come() {
        let limits = Limits { overdue: (2 * SECOND).into(), ..Limits::default() };
        let mut calls = in_order(&limits);
        let first = enter(&mut calls, "a");
        tokio::time::advance(SECOND).await;
        drop((first, enter(&mut calls, "b")));
        assert_eq!(calls.has_room(), Ok(true));
        tokio::time::advance(SECOND).await;
        assert_eq!(calls.has_room(), Err(Unanswered(2 * SECOND)));
        assert!(answers(&mut calls, "A"), "it is late, and what comes behind it is right again");
        assert_eq!(calls.has_room(), Ok(true));
        assert!(in_order(&Limits { overdue: Limit::Unlimited, ..limits }).has_room() == Ok(true));
    }

    #[test]
    fn what_is_to_be_made_again_is_given_back_in_its_order() {
        let mut calls = in_order(&Limits::default());
        let mut asked = Vec::new();
        for (request, keep) in [("a", true), ("b", false), ("c", true)] {
            let (call, answered) = Call::new(request);
            calls.enter(call, keep, &mut |_| Ok(()));
            asked.push(answered);
        }
        let mut again = calls.lose();
        assert_eq!(again.iter_mut().map(|call| call.request.get().to_vec()).collect::<Vec<_>>(), [b"a", b"c"]);
        let outcomes: Vec<_> = asked.iter_mut().map(outcome).collect();
        assert_eq!(outcomes, [None, lost(), None]);
        assert!(calls.is_empty() && calls.oldest_awaited().is_none() && !answers(&mut calls, "A"));
    }
}
