//! Calls that have no answer yet.

use std::sync::{Mutex, PoisonError};
use std::task::Context;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;
use wirework_core::{AsReply, Bad, EncodeError, Format};

use super::CallError;
use crate::Limit;

/// A request whose answer somebody awaits.
pub(crate) struct Call<F: Format> {
    pub(crate) request: Request<F>,
    answer: oneshot::Sender<Result<F::Owned, CallError>>,
    /// Whether the request was sent once, over a connection that has ended.
    again: bool,
}

/// A request. Never locked: who holds it can be shared between threads, and it perhaps not.
pub(crate) struct Request<F: Format>(Mutex<Box<dyn AsReply<F::Reply> + Send>>);

impl<F: Format> Request<F> {
    fn new(request: impl AsReply<F::Reply> + Send + 'static) -> Self {
        Self(Mutex::new(Box::new(request)))
    }

    pub(crate) fn get(&mut self) -> &F::Reply {
        (**self.0.get_mut().unwrap_or_else(PoisonError::into_inner)).as_reply()
    }
}

/// Where the answer will be.
pub(crate) type Answered<F> = oneshot::Receiver<Result<<F as Format>::Owned, CallError>>;

impl<F: Format> Call<F> {
    pub(crate) fn new(request: impl AsReply<F::Reply> + Send + 'static) -> (Self, Answered<F>) {
        let (answer, answered) = oneshot::channel();
        (Self { request: Request::new(request), answer, again: false }, answered)
    }

    /// Whether nobody awaits the answer any more.
    pub(crate) fn is_given_up(&self) -> bool {
        self.answer.is_closed()
    }

    /// Ends it without an answer.
    pub(crate) fn fail(self, why: CallError) {
        let why = if self.again && why.is_unsent() { CallError::Lost } else { why };
        // Who has given up is not told.
        let _ = self.answer.send(Err(why));
    }
}

/// The calls of a connection that were sent and have no answer yet, also those whose answer nobody awaits any more.
pub(crate) trait Pending<F: Format>: Send + Sync {
    /// Forgets the requests that are overdue and whose answers nobody awaits, where that confuses no others.
    fn forget(&mut self);

    /// Whether another call may be sent. An error when there never will be: the peer has left too much unanswered.
    fn has_room(&mut self) -> Result<bool, Unanswered>;

