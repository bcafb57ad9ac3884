//! A connection over which others send and call, besides its own conversation.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite};
use wirework_core::{Bad, BadCause, Codec, Error, Format, Message};

use super::Connection;
use super::inbound::{Inbound, More};
use super::link::{Aside, Link, Sorted};
use crate::handle::{Handle, Outgoing};
use crate::queue::Queue;
use crate::{Correlation, Event, Limit};

/// How many messages of others are sent in one turn.
const IN_A_ROW: usize = 256;

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
