//! One direction: in which encodings text may be there, and in which it is.

use std::sync::Arc;

use wirework_core::{BoxError, TextEncoding};

use crate::Encoding;

/// What a message says of its encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Choice<E = Encoding> {
    /// Nothing: it is in the encoding in force.
    AsBefore,
    /// That it is in this one; the next is as before.
    This(E),
    /// That it is in this one, and so are those behind it.
    FromNow(E),
    /// That those behind it are in this one. It is itself in the encoding in force.
    FromNext(E),
}

/// An encoding was chosen that was not declared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{encoding} is not among the encodings that were declared: {}", .declared.join(", "))]
#[non_exhaustive]
pub struct Undeclared {
    /// The name of the one that was chosen.
    pub encoding: String,
    /// The names of those that were declared.
    pub declared: Vec<String>,
}

/// What comes, or what is sent.
pub(super) struct Direction<E, M: ?Sized> {
    pub(super) declared: Arc<[E]>,
    pub(super) now: E,
    pub(super) rule: Option<Arc<Rule<E, M>>>,
}

pub(super) type Rule<E, M> = dyn Fn(&M, E) -> Result<Choice<E>, BoxError> + Send + Sync;

impl<E: TextEncoding + Clone + PartialEq, M: ?Sized> Direction<E, M> {
    pub(super) fn one_of(first: E, others: impl IntoIterator<Item = E>) -> Self {
        let mut declared = vec![first.clone()];
        for other in others {
            if !declared.contains(&other) {
                declared.push(other);
            }
        }
        Self { declared: declared.into(), now: first, rule: None }
    }

    pub(super) fn check(&self, encoding: &E) -> Result<(), Undeclared> {
        if self.declared.contains(encoding) {
            return Ok(());
        }
        let declared = self.declared.iter().map(|encoding| encoding.name().to_owned()).collect();
        Err(Undeclared { encoding: encoding.name().to_owned(), declared })
    }

    /// In which encoding `message` is when `now` is in force, and in which those behind it are, if it says so.
    #[inline]
    pub(super) fn choose(&self, message: &M, now: &E) -> Result<(E, Option<E>), BoxError> {
        let Some(rule) = &self.rule else { return Ok((now.clone(), None)) };
        Ok(match rule(message, now.clone())? {
            Choice::AsBefore => (now.clone(), None),
            Choice::This(this) => {
                self.check(&this)?;
                (this, None)
            }
            Choice::FromNow(this) => {
                self.check(&this)?;
                (this.clone(), Some(this))
            }
            Choice::FromNext(next) => {
                self.check(&next)?;
                (now.clone(), Some(next))
            }
        })
    }
}

impl<E: Clone, M: ?Sized> Clone for Direction<E, M> {
    fn clone(&self) -> Self {
        Self { declared: self.declared.clone(), now: self.now.clone(), rule: self.rule.clone() }
    }
}
