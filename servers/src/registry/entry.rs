//! What a server knows of one connection, shared between the connection and the server.

use std::io;
use std::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Waker;
use std::time::Duration;

use tokio::time::Instant;
use wirework_core::Bad;

use super::clock::NEVER;
use super::{Place, Registry, State, Status};
use crate::{Done, Event, Events, Limit, Limits, Peer};

/// What a server knows of one connection. It is in the [`Registry`] for as long as anybody has it: the connection, its halves,
/// the task that holds the conversation.
///
/// The connection writes here what it has counted when it begins to wait, and no more often: a message costs nothing.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(super) id: u64,
    /// Its place in the registry.
    pub(super) key: usize,
    peer: Peer,
    opened: Instant,
    pub(crate) registry: Arc<Registry>,
    _place: Option<Place>,
    pub(crate) input: Side,
    pub(crate) output: Side,
    errors: AtomicU64,
    /// When something came last.
    seen: AtomicU64,
    work: AtomicU8,
    told: AtomicU8,
    /// When it was told to end once nothing is in flight.
    told_at: AtomicU64,
    /// When a connection that does not do as it was told is cut off.
    cut_at: AtomicU64,
    wakers: Mutex<[Option<Waker>; 3]>,
}

/// One direction.
#[derive(Debug)]
pub(crate) struct Side {
    pub(crate) bytes: AtomicU64,
    pub(crate) frames: AtomicU64,
    /// Bytes held, as far as they were charged.
    held: AtomicUsize,
    /// Until when it waits.
    pub(crate) due: AtomicU64,
}

/// Who is to be woken.
#[derive(Clone, Copy)]
pub(crate) enum Waiter {
    /// Who reads.
    Reader,
    /// Who writes.
    Writer,
    /// The task that holds the conversation.
    Task,
}

/// What a connection does.
#[repr(u8)]
enum Work {
    Waiting,
    Handling,
    Closing,
}

/// What a connection was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
enum Told {
    Nothing,
    /// To end once nothing is in flight.
    Drain,
    /// To close at once, because somebody said so.
    Close,
    /// To close at once, because it holds too much.
    Shed,
}

impl Side {
    fn new() -> Self {
        Self {
            bytes: AtomicU64::new(0),
            frames: AtomicU64::new(0),
            held: AtomicUsize::new(0),
            due: AtomicU64::new(NEVER),
        }
    }
}

impl Entry {
    pub(super) fn new(registry: Arc<Registry>, peer: Peer, id: u64, key: usize, place: Option<Place>) -> Self {
        let now = registry.clock.now();
        Self {
            id,
            key,
            peer,
            opened: Instant::now(),
            registry,
            _place: place,
            input: Side::new(),
            output: Side::new(),
            errors: AtomicU64::new(0),
            seen: AtomicU64::new(now),
            work: AtomicU8::new(Work::Waiting as u8),
            told: AtomicU8::new(Told::Nothing as u8),
            told_at: AtomicU64::new(0),
            cut_at: AtomicU64::new(NEVER),
            wakers: Mutex::new([None, None, None]),
        }
    }

    /// The entry of a connection that no server knows of.
    pub(crate) fn alone(peer: Peer, limits: Limits) -> Arc<Self> {
        Arc::new(Self::new(Registry::new(limits, Limit::Unlimited, Events::default()), peer, 0, usize::MAX, None))
    }

    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    pub(crate) fn peer(&self) -> &Peer {
        &self.peer
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.registry.limits
    }

    /// How long ago something came, or it was opened.
    pub(crate) fn last_seen(&self) -> Option<Duration> {
        let clock = &self.registry.clock;
        // One that no server knows of has no clock that goes.
        (self.id != 0).then(|| clock.time(clock.now().saturating_sub(self.seen.load(Relaxed))))
    }

    pub(crate) fn tell(&self, event: &Event<'_>) {
        self.registry.events.tell(event);
    }

    /// Tells of a message that is bad, and is skipped.
    pub(crate) fn tell_bad(&self, bad: &Bad) {
        self.count_error();
        self.tell(&Event::Bad { peer: &self.peer, bad, done: Done::Skipped });
    }

    /// An error, when the connection was told to close.
    pub(crate) fn check(&self) -> io::Result<()> {
        let why = match self.told.load(Relaxed) {
            told if told == Told::Close as u8 => "the server was told to close the connection",
            told if told == Told::Shed as u8 => "all connections together hold too much, and this one the most",
            _ => return Ok(()),
        };
        Err(io::Error::new(io::ErrorKind::ConnectionAborted, why))
    }

    /// Whether it is to end once nothing is in flight.
    pub(crate) fn drains(&self) -> bool {
        self.told.load(Relaxed) == Told::Drain as u8
    }

    /// Whether it did not do as it was told.
    pub(crate) fn is_cut(&self) -> bool {
        self.cut_at.load(Relaxed) <= self.registry.clock.now()
    }

