//! How long to wait before another attempt.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

/// How long a client waits before it connects again: at first so long, then about twice as long each time, up to a bound, and
/// each time a random part more, so that many clients do not come back at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// Before the first attempt. Default: 100 ms.
    pub first: Duration,
    /// What doubling ends at. Default: 15 s. With the random part it is at most twice as much.
    pub most: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first: Duration::from_millis(100), most: Duration::from_secs(15) }
    }
}

impl Backoff {
    /// The times to wait; they do not end.
    pub(super) fn waits(self) -> ExponentialBackoff {
        let Self { first, most } = self;
        let waits = ExponentialBuilder::new().with_min_delay(first.min(most)).with_max_delay(most);
        waits.with_factor(2.0).without_max_times().with_jitter().build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_doubles_up_to_a_bound_and_differs_each_time() {
        let backoff = Backoff { first: Duration::from_millis(100), most: Duration::from_secs(2) };
        let waits: Vec<_> = backoff.waits().take(100).collect();
        let mut least = backoff.first;
        for wait in &waits {
            assert!((least..=least * 2).contains(wait), "{wait:?}");
            least = (least * 2).min(backoff.most);
        }
        assert_eq!(waits.len(), 100);
        assert_ne!(waits, backoff.waits().take(100).collect::<Vec<_>>());
    }
}
