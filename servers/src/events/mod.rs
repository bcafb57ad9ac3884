//! What becomes of events: lines of a log, and numbers.

mod log;
#[cfg(feature = "metrics")]
mod metrics;
mod throttle;
#[cfg(feature = "tracing")]
mod tracing;

pub use self::log::EventLog;
#[cfg(feature = "metrics")]
pub use self::metrics::metrics_events;
#[cfg(feature = "tracing")]
pub use self::tracing::tracing_events;
