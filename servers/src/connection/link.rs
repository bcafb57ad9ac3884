//! What others send over a connection, and the answers that they await.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;
use wirework_core::{Bad, BadCause, Codec, EncodeError, Error, Format, Location, Message};

use super::Connection;
use super::inbound::{Inbound, More};
use crate::call::{Call, Pending, Unanswered};
use crate::handle::{Handle, Outgoing};
use crate::queue::Queue;
use crate::registry::Entry;
use crate::{CallError, Correlation, Event, Limit};

/// How many messages of others are sent in one turn.
const IN_A_ROW: usize = 256;

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
    at: Option<Location>,
    /// Whether no answer comes any more over this connection.
    pub(super) lost: bool,
    /// Whether nothing more is sent, and the conversation is to end.
    over: bool,
}

/// What waits.
pub(super) struct Kept<F: Format> {
    /// A call for which there was no room. What others send behind it waits in the queue.
    pub(super) call: Option<Call<F>>,
    /// What came while a handler awaited an answer.
    aside: VecDeque<Aside<F>>,
}

/// What came while a handler awaited an answer.
struct Aside<F: Format> {
    /// Where it stood.
    at: Location,
    came: Result<F::Owned, Error>,
    /// The format as it was then.
    format: F,
    /// How many bytes it is charged for.
    charge: usize,
}

