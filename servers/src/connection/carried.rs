//! A link that goes on from one connection to the next, as that of a client does.

use std::future::{pending, poll_fn};
use std::mem::{replace, take};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::task::coop::unconstrained;
use tokio::time::timeout;
use wirework_core::{Codec, Error, Format, Message};

use super::Connection;
use super::inbound::More;
use super::link::{Link, Resend};
use crate::call::Pending;
use crate::handle::Outgoing;
use crate::queue::Queue;
use crate::{CallError, Event, Limits};

impl<F: Format> Link<F> {
    /// That of a client.
    pub(crate) fn of_client(
        outgoing: Arc<Queue<Outgoing<F>>>,
        calls: Box<dyn Pending<F>>,
        resend: Option<Arc<Resend<F>>>,
        limits: &Limits,
    ) -> Self {
        let mut link = Self::new(outgoing);
        (link.calls, link.resend, link.deaf_after) = (Some(calls), resend, limits.overdue);
        link
    }

    /// Whether it goes on over another connection: nobody has a handle of this one.
    pub(super) fn is_carried(&self) -> bool {
        self.handle.is_none()
    }

    /// Whether nobody sends any more.
    pub(crate) fn is_left(&self) -> bool {
        self.outgoing.is_closed()
    }

    /// Ready when nobody sends any more. Cancel safe.
    pub(crate) async fn left(&self) {
        self.outgoing.closed().await;
    }

    /// Whether nobody sends any more, and no message is left to be sent. Calls are not made then: they fail.
    pub(crate) fn is_done(&mut self) -> bool {
        if !self.is_left() {
            return false;
        }
        let queued = self.outgoing.sift(|outgoing| matches!(outgoing, Outgoing::Message(_)));
        let calls = queued.into_iter().filter_map(Outgoing::into_call);
        self.again.drain(..).chain(calls).for_each(|call| call.fail(CallError::Closed));
        self.outgoing.is_empty()
    }

    /// Ready when nobody sends any more, and no message is left to be sent. Cancel safe.
    pub(crate) async fn done(&mut self) {
        self.left().await;
        if !self.is_done() {
            pending().await
        }
    }
}

impl<Io, C: Codec> Connection<Io, C> {
    /// Sends nothing more, and ends once no answer is awaited. There will be no other connection, and nobody is to queue for it.
    pub(crate) fn leave(&mut self) {
        if let Some(link) = &mut self.link {
            link.leaves = true;
            link.outgoing.close();
        }
    }

    /// Gives a link for the next connection, over which all goes that is sent from now on. Over this one answers still come to
    /// what it was sent.
    pub(crate) fn hand_over(&mut self, calls: Box<dyn Pending<C::Format>>) -> Option<Box<Link<C::Format>>> {
        let link = self.link.as_mut()?;
        let mut next = Link::new(replace(&mut link.outgoing, Arc::new(Queue::new(1))));
        (next.calls, next.resend, next.deaf_after) = (Some(calls), link.resend.clone(), link.deaf_after);
        next.again = take(&mut link.again);
        if let Some(waiting) = link.kept().call.take() {
            next.again.push_front(waiting);
        }
        link.elsewhere = Some(next.outgoing.clone());
        link.leaves = true;
        Some(Box::new(next))
    }

    /// Gives the link back, when the conversation is over. Of the calls that have no answer those that may be are made again with it;
    /// the others fail.
    pub(crate) fn detach(&mut self) -> Option<Box<Link<C::Format>>> {
        let mut link = self.link.take()?;
        // What waited for room comes behind those that had it.
        if let Some(waiting) = link.kept().call.take() {
            link.again.push_front(waiting);
        }
        link.lose();
        (link.leaves, link.heard, link.lost) = (false, None, false);
        Some(link)
    }
}

impl<Io, C: Codec> Connection<Io, C>
where
    Io: AsyncRead + AsyncWrite + Unpin,
{
    /// Hears what has come already, when the conversation has failed: a peer that takes nothing more may have answered before. Does not
    /// wait.
    pub(crate) async fn hear_out(&mut self, mut other: impl FnMut(Message<C>)) {
        let most = self.limits().linger_bytes as u64;
        let until = self.inbound.bytes().saturating_add(most);
        let heard = poll_fn(|cx| {
            while self.inbound.bytes() <= until {
                match self.next_message() {
                    Ok(Some(message)) => other(message),
                    Ok(None) if !self.inbound.is_over() => {
                        let Poll::Ready(Ok(More::Look)) = self.inbound.poll_more(Pin::new(&mut self.io), false, cx)
                        else {
                            break;
                        };
                    }
                    Err(Error::Bad(bad)) => self.entry().tell_bad(&bad),
                    Ok(None) | Err(_) => break,
                }
            }
            Poll::Ready(())
        });
        unconstrained(heard).await;
    }
}

impl<Io, C: Codec> Connection<Io, C>
where
    Io: AsyncRead + AsyncWrite + Unpin,
{
    /// Sees a connection to its end over which nothing more is sent. It awaits the answers to what was, and hears what else the peer
    /// says, until that has said nothing for [`Limits::drain_idle`](crate::Limits::drain_idle): what is on its way to be pushed here
    /// would be cut off by the end of this side. Then it ends this side, and hears the peer to its own end. Of the calls that have no answer
    /// those that may be are made again elsewhere. All of it takes no longer than [`Limits::drain`](crate::Limits::drain).
    pub(crate) async fn see_off(mut self, mut other: impl FnMut(Message<C>)) {
        let (entry, limits) = (self.inbound.entry.clone(), self.limits().clone());
        self.keep_alive = None;
        let _ = timeout(limits.drain, async {
            self.hear(&mut other, None).await;
            self.call_again_elsewhere().await;
            // The end of the calls is that of the connection no longer, and answers that are late are still told from what is pushed.
            if let Some(link) = &mut self.link {
                link.leaves = false;
            }
            self.hear(&mut other, Some(limits.drain_idle)).await;
            self.flush().await?;
            self.io.shutdown().await?;
            self.hear(&mut other, None).await;
            Ok::<_, Error>(())
        })
        .await;
        self.lose_answers();
        self.call_again_elsewhere().await;
        entry.tell(&Event::Closed { status: &entry.status() });
    }

    /// Has the calls that were lost over this connection, and may be made again, made over the next one, once there is room for them.
    async fn call_again_elsewhere(&mut self) {
        let Some(link) = &mut self.link else { return };
        let Some(elsewhere) = &link.elsewhere else { return };
        while let Some(call) = link.again.pop_front() {
            if let Err(call) = elsewhere.push(call, Outgoing::Call).await {
                call.fail(CallError::Lost);
            }
        }
    }

    /// Hears what the peer says that answers no call, to its end, or until it has said nothing for so long.
    async fn hear(&mut self, mut other: impl FnMut(Message<C>), silence: Option<Duration>) {
        loop {
            let received = match silence {
                Some(silence) => match timeout(silence, self.recv()).await {
                    Ok(received) => received,
                    Err(_) => return,
                },
                None => self.recv().await,
            };
            match received {
                Ok(Some(message)) => other(message),
                Err(Error::Bad(bad)) => self.entry().tell_bad(&bad),
                Ok(None) | Err(_) => return,
            }
        }
    }
}
