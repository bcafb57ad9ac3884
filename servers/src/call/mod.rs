//! Calls: requests whose answers are awaited, among all else that a peer says.

mod by_key;
mod correlation;
mod error;
mod in_order;
mod pending;

pub use correlation::Correlation;
pub use error::CallError;
pub(crate) use pending::{Answered, Call, Pending, Unanswered};
