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
use super::inbound::More;
use crate::call::{Call, Pending, Unanswered};
use crate::handle::{Handle, Outgoing};
use crate::queue::Queue;
use crate::registry::Entry;
use crate::{CallError, Correlation, Event, Limit};

/// How many messages of others are sent in one turn.
const IN_A_ROW: usize = 256;

/// How many messages are set aside while a handler awaits an answer of the peer.
const ASIDE: usize = 64;

/// What others send over a connection, and the answers that they await.
pub(crate) struct Link<F: Format> {
    pub(super) outgoing: Arc<Queue<Outgoing<F>>>,
    /// What others have of it, in a server.
    handle: Option<Handle<F>>,
    pub(super) calls: Option<Box<dyn Pending<F>>>,
    /// Whether a request is to be sent again when the connection ends before its answer.
    pub(super) resend: Option<Arc<Resend<F>>>,
    /// Calls that are made again, before any other.
    pub(super) again: VecDeque<Call<F>>,
    /// Whether the peer has asked us to go elsewhere: nothing more is sent, and what is awaited is waited for.
    pub(super) leaves: bool,
    /// When the peer was last heard of while a request had no answer, and how long it may say nothing then, in a client.
    pub(super) heard: Option<Instant>,
    pub(super) deaf_after: Limit<Duration>,
    /// What came while a handler awaited an answer. It is never locked: a connection can be shared, and a message perhaps not.
    aside: Mutex<VecDeque<Aside<F>>>,
    /// Where the last message stood, if it was set aside.
    at: Option<Location>,
    /// Whether nothing more is sent, and the conversation is to end.
    over: bool,
}

/// What was set aside, and where it stood.
type Aside<F> = (Location, Result<<F as Format>::Owned, Error>);

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
            heard: None,
            deaf_after: Limit::Unlimited,
            aside: Mutex::default(),
            at: None,
            over: false,
        }
    }

    pub(crate) fn set_calls(&mut self, calls: Box<dyn Pending<F>>) {
        self.calls = Some(calls);
    }

    /// Whether the conversation is to end.
    fn is_over(&mut self) -> bool {
        (self.over || self.leaves && !self.is_awaited()) && self.aside().is_empty()
    }

    fn aside(&mut self) -> &mut VecDeque<Aside<F>> {
        self.aside.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether anybody awaits an answer of the peer.
    fn is_awaited(&self) -> bool {
        self.calls.as_ref().is_some_and(|calls| calls.is_awaited())
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
        let room = match &mut self.calls {
            Some(calls) => {
                if let (Limit::At(limit), Some(since)) = (self.deaf_after, calls.oldest().max(self.heard))
                    && !calls.is_empty()
                    && since.elapsed() >= limit
                {
                    return Err(unanswered(Unanswered(limit)));
                }
                calls.has_room().map_err(unanswered)?
            }
            None => true,
        };
        if self.leaves || !room {
            self.outgoing.watch(cx);
            return Ok(None);
        }
        if let Some(call) = self.again.pop_front() {
            return Ok(Some(Outgoing::Call(call)));
        }
        match self.outgoing.poll_pop(cx) {
            Poll::Ready(None) => {
                self.over = true;
                Ok(None)
            }
            Poll::Ready(Some(outgoing)) => Ok(Some(outgoing)),
            Poll::Pending => Ok(None),
        }
    }

    /// Sends a call with `encode`, if somebody still awaits its answer.
    fn call(&mut self, mut call: Call<F>, encode: &mut dyn FnMut(&F::Reply) -> Result<(), EncodeError>) {
        let keep = self.resend.as_ref().is_some_and(|resend| resend(call.request.get()));
        match &mut self.calls {
            _ if call.is_given_up() => {}
            _ if self.outgoing.is_closed() => call.fail(CallError::Closed),
            Some(calls) => calls.enter(call, keep, encode),
            None => call.fail(CallError::Uncorrelated),
        }
    }

    /// No answer will come.
    fn lose(&mut self) {
        if let Some(calls) = &mut self.calls {
            calls.lose();
        }
    }
}

fn unanswered(Unanswered(time): Unanswered) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, format!("a request was not answered for {time:?}"))
}

