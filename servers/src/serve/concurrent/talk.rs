//! A conversation in which several messages are handled at once.

use std::collections::VecDeque;
use std::future::Future;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite};
use wirework_core::{AsReply, Bad, BoxError, Codec, Error, Message};

use super::work::{AtWork, Handled, Said, Task, What};
use crate::Connection;
use crate::serve::deadline::Deadline;
use crate::serve::end::End;
use crate::serve::handler::Handler;
use crate::serve::{Hooks, OnBad};

/// The least that a message in flight is charged for: a short one, too, costs a handler.
const LEAST: usize = 64;

/// A message that was received, and for which the handler is not ready.
struct Next<M> {
    message: M,
    charge: usize,
    deadline: Deadline,
}

/// A conversation in which several messages are handled at once.
pub(super) struct Talk<'a, C: Codec, H: Handler<C>, W: Future> {
    hooks: &'a Hooks<C>,
    handler: H,
    most: usize,
    work: fn(Task<C, H>) -> W,
    at_work: AtWork<W>,
    next: Option<Next<Message<C>>>,
    /// What there was no room to send.
    done: VecDeque<Handled<C, H>>,
    /// What all messages in flight are charged for.
    in_flight: usize,
    /// Where the last message ended.
    received: u64,
    /// Why nothing more is received.
    end: Option<End>,
    /// Whether nothing more can be sent.
    broken: bool,
}

/// Nothing more can be sent.
struct Failed;

