//! One message to many: to all, or to those who have subscribed to its topic; in this process, or over a bus in several.

mod broadcast;
mod bus;
mod by_name;
mod hub;
mod join;
mod members;
#[cfg(feature = "nats")]
pub mod nats;
mod outlet;
mod payload;
mod pump;
mod subscription;

pub use broadcast::Broadcast;
pub use bus::{Bus, Deliveries, Delivery, PublishError, SubscribeError};
pub use by_name::Topics;
pub use hub::WhenSlow;
pub use payload::Payload;
pub use subscription::Subscription;
