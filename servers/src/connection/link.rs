//! What others send over a connection, and the answers that they await.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};
use wirework_core::{Bad, EncodeError, Error, Format, Location};

use crate::call::{Call, Pending, Unanswered};
use crate::handle::{Handle, Outgoing};
use crate::queue::Queue;
use crate::registry::Entry;
use crate::{CallError, Limit};

/// How many messages are set aside while a handler awaits an answer of the peer: one more shows that there are more.
const ASIDE: usize = 64;

/// What others send over a connection, and the answers that they await.
pub(crate) struct Link<F: Format> {
    pub(super) outgoing: Arc<Queue<Outgoing<F>>>,
    /// What others have of it, in a server.
    pub(super) handle: Option<Handle<F>>,
    pub(super) calls: Option<Box<dyn Pending<F>>>,
    /// Whether a request is to be sent again when the connection ends before its answer.
    pub(super) resend: Option<Arc<Resend<F>>>,
    /// Calls that are made again, before any other.
    pub(super) again: VecDeque<Call<F>>,
    /// Whether the peer has asked us to go elsewhere: nothing more is sent, and what is awaited is waited for.
    pub(super) leaves: bool,
    /// Where what is sent goes instead, then.
    pub(super) elsewhere: Option<Arc<Queue<Outgoing<F>>>>,
    /// When the peer was last heard of while a request had no answer, and how long it may say nothing then, in a client.
    pub(super) heard: Option<Instant>,
    pub(super) deaf_after: Limit<Duration>,
    /// It is never locked: a connection can be shared, and a message perhaps not.
    kept: Mutex<Kept<F>>,
    /// Where the last message stood, if it was set aside.
    pub(super) at: Option<Location>,
    /// When to look again whether there is room for a call.
    retry: Option<Pin<Box<Sleep>>>,
    /// Whether no answer comes any more over this connection.
    pub(super) lost: bool,
    /// Whether nothing more is sent, and the conversation is to end.
    pub(super) over: bool,
}

/// What waits.
pub(super) struct Kept<F: Format> {
    /// A call for which there was no room. What others send behind it waits in the queue.
    pub(super) call: Option<Call<F>>,
    /// What came while a handler awaited an answer.
    pub(super) aside: VecDeque<Aside<F>>,
}

/// What came while a handler awaited an answer.
pub(super) struct Aside<F: Format> {
    /// Where it stood.
    pub(super) at: Location,
    pub(super) came: Result<F::Owned, Error>,
    /// The format as it was then.
    pub(super) format: F,
    /// How many bytes it is charged for.
    pub(super) charge: usize,
}

/// What was received.
pub(super) enum Sorted<M> {
    /// The answer to a call, which has it.
    Answer,
    /// Something else, or nothing.
    Other(Option<M>),
}

/// Says whether a request can be made twice.
pub(crate) type Resend<F> = dyn Fn(&<F as Format>::Reply) -> bool + Send + Sync;

impl<F: Format> Link<F> {
    pub(crate) fn new(outgoing: Arc<Queue<Outgoing<F>>>) -> Self {
        Self {
            outgoing,
            handle: None,
            calls: None,
            resend: None,
            again: VecDeque::new(),
            leaves: false,
            elsewhere: None,
            heard: None,
            deaf_after: Limit::Unlimited,
            kept: Mutex::new(Kept { call: None, aside: VecDeque::new() }),
            at: None,
            retry: None,
            lost: false,
            over: false,
        }
    }

    pub(crate) fn set_calls(&mut self, calls: Box<dyn Pending<F>>) {
        self.calls = Some(calls);
    }

    /// Whether the conversation is to end.
    pub(super) fn is_over(&mut self) -> bool {
        (self.over || self.leaves && self.oldest_awaited().is_none()) && self.kept().aside.is_empty()
    }