impl<'a, C, H, W> Talk<'a, C, H, W>
where
    C: Codec,
    H: Handler<C>,
    W: Future<Output = Handled<C, H>>,
{
    pub(super) fn new(hooks: &'a Hooks<C>, handler: H, most: usize, work: fn(Task<C, H>) -> W, ordered: bool) -> Self {
        Self {
            hooks,
            handler,
            most,
            work,
            at_work: AtWork::new(ordered),
            next: None,
            done: VecDeque::new(),
            in_flight: 0,
            received: 0,
            end: None,
            broken: false,
        }
    }

    /// Each turn: what is done is replied, what is there is taken, and what was replied is written when nothing can be taken.
    pub(super) fn poll<Io>(&mut self, connection: &mut Connection<Io, C>, cx: &mut Context<'_>) -> Poll<End>
    where
        Io: AsyncRead + AsyncWrite + Unpin,
    {
        if let Err(told) = connection.entry().check() {
            self.fail(told.into());
        }
        loop {
            // Whether there is room for their replies or not: others may wait for what a handler holds, such as a lock.
            while let Poll::Ready(Some(done)) = self.at_work.poll_next(cx) {
                self.done.push_back(done);
            }
            if let Err(error) = self.reply(connection) {
                return Poll::Ready(End::Handler(error));
            }
            if self.begin(connection, cx).is_ready() {
                continue;
            }
            if self.len() == 0
                && let Some(end) = self.end.take()
            {
                return Poll::Ready(end);
            }
            connection.inbound.set_in_flight(self.in_flight);
            if self.takes() && connection.outbound.has_room() {
                ready!(self.poll_take(connection, cx));
                continue;
            }
            connection.inbound.pause();
            // Handlers may await answers of the peer.
            connection.poll_meanwhile(cx);
            let failed = self.write(connection, cx).is_err();
            let wants_room = self.takes() || !self.done.is_empty();
            if !(failed || wants_room && connection.outbound.has_room()) {
                return Poll::Pending;
            }
        }
    }

    /// How many messages are in flight.
    fn len(&self) -> usize {
        self.at_work.len() + self.done.len() + usize::from(self.next.is_some())
    }

    /// Whether another message may be taken.
    fn takes(&self) -> bool {
        self.end.is_none() && self.next.is_none() && self.len() < self.most
    }

    /// Ends the conversation once all that is in flight is done. Nothing more can be sent.
    fn fail(&mut self, error: Error) {
        if !self.broken {
            self.end = Some(End::Stream(error));
            self.broken = true;
        }
    }

    /// Encodes what is done, as far as there is room.
    fn reply<Io>(&mut self, connection: &mut Connection<Io, C>) -> Result<(), BoxError>
    where
        Io: AsyncRead + AsyncWrite + Unpin,
    {
        while self.broken || connection.outbound.has_room() {
            let Some(Handled { charge, reply }) = self.done.pop_front() else { break };
            self.in_flight = self.in_flight.saturating_sub(charge);
            if self.broken {
                continue;
            }
            let Connection { inbound, outbound, .. } = connection;
            match reply? {
                Said::Nothing => {}
                Said::Reply(reply) => self.hooks.say(reply.as_reply(), &inbound.entry, outbound),
                Said::Bad(message) => self.hooks.say((*message).as_reply(), &inbound.entry, outbound),
            }
        }
        Ok(())
    }

    /// Takes another message.
    fn poll_take<Io>(&mut self, connection: &mut Connection<Io, C>, cx: &mut Context<'_>) -> Poll<()>
    where
        Io: AsyncRead + AsyncWrite + Unpin,
    {
        let received = ready!(connection.poll_recv(cx));
        let at = connection.inbound.frames.offset();
        let charge = usize::try_from(at.saturating_sub(self.received)).unwrap_or(usize::MAX).max(LEAST);
        self.received = at;
        match received {
            Ok(Some(message)) => {
                let deadline = Deadline::new(connection.limits().handler);
                self.in_flight = self.in_flight.saturating_add(charge);
                self.next = Some(Next { message, charge, deadline });
            }
            Ok(None) if connection.is_drained() => self.end = Some(End::Drained),
            Ok(None) => self.end = Some(End::Agreed),
            Err(Error::Bad(bad)) => self.judge(&bad, charge, connection),
            Err(error) => self.end = Some(End::Stream(error)),
        }
        Poll::Ready(())
    }

    /// Does about a bad message what is to be done.
    fn judge<Io>(&mut self, bad: &Bad, charge: usize, connection: &Connection<Io, C>)
    where
        Io: AsyncRead + AsyncWrite + Unpin,
    {
        match self.hooks.judge(bad, connection.entry()) {
            OnBad::Reply(message) => {
                self.in_flight = self.in_flight.saturating_add(charge);
                self.push(Task { charge, what: What::Bad(message) });
            }
            OnBad::Skip => {}
            OnBad::Close => {
                self.end.get_or_insert(End::Agreed);
            }
        }
    }

    /// Begins to handle the message that was taken, as soon as the handler is ready for it.
    fn begin<Io>(&mut self, connection: &Connection<Io, C>, cx: &mut Context<'_>) -> Poll<()>
    where
        Io: AsyncRead + AsyncWrite + Unpin,
    {
        let Some(next) = &mut self.next else { return Poll::Pending };
        let failed = match self.handler.poll_ready(cx) {
            Poll::Ready(Ok(())) => None,
            Poll::Ready(Err(error)) => Some(error),
            Poll::Pending => Some(ready!(next.deadline.poll_missed(cx))),
        };
        let Some(Next { message, charge, deadline }) = self.next.take() else { return Poll::Pending };
        let what = match failed {
            None => match self.handler.handle(message) {
                Ok(handling) => What::Handle(handling, deadline),
                Err(cause) => {
                    self.in_flight = self.in_flight.saturating_sub(charge);
                    self.judge(&connection.bad(cause), charge, connection);
                    return Poll::Ready(());
                }
            },
            Some(error) => {
                self.end.get_or_insert(End::Agreed);
                What::Failed(error)
            }
        };
        self.push(Task { charge, what });
        Poll::Ready(())
    }

    fn push(&mut self, task: Task<C, H>) {
        self.at_work.push((self.work)(task));
    }

    /// Writes what is unsent, as far as the peer takes it.
    fn write<Io>(&mut self, connection: &mut Connection<Io, C>, cx: &mut Context<'_>) -> Result<(), Failed>
    where
        Io: AsyncRead + AsyncWrite + Unpin,
    {
        if self.broken {
            return Ok(());
        }
        match connection.poll_write(cx) {
            Poll::Ready(Err(error)) => {
                self.fail(error.into());
                Err(Failed)
            }
            Poll::Ready(Ok(())) | Poll::Pending => Ok(()),
        }
    }
}
