//! A request and its answer have a key in common.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::Arc;
use std::task::Context;
use std::time::Duration;

use tokio::time::Instant;
use wirework_core::{Bad, Format};

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
    fn forget(&mut self) {
        while let Some(oldest) = self.order.first_entry()
            && self.sent.get(oldest.get()).is_none_or(|known| known.sent.is_forgotten(self.overdue))
        {
            let forgotten = self.sent.remove(&oldest.remove());
            self.late = self.late.saturating_sub(usize::from(forgotten.is_some_and(|known| known.late)));
        }
    }

    fn has_room(&mut self) -> Result<bool, Unanswered> {
        self.forget();
        if !self.has_room_now() {
            self.find_late();
        }
        Ok(self.has_room_now())
    }

    fn enter(&mut self, mut call: Call<F>, keep: bool, encode: &mut Encode<'_, F>) {
        let Some(key) = (self.keys.0)(call.request.get()) else { return call.fail(CallError::NoKey) };
        match self.sent.get(&key) {
            // It is still there because somebody awaits an older answer.
            Some(known) if known.sent.is_forgotten(self.overdue) => drop(self.remove(&key)),
            Some(_) => return call.fail(CallError::Duplicate),
            None => {}
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

    /// What is bad has no key: if it is an answer, its call ends with its deadline.
    fn offer_bad(&mut self, bad: Bad) -> Result<Option<Bad>, Bad> {
        Ok(Some(bad))
    }

    fn oldest(&self) -> Option<Instant> {
        let (_, key) = self.order.first_key_value()?;
        Some(self.sent.get(key)?.sent.at)
    }

    fn full_until(&self) -> Option<Instant> {
        self.oldest()?.checked_add(self.overdue.at()?)
    }

    fn is_empty(&self) -> bool {
        self.sent.is_empty()
    }

    fn oldest_awaited(&mut self) -> Option<Instant> {
        // Who has given up does not come back: each is looked at once, but for the one that is found.
        for (number, key) in self.order.range(self.given_up..) {
            self.given_up = *number;
            if let Some(known) = self.sent.get(key)
                && !known.sent.is_given_up()
            {
                return Some(known.sent.at);
            }
        }
        None
    }

    fn watch_oldest_awaited(&mut self, cx: &mut Context<'_>) {
        if self.oldest_awaited().is_some()
            && let Some(oldest) = self.order.get(&self.given_up).and_then(|key| self.sent.get_mut(key))
        {
            oldest.sent.watch(cx);
        }
    }

    fn lose(&mut self) -> Vec<Call<F>> {
        let keys = std::mem::take(&mut self.order);
        self.late = 0;
        keys.into_values().filter_map(|key| self.sent.remove(&key)?.sent.lose()).collect()
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use wirework_core::Raw;

    use super::super::pending::tests::{Outcome, answers, enter, lost, outcome};
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// The letters of what is asked (`?k`), and of what is said: `=k` answers.
    type ByLetter = ByKey<Raw, u8, fn(&[u8]) -> Option<u8>, fn(&Bytes) -> Option<u8>>;

    fn by_letter(limits: &Limits) -> ByLetter {
        ByKey::new(
            Arc::new((
                |asked| asked.strip_prefix(b"?")?.first().copied(),
                |said| said.strip_prefix(b"=")?.first().copied(),
            )),
            limits,
        )
    }

    fn failed(why: CallError) -> Option<Outcome> {
        Some(Err(why.to_string()))
    }

    #[test]
    fn answers_come_in_any_order_among_others() {
        let mut calls = by_letter(&Limits::default());
        let mut asked = ["?a", "?b", "?c"].map(|request| enter(&mut calls, request));
        assert!(answers(&mut calls, "=c C") && answers(&mut calls, "=a A"));
        assert!(
            !answers(&mut calls, "=d of no call") && !answers(&mut calls, "said") && !answers(&mut calls, "=a twice")
        );
        let ok = |text: &str| Some(Ok(text.to_owned()));
        assert_eq!(asked.each_mut().map(outcome), [ok("=a A"), None, ok("=c C")]);
        assert!(answers(&mut calls, "=b") && calls.is_empty());
    }

    #[test]
    fn what_has_no_key_is_not_asked() {
        let mut calls = by_letter(&Limits::default());
        assert_eq!(outcome(&mut enter(&mut calls, "a")), failed(CallError::NoKey));
        assert!(calls.is_empty());
    }

    #[test]
    fn a_key_is_one_calls_until_its_answer_has_come_be_it_late() {
        let mut calls = by_letter(&Limits::default());
        let mut first = enter(&mut calls, "?a 1");
        assert_eq!(outcome(&mut enter(&mut calls, "?a 2")), failed(CallError::Duplicate));
        assert_eq!(outcome(&mut first), None, "it is not disturbed");
        drop(first);
        assert_eq!(
            outcome(&mut enter(&mut calls, "?a 3")),
            failed(CallError::Duplicate),
            "the answer to the first may come"
        );
        assert!(answers(&mut calls, "=a 1"), "late, and dropped");
        let mut last = enter(&mut calls, "?a 4");
        assert!(answers(&mut calls, "=a 4"));
        assert_eq!(outcome(&mut last), Some(Ok("=a 4".to_owned())));
    }

    #[test]
    fn a_key_whose_request_could_not_be_sent_is_free() {
        let mut calls = by_letter(&Limits::default());
        let (call, _answered) = Call::new("?a");
        calls.enter(call, false, &mut |_| Err(wirework_core::EncodeError::TooLong { len: 2, max: 1 }));
        assert!(calls.is_empty() && outcome(&mut enter(&mut calls, "?a")).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn what_nobody_awaits_is_forgotten_when_it_is_overdue() {
        let limits = Limits { overdue: (2 * SECOND).into(), ..Limits::default() };
        let mut calls = by_letter(&limits);
        drop(enter(&mut calls, "?a"));
        let mut awaited = enter(&mut calls, "?b");
        tokio::time::advance(SECOND).await;
        drop(enter(&mut calls, "?c"));
        tokio::time::advance(SECOND).await;
        assert_eq!(calls.has_room(), Ok(true));
        assert_eq!(calls.sent.len(), 2, "the first is");
        assert_eq!(outcome(&mut enter(&mut calls, "?b")), failed(CallError::Duplicate), "somebody awaits the second");
        tokio::time::advance(2 * SECOND).await;
        calls.find_late();
        assert_eq!(calls.sent.len(), 1, "those behind it are not kept for its sake");
        assert!(answers(&mut calls, "=b") && outcome(&mut awaited).is_some());
        assert!(calls.is_empty() && calls.order.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn an_overdue_key_can_be_used_again_although_somebody_awaits_an_older_answer() {
        let mut calls = by_letter(&Limits { overdue: SECOND.into(), ..Limits::default() });
        let mut older = enter(&mut calls, "?a");
        drop(enter(&mut calls, "?b 1"));
        tokio::time::advance(SECOND).await;
        assert_eq!(calls.has_room(), Ok(true));
        let mut again = enter(&mut calls, "?b 2");
        assert_eq!(outcome(&mut again), None, "it is asked");
        assert!(answers(&mut calls, "=b 2") && answers(&mut calls, "=a"));
        assert!(outcome(&mut again).is_some() && outcome(&mut older).is_some());
        assert!(calls.is_empty() && calls.order.is_empty() && calls.late == 0);
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_forgotten_without_another_call() {
        let mut calls = by_letter(&Limits::default());
        drop(enter(&mut calls, "?a"));
        tokio::time::advance(59 * SECOND).await;
        calls.forget();
        assert!(!calls.is_empty());
        tokio::time::advance(SECOND).await;
        calls.forget();
        assert!(calls.is_empty());
    }

    #[test]
    fn there_is_room_for_so_many_that_are_awaited_and_the_others_are_remembered() {
        let mut calls = by_letter(&Limits { calls: 2, ..Limits::default() });
        let (a, _b) = (enter(&mut calls, "?a"), enter(&mut calls, "?b"));
        assert_eq!(calls.has_room(), Ok(false));
        drop(a);
        assert_eq!(calls.has_room(), Ok(true));
        let _c = enter(&mut calls, "?c");
        assert_eq!((calls.has_room(), calls.late), (Ok(false), 1));
        assert!(answers(&mut calls, "=a"), "late, and nobody else's");
        assert_eq!((calls.has_room(), calls.late), (Ok(false), 0));
        assert!(answers(&mut calls, "=b"));
        assert_eq!(calls.has_room(), Ok(true));
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_than_so_many_are_remembered() {
        let number = |text: &[u8]| text.first_chunk::<2>().copied();
        let keys = Arc::new((number, move |text: &Bytes| number(text)));
        let mut calls: ByKey<Raw, _, _, _> = ByKey::new(keys, &Limits { calls: 1, ..Limits::default() });
        let mut asked = 0_u16;
        while calls.has_room() == Ok(true) {
            let (call, answered) = Call::new(asked.to_be_bytes());
            calls.enter(call, false, &mut |_| Ok(()));
            drop(answered);
            asked += 1;
        }
        assert_eq!(usize::from(asked), LATE);
        tokio::time::advance(60 * SECOND).await;
        assert_eq!((calls.has_room(), calls.sent.len(), calls.late), (Ok(true), 0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn the_oldest_that_is_awaited_is_known() {
        let mut calls = by_letter(&Limits::default());
        let mut asked = Vec::new();
        for request in ["?a", "?b", "?c", "?d"] {
            asked.push(Some((Instant::now(), enter(&mut calls, request))));
            tokio::time::advance(SECOND).await;
        }
        let at: Vec<_> = asked.iter().flatten().map(|(at, _)| Some(*at)).collect();
        asked[1] = None;
        assert_eq!(calls.oldest_awaited(), at[0]);
        assert!(answers(&mut calls, "=a"));
        assert_eq!(calls.oldest_awaited(), at[2], "the second was given up");
        asked[3] = None;
        assert_eq!(calls.oldest_awaited(), at[2]);
        asked[2] = None;
        assert_eq!((calls.oldest_awaited(), calls.is_empty()), (None, false));
        let _last = enter(&mut calls, "?e");
        assert_eq!(calls.oldest_awaited(), Some(Instant::now()));
    }

    #[test]
    fn what_is_to_be_made_again_is_given_back_in_its_order() {
        let mut calls = by_letter(&Limits { calls: 8, ..Limits::default() });
        let mut asked = Vec::new();
        for (request, keep) in [("?d", true), ("?b", false), ("?c", true), ("?a", true)] {
            let (call, answered) = Call::new(request);
            calls.enter(call, keep, &mut |_| Ok(()));
            asked.push(answered);
        }
        drop(asked.remove(2));
        calls.find_late();
        let mut again = calls.lose();
        assert_eq!(again.iter_mut().map(|call| call.request.get().to_vec()).collect::<Vec<_>>(), [b"?d", b"?a"]);
        let outcomes: Vec<_> = asked.iter_mut().map(outcome).collect();
        assert_eq!(outcomes, [None, lost(), None]);
        assert!(calls.is_empty() && calls.late == 0 && calls.oldest_awaited().is_none());
        assert!(!answers(&mut calls, "=d") && calls.has_room() == Ok(true));
    }
}
