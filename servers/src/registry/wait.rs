//! How long a connection waits for its peer.

use std::io;
use std::num::NonZeroU64;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Waker};
use std::time::Duration;

use tokio::time::Instant;

use super::ROUND;
use super::clock::NEVER;
use super::entry::{Entry, Waiter};
use crate::Limit;

/// Who is told of a deadline looks soon. Who looks only long after it was not waiting, and has nothing to blame a peer for.
const SOON: u64 = 4 * ROUND;

/// What is waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Awaited {
    /// Where in the stream it begins.
    pub(crate) at: u64,
    /// How many bytes of it have come.
    pub(crate) come: usize,
    /// Whether it has begun.
    pub(crate) begun: bool,
    /// How many messages have come before.
    pub(crate) frames: u64,
    /// How many bytes of memory hold what has come.
    pub(crate) capacity: usize,
}

/// What the time says to a reader that would wait.
pub(crate) enum Waiting {
    /// To go on.
    On,
    /// That the peer should be asked for a sign of life.
    KeepAlive,
    /// That the server drains, and nothing is in flight.
    Drained,
}

/// Since when a connection waits for something to read.
#[derive(Debug, Default)]
pub(crate) struct ReadWait {
    /// For what: where it begins, whether it has begun, and whether the peer is idle.
    awaited: Option<(u64, bool, bool)>,
    since: u64,
    /// Steps between signs of life to ask for, and how many were asked for.
    keep_alive: Option<NonZeroU64>,
    asked: u64,
    /// Who is woken: mostly the same one again and again.
    waker: Option<Waker>,
    /// Bytes of messages in flight, when others are read meanwhile.
    in_flight: usize,
    /// Bytes of messages that are set aside.
    aside: usize,
    /// Since when somebody awaits an answer of the peer.
    awaits: Option<Instant>,
    /// When the peer was excused for the first time, because somebody awaited its answer.
    excused: Option<Instant>,
}

impl ReadWait {
    /// Has the peer asked for a sign of life each time that it says nothing for so long.
    pub(crate) fn keep_alive(&mut self, entry: &Entry, interval: Duration) {
        self.keep_alive = NonZeroU64::new(entry.registry.clock.steps(interval));
    }

    /// Says how many bytes of messages are in flight while others are read: they are held, and until they are none their peer
    /// is not idle.
    pub(crate) fn set_in_flight(&mut self, bytes: usize) {
        self.in_flight = bytes;
    }

    /// Says how many bytes of messages are set aside: they are held.
    pub(crate) fn set_aside(&mut self, entry: &Entry, bytes: usize) {
        self.aside = bytes;
        entry.hold(&entry.input, self.in_flight.saturating_add(bytes));
    }

    /// Says since when somebody awaits an answer of the peer: how long that may take is said to the call.
    pub(crate) fn set_awaits(&mut self, since: Option<Instant>) {
        self.awaits = since;
    }

    /// Called while nothing is to be read, whatever there is: no deadline passes meanwhile.
    pub(crate) fn pause(&mut self, entry: &Entry, awaited: Awaited) {
        self.awaited = None;
        entry.input.due.store(NEVER, Relaxed);
        self.count(entry, awaited);
    }

    /// Writes down what has come, and what is held.
    fn count(&self, entry: &Entry, Awaited { come, frames, capacity, .. }: Awaited) {
        entry.input.frames.store(frames, Relaxed);
        let pending = if come == 0 { 0 } else { capacity };
        entry.hold(&entry.input, pending.saturating_add(self.in_flight).saturating_add(self.aside));
    }

    /// Called when there is nothing to read: waits on, unless the time is up.
    pub(crate) fn pending(&mut self, entry: &Entry, awaited: Awaited, cx: &Context<'_>) -> io::Result<Waiting> {
        let (clock, deadlines) = (&entry.registry.clock, &entry.registry.deadlines);
        let Awaited { at, come, begun, .. } = awaited;
        if self.in_flight == 0 && self.awaits.is_none() {
            entry.waiting();
        }
        self.count(entry, awaited);
        self.register(entry, cx);
        entry.check()?;

        let now = clock.now();
        let idle = !begun && self.in_flight == 0;
        if self.awaited != Some((at, begun, idle)) {
            (self.awaited, self.since, self.asked, self.excused) = (Some((at, begun, idle)), now, 0, None);
        }
        if !begun && self.awaits.is_none() && entry.drains() {
            let until = self.since.max(entry.told_at()).saturating_add(deadlines.drain_idle);
            if until <= now {
                return Ok(Waiting::Drained);
            }
            entry.input.due.store(until, Relaxed);
            return Ok(Waiting::On);
        }
        let limit = match (begun, at) {
            (true, _) => deadlines.frame,
            // The peer may be silent because it waits for a reply.
            (false, _) if !idle => NEVER,
            (false, 0) => deadlines.first_byte,
            (false, _) => deadlines.idle,
        };
        let time = limit.saturating_add(if limit == NEVER { 0 } else { deadlines.worth(come as u64) });
        let mut due = self.since.saturating_add(time);
        if due <= now {
            if !begun && self.is_excused() {
                due = NEVER;
            } else if self.excused.is_some() || now < due.saturating_add(SOON) {
                return Err(self.too_late(entry, awaited));
            } else {
                self.since = now;
                due = now.saturating_add(time);
            }
        }
        if let (Some(interval), false) = (self.keep_alive, begun) {
            let ask_at = self.since.saturating_add(interval.get().saturating_mul(self.asked + 1));
            if ask_at <= now {
                self.asked = (now - self.since) / interval;
                return Ok(Waiting::KeepAlive);
            }
            due = due.min(ask_at);
        }
        entry.input.due.store(due, Relaxed);
        Ok(Waiting::On)
    }