impl<F: Format> Drop for Link<F> {
    fn drop(&mut self) {
        for outgoing in self.outgoing.end() {
            if let Outgoing::Call(call) = outgoing {
                call.fail(CallError::Closed);
            }
        }
        self.lose();
        self.again.drain(..).for_each(|call| call.fail(CallError::Lost));
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
    /// The handle ends with the connection, and when it is [`split`](Connection::split), or goes on as
    /// [another stream](Connection::into_stream) or with [another codec](Connection::with_codec).
    pub fn handle(&mut self) -> Handle<C::Format> {
        let entry = &self.inbound.entry;
        let link = self.link.get_or_insert_with(|| Box::new(Link::new(Arc::new(Queue::new(entry.limits().queue)))));
        link.handle.get_or_insert_with(|| Handle::new(entry, link.outgoing.clone())).clone()
    }

    /// Says which message answers which [call](Handle::call). Those are not received here.
    pub fn calls(&mut self, correlation: &Correlation<C::Format>) {
        self.handle();
        let calls = correlation.pending(self.limits());
        if let Some(link) = &mut self.link {
            link.set_calls(calls);
        }
    }

    /// The next message among what has come that answers no call; `None` when more must come.
    pub(super) fn next_message(&mut self) -> Result<Option<Message<C>>, Error> {
        if let Some(link) = &mut self.link {
            let (at, aside) = link.aside().pop_front().unzip();
            link.at = at;
            if let Some(aside) = aside {
                return aside.map(Some);
            }
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
        self.link.as_mut().map_or(over, |link| link.is_over() || over && link.aside().is_empty())
    }

    /// Whether somebody has closed the connection by its handle, and all that was sent by it is encoded.
    pub(crate) fn is_closed_by_handle(&mut self) -> bool {
        self.link.as_mut().is_some_and(|link| link.is_over())
    }

    /// Has the clock know whether anybody awaits an answer of the peer.
    pub(crate) fn expect_answers(&mut self) {
        self.inbound.set_awaits(self.link.as_ref().is_some_and(|link| link.is_awaited()));
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

    /// Takes nothing more from others, and writes what they have sent.
    pub(crate) async fn end_pushed(&mut self) -> io::Result<()> {
        let Some(link) = &self.link else { return Ok(()) };
        link.outgoing.close();
        poll_fn(|cx| {
            loop {
                ready!(self.poll_write(cx))?;
                if self.link.as_ref().is_none_or(|link| link.over) {
                    return Poll::Ready(Ok(()));
                }
            }
        })
        .await
    }

    /// Called while a handler waits: writes what is unsent and what others send, and if anybody awaits an answer of the peer,
    /// reads on. What else comes is set aside.
    pub(crate) fn poll_meanwhile(&mut self, cx: &mut Context<'_>) {
        // An error comes again at the next write, which is not lost in a handler.
        let _: Poll<_> = self.poll_write(cx);
        while self.link.as_mut().is_some_and(|link| link.is_awaited() && link.aside().len() < ASIDE) {
            let received = match self.inbound.next() {
                Ok(None) if !self.inbound.is_over() => match self.poll_read_on(cx) {
                    Poll::Pending => return,
                    Poll::Ready(Ok(())) => continue,
                    Poll::Ready(Err(error)) => Err(error.into()),
                },
                received => received,
            };
            let Some(link) = &mut self.link else { return };
            let aside = match link.sort(received, &self.inbound.entry) {
                Ok(Sorted::Answer) => continue,
                Ok(Sorted::Other(message)) => message.map(Ok),
                Err(error) => Some(Err(error)),
            };
            if aside.as_ref().is_none_or(|aside| aside.as_ref().is_err_and(Error::is_fatal)) {
                link.lose();
            }
            let at = self.inbound.frames.location(&[]);
            link.aside().extend(aside.map(|aside| (at, aside)));
        }
    }

    /// Reads more, while a message that has come is in flight.
    fn poll_read_on(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inbound.set_awaits(true);
        match ready!(self.inbound.poll_more(Pin::new(&mut self.io), false, cx))? {
            More::Look => {}
            More::KeepAlive => self.ask_for_sign_of_life(),
        }
        Poll::Ready(Ok(()))
    }
}
