//! What others send over a connection, and how it gets into the queue of that.

use std::time::Duration;

use wirework_core::{AsReply, Format};

use super::SendError;
use crate::call::{Answered, Call};
use crate::queue::{Queue, Rejected};
use crate::{CallError, Limit};

/// What others send over a connection.
pub(crate) enum Outgoing<F: Format> {
    Message(Box<dyn AsReply<F::Reply> + Send>),
    Call(Call<F>),
}

impl<F: Format> Outgoing<F> {
    fn message(message: impl AsReply<F::Reply> + Send + 'static) -> Self {
        Self::Message(Box::new(message))
    }

    pub(crate) fn into_call(self) -> Option<Call<F>> {
        match self {
            Self::Message(_) => None,
            Self::Call(call) => Some(call),
        }
    }
}

impl<F: Format> Queue<Outgoing<F>> {
    /// Queues a message, if there is room.
    pub(crate) fn try_send<M>(&self, message: M) -> Result<(), SendError<M>>
    where
        M: AsReply<F::Reply> + Send + 'static,
    {
        self.try_push(message, Outgoing::message).map_err(|(why, message)| match why {
            Rejected::Full => SendError::Full(message),
            Rejected::Closed => SendError::Closed(message),
        })
    }

    /// Queues a message, once there is room. Cancel safe: dropped while it waits, the message was not queued.
    pub(crate) async fn send<M>(&self, message: M) -> Result<(), SendError<M>>
    where
        M: AsReply<F::Reply> + Send + 'static,
    {
        self.push(message, Outgoing::message).await.map_err(SendError::Closed)
    }

    /// Queues a request, and gives its answer.
    pub(crate) async fn call(
        &self,
        request: impl AsReply<F::Reply> + Send + 'static,
        deadline: Limit<Duration>,
    ) -> Result<F::Owned, CallError> {
        let called = async {
            let (call, answered) = Call::new(request);
            let mut waiting = Waiting { answered, outgoing: self, over: false };
            self.push(call, Outgoing::Call).await.map_err(|_| CallError::Closed)?;
            let answer = (&mut waiting.answered).await;
            waiting.over = true;
            answer.unwrap_or(Err(CallError::Lost))
        };
        match deadline {
            Limit::At(time) => tokio::time::timeout(time, called).await.unwrap_or(Err(CallError::Deadline(time))),
            Limit::Unlimited => called.await,
        }
    }
}

/// Somebody who awaits an answer. The connection is told when nobody does any more: there may be room for another call. One that was
/// given up before it was sent waits no longer in the queue, where others want its room.
struct Waiting<'a, F: Format> {
    answered: Answered<F>,
    outgoing: &'a Queue<Outgoing<F>>,
    /// Whether the connection has answered, and knows.
    over: bool,
}

impl<F: Format> Drop for Waiting<'_, F> {
    fn drop(&mut self) {
        if !self.over {
            self.answered.close();
            drop(self.outgoing.sift(|outgoing| !matches!(outgoing, Outgoing::Call(call) if call.is_given_up())));
            self.outgoing.nudge();
        }
    }
}
