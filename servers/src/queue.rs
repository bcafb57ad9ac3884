//! A bounded queue with one reader, which holds no memory while it is empty.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::sync::{Notify, Semaphore, TryAcquireError};

/// A bounded queue with one reader. Beside `tokio::sync::mpsc` it holds no memory while it is empty: a server has one for each of
/// ten thousand connections, most of which are never sent anything by others.
pub(crate) struct Queue<T> {
    room: Semaphore,
    state: Mutex<State<T>>,
    /// It takes nothing more.
    closed: Notify,
}

struct State<T> {
    items: VecDeque<T>,
    closed: bool,
    reader: Option<Waker>,
}

/// Why an item was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rejected {
    Full,
    Closed,
}

impl<T> Queue<T> {
    /// A queue of so many items, of at least one.
    pub(crate) fn new(most: usize) -> Self {
        let state = State { items: VecDeque::new(), closed: false, reader: None };
        let room = Semaphore::new(most.clamp(1, Semaphore::MAX_PERMITS));
        Self { room, state: Mutex::new(state), closed: Notify::new() }
    }

    /// Takes what `wrap` makes of an item, if there is room; gives the item back otherwise.
    pub(crate) fn try_push<M>(&self, item: M, wrap: impl FnOnce(M) -> T) -> Result<(), (Rejected, M)> {
        match self.room.try_acquire() {
            Ok(room) => self.insert(item, wrap).map(|()| room.forget()).map_err(|item| (Rejected::Closed, item)),
            Err(TryAcquireError::NoPermits) => Err((Rejected::Full, item)),
            Err(TryAcquireError::Closed) => Err((Rejected::Closed, item)),
        }
    }

    /// Takes what `wrap` makes of an item, once there is room; gives the item back when it is closed. Those who wait are served
    /// in their order. Cancel safe: dropped while it waits, the item was not taken.
    pub(crate) async fn push<M>(&self, item: M, wrap: impl FnOnce(M) -> T) -> Result<(), M> {
        match self.room.acquire().await {
            Ok(room) => self.insert(item, wrap).map(|()| room.forget()),
            Err(_) => Err(item),
        }
    }

    /// Takes an item, and gives the oldest one back if there is no room for both; or this one, if it is closed.
    pub(crate) fn push_over(&self, mut item: T) -> Option<T> {
        loop {
            item = match self.try_push(item, |item| item).err()? {
                (Rejected::Closed, item) => return Some(item),
                (Rejected::Full, item) => item,
            };
            let mut state = self.state();
            // If there is none, all of it was read meanwhile.
            if let Some(oldest) = state.items.pop_front() {
                // What is read meanwhile has made room, which is not counted twice.
                state.items.push_back(item);
                return Some(oldest);
            }
        }
    }

    fn insert<M>(&self, item: M, wrap: impl FnOnce(M) -> T) -> Result<(), M> {
        let mut state = self.state();
        if state.closed {
            return Err(item);
        }
        state.items.push_back(wrap(item));
        drop(state);
        self.nudge();
        Ok(())
    }

