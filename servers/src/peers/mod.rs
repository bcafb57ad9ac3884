//! Connections under the keys of those at their other ends.

mod error;
mod replaced;
mod send;
mod table;

use std::borrow::Borrow;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use wirework_core::Format;

use crate::Handle;

pub use error::{JoinError, PeerError};
pub use replaced::Replaced;
pub use send::Told;
use table::Table;

/// Connections, each under a key of yours once its peer has said who it is: a login, a terminal number, a VIN. Any task finds them
/// there, and sends to one, to several, to all.
///
/// ```no_run
/// # use wirework_core::{BoxError, Codec, Raw};
/// # async fn example(bind: impl wirework_servers::Bind, codec: impl Codec<Format = Raw>) -> std::io::Result<()> {
/// use wirework_servers::{Peers, WhenTaken, serve};
///
/// let devices = Peers::<Vec<u8>, Raw>::new(WhenTaken::Replace);
/// let operator = devices.clone();
/// tokio::spawn(async move { operator.send(b"4711".as_slice(), "reboot").await });
///
/// serve(bind, codec)
///     .answer_with(
///         |handle| handle,
///         move |handle, message, reply| {
///             let Some(name) = message.strip_prefix(b"login ") else { return Ok(reply.send("log in first")?) };
///             if let Some(former) = devices.join(name.to_vec(), handle)? {
///                 let _ = former.try_send("you have logged in elsewhere"); // and then it is closed
///             }
///             devices.send_all_but(handle, "another one is here");
///             Ok::<_, BoxError>(reply.send("welcome")?)
///         },
///     )
///     .await?;
/// # Ok(())
/// # }
/// ```
///
/// A connection is there until it [leaves](Peers::leave), another one takes its place, or it ends, in whatever way: nothing has to be
/// done for that, and nothing held. One that somebody has [closed](Handle::close) is there until its conversation has ended. It has
/// one key at a time; in several `Peers` it can have several.
///
/// The connections may be those of several servers, and of clients. A key is cloned for whoever is told it, which is cheap with
/// numbers and `Arc<str>`. Cheap to clone itself, and of the same connections then.
pub struct Peers<K, F: Format>(Arc<Shared<K, F>>);

/// What happens when a connection joins under the key of another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenTaken {
    /// It takes the other's place, which is closed: the same peer has come again, and its former connection may be dead without
    /// anybody having noticed.
    Replace,
    /// It is refused, for as long as the other is there and not closed.
    Refuse,
}

struct Shared<K, F: Format> {
    when_taken: WhenTaken,
    /// Not locked while anything is sent, closed or dropped: what that leads to may come back here.
    table: Mutex<Table<K, F>>,
}

impl<K, F: Format> Peers<K, F> {
    /// Nobody yet.
    pub fn new(when_taken: WhenTaken) -> Self {
        Self(Arc::new(Shared { when_taken, table: Mutex::new(Table::new()) }))
    }

    /// How many connections there are.
    pub fn len(&self) -> usize {
        self.0.table().len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<K, F> Peers<K, F>
where
    K: Clone + Eq + Hash + Send + 'static,
    F: Format,
{
    /// Enters a connection under a key, where it is found from now on. One that has another key gives that up; one that has this
    /// key already keeps it.
    ///
    /// Gives the connection whose place it has taken, if there was one: to tell it why, before it is closed. Those that join under
    /// the same key at once take each other's places, and one of them stays.
    ///
    /// # Errors
    /// [`JoinError::Taken`] when another connection has the key, and is to keep it; [`JoinError::Closed`] when nothing more can be
    /// sent over this one, or another has taken its place here before. A key that it has it then keeps.
    pub fn join(&self, key: K, handle: &Handle<F>) -> Result<Option<Replaced<F>>, JoinError<K, F>> {
        let former = {
            let mut table = self.0.table();
            // What happens at its end waits for the table, so that it cannot have happened before this is done.
            if handle.is_closed() || !self.leaves_at_the_end_of(handle) {
                return Err(JoinError::Closed(key));
            }
            table.join(key, handle, self.0.when_taken)?
        };
        Ok(former.map(Replaced::new))
    }

    /// Has a connection taken out when it ends. Gives whether it has not ended yet.
    fn leaves_at_the_end_of(&self, handle: &Handle<F>) -> bool {
        let connection = handle.connection();
        handle.on_end(&self.0, move |shared| {
            let _dropped_unlocked = shared.table().end(connection);
        })
    }

    /// Takes a connection out. It stays open, and can join again. Gives the key that it had.
    pub fn leave(&self, handle: &Handle<F>) -> Option<K> {
        let left = self.0.table().leave(handle.connection());
        left.map(|(key, _)| key)
    }

    /// The connection under a key.
    pub fn get<Q>(&self, key: &Q) -> Option<Handle<F>>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.0.table().get(key).cloned()
    }

    /// Whether there is a connection under a key.
    pub fn contains<Q>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.0.table().get(key).is_some()
    }

