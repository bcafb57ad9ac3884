//! What answers messages at once: a closure, with or without the state of its connection.

use wirework_core::{BoxError, Codec, Format};

use super::handler::Begin;
use super::{Answer, Outcome};
use crate::Handle;

/// A message, lent.
type Lent<'m, C> = <<C as Codec>::Format as Format>::Message<'m>;

/// What answers the messages of a connection at once.
pub(super) trait Answers<C: Codec>: Send + 'static {
    /// Answers a message.
    fn answer(&mut self, message: Lent<'_, C>, answer: &mut Answer<'_, C>) -> Result<(), BoxError>;
}

/// A closure; see [`Serve::answer`](super::Serve::answer).
#[derive(Clone)]
pub(super) struct Stateless<F>(pub(super) F);

impl<C, F> Begin<C> for Stateless<F>
where
    C: Codec,
    F: Clone + Send + 'static,
{
    type Begun = Self;

    fn begin(self, _: impl FnOnce() -> Handle<C::Format>) -> Self {
        self
    }
}

impl<C, F, R> Answers<C> for Stateless<F>
where
    C: Codec,
    F: for<'m, 'r> FnMut(Lent<'m, C>, &mut Answer<'r, C>) -> R + Send + 'static,
    R: Outcome,
{
    #[inline]
    fn answer(&mut self, message: Lent<'_, C>, answer: &mut Answer<'_, C>) -> Result<(), BoxError> {
        (self.0)(message, answer).outcome()
    }
}

/// A closure and what makes the state of a connection; see [`Serve::answer_with`](super::Serve::answer_with).
#[derive(Clone)]
pub(super) struct WithState<I, F> {
    pub(super) init: I,
    pub(super) closure: F,
}

impl<C, I, S, F> Begin<C> for WithState<I, F>
where
    C: Codec,
    I: FnOnce(Handle<C::Format>) -> S + Clone + Send + 'static,
    S: Send + 'static,
    F: Clone + Send + 'static,
{
    type Begun = Stateful<S, F>;

    fn begin(self, handle: impl FnOnce() -> Handle<C::Format>) -> Stateful<S, F> {
        Stateful { state: (self.init)(handle()), closure: self.closure }
    }
}

/// A closure with the state of its connection.
pub(super) struct Stateful<S, F> {
    state: S,
    closure: F,
}

impl<C, S, F, R> Answers<C> for Stateful<S, F>
where
    C: Codec,
    S: Send + 'static,
    F: for<'s, 'm, 'r> FnMut(&'s mut S, Lent<'m, C>, &mut Answer<'r, C>) -> R + Send + 'static,
    R: Outcome,
{
    #[inline]
    fn answer(&mut self, message: Lent<'_, C>, answer: &mut Answer<'_, C>) -> Result<(), BoxError> {
        (self.closure)(&mut self.state, message, answer).outcome()
    }
}