    /// Whether a peer that has said nothing for too long is given more time: until the calls have ended that were made before it
    /// was too long. Those that are made later excuse nobody: who has vanished can be asked again and again.
    fn is_excused(&mut self) -> bool {
        self.awaits.is_some_and(|since| since <= *self.excused.get_or_insert_with(Instant::now))
    }

    /// Before it looks what it was told: what is told after that wakes it.
    fn register(&mut self, entry: &Entry, cx: &Context<'_>) {
        if !self.waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            entry.register(Waiter::Reader, cx.waker());
            self.waker = Some(cx.waker().clone());
        }
    }

    fn too_late(&self, entry: &Entry, Awaited { at, come, begun, .. }: Awaited) -> io::Error {
        let limits = entry.limits();
        let text = match (begun, at) {
            (true, _) => format!(
                "a message that began at byte {at} was not whole after {}: {come} bytes of it have come",
                seconds(limits.frame)
            ),
            (false, 0) => format!("nothing came for {}", seconds(limits.first_byte)),
            (false, _) => format!("no message came for {}", seconds(limits.idle)),
        };
        io::Error::new(io::ErrorKind::TimedOut, text)
    }
}

/// What a peer has not taken.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Left {
    /// So many bytes that the transport has not taken, either.
    Unsent(usize),
    /// So many bytes at most, within a transport that has a buffer of its own, such as TLS: how many it does not say.
    Within(usize),
}

/// Since when a connection waits for its peer to take what it is sent.
#[derive(Debug, Default)]
pub(crate) struct WriteWait {
    since: Option<u64>,
    taken: u64,
}

impl WriteWait {
    /// So many bytes were taken.
    pub(crate) fn took(&mut self, bytes: usize) {
        self.taken = self.taken.saturating_add(bytes as u64);
    }

    /// Nothing is left to be taken.
    pub(crate) fn done(&mut self, entry: &Entry) {
        if self.since.take().is_some() {
            entry.output.due.store(NEVER, Relaxed);
        }
    }

    /// Called when the peer takes no more: waits on, unless it has taken too little for too long.
    pub(crate) fn pending(&mut self, entry: &Entry, left: Left, cx: &Context<'_>) -> io::Result<()> {
        entry.register(Waiter::Writer, cx.waker());
        entry.check()?;
        let deadlines = &entry.registry.deadlines;
        let now = entry.registry.clock.now();
        let since = match self.since {
            Some(since) => since,
            None => {
                self.taken = 0;
                now
            }
        };
        let time = deadlines.write.saturating_add(match left {
            Left::Unsent(_) => 0,
            // How much of it the peer takes meanwhile is not seen: it has the time that all of it may take.
            Left::Within(bytes) => deadlines.worth(bytes.min(entry.limits().output_high) as u64),
        });
        let mut due = since.saturating_add(time);
        self.since = Some(since);
        if due <= now {
            if now < due.saturating_add(SOON) && self.taken < deadlines.write_bytes {
                return Err(self.too_little(entry, left));
            }
            (self.since, self.taken) = (Some(now), 0);
            due = now.saturating_add(time);
        }
        entry.output.due.store(due, Relaxed);
        Ok(())
    }

    fn too_little(&self, entry: &Entry, left: Left) -> io::Error {
        let after = seconds(entry.limits().write);
        let text = match left {
            Left::Unsent(unsent) => format!("only {} bytes were taken in {after}, and {unsent} are unsent", self.taken),
            Left::Within(bytes) => format!("of {bytes} bytes that were sent some were not taken in {after} and more"),
        };
        io::Error::new(io::ErrorKind::TimedOut, text)
    }
}

fn seconds(limit: Limit<Duration>) -> String {
    limit.at().map(|time| format!("{time:?}")).unwrap_or_default()
}