    /// The key of a connection.
    pub fn key_of(&self, handle: &Handle<F>) -> Option<K> {
        self.0.table().key_of(handle.connection()).cloned()
    }

    /// How long ago the peer with this key was last heard of; see [`Handle::last_seen`].
    pub fn last_seen<Q>(&self, key: &Q) -> Option<Duration>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.get(key)?.last_seen()
    }

    /// All connections with their keys, as they are now, in no order.
    pub fn connections(&self) -> Vec<(K, Handle<F>)> {
        self.0.table().iter().map(|(key, handle)| (key.clone(), handle.clone())).collect()
    }
}

impl<K, F: Format> Shared<K, F> {
    fn table(&self) -> MutexGuard<'_, Table<K, F>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K, F: Format> Clone for Peers<K, F> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K, F: Format> fmt::Debug for Peers<K, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Peers").field("len", &self.len()).field("when_taken", &self.0.when_taken).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    use std::thread;

    use wirework_core::Raw;

    use super::*;
    use crate::SendError;
    use crate::handle::alone;

    fn peers(when_taken: WhenTaken) -> Peers<String, Raw> {
        Peers::new(when_taken)
    }

    #[test]
    fn who_joins_is_found_until_it_leaves() {
        let (peers, handle) = (peers(WhenTaken::Refuse), alone());
        assert_eq!(peers.join("a".into(), &handle).unwrap(), None);
        assert_eq!(peers.join("a".into(), &handle).unwrap(), None, "it has joined already");
        assert_eq!((peers.get("a"), peers.key_of(&handle)), (Some(handle.clone()), Some("a".into())));
        assert_eq!(peers.connections(), [("a".into(), handle.clone())]);
        assert_eq!((peers.len(), peers.contains("a"), peers.contains("b")), (1, true, false));
        assert_eq!(peers.leave(&handle).as_deref(), Some("a"));
        assert_eq!((peers.leave(&handle), peers.get("a"), peers.is_empty()), (None, None, true));
        assert!(!handle.is_closed());
        assert_eq!(peers.join("b".into(), &handle).unwrap(), None);
        handle.end();
        assert!(peers.is_empty());
    }

    #[test]
    fn who_joins_under_another_key_has_no_longer_the_first() {
        let (peers, handle) = (peers(WhenTaken::Refuse), alone());
        for n in 0..1000 {
            peers.join(n.to_string(), &handle).unwrap();
        }
        assert_eq!(peers.connections(), [("999".into(), handle.clone())]);
        let other = alone();
        peers.join("other".into(), &other).unwrap();
        assert!(peers.join("other".into(), &handle).is_err());
        assert_eq!((peers.len(), peers.get("999"), peers.get("other")), (2, Some(handle), Some(other)));
    }

    #[test]
    fn who_is_gone_or_closed_cannot_join() {
        let (peers, gone, closed) = (peers(WhenTaken::Replace), alone(), alone());
        gone.end();
        closed.close();
        for handle in [gone, closed] {
            let Err(JoinError::Closed(key)) = peers.join("a".into(), &handle) else { panic!("it has joined") };
            assert_eq!(key, "a");
        }
        assert!(peers.is_empty());
    }

    #[test]
    fn the_second_is_refused_while_the_first_is_there_and_open() {
        let (peers, [first, second, third]) = (peers(WhenTaken::Refuse), [(); 3].map(|()| alone()));
        peers.join("a".into(), &first).unwrap();
        let Err(JoinError::Taken { key, holder }) = peers.join("a".into(), &second) else { panic!("it has joined") };
        assert_eq!((key, &holder, peers.get("a")), ("a".into(), &first, Some(first.clone())));
        assert!(!first.is_closed() && !second.is_closed());
        first.close();
        assert_eq!(*peers.join("a".into(), &second).unwrap().unwrap(), first);
        second.end();
        assert_eq!(peers.join("a".into(), &third).unwrap(), None);
    }

