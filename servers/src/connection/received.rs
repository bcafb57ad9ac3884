//! What the peer sends, or something else that a conversation waits for.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::coop;
use wirework_core::{Codec, Error, Message};

use super::Connection;

/// How many others are heard before the peer is seen to, whether they have more or not.
const IN_A_ROW: u32 = 256;

/// What [`Connection::recv_or`] gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received<M, T> {
    /// The next message of the peer.
    Message(M),
    /// What the other future gave.
    Other(T),
    /// The peer has closed its side.
    End,
}

impl<Io, C: Codec> Connection<Io, C>
where
    Io: AsyncRead + AsyncWrite + Unpin,
{
    /// What `other` gives, or the next message: how a conversation is told by others what to send. When both are there, `other`
    /// goes first, but for one message of the peer behind 256 in a row. What was [fed](Connection::feed) is written meanwhile.
    ///
    /// ```no_run
    /// # use tokio::{io::DuplexStream, sync::mpsc};
    /// # use wirework_core::{BoxError, Codec, Raw};
    /// # use wirework_servers::{Connection, Received};
    /// # async fn example(mut conn: Connection<DuplexStream, impl Codec<Format = Raw>>, mut pushed: mpsc::Receiver<Vec<u8>>) -> Result<(), BoxError> {
    /// loop {
    ///     match conn.recv_or(pushed.recv()).await? {
    ///         Received::Message(message) => conn.feed(message).await?,
    ///         Received::Other(Some(message)) => conn.feed(message).await?, // does not wait
    ///         Received::Other(None) | Received::End => return Ok(conn.close().await?),
    ///     }
    /// }
    /// # }
    /// ```
    ///
    /// `other` is polled only while there is room to feed another message. A peer that does not read what it is sent is heard
    /// all the same, and its messages wait where `other` takes them from, such as a queue, whose length says how many may.
    /// With `tokio::select!` over [`recv`](Connection::recv) and the queue, nothing would be received while what comes from the
    /// queue waits to be sent. Since others go first, who is told by many keeps up with them, however much the peer says; and
    /// an `other` that always has more still leaves the peer and the thread their turns.
    ///
    /// Cancel safe, if `other` is.
    ///
    /// # Errors
    /// As [`recv`](Connection::recv).
    pub async fn recv_or<T>(&mut self, other: impl Future<Output = T>) -> Result<Received<Message<C>, T>, Error> {
        let mut other = pin!(other);
        poll_fn(|cx| {
            let turn = ready!(coop::poll_proceed(cx));
            loop {
                let open = self.others_in_a_row < IN_A_ROW && self.outbound.has_room();
                if open && let Poll::Ready(given) = other.as_mut().poll(cx) {
                    // Others cost a task as much of its turn in a row as one message of the peer.
                    if self.others_in_a_row == 0 {
                        turn.made_progress();
                    }
                    self.others_in_a_row += 1;
                    return Poll::Ready(Ok(Received::Other(given)));
                }
                if let Poll::Ready(received) = self.poll_buffered() {
                    turn.made_progress();
                    self.others_in_a_row = 0;
                    return Poll::Ready(received.map(|message| message.map_or(Received::End, Received::Message)));
                }
                // Only now what was fed is written, once nobody has more of it, or there is too much; which makes room.
                let more = self.poll_more(false, cx)?;
                self.others_in_a_row = 0;
                if more.is_pending() && (open || !self.outbound.has_room()) {
                    return Poll::Pending;
                }
            }
        })
        .await
    }
}