    /// Has the reader look again.
    pub(crate) fn nudge(&self) {
        let reader = self.state().reader.take();
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    /// The next item; `None` when the queue is closed and empty.
    pub(crate) fn poll_pop(&self, cx: &Context<'_>) -> Poll<Option<T>> {
        let mut state = self.state();
        if let Some(item) = state.items.pop_front() {
            if state.items.is_empty() {
                state.items = VecDeque::new();
            }
            drop(state);
            self.room.add_permits(1);
            return Poll::Ready(Some(item));
        }
        if state.closed {
            return Poll::Ready(None);
        }
        state.set_reader(cx.waker());
        Poll::Pending
    }

    /// Has the reader woken as if it waited for an item. What it looks at next is not missed: who changes it
    /// [nudges](Queue::nudge) after that.
    pub(crate) fn watch(&self, cx: &Context<'_>) {
        self.state().set_reader(cx.waker());
    }

    /// Gives what it holds and `keep` does not want.
    pub(crate) fn sift(&self, keep: impl Fn(&T) -> bool) -> VecDeque<T> {
        let mut state = self.state();
        let (kept, others): (VecDeque<T>, VecDeque<T>) = std::mem::take(&mut state.items).into_iter().partition(keep);
        state.items = kept;
        drop(state);
        self.room.add_permits(others.len());
        others
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.state().items.is_empty()
    }

    /// Takes nothing more. What it holds can still be read.
    pub(crate) fn close(&self) {
        self.room.close();
        self.state().closed = true;
        self.nudge();
        self.closed.notify_waiters();
    }

    /// Takes nothing more, and gives what it holds.
    pub(crate) fn end(&self) -> VecDeque<T> {
        self.close();
        std::mem::take(&mut self.state().items)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.room.is_closed()
    }

    /// Ready when nothing more is taken.
    pub(crate) async fn closed(&self) {
        let closed = self.closed.notified();
        if !self.is_closed() {
            closed.await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> State<T> {
    fn set_reader(&mut self, waker: &Waker) {
        match &mut self.reader {
            Some(known) => known.clone_from(waker),
            None => self.reader = Some(waker.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::Arc;

    use super::*;

    fn push<T>(queue: &Queue<T>, item: T) -> Result<(), (Rejected, T)> {
        queue.try_push(item, |item| item)
    }

    async fn pop<T>(queue: &Queue<T>) -> Option<T> {
        poll_fn(|cx| queue.poll_pop(cx)).await
    }

    #[tokio::test]
    async fn it_takes_so_many_and_then_waits_for_room_in_order() {
        let queue = Arc::new(Queue::new(2));
        assert_eq!((push(&queue, 0), push(&queue, 1)), (Ok(()), Ok(())));
        assert_eq!(push(&queue, 2), Err((Rejected::Full, 2)));
        let waiting: Vec<_> = [2, 3]
            .map(|n| {
                let queue = queue.clone();
                tokio::spawn(async move { queue.push(n, |n| n).await })
            })
            .into();
        tokio::task::yield_now().await;
        assert_eq!(pop(&queue).await, Some(0));
        assert_eq!(push(&queue, 4), Err((Rejected::Full, 4)), "who waits goes first");
        for n in 1..4 {
            assert_eq!(pop(&queue).await, Some(n));
        }
        for waiting in waiting {
            assert_eq!(waiting.await.unwrap(), Ok(()));
        }
    }

    #[tokio::test]
    async fn closed_it_takes_nothing_and_gives_what_it_holds() {
        let queue = Arc::new(Queue::new(1));
        push(&queue, 0).unwrap();
        let waiting = [0, 1].map(|_| queue.clone());
        let [full, end] = waiting;
        let full = tokio::spawn(async move { full.push(1, |n| n).await });
        let end = tokio::spawn(async move { end.closed().await });
        tokio::task::yield_now().await;
        queue.close();
        assert_eq!(full.await.unwrap(), Err(1), "who waits for room waits no longer");
        end.await.unwrap();
        assert_eq!(push(&queue, 2), Err((Rejected::Closed, 2)));
        assert_eq!((pop(&queue).await, pop(&queue).await), (Some(0), None));
    }

    #[tokio::test]
    async fn what_is_pushed_over_takes_the_place_of_the_oldest_but_of_none_once_it_is_closed() {
        let queue = Queue::new(2);
        assert_eq!([0, 1, 2].map(|n| queue.push_over(n)), [None, None, Some(0)]);
        queue.close();
        assert_eq!(queue.push_over(3), Some(3));
        assert_eq!((pop(&queue).await, pop(&queue).await, pop(&queue).await), (Some(1), Some(2), None));
    }

    #[tokio::test]
    async fn what_is_taken_out_makes_room() {
        let queue = Queue::new(3);
        (0..3).for_each(|n| push(&queue, n).unwrap());
        assert_eq!(queue.sift(|n| n % 2 == 1), [0, 2]);
        assert_eq!((push(&queue, 3), push(&queue, 4)), (Ok(()), Ok(())));
        assert_eq!(push(&queue, 5), Err((Rejected::Full, 5)));
        assert_eq!((pop(&queue).await, pop(&queue).await), (Some(1), Some(3)));
        assert!(!queue.is_empty() && queue.sift(|_| false) == [4] && queue.is_empty());
    }

    #[tokio::test]
    async fn its_reader_is_woken() {
        let queue = Arc::new(Queue::new(1));
        let reader = tokio::spawn({
            let queue = queue.clone();
            async move { (pop(&queue).await, pop(&queue).await) }
        });
        tokio::task::yield_now().await;
        push(&queue, 0).unwrap();
        tokio::task::yield_now().await;
        queue.close();
        assert_eq!(reader.await.unwrap(), (Some(0), None));
    }

    #[tokio::test]
    async fn who_watches_is_woken_although_there_are_items() {
        let queue = Arc::new(Queue::new(2));
        push(&queue, 0).unwrap();
        let watcher = tokio::spawn({
            let queue = queue.clone();
            let mut looked = false;
            poll_fn(move |cx| {
                queue.watch(cx);
                if std::mem::replace(&mut looked, true) { Poll::Ready(()) } else { Poll::Pending }
            })
        });
        tokio::task::yield_now().await;
        assert!(!watcher.is_finished());
        queue.nudge();
        watcher.await.unwrap();
    }
}