    /// Enters a call that `encode` sends. `keep` has the request kept, so that it can be sent once more.
    fn enter(&mut self, call: Call<F>, keep: bool, encode: &mut Encode<'_, F>);

    /// Gives `message` to the call that it answers, or back.
    fn offer(&mut self, message: F::Owned) -> Option<F::Owned>;

    /// Gives a bad message to the call that it answers, or back. An error when it may be an answer, and nobody can tell: then
    /// the answers behind it can be given to nobody.
    fn offer_bad(&mut self, bad: Bad) -> Result<Option<Bad>, Bad>;

    /// When the oldest request that has no answer was sent.
    fn oldest(&self) -> Option<Instant>;

    /// When to look again whether there is room, if nothing happens before.
    fn full_until(&self) -> Option<Instant>;

    /// Whether no answer is to come.
    fn is_empty(&self) -> bool;

    /// Since when somebody has awaited an answer: who has for longest of those who still do.
    fn oldest_awaited(&mut self) -> Option<Instant>;

    /// Has the task woken when who has awaited an answer for longest gives up.
    fn watch_oldest_awaited(&mut self, cx: &mut Context<'_>);

    /// No answer will come: gives the calls that are to be made again, and fails the others.
    fn lose(&mut self) -> Vec<Call<F>>;
}

/// Encodes a request.
pub(crate) type Encode<'a, F> = dyn FnMut(&<F as Format>::Reply) -> Result<(), EncodeError> + 'a;

/// A peer has left a request unanswered for so long that no answer can be relied on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unanswered(pub(crate) Duration);

/// A call that was sent.
pub(super) struct Sent<F: Format> {
    answer: oneshot::Sender<Result<F::Owned, CallError>>,
    /// The request, if it is to be made again should the connection end.
    request: Option<Request<F>>,
    pub(super) at: Instant,
}

impl<F: Format> Sent<F> {
    /// Sends a call. One that cannot be sent fails.
    pub(super) fn send(mut call: Call<F>, keep: bool, encode: &mut Encode<'_, F>) -> Option<Self> {
        if let Err(error) = encode(call.request.get()) {
            call.fail(error.into());
            return None;
        }
        let Call { request, answer, .. } = call;
        Some(Self { answer, request: keep.then_some(request), at: Instant::now() })
    }

    /// Gives the answer to who awaits it. One that comes too late is dropped.
    pub(super) fn answer(self, message: F::Owned) {
        let _ = self.answer.send(Ok(message));
    }

    /// Tells who awaits the answer that it is bad.
    pub(super) fn answer_bad(self, bad: Bad) {
        let _ = self.answer.send(Err(CallError::Bad(bad)));
    }

    pub(super) fn is_given_up(&self) -> bool {
        self.answer.is_closed()
    }

    /// Has the task woken when nobody awaits the answer any more.
    pub(super) fn watch(&mut self, cx: &mut Context<'_>) {
        if self.answer.poll_closed(cx).is_ready() {
            cx.waker().wake_by_ref();
        }
    }

    /// Whether it has had no answer for as long as `limit`.
    pub(super) fn is_overdue(&self, limit: Limit<Duration>) -> bool {
        limit.at().is_some_and(|limit| self.at.elapsed() >= limit)
    }

    /// Whether its answer is overdue, and nobody awaits it.
    pub(super) fn is_forgotten(&self, limit: Limit<Duration>) -> bool {
        self.is_given_up() && self.is_overdue(limit)
    }

    /// The call, if it is to be made again; otherwise it fails.
    pub(super) fn lose(self) -> Option<Call<F>> {
        let Self { answer, request, .. } = self;
        match request {
            Some(request) if !answer.is_closed() => Some(Call { request, answer, again: true }),
            _ => {
                let _ = answer.send(Err(CallError::Lost));
                None
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use wirework_core::Raw;

    use super::*;

    /// What came of a call: its answer, or what its error says.
    pub(in crate::call) type Outcome = Result<String, String>;

    /// Enters a call that is sent, or fails at once.
    pub(in crate::call) fn enter(pending: &mut impl Pending<Raw>, request: &'static str) -> Answered<Raw> {
        let (call, answered) = Call::new(request);
        pending.enter(call, false, &mut |_| Ok(()));
        answered
    }

    /// What came of it so far.
    pub(in crate::call) fn outcome(answered: &mut Answered<Raw>) -> Option<Outcome> {
        let answered = answered.try_recv().ok()?;
        let text = |answer: bytes::Bytes| String::from_utf8(answer.to_vec()).unwrap();
        Some(answered.map(text).map_err(|error| error.to_string()))
    }

    /// What comes of who awaits nothing more.
    pub(in crate::call) fn lost() -> Option<Outcome> {
        Some(Err(CallError::Lost.to_string()))
    }

    /// Whether `message` answers a call, be it awaited or not.
    pub(in crate::call) fn answers(pending: &mut impl Pending<Raw>, message: &'static str) -> bool {
        let given_back = pending.offer(message.into());
        assert!(given_back.as_ref().is_none_or(|given_back| given_back == message));
        given_back.is_none()
    }

    fn send(request: &'static str, keep: bool) -> (Sent<Raw>, Answered<Raw>) {
        let (call, answered) = Call::new(request);
        (Sent::send(call, keep, &mut |_| Ok(())).unwrap(), answered)
    }

    #[test]
    fn who_asks_what_cannot_be_written_is_told() {
        let (call, mut answered) = Call::new("what");
        let sent = Sent::<Raw>::send(call, false, &mut |request| {
            assert_eq!(request, b"what");
            Err(EncodeError::TooLong { len: 4, max: 3 })
        });
        assert!(sent.is_none());
        assert!(matches!(answered.try_recv(), Ok(Err(CallError::Unsendable(EncodeError::TooLong { len: 4, max: 3 })))));
    }

    #[test]
    fn a_connection_that_ends_gives_the_calls_back_that_can_be_made_again() {
        let (kept, mut answered) = send("again", true);
        let mut call = kept.lose().unwrap();
        assert_eq!(call.request.get(), b"again");
        assert!(!call.is_given_up() && outcome(&mut answered).is_none(), "it is still awaited");

        let (once, mut answered) = send("once", false);
        assert!(once.lose().is_none());
        assert_eq!(outcome(&mut answered), lost());

        let (given_up, answered) = send("never mind", true);
        drop(answered);
        assert!(given_up.lose().is_none(), "nobody awaits it");
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_overdue_after_the_limit_and_forgotten_when_nobody_awaits_it() {
        let limit = Limit::At(Duration::from_secs(60));
        let (sent, answered) = send("what", false);
        tokio::time::advance(Duration::from_millis(59_999)).await;
        assert!(!sent.is_overdue(limit));
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(sent.is_overdue(limit) && !sent.is_overdue(Limit::Unlimited));
        assert!(!sent.is_forgotten(limit));
        drop(answered);
        assert!(sent.is_forgotten(limit));
    }
}
