//! Why a call has no answer.

use std::time::Duration;

use wirework_core::{Bad, EncodeError};

/// Why a call has no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// There was no connection to send the request over, and there will be none. It was not sent.
    #[error("the connection is closed: the request was not sent")]
    Closed,
    /// A `Pool` could make no connection. The request was not sent.
    #[error("no connection could be made, and the request was not sent: {0}")]
    Unreachable(std::io::Error),
    /// No answer came in time. The request may have been sent, or not. One that still comes is recognised and dropped.
    #[error("no answer came within {0:?}")]
    Deadline(Duration),
    /// The connection ended before the answer came. Nobody can tell whether the request was carried out.
    #[error("the connection ended before the answer came")]
    Lost,
    /// The answer came, and is bad.
    #[error("the answer is bad: {0}")]
    Bad(Bad),
    /// A call with the same key has no answer yet, or its answer is late and may still come. The request was not sent.
    #[error("another call with the key of this request has no answer yet: the request was not sent")]
    Duplicate,
    /// The [`Correlation`](crate::Correlation) finds no key in the request. It was not sent.
    #[error("the request has no key by which its answer could be told: it was not sent")]
    NoKey,
    /// The codec cannot write the request. It was not sent.
    #[error("the request was not sent: {0}")]
    Unsendable(#[from] EncodeError),
    /// Nobody has said which message answers which call: see [`Serve::calls`](crate::Serve::calls) and
    /// [`Connection::calls`](crate::Connection::calls). The request was not sent.
    #[error("nothing says which message is the answer, as `calls` does: the request was not sent")]
    Uncorrelated,
}

impl CallError {
    /// Whether the request certainly was not sent, so that the call can be made again whatever it does.
    pub fn is_unsent(&self) -> bool {
        !matches!(self, Self::Deadline(_) | Self::Lost | Self::Bad(_))
    }
}