    /// When it was told so.
    pub(super) fn told_at(&self) -> u64 {
        self.told_at.load(Relaxed)
    }

    pub(super) fn tell_drain(&self) {
        self.told_at.store(self.registry.clock.now(), Relaxed);
        let _ = self.told.compare_exchange(Told::Nothing as u8, Told::Drain as u8, Relaxed, Relaxed);
        self.wake();
    }

    pub(super) fn tell_close(&self) {
        self.tell_end(Told::Close);
    }

    /// Tells it to close because it holds too much. What it holds counts no longer.
    pub(super) fn shed(&self) {
        self.tell_end(Told::Shed);
        for side in [&self.input, &self.output] {
            self.charge(side, 0);
        }
    }

    fn tell_end(&self, told: Told) {
        if self.told.fetch_max(told as u8, Relaxed) < Told::Close as u8 {
            let cut_at = self.registry.clock.now().saturating_add(self.registry.deadlines.linger);
            self.cut_at.store(cut_at, Relaxed);
        }
        self.wake();
    }

    /// Ends it now.
    pub(super) fn cut(&self) {
        self.cut_at.store(0, Relaxed);
        self.wake();
    }

    /// Whether something is due at `now`: somebody should look.
    pub(super) fn is_due(&self, now: u64) -> bool {
        [&self.input.due, &self.output.due, &self.cut_at].iter().any(|due| due.load(Relaxed) <= now)
    }

    /// How many bytes it holds.
    pub(super) fn held(&self) -> usize {
        self.input.held.load(Relaxed).saturating_add(self.output.held.load(Relaxed))
    }

    /// Says how many bytes a side holds.
    pub(crate) fn hold(&self, side: &Side, bytes: usize) {
        if side.held.load(Relaxed) != bytes && self.check().is_ok() {
            self.charge(side, bytes);
            self.registry.shed_if_too_much();
        }
    }

    /// Says that a side holds at least so many bytes.
    pub(crate) fn hold_at_least(&self, side: &Side, bytes: usize) {
        if side.held.load(Relaxed) < bytes {
            self.hold(side, bytes);
        }
    }

    fn charge(&self, side: &Side, bytes: usize) {
        let before = side.held.swap(bytes, Relaxed);
        self.registry.charge(before, bytes);
    }

    pub(crate) fn count_error(&self) {
        self.errors.fetch_add(1, Relaxed);
    }

    /// Says that it waits for its peer.
    pub(crate) fn waiting(&self) {
        self.work.store(Work::Waiting as u8, Relaxed);
    }

    /// Says that something has come.
    pub(crate) fn handling(&self) {
        self.seen.store(self.registry.clock.now(), Relaxed);
        self.work.store(Work::Handling as u8, Relaxed);
    }

    /// Says that it closes, and nothing more is read.
    pub(crate) fn closing(&self) {
        self.work.store(Work::Closing as u8, Relaxed);
        self.input.due.store(NEVER, Relaxed);
        self.hold(&self.input, 0);
    }

    /// Has `waiter` woken when there is something to look at.
    pub(crate) fn register(&self, waiter: Waiter, waker: &Waker) {
        let mut wakers = self.wakers.lock().unwrap_or_else(PoisonError::into_inner);
        let [reader, writer, task] = &mut *wakers;
        let place = match waiter {
            Waiter::Reader => reader,
            Waiter::Writer => writer,
            Waiter::Task => task,
        };
        match place {
            Some(known) => known.clone_from(waker),
            None => *place = Some(waker.clone()),
        }
    }

    pub(super) fn wake(&self) {
        let wakers = self.wakers.lock().unwrap_or_else(PoisonError::into_inner).clone();
        wakers.into_iter().flatten().for_each(Waker::wake);
    }

    pub(crate) fn status(&self) -> Status {
        Status {
            id: self.id,
            peer: self.peer.clone(),
            age: self.opened.elapsed(),
            state: self.state(),
            bytes_in: self.input.bytes.load(Relaxed),
            bytes_out: self.output.bytes.load(Relaxed),
            frames_in: self.input.frames.load(Relaxed),
            frames_out: self.output.frames.load(Relaxed),
            errors: self.errors.load(Relaxed),
            buffered: self.held(),
        }
    }

    /// Whether its conversation is over, and it only closes.
    pub(super) fn closes(&self) -> bool {
        self.work.load(Relaxed) == Work::Closing as u8
    }

    pub(super) fn state(&self) -> State {
        let work = self.work.load(Relaxed);
        if self.closes() || self.told.load(Relaxed) >= Told::Close as u8 {
            State::Closing
        } else if self.output.due.load(Relaxed) != NEVER {
            State::Sending
        } else if work == Work::Handling as u8 {
            State::Handling
        } else if self.input.held.load(Relaxed) > 0 {
            State::Receiving
        } else {
            State::Waiting
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.registry.charge(self.held(), 0);
        self.registry.remove(self);
    }
}
