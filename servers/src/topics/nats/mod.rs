//! A bus over NATS.

mod bus;
mod gaps;
mod node;
mod numbers;
mod subject;

pub use async_nats::ConnectOptions;
pub use bus::{Nats, Settings};
