//! How many connections are accepted in a second.

use std::time::Duration;

use tokio::time::Instant;

use crate::Limit;

/// As many at once as in a second.
const BURST: Duration = Duration::from_secs(1);

/// How many connections are accepted in a second. It counts the time that those before were worth: none is forgotten, and
/// nothing but that is remembered.
pub(super) struct Rate {
    /// What one is worth.
    each: Duration,
    /// When all that there were will have been paid for.
    paid_at: Instant,
}

impl Rate {
    pub(super) fn new(a_second: Limit<usize>) -> Self {
        let each = match a_second {
            Limit::At(n) => BURST / u32::try_from(n.max(1)).unwrap_or(u32::MAX),
            Limit::Unlimited => Duration::ZERO,
        };
        Self { each, paid_at: Instant::now() }
    }

    /// Waits until there may be another one. Cancel safe.
    pub(super) async fn ready(&self) {
        if let Some(from) = self.paid_at.checked_sub(BURST.saturating_sub(self.each))
            && from > Instant::now()
        {
            tokio::time::sleep_until(from).await;
        }
    }

    /// There was one.
    pub(super) fn count(&mut self) {
        if !self.each.is_zero() {
            self.paid_at = self.paid_at.max(Instant::now()) + self.each;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_and_then_a_rate() {
        let mut rate = Rate::new(10.into());
        let started = Instant::now();
        let mut came = async |n: u32| {
            for _ in 0..n {
                rate.ready().await;
                rate.count();
            }
            started.elapsed().as_millis()
        };
        assert_eq!(came(10).await, 0, "as many at once as in a second");
        assert_eq!(came(10).await, 1000);
        assert_eq!(came(5).await, 1500);
        tokio::time::sleep(Duration::from_secs(100)).await;
        assert_eq!(came(10).await, 101_500, "what was not used is not saved beyond a second");
        assert_eq!(came(1).await, 101_600);
    }

    #[tokio::test(start_paused = true)]
    async fn none_waits_where_there_is_no_limit() {
        let mut rate = Rate::new(Limit::Unlimited);
        for _ in 0..100_000 {
            rate.ready().await;
            rate.count();
        }
    }
}