/// What was received.
enum Sorted<M> {
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
            lost: false,
            over: false,
        }
    }

    pub(crate) fn set_calls(&mut self, calls: Box<dyn Pending<F>>) {
        self.calls = Some(calls);
    }

    /// Whether the conversation is to end.
    fn is_over(&mut self) -> bool {
        (self.over || self.leaves && self.oldest_awaited().is_none()) && self.kept().aside.is_empty()
    }

    pub(super) fn kept(&mut self) -> &mut Kept<F> {
        self.kept.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives back what was set aside first, if anything was, and what the rest is charged for.
    fn take_aside(&mut self) -> Option<(Aside<F>, usize)> {
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
    fn charge(&mut self) -> usize {
        self.kept().aside.iter().fold(0, |sum, aside| sum.saturating_add(aside.charge))
    }

    /// Since when somebody has awaited an answer of the peer, if anybody does.
    fn oldest_awaited(&mut self) -> Option<Instant> {
        self.calls.as_mut().and_then(|calls| calls.oldest_awaited())
    }

    /// Whether more is to be read while a handler waits.
    fn reads_on(&mut self) -> bool {
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
    fn sort(&mut self, received: Result<Option<F::Owned>, Error>, entry: &Entry) -> Result<Sorted<F::Owned>, Error> {
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
    fn next(&mut self, cx: &Context<'_>) -> io::Result<Option<Outgoing<F>>> {
        if self.leaves {
            self.outgoing.watch(cx);
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
        let room = if self.takes_no_calls() || call.is_given_up() { Ok(true) } else { self.has_room() };
        if room == Ok(true) {
            return Ok(Some(Outgoing::Call(call)));
        }
        self.kept().call = Some(call);
        room.map(|_| None).map_err(unanswered)
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
    fn call(&mut self, mut call: Call<F>, encode: &mut dyn FnMut(&F::Reply) -> Result<(), EncodeError>) {
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
    fn end(&mut self) {
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

impl<Io, C: Codec> Connection<Io, C>
where
    Io: AsyncRead + AsyncWrite + Unpin,
{
    /// What other tasks send with over this connection. What they send leaves while this conversation waits: in
    /// [`recv`](Connection::recv), [`recv_or`](Connection::recv_or), or [`close`](Connection::close).
    ///
    /// The handle ends with the connection, and when that is [`split`](Connection::split) or closed as a [`Sink`](futures_sink::Sink), or
    /// goes on as [another stream](Connection::into_stream) or with [another codec](Connection::with_codec).
    pub fn handle(&mut self) -> Handle<C::Format> {
        let entry = &self.inbound.entry;
        let link = self.link.get_or_insert_with(|| Box::new(Link::new(Arc::new(Queue::new(entry.limits().queue)))));
        link.handle.get_or_insert_with(|| Handle::new(entry, link.outgoing.clone())).clone()
    }

    /// Says which message answers which [call](Handle::call). Those are not received here. To be said before the first call: one
    /// that has no answer yet is lost.
    pub fn calls(&mut self, correlation: &Correlation<C::Format>) {
        self.handle();
        let calls = correlation.pending(self.limits());
        if let Some(link) = &mut self.link {
            link.set_calls(calls);
        }
    }

    /// The next message among what has come that answers no call; `None` when more must come.
    pub(super) fn next_message(&mut self) -> Result<Option<Message<C>>, Error> {
        if let Some((Aside { came, format, .. }, rest)) = self.link.as_mut().and_then(|link| link.take_aside()) {
            self.inbound.set_aside(rest);
            if came.is_ok() {
                self.outbound.format.follow(&format);
            }
            return came.map(Some);
        }
        loop {
            let received = self.inbound.next();
            if let Ok(Some(_)) = &received {
                self.outbound.format.follow(&self.inbound.format);
            }
            let Some(link) = &mut self.link else { return received };
            match link.sort(received, &self.inbound.entry)? {
                Sorted::Answer => {}
                Sorted::Other(message) => return Ok(message),
            }
        }
    }

    /// The last message, which is bad because of `cause`.
    pub(crate) fn bad(&self, cause: BadCause) -> Bad {
        let aside = self.link.as_ref().and_then(|link| link.at.clone());
        Bad::new(aside.unwrap_or_else(|| self.inbound.frames.location(&[])), cause)
    }

    /// Whether nothing more is received: nothing comes, or somebody has closed the connection by its handle.
    pub(crate) fn is_over(&mut self) -> bool {
        let over = self.inbound.is_over();
        self.link.as_mut().map_or(over, |link| link.is_over() || over && link.kept().aside.is_empty())
    }

    /// Whether somebody has closed the connection by its handle, and all that was sent by it is encoded.
    pub(crate) fn is_closed_by_handle(&mut self) -> bool {
        self.link.as_mut().is_some_and(|link| link.is_over())
    }

    /// Has the clock know whether anybody awaits an answer of the peer.
    pub(crate) fn expect_answers(&mut self) {
        let Some(link) = &mut self.link else { return };
        if let (Some(calls), Limit::Unlimited) = (&mut link.calls, link.deaf_after) {
            calls.forget();
        }
        self.inbound.set_awaits(link.oldest_awaited());
    }

    /// No answer comes any more: who awaits one need not wait for the end.
    pub(super) fn lose_answers(&mut self) {
        if let Some(link) = &mut self.link {
            link.lose();
        }
    }

    /// Encodes what others send, as far as there is room. Gives whether there may be more for which there is none.
    pub(crate) fn take_pushed(&mut self, sent: &mut usize, cx: &Context<'_>) -> io::Result<bool> {
        let Self { link, inbound, outbound, .. } = self;
        let Some(link) = link else { return Ok(false) };
        while outbound.has_room() {
            if *sent >= IN_A_ROW {
                cx.waker().wake_by_ref();
                return Ok(false);
            }
            match link.next(cx)? {
                None => return Ok(false),
                Some(Outgoing::Message(message)) => {
                    if let Err(error) = outbound.encode((*message).as_reply()) {
                        let entry = &inbound.entry;
                        entry.tell(&Event::Unsent { peer: entry.peer(), error: &error });
                    }
                }
                Some(Outgoing::Call(call)) => link.call(call, &mut |request| outbound.encode(request)),
            }
            *sent += 1;
        }
        Ok(true)
    }

    /// Writes what is unsent, and what others send. Ready when all of it is written.
    pub(crate) fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.drain_notice.is_some()
            && self.entry().drains()
            && let Some(notice) = self.drain_notice.take()
        {
            // One that cannot be sent is not: the conversation ends without it.
            let _ = self.outbound.encode((*notice).as_reply());
        }
        let mut sent = 0;
        loop {
            let more = self.take_pushed(&mut sent, cx)?;
            ready!(self.outbound.poll_flush(Pin::new(&mut self.io), cx))?;
            self.outbound.release();
            if !more {
                return Poll::Ready(Ok(()));
            }
        }
    }

    /// Takes nothing more from others, and writes what they have sent. No answer is received any more.
    pub(crate) async fn end_pushed(&mut self) -> io::Result<()> {
        poll_fn(|cx| self.poll_end_pushed(cx)).await
    }

    pub(super) fn poll_end_pushed(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(link) = &mut self.link else { return Poll::Ready(Ok(())) };
        link.outgoing.close();
        link.lose();
        ready!(self.poll_write(cx))?;
        // If not, so many were sent that others get their turn.
        if self.link.as_ref().is_none_or(|link| link.over) { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    /// Called while a handler waits: writes what is unsent and what others send, and if anybody awaits an answer of the peer,
    /// reads on. What else comes is set aside.
    pub(crate) fn poll_meanwhile(&mut self, cx: &mut Context<'_>) {
        if self.link.is_none() {
            // An error comes again at the next write, which is not lost in a handler.
            let _: Poll<_> = self.poll_write(cx);
            return;
        }
        loop {
            if let Poll::Ready(Err(error)) = self.poll_write(cx) {
                self.fail(error);
            }
            if !self.link.as_mut().is_some_and(|link| link.reads_on()) {
                return self.inbound.pause();
            }
            if self.poll_aside(cx).is_pending() {
                return;
            }
        }
    }

    /// Nothing more can be sent, for who waits for a handler, too. The conversation learns of it behind what has come.
    fn fail(&mut self, error: io::Error) {
        let Some(link) = &mut self.link else { return };
        if !link.over {
            let at = self.inbound.frames.location(&[]);
            let format = self.inbound.format.clone();
            link.kept().aside.push_back(Aside { at, came: Err(error.into()), format, charge: 0 });
        }
        link.end();
    }

    /// Gives the next message to the call that it answers, or sets it aside.
    fn poll_aside(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let before = self.inbound.frames.offset();
        let received = loop {
            match self.inbound.next() {
                Ok(None) if !self.inbound.is_over() => {
                    if let Err(error) = ready!(self.poll_read_on(cx)) {
                        break Err(error.into());
                    }
                }
                received => break received,
            }
        };
        let Some(link) = &mut self.link else { return Poll::Ready(()) };
        let came = match link.sort(received, &self.inbound.entry) {
            Ok(Sorted::Answer) => return Poll::Ready(()),
            Ok(Sorted::Other(message)) => message.map(Ok),
            Err(error) => Some(Err(error)),
        };
        if came.as_ref().is_none_or(|came| came.as_ref().is_err_and(Error::is_fatal)) {
            link.lose();
        }
        if let Some(came) = came {
            let Inbound { frames, format, .. } = &self.inbound;
            let charge = usize::try_from(frames.offset().saturating_sub(before)).unwrap_or(usize::MAX);
            let aside = Aside { at: frames.location(&[]), came, format: format.clone(), charge };
            link.kept().aside.push_back(aside);
            self.inbound.set_aside(link.charge());
        }
        Poll::Ready(())
    }

    /// Reads more, while a message that has come is in flight.
    fn poll_read_on(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.expect_answers();
        match ready!(self.inbound.poll_more(Pin::new(&mut self.io), false, cx))? {
            More::Look => {}
            More::KeepAlive => self.ask_for_sign_of_life(),
        }
        Poll::Ready(Ok(()))
    }
}