    pub(super) fn kept(&mut self) -> &mut Kept<F> {
        self.kept.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives back what was set aside first, if anything was, and what the rest is charged for.
    pub(super) fn take_aside(&mut self) -> Option<(Aside<F>, usize)> {
        self.at = None;
        let aside = &mut self.kept().aside;
        let first = aside.pop_front()?;
        if aside.is_empty() {
            *aside = VecDeque::new();
        }
        self.at = Some(first.at.clone());
        Some((first, self.charge()))
    }

    /// What all that is set aside is charged for.
    pub(super) fn charge(&mut self) -> usize {
        self.kept().aside.iter().fold(0, |sum, aside| sum.saturating_add(aside.charge))
    }

    /// Since when somebody has awaited an answer of the peer, if anybody does.
    pub(super) fn oldest_awaited(&mut self) -> Option<Instant> {
        self.calls.as_mut().and_then(|calls| calls.oldest_awaited())
    }

    /// Whether more is to be read while a handler waits.
    pub(super) fn reads_on(&mut self) -> bool {
        self.oldest_awaited().is_some() && self.kept().aside.len() <= ASIDE
    }

    /// Whether an answer may come, be it awaited or not.
    pub(crate) fn expects(&self) -> bool {
        self.calls.as_ref().is_some_and(|calls| !calls.is_empty())
    }

    /// Gives `message` to the call that it answers, or back.
    pub(crate) fn offer(&mut self, message: F::Owned) -> Option<F::Owned> {
        match &mut self.calls {
            Some(calls) => calls.offer(message),
            None => Some(message),
        }
    }

    /// Gives what was received to the call that it answers, or back.
    pub(super) fn sort(
        &mut self,
        received: Result<Option<F::Owned>, Error>,
        entry: &Entry,
    ) -> Result<Sorted<F::Owned>, Error> {
        if self.deaf_after != Limit::Unlimited && !matches!(received, Ok(None)) && self.expects() {
            self.heard = Some(Instant::now());
        }
        match received {
            Ok(Some(message)) => Ok(self.offer(message).map_or(Sorted::Answer, |message| Sorted::Other(Some(message)))),
            Ok(None) => Ok(Sorted::Other(None)),
            Err(Error::Bad(bad)) => self.offer_bad(bad, entry)?.map_or(Ok(Sorted::Answer), |bad| Err(bad.into())),
            Err(error) => Err(error),
        }
    }

    /// Gives a bad message to the call that it answers, or back.
    pub(crate) fn offer_bad(&mut self, bad: Bad, entry: &Entry) -> Result<Option<Bad>, Error> {
        let Some(calls) = &mut self.calls else { return Ok(Some(bad)) };
        let kept = calls.offer_bad(bad).map_err(|bad| {
            let why = format!("nobody can tell whether it is an answer: {bad}");
            io::Error::new(io::ErrorKind::InvalidData, why)
        })?;
        if kept.is_none() {
            entry.count_error();
        }
        Ok(kept)
    }

    /// The next of what others send. `None` when there is nothing, or it has to wait.
    pub(super) fn next(&mut self, cx: &Context<'_>) -> io::Result<Option<Outgoing<F>>> {
        if self.leaves {
            self.outgoing.watch(cx);
            // Who gives up nudges the queue of the connection that others call over now.
            if let Some(calls) = &mut self.calls {
                calls.watch_oldest_awaited(&mut Context::from_waker(cx.waker()));
            }
            return Ok(None);
        }
        let waiting = self.kept().call.take();
        if let Some(call) = waiting.or_else(|| self.again.pop_front()) {
            return self.admit(call, cx);
        }
        match self.outgoing.poll_pop(cx) {
            Poll::Ready(Some(Outgoing::Call(call))) => self.admit(call, cx),
            Poll::Ready(Some(message)) => Ok(Some(message)),
            Poll::Ready(None) => {
                self.over = true;
                Ok(None)
            }
            Poll::Pending => Ok(None),
        }
    }

    /// Gives a call back if there is room for it, or it needs none. Otherwise it waits.
    fn admit(&mut self, call: Call<F>, cx: &Context<'_>) -> io::Result<Option<Outgoing<F>>> {
        // Before it looks: who gives up, or closes, after that wakes it.
        self.outgoing.watch(cx);
        let mut room = if self.takes_no_calls() || call.is_given_up() { Ok(true) } else { self.has_room() };
        if room == Ok(false) && self.poll_retry(cx).is_ready() {
            room = self.has_room();
        }
        if room == Ok(true) {
            self.retry = None;
            return Ok(Some(Outgoing::Call(call)));
        }
        self.kept().call = Some(call);
        room.map(|_| None).map_err(unanswered)
    }

    /// Ready when a request is overdue that takes the room of others.
    fn poll_retry(&mut self, cx: &Context<'_>) -> Poll<()> {
        let Some(until) = self.calls.as_ref().and_then(|calls| calls.full_until()) else { return Poll::Pending };
        let retry = self.retry.get_or_insert_with(|| Box::pin(sleep_until(until)));
        if retry.deadline() != until {
            retry.as_mut().reset(until);
        }
        retry.as_mut().poll(&mut Context::from_waker(cx.waker()))
    }

    fn has_room(&mut self) -> Result<bool, Unanswered> {
        let Some(calls) = &mut self.calls else { return Ok(true) };
        if let (Limit::At(limit), Some(since)) = (self.deaf_after, calls.oldest().max(self.heard))
            && !calls.is_empty()
            && since.elapsed() >= limit
        {
            return Err(Unanswered(limit));
        }
        calls.has_room()
    }

    /// Sends a call with `encode`, if somebody still awaits its answer.
    pub(super) fn call(&mut self, mut call: Call<F>, encode: &mut dyn FnMut(&F::Reply) -> Result<(), EncodeError>) {
        if call.is_given_up() {
            return;
        }
        if self.takes_no_calls() {
            return call.fail(CallError::Closed);
        }
        let Some(calls) = &mut self.calls else { return call.fail(CallError::Uncorrelated) };
        let keep = self.resend.as_ref().is_some_and(|resend| resend(call.request.get()));
        calls.enter(call, keep, encode);
    }

    fn takes_no_calls(&self) -> bool {
        self.lost || self.outgoing.is_closed()
    }

    /// No answer comes any more over this connection: what came would be given to the wrong call. Calls that may be made again
    /// are kept for the next one.
    pub(super) fn lose(&mut self) {
        self.lost = true;
        let again = self.calls.as_mut().map(|calls| calls.lose()).unwrap_or_default();
        again.into_iter().rev().for_each(|call| self.again.push_front(call));
    }

    /// Nothing more can be sent.
    pub(super) fn end(&mut self) {
        let queued = self.outgoing.end().into_iter().filter_map(Outgoing::into_call);
        self.lose();
        let waiting = self.kept().call.take();
        self.again.drain(..).chain(waiting).chain(queued).for_each(|call| call.fail(CallError::Closed));
        self.over = true;
    }
}

fn unanswered(Unanswered(time): Unanswered) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, format!("a request was not answered for {time:?}"))
}

impl<F: Format> Drop for Link<F> {
    fn drop(&mut self) {
        self.end();
        if let Some(handle) = &self.handle {
            handle.end();
        }
    }
}
