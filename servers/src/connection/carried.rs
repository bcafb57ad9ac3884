//! A link that goes on from one connection to the next, as that of a client does.

use std::mem::take;
use std::sync::Arc;

use wirework_core::{Codec, Format};

use super::Connection;
use super::link::{Link, Resend};
use crate::Limits;
use crate::call::Pending;
use crate::handle::Outgoing;
use crate::queue::Queue;

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

    /// Whether nobody sends any more.
    pub(crate) fn is_left(&self) -> bool {
        self.outgoing.is_closed()
    }

    /// Ready when nobody sends any more. Cancel safe.
    pub(crate) async fn left(&self) {
        self.outgoing.closed().await;
    }
}

impl<Io, C: Codec> Connection<Io, C> {
    /// Sends nothing more, and ends once no answer is awaited.
    pub(crate) fn leave(&mut self) {
        if let Some(link) = &mut self.link {
            link.leaves = true;
        }
    }

    /// Gives the link back, when the conversation is over. Of the calls that have no answer those that may be are made again with it;
    /// the others fail.
    pub(crate) fn detach(&mut self) -> Option<Box<Link<C::Format>>> {
        let mut link = self.link.take()?;
        let again = link.calls.as_mut().map(|calls| calls.lose()).unwrap_or_default();
        let later = take(&mut link.again);
        link.again.extend(again.into_iter().chain(later));
        (link.leaves, link.heard) = (false, None);
        Some(link)
    }
}
