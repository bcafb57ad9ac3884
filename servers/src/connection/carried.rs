//! A link that goes on from one connection to the next, as that of a client does.

use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::coop::unconstrained;
use wirework_core::{Codec, Error, Format, Message};

use super::Connection;
use super::inbound::More;
use super::link::{Link, Resend};
use crate::call::Pending;
use crate::handle::Outgoing;
use crate::queue::Queue;
use crate::{CallError, Limits};

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
    /// Sends nothing more, and ends once no answer is awaited. `for_good`: there will be no other connection, and nobody is to
    /// queue for it.
    pub(crate) fn leave(&mut self, for_good: bool) {
        if let Some(link) = &mut self.link {
            link.leaves = true;
            if for_good {
                link.outgoing.close();
            }
        }
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
                    Err(Error::Bad(_)) => {}
                    Ok(None) | Err(_) => break,
                }
            }
            Poll::Ready(())
        });
        unconstrained(heard).await;
    }
}
