//! Connections join topics, and leave them.

use std::sync::Arc;

use wirework_core::{AsReply, Format};

use super::members::{Member, Members};
use super::{SubscribeError, Topics};
use crate::Handle;

impl<T: Clone + Send + 'static> Topics<T> {
    /// Has what is published in a topic sent to a connection, from when this is ready on, until the connection ends or
    /// [leaves](Self::leave), or these topics are dropped. It is sent as by [`Handle::try_send`], between whatever else is, so that
    /// the conversation need not know of it:
    ///
    /// ```no_run
    /// # use wirework_core::{Codec, Raw};
    /// # async fn example(bind: impl wirework_servers::Bind, codec: impl Codec<Format = Raw>) -> std::io::Result<()> {
    /// use bytes::Bytes;
    /// use wirework_servers::{Handle, Topics, WhenSlow, serve};
    ///
    /// let topics: Topics<Bytes> = Topics::new(64, WhenSlow::Disconnect);
    /// serve(bind, codec)
    ///     .reply_with(
    ///         |handle| handle,
    ///         async move |handle: Handle<Raw>, topic| {
    ///             let joined = topics.join(&String::from_utf8_lossy(&topic), &handle).await;
    ///             if joined.is_ok() { "joined" } else { "try again" }
    ///         },
    ///     )
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// What waits for it waits in the queue of its connection, with all else that it is sent; what its codec cannot write is left out,
    /// an [`Event::Unsent`](crate::Event::Unsent). One that has joined already stays, and gets each message once. One that is closed does not join. What it misses is
    /// counted in [`missed`](Self::missed).
    ///
    /// Cancel safe: dropped while it waits, the connection has not joined.
    ///
    /// # Errors
    /// Those of the bus. Without one there are none, and it does not wait.
    pub async fn join<F>(&self, topic: &str, handle: &Handle<F>) -> Result<(), SubscribeError>
    where
        F: Format,
        T: AsReply<F::Reply>,
    {
        let (connection, members) = (handle.connection(), &self.shared.members);
        if handle.is_closed() {
            return Ok(());
        }
        loop {
            let mut entered = None;
            let is_new = members.join(connection, topic, || {
                let (there, id) = self.enter(topic, |hub| hub.add(Arc::new(Member(handle.clone()))));
                (entered.insert(there).hub.clone(), id)
            });
            let mut joining = Joining { members, connection, topic, stays: !is_new };
            if !self.leaves_at_the_end(handle) {
                members.leave_all(connection);
                return Ok(());
            }
            if let Some(there) = entered.or_else(|| self.shared.find(topic)) {
                self.fill(topic, &there).await?;
            }
            // Not so when it was about to join already, and has given up.
            if is_new || members.has(connection, topic) {
                joining.stays = true;
                return Ok(());
            }
        }
    }

    /// Gives whether the connection is not gone yet.
    fn leaves_at_the_end<F: Format>(&self, handle: &Handle<F>) -> bool {
        let connection = handle.connection();
        handle.on_end(&self.shared, move |shared| shared.members.leave_all(connection))
    }

    /// Sends a connection no more of what is published in a topic. Gives whether it had joined.
    pub fn leave<F: Format>(&self, topic: &str, handle: &Handle<F>) -> bool {
        self.shared.members.leave(handle.connection(), topic)
    }
}

/// A connection that is about to join; dropped, it leaves, unless it stays.
struct Joining<'a, T> {
    members: &'a Members<T>,
    connection: usize,
    topic: &'a str,
    stays: bool,
}

impl<T> Drop for Joining<'_, T> {
    fn drop(&mut self) {
        if !self.stays {
            self.members.leave(self.connection, self.topic);
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::WhenSlow;
    use crate::handle::alone;

    #[tokio::test]
    async fn one_that_is_closed_does_not_join() {
        let (topics, handle) = (Topics::<Bytes>::new(1, WhenSlow::Disconnect), alone());
        handle.close();
        topics.join("news", &handle).await.unwrap();
        assert_eq!((topics.topics(), topics.subscribers("news")), (0, 0));
    }
}
