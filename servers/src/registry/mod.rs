//! The connections of a server: who they are, what they hold, how long they may wait.

mod addresses;
mod clock;
mod entry;
mod network;
mod slots;
mod status;
mod wait;

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use slab::Slab;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::{Events, Limit, Limits, Peer};

pub(crate) use addresses::{Addresses, Share, TooMany};
use clock::{Clock, Deadlines};
pub(crate) use entry::{Entry, Waiter};
pub(crate) use slots::{Slot, Slots};
pub use status::{State, Status};
pub(crate) use wait::{Awaited, Left, ReadWait, Waiting, WriteWait};

/// In how many steps of the clock every connection is looked at once.
const ROUND: u64 = 8;

/// The connections of a server. Instead of a timer for each of them, one walks through all of them, an eighth at a step, and
/// wakes those for whom something is due.
#[derive(Debug)]
pub(crate) struct Registry {
    pub(crate) limits: Limits,
    pub(crate) events: Events,
    pub(crate) clock: Clock,
    pub(crate) deadlines: Deadlines,
    pub(crate) slots: Slots,
    pub(crate) addresses: Arc<Addresses>,
    table: Mutex<Table>,
    /// Bytes that all of them hold.
    held: AtomicUsize,
    /// The first one has come, or the last one is gone, or the server was told to stop.
    changed: Notify,
}

/// What a connection takes of what there is for all.
#[derive(Debug)]
pub(crate) struct Place {
    _slot: Slot,
    share: Share,
}

impl Place {
    pub(crate) fn new(slot: Slot, share: Share) -> Self {
        Self { _slot: slot, share }
    }
}

#[derive(Debug, Default)]
struct Table {
    entries: Slab<Weak<Entry>>,
    stopped: bool,
    draining: bool,
}

impl Registry {
    /// The registry of a server that asks silent peers for a sign of life so often.
    pub(crate) fn new(limits: Limits, keep_alive: Limit<Duration>, events: Events) -> Arc<Self> {
        let (clock, deadlines) = Deadlines::new(&limits, keep_alive);
        Arc::new(Self {
            slots: Slots::new(limits.connections),
            addresses: Addresses::new(&limits),
            clock,
            deadlines,
            limits,
            events,
            table: Mutex::default(),
            held: AtomicUsize::new(0),
            changed: Notify::new(),
        })
    }

    /// Enters a connection, unless its address has too many.
    pub(crate) fn enter(self: &Arc<Self>, peer: Peer, place: Place) -> Result<Arc<Entry>, TooMany> {
        let share = place.share.told(&peer.address)?;
        let place = Place { share, ..place };
        let mut table = self.table();
        let id = self.events.number();
        let key = table.entries.vacant_key();
        let entry = Arc::new(Entry::new(self.clone(), peer, id, key, Some(place)));
        table.entries.insert(Arc::downgrade(&entry));
        let draining = table.draining;
        drop(table);
        if draining {
            entry.tell_drain();
        }
        self.changed.notify_waiters();
        Ok(entry)
    }

    fn remove(&self, entry: &Entry) {
        let mut table = self.table();
        // One that was never entered is not there.
        if table.entries.try_remove(entry.key).is_none() {
            return;
        }
        let last = table.entries.is_empty();
        if last {
            // What many connections took is not kept for few.
            *table = Table { stopped: table.stopped, draining: table.draining, ..Table::default() };
        }
        drop(table);
        if last {
            self.changed.notify_waiters();
        }
    }

    /// Walks through all connections, for ever; sleeps while there is none.
    pub(crate) async fn walk(&self) -> Infallible {
        let mut next = Instant::now();
        loop {
            self.wait_until(|table| !table.entries.is_empty()).await;
            // A step that comes late is made up for; several that were missed are one.
            next = (next + self.clock.step()).max(Instant::now());
            tokio::time::sleep_until(next).await;
            let now = self.clock.advance();
            // Who is to end soon is looked at at each step: `drain_idle` may be far shorter than any other deadline.
            let round = if self.table().draining { 1 } else { ROUND };
            // They are looked at, and let go, only when the table is free again: the last one to have an entry removes it.
            for entry in self.some((now % round) as usize, round as usize) {
                if entry.is_due(now) {
                    entry.wake();
                }
            }
        }
    }

    /// Tells the server to stop.
    pub(crate) fn stop(&self) {
        self.table().stopped = true;
        self.changed.notify_waiters();
    }

    /// Ready when the server was told to stop.
    pub(crate) async fn stopped(&self) {
        self.wait_until(|table| table.stopped).await;
    }

    /// Tells all, and all that come, to end once nothing is in flight.
    pub(crate) fn drain(&self) {
        self.table().draining = true;
        self.all().iter().for_each(|entry| entry.tell_drain());
    }

    /// Ready when there is none.
    pub(crate) async fn empty(&self) {
        self.wait_until(|table| table.entries.is_empty()).await;
    }

    /// Ends all now. Gives how many there were whose conversation was not over: who only reads on, lest a reset eat the last
    /// reply, has lost nothing.
    pub(crate) fn cut(&self) -> usize {
        let all = self.all();
        all.iter().for_each(|entry| entry.cut());
        all.iter().filter(|entry| !entry.closes()).count()
    }

    /// Tells one to close. Gives whether there is such a one.
    pub(crate) fn close(&self, id: u64) -> bool {
        let found = self.all().into_iter().find(|entry| entry.id == id);
        found.as_ref().inspect(|entry| entry.tell_close()).is_some()
    }

    pub(crate) fn status(&self) -> Vec<Status> {
        self.all().iter().map(|entry| entry.status()).collect()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.table().entries.len()
    }

    /// How many have a message in flight.
    pub(crate) fn in_flight(&self) -> usize {
        self.all().iter().filter(|entry| entry.state().is_in_flight()).count()
    }

    /// Bytes that all of them hold.
    pub(crate) fn held(&self) -> usize {
        self.held.load(Relaxed)
    }

    fn charge(&self, before: usize, now: usize) {
        if now >= before {
            self.held.fetch_add(now - before, Relaxed);
        } else {
            self.held.fetch_sub(before - now, Relaxed);
        }
    }

    /// When all hold too much, closes those that hold most, until a sixteenth is free: so that this is seldom.
    fn shed_if_too_much(&self) {
        let Limit::At(most) = self.limits.buffered else { return };
        if self.held() <= most {
            return;
        }
        let mut all = self.all();
        // Each is asked once: what they hold changes meanwhile, and sorting panics when an order contradicts itself.
        all.sort_by_cached_key(|entry| std::cmp::Reverse(entry.held()));
        for entry in all {
            if self.held() <= most - most / 16 {
                break;
            }
            entry.shed();
        }
    }

    fn all(&self) -> Vec<Arc<Entry>> {
        self.some(0, 1)
    }

    /// Every so manieth, from `first` on.
    fn some(&self, first: usize, step: usize) -> Vec<Arc<Entry>> {
        let table = self.table();
        let places = (first..table.entries.capacity()).step_by(step);
        places.filter_map(|key| table.entries.get(key)?.upgrade()).collect()
    }

    async fn wait_until(&self, holds: impl Fn(&Table) -> bool) {
        loop {
            let changed = self.changed.notified();
            if holds(&self.table()) {
                return;
            }
            changed.await;
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