    #[test]
    fn the_second_takes_the_place_of_the_first_which_can_be_told_before_it_is_closed() {
        let (peers, [first, second]) = (peers(WhenTaken::Replace), [(); 2].map(|()| alone()));
        peers.join("a".into(), &first).unwrap();
        let former = peers.join("a".into(), &second).unwrap().unwrap();
        assert_eq!((peers.get("a"), peers.key_of(&first)), (Some(second.clone()), None));
        former.try_send("there is another").unwrap();
        assert!(matches!(peers.join("a".into(), &first), Err(JoinError::Closed(_))), "its time is over");
        assert!(matches!(peers.join("b".into(), &first), Err(JoinError::Closed(_))));
        drop(former);
        assert_eq!(first.try_send("late"), Err(SendError::Closed("late")));
        first.end();
        assert_eq!((peers.len(), peers.get("a")), (1, Some(second)), "its end is its own");
    }

    #[test]
    fn a_connection_has_a_key_in_each_and_leaves_all_at_its_end() {
        let (handle, many) = (alone(), [(); 3].map(|()| peers(WhenTaken::Refuse)));
        for (n, peers) in many.iter().enumerate() {
            peers.join(n.to_string(), &handle).unwrap();
        }
        handle.end();
        assert!(many.iter().all(Peers::is_empty));
    }

    #[test]
    fn neither_keeps_the_other() {
        let (peers, handle) = (peers(WhenTaken::Refuse), alone());
        peers.join("a".into(), &handle).unwrap();
        let queued: Arc<[u8]> = Arc::from([0]);
        handle.try_send(queued.clone()).unwrap();
        let shared = Arc::downgrade(&peers.0);
        drop(peers);
        assert!(shared.upgrade().is_none(), "although the connection is still there");
        drop(handle);
        assert_eq!(Arc::strong_count(&queued), 1);
    }

    #[test]
    fn those_who_join_at_once_take_turns_and_one_stays() {
        const AT_ONCE: usize = 8;
        for when_taken in [WhenTaken::Replace, WhenTaken::Refuse] {
            for n in 0..200 {
                let (peers, together) = (peers(when_taken), Barrier::new(AT_ONCE + 1));
                let handles = [(); AT_ONCE].map(|()| alone());
                let replaced = AtomicUsize::new(0);
                thread::scope(|threads| {
                    let held = peers.0.table();
                    for handle in &handles {
                        threads.spawn(|| {
                            together.wait();
                            match peers.join("a".into(), handle) {
                                Ok(former) => _ = replaced.fetch_add(former.iter().count(), Relaxed),
                                Err(_) => handle.close(),
                            }
                        });
                    }
                    together.wait();
                    (0..n % 50).for_each(|_| thread::yield_now());
                    drop(held);
                });
                let open: Vec<_> = handles.iter().filter(|handle| !handle.is_closed()).collect();
                let expected = if when_taken == WhenTaken::Replace { AT_ONCE - 1 } else { 0 };
                assert_eq!((open.len(), replaced.into_inner()), (1, expected), "{when_taken:?}");
                assert_eq!((peers.get("a").as_ref(), peers.len()), (Some(open[0]), 1));
                handles.iter().for_each(Handle::end);
                assert!(peers.is_empty());
            }
        }
    }

    #[test]
    fn who_ends_while_it_joins_is_not_there() {
        let (peers, together) = (peers(WhenTaken::Replace), Barrier::new(3));
        for n in 0..1000 {
            let handle = alone();
            thread::scope(|threads| {
                // Both come as far as they can without the table.
                let held = peers.0.table();
                threads.spawn(|| {
                    together.wait();
                    handle.end();
                });
                threads.spawn(|| {
                    together.wait();
                    // Whether it was in time for that is another thing each time.
                    let _ = peers.join("a".into(), &handle);
                });
                together.wait();
                (0..n % 50).for_each(|_| thread::yield_now());
                drop(held);
            });
            assert!(peers.is_empty());
        }
    }
}
