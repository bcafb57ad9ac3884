//! Coarse time, in steps that are counted while the process runs.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::{Limit, Limits};

/// Coarse time, in steps. They are counted rather than measured: hours in which the process was suspended, or its clock
/// jumped, are one step.
#[derive(Debug)]
pub(crate) struct Clock {
    step: Duration,
    now: AtomicU64,
}

/// The moment that never comes.
pub(crate) const NEVER: u64 = u64::MAX;

impl Clock {
    /// A clock that is fine enough for a deadline as short as this.
    fn new(shortest: Duration) -> Self {
        let step = (shortest / 64).clamp(Duration::from_millis(1), Duration::from_millis(250));
        Self { step, now: AtomicU64::new(0) }
    }

    /// How long a step takes.
    pub(super) fn step(&self) -> Duration {
        self.step
    }

    pub(crate) fn now(&self) -> u64 {
        self.now.load(Ordering::Relaxed)
    }

    /// Goes on by a step.
    pub(super) fn advance(&self) -> u64 {
        self.now.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// How long so many steps take.
    pub(crate) fn time(&self, steps: u64) -> Duration {
        let steps = u32::try_from(steps).unwrap_or(u32::MAX);
        self.step.checked_mul(steps).unwrap_or(Duration::MAX)
    }

    /// How many steps are no shorter than `time`, whatever has passed of the present one.
    pub(crate) fn steps(&self, time: Duration) -> u64 {
        let steps = time.as_nanos().div_ceil(self.step.as_nanos()).saturating_add(1);
        u64::try_from(steps).unwrap_or(NEVER)
    }
}

/// The limits that are times, in steps of a clock.
#[derive(Debug)]
pub(crate) struct Deadlines {
    pub(crate) first_byte: u64,
    pub(crate) idle: u64,
    pub(crate) frame: u64,
    pub(crate) write: u64,
    pub(crate) linger: u64,
    pub(crate) drain_idle: u64,
    /// The least bytes that a peer must take within `write`.
    pub(crate) write_bytes: u64,
    /// Bytes a second.
    least_rate: u64,
    step: Duration,
}

/// How many bytes are in so much time, at this rate a second.
fn in_time(rate: u64, time: Duration) -> u64 {
    let bytes = u128::from(rate).saturating_mul(time.as_nanos()) / NANOS;
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

/// In a second.
const NANOS: u128 = 1_000_000_000;

impl Deadlines {
    /// The deadlines of a server that also asks silent peers for a sign of life so often.
    pub(super) fn new(limits: &Limits, keep_alive: Limit<Duration>) -> (Clock, Self) {
        let waits = [limits.first_byte, limits.idle, limits.frame, limits.write, keep_alive];
        let clock = Clock::new(waits.into_iter().filter_map(Limit::at).min().unwrap_or(Duration::MAX));
        let steps = |limit: Limit<Duration>| limit.at().map_or(NEVER, |time| clock.steps(time));
        let least_rate = limits.least_rate as u64;
        let deadlines = Self {
            first_byte: steps(limits.first_byte),
            idle: steps(limits.idle),
            frame: steps(limits.frame),
            write: steps(limits.write),
            linger: clock.steps(limits.linger),
            drain_idle: clock.steps(limits.drain_idle),
            // A peer that has taken anything has made progress, where no rate is asked for.
            write_bytes: limits.write.at().map_or(1, |time| in_time(least_rate, time)).max(1),
            least_rate,
            step: clock.step,
        };
        (clock, deadlines)
    }

    /// The steps that so many bytes are worth.
    pub(crate) fn worth(&self, bytes: u64) -> u64 {
        let a_step = u128::from(self.least_rate).saturating_mul(self.step.as_nanos());
        // Without a least rate no deadline is put off: it is a flat one.
        let steps = u128::from(bytes).saturating_mul(NANOS).checked_div(a_step).unwrap_or(0);
        u64::try_from(steps).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_a_small_part_of_the_shortest_deadline() {
        let of = |millis| {
            let idle = Duration::from_millis(millis).into();
            Deadlines::new(&Limits { idle, ..Limits::default() }, Limit::Unlimited).0
        };
        assert_eq!(of(640).step, Duration::from_millis(10));
        assert_eq!(of(1).step, Duration::from_millis(1));
        assert_eq!(of(1_000_000).step, Duration::from_millis(250));
        assert_eq!(of(640).steps(Duration::from_millis(101)), 12);
        assert_eq!(of(640).steps(Duration::MAX), NEVER);
        let asked_often = Deadlines::new(&Limits::default(), Duration::from_secs(1).into()).0;
        assert_eq!(asked_often.step, Duration::from_micros(15_625));
    }

    #[test]
    fn bytes_are_worth_time() {
        let limits = Limits { least_rate: 1000, idle: Duration::from_millis(640).into(), ..Limits::default() };
        let (_, deadlines) = Deadlines::new(&limits, Limit::Unlimited);
        assert_eq!((deadlines.worth(9), deadlines.worth(10), deadlines.worth(1000)), (0, 1, 100));
        assert_eq!(deadlines.write_bytes, 30_000);
        let short = Limits { write: Duration::from_millis(500).into(), idle: Limit::Unlimited, ..limits.clone() };
        let (clock, short) = Deadlines::new(&short, Limit::Unlimited);
        assert_eq!((clock.step, short.write_bytes), (Duration::from_nanos(7_812_500), 500));
        assert_eq!(short.worth(1000), 128, "a second");
        let (_, flat) = Deadlines::new(&Limits { least_rate: 0, ..limits }, Limit::Unlimited);
        assert_eq!((flat.worth(u64::MAX), flat.write_bytes), (0, 1));
    }
}
