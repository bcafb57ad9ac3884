//! Sending by key: to one, to several, to all.

use std::borrow::Borrow;
use std::hash::Hash;

use wirework_core::{AsReply, Format};

use super::{PeerError, Peers};
use crate::{Handle, SendError};

/// Who was sent a message, of several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told<K> {
    /// How many were.
    pub sent: usize,
    /// Who was not, and why.
    pub unsent: Vec<(K, PeerError<()>)>,
}

impl<K, F> Peers<K, F>
where
    K: Clone + Eq + Hash + Send + 'static,
    F: Format,
{
    /// Sends a message to the peer with a key, once there is room in its queue, as [`Handle::send`] does. If another connection
    /// takes the place of the one whose queue is waited for, the message goes there.
    ///
    /// `Ok` means queued: what the codec cannot write is left out, an [`Event::Unsent`](crate::Event::Unsent), and nobody here is told.
    ///
    /// Cancel safe: dropped while it waits, the message was not queued.
    ///
    /// # Errors
    /// [`PeerError::Absent`] and [`PeerError::Closed`], with the message.
    pub async fn send<Q, M>(&self, key: &Q, mut message: M) -> Result<(), PeerError<M>>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
        M: AsReply<F::Reply> + Send + 'static,
    {
        loop {
            let Some(handle) = self.get(key) else { return Err(PeerError::Absent(message)) };
            match handle.send(message).await {
                Ok(()) => return Ok(()),
                Err(error) if self.get(key).is_none_or(|now| now == handle) => return Err(error.into()),
                Err(error) => message = error.into_message(),
            }
        }
    }

    /// Sends a message to the peer with a key, if there is room in its queue, as [`Handle::try_send`] does.
    ///
    /// # Errors
    /// [`PeerError`], with the message.
    pub fn try_send<Q, M>(&self, key: &Q, message: M) -> Result<(), PeerError<M>>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
        M: AsReply<F::Reply> + Send + 'static,
    {
        match self.get(key) {
            Some(handle) => Ok(handle.try_send(message)?),
            None => Err(PeerError::Absent(message)),
        }
    }

    /// Sends a message to all who have room in their queues. Nobody is waited for; it is cloned for each, and `Bytes` and `Arc` are
    /// cheap to clone.
    pub fn send_all<M>(&self, message: M) -> Told<K>
    where
        M: AsReply<F::Reply> + Clone + Send + 'static,
    {
        tell(self.connections().into_iter().map(|(key, handle)| (key, Some(handle))), &message)
    }

    /// As [`send_all`](Peers::send_all), but for one connection: the one whose peer has said what the others are told. It need not
    /// have joined.
    pub fn send_all_but<M>(&self, but: &Handle<F>, message: M) -> Told<K>
    where
        M: AsReply<F::Reply> + Clone + Send + 'static,
    {
        let others = self.connections().into_iter().filter(|(_, handle)| handle != but);
        tell(others.map(|(key, handle)| (key, Some(handle))), &message)
    }

    /// As [`send_all`](Peers::send_all), to those with these keys. One that is there twice is sent the message twice.
    pub fn send_many<'k, Q, M>(&self, keys: impl IntoIterator<Item = &'k Q>, message: M) -> Told<&'k Q>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized + 'k,
        M: AsReply<F::Reply> + Clone + Send + 'static,
    {
        tell(keys.into_iter().map(|key| (key, self.get(key))), &message)
    }
}

fn tell<K, F, M>(to: impl Iterator<Item = (K, Option<Handle<F>>)>, message: &M) -> Told<K>
where
    F: Format,
    M: AsReply<F::Reply> + Clone + Send + 'static,
{
    let mut told = Told { sent: 0, unsent: Vec::new() };
    for (key, handle) in to {
        let unsent = match handle.map(|handle| handle.try_send(message.clone())) {
            Some(Ok(())) => {
                told.sent += 1;
                continue;
            }
            Some(Err(SendError::Full(_))) => PeerError::Full(()),
            Some(Err(SendError::Closed(_))) => PeerError::Closed(()),
            None => PeerError::Absent(()),
        };
        told.unsent.push((key, unsent));
    }
    told
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Weak};
    use std::time::Duration;

    use tokio::time::timeout;
    use wirework_core::Raw;

    use super::*;
    use crate::WhenTaken;
    use crate::handle::alone;
    use crate::peers::Shared;

    #[tokio::test(start_paused = true)]
    async fn what_waits_for_a_connection_goes_to_the_one_that_takes_its_place() {
        let (peers, [first, second]) = (Peers::<&str, Raw>::new(WhenTaken::Replace), [(); 2].map(|()| alone()));
        peers.join("a", &first).unwrap();
        peers.try_send("a", "there is room for one").unwrap();
        let waiting = tokio::spawn({
            let peers = peers.clone();
            async move { timeout(Duration::from_secs(1), peers.send("a", "news")).await }
        });
        tokio::task::yield_now().await;
        peers.join("a", &second).unwrap();
        assert_eq!(waiting.await.unwrap(), Ok(Ok(())));
        assert_eq!(peers.try_send("a", "more"), Err(PeerError::Full("more")), "it is there");
        second.close();
        assert_eq!(peers.send("a", "more").await, Err(PeerError::Closed("more")));
    }

    /// A message that looks at those whom it is sent to, when it is cloned and when it is dropped.
    struct Looks(Weak<Shared<&'static str, Raw>>);

    impl Looks {
        fn look(&self) {
            let Some(shared) = self.0.upgrade() else { return };
            assert!(shared.table.try_lock().is_ok(), "it would wait for ever");
        }
    }

    impl AsReply<[u8]> for Looks {
        fn as_reply(&self) -> &[u8] {
            b"looks"
        }
    }

    impl Clone for Looks {
        fn clone(&self) -> Self {
            self.look();
            Self(self.0.clone())
        }
    }

    impl Drop for Looks {
        fn drop(&mut self) {
            self.look();
        }
    }

    #[test]
    fn a_message_may_look_at_those_whom_it_is_sent_to() {
        let peers = Peers::new(WhenTaken::Replace);
        let looks = || Looks(Arc::downgrade(&peers.0));
        let [first, second, third] = [(); 3].map(|()| alone());
        peers.join("a", &first).unwrap();
        peers.join("b", &second).unwrap();
        peers.try_send("a", looks()).unwrap();
        let full = vec![("a", PeerError::Full(()))];
        assert_eq!(peers.send_all(looks()), Told { sent: 1, unsent: full });
        assert_eq!(peers.send_many(["a", "b", "c"], looks()).sent, 0);
        // Who is gone has what is queued dropped.
        peers.join("a", &third).unwrap();
        drop(first);
        second.end();
        drop(second);
        assert_eq!(peers.len(), 1);
    }
}
