//! Which message answers which call.

use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

use wirework_core::Format;

use super::Pending;
use super::by_key::ByKey;
use super::in_order::{InOrder, Unsolicited};
use crate::Limits;

/// Says which message answers which call; see [`Serve::calls`](crate::Serve::calls) and
/// [`Connect::calls`](crate::Connect::calls).
///
/// ```
/// # use bytes::Bytes;
/// # use wirework_core::Raw;
/// # use wirework_servers::Correlation;
/// // Redis, SMTP, most protocols of lines: the first answer is that of the first request.
/// let in_order: Correlation<Raw> = Correlation::in_order();
/// // Modbus TCP: both begin with the same two bytes.
/// let by_key = Correlation::<Raw>::by_key(
///     |request| request.first_chunk::<2>().copied(),
///     |message| message.first_chunk::<2>().copied(),
/// );
/// ```
///
/// Closures say what they take, unless the format stands before them as above: in bytes `|request: &[u8]|` and `|message: &Bytes|`, in
/// text `|request: &str|` and `|message: &String|`.
///
/// A call whose deadline passes, or whose future is dropped, still waits for its answer here: when that comes it is dropped, and
/// never given to another call.
pub struct Correlation<F: Format>(Arc<Make<F>>);

type Make<F> = dyn Fn(&Limits) -> Box<dyn Pending<F>> + Send + Sync;

impl<F: Format> Correlation<F> {
    /// Each message answers the call that has waited longest. A message that comes while no call waits answers none.
    ///
    /// It holds only for a peer that answers each request: one that leaves one out has all its later answers given to the
    /// wrong calls. Where that can be, take [`by_key`](Correlation::by_key).
    pub fn in_order() -> Self {
        Self(Arc::new(|limits| Box::new(InOrder::new(None, limits))))
    }

    /// The same among messages of which some answer no call, as `unsolicited` tells: the pushes of Redis, which begin with `>`.
    ///
    /// A bad message that comes while calls wait ends the connection: nobody can tell whether it is an answer.
    pub fn in_order_but(unsolicited: impl Fn(&F::Owned) -> bool + Send + Sync + 'static) -> Self {
        let unsolicited: Arc<Unsolicited<F>> = Arc::new(unsolicited);
        Self(Arc::new(move |limits| Box::new(InOrder::new(Some(unsolicited.clone()), limits))))
    }

    /// A message answers the call whose request has the same key: a transaction number, a serial number, an `id`. One
    /// without a key, or with the key of no call, answers none.
    ///
    /// Each call needs a key that no other one has at the time, as a counter gives. A key whose answer is late cannot be
    /// used again before that has come, or [`Limits::overdue`](crate::Limits::overdue) has passed.
    pub fn by_key<K, R, M>(of_request: R, of_message: M) -> Self
    where
        K: Eq + Hash + Clone + Send + Sync + 'static,
        R: Fn(&F::Reply) -> Option<K> + Send + Sync + 'static,
        M: Fn(&F::Owned) -> Option<K> + Send + Sync + 'static,
    {
        let keys = Arc::new((of_request, of_message));
        Self(Arc::new(move |limits| Box::new(ByKey::new(keys.clone(), limits))))
    }

    /// The calls of a connection, of which there are none yet.
    pub(crate) fn pending(&self, limits: &Limits) -> Box<dyn Pending<F>> {
        (self.0)(limits)
    }
}

impl<F: Format> Clone for Correlation<F> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<F: Format> fmt::Debug for Correlation<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Correlation").finish_non_exhaustive()
    }
}
