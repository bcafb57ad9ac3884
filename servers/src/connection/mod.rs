//! One conversation: a stream of bytes and a codec.

mod carried;
mod close;
mod halves;
mod inbound;
mod link;
mod linked;
mod outbound;
mod received;
mod scratch;
mod upgrade;

use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use futures_sink::Sink;
use tokio::io::{AsyncRead, AsyncWrite};
use wirework_core::{AsReply, Codec, ComposeError, Error, Format, FrameError, Message, Reply};

use crate::registry::Entry;
use crate::{Limits, Peer};

pub use halves::{Receiver, Sender};
pub(crate) use inbound::{Inbound, Read};
use inbound::{More, within_budget};
pub(crate) use link::{Link, Resend};
pub(crate) use outbound::Outbound;
pub use received::Received;
pub(crate) use scratch::{Scratch, with_scratch};

/// A stream of bytes and a codec: messages in, messages out.
///
/// It is also a [`Stream`] of what [`recv`](Connection::recv) gives and a [`Sink`] of what [`send`](Connection::send)
/// takes. While it is idle it holds no buffer.
///
/// Dropped, it closes at once, and the peer may lose what it was sent last; [`close`](Connection::close) waits.
pub struct Connection<Io, C: Codec> {
    pub(crate) io: Io,
    pub(crate) inbound: Inbound<C>,
    pub(crate) outbound: Outbound<C>,
    peer: Peer,
    keep_alive: Option<KeepAlive<C>>,
    /// What the peer is told as soon as the server drains.
    pub(crate) drain_notice: Option<KeepAlive<C>>,
    /// What others send, if anybody can.
    pub(crate) link: Option<Box<Link<C::Format>>>,
    /// How many others [`recv_or`](Connection::recv_or) has given since it saw to the peer.
    others_in_a_row: u32,
}

/// A message that is sent again and again.
pub(crate) type KeepAlive<C> = Arc<dyn AsReply<Reply<C>> + Send + Sync>;

/// Nothing of it is pinned: a stream that must be is pinned by the caller.
impl<Io, C: Codec> Unpin for Connection<Io, C> {}

impl<Io, C: Codec> Connection<Io, C>
where
    Io: AsyncRead + AsyncWrite + Unpin,
{
    /// A conversation over a stream of bytes that is there already. No server knows of it: its `limits` hold, but for the
    /// deadlines of waiting for the peer and what concerns several connections. Put a `tokio::time::timeout` around
    /// [`recv`](Connection::recv), which is cancel safe.
    ///
    /// # Errors
    /// When the parts of the codec cannot work together.
    pub fn new(io: Io, peer: Peer, codec: &C, limits: Limits) -> Result<Self, ComposeError> {
        Self::entered(io, codec, Entry::alone(peer, limits))
    }

    /// A conversation that a server knows of.
    pub(crate) fn entered(io: Io, codec: &C, entry: Arc<Entry>) -> Result<Self, ComposeError> {
        let peer = entry.peer().clone();
        let (inbound, outbound) = (Inbound::new(codec, entry.clone())?, Outbound::new(codec, entry)?);
        Ok(Self { io, inbound, outbound, peer, keep_alive: None, drain_notice: None, link: None, others_in_a_row: 0 })
    }

    /// Who is at the other end.
    pub fn peer(&self) -> &Peer {
        &self.peer
    }

    /// Whether the server was told to stop, and this conversation should end: [`recv`](Connection::recv) gives `None` when
    /// nothing has come for [`Limits::drain_idle`]. What the protocol says then, such as `221 closing`, can still be sent.
    pub fn is_draining(&self) -> bool {
        self.entry().drains()
    }

    /// Has `message` sent whenever the peer has said nothing for as long as `interval`, while a message is waited for: one
    /// that it answers, so that [`Limits::idle`] ends only a conversation with who is gone. For a connection of a server.
    pub fn keep_alive<M>(&mut self, interval: Duration, message: M)
    where
        M: AsReply<Reply<C>> + Send + Sync + 'static,
    {
        self.set_keep_alive(interval, Arc::new(message));
    }

    pub(crate) fn set_keep_alive(&mut self, interval: Duration, message: KeepAlive<C>) {
        let Inbound { wait, entry, .. } = &mut self.inbound;
        wait.keep_alive(entry, interval);
        self.keep_alive = Some(message);
    }

    /// Whether what comes has ended because the server drains.
    pub(crate) fn is_drained(&self) -> bool {
        self.inbound.drained
    }

    pub(crate) fn entry(&self) -> &Entry {
        &self.inbound.entry
    }

    pub(crate) fn limits(&self) -> &Limits {
        self.entry().limits()
    }

    /// The next message; `None` when the peer has closed its side. What was [fed](Connection::feed) is written meanwhile.
    ///
    /// Cancel safe: what has come stays here.
    ///
    /// # Errors
    /// [`Error::Bad`]: one message is bad, and the next call goes on behind it (a `?` would end the conversation there). All
    /// others are the end of what comes; behind [`Error::Lost`] the peer can still be told why.
    pub async fn recv(&mut self) -> Result<Option<Message<C>>, Error> {
        poll_fn(|cx| self.poll_recv(cx)).await
    }

    /// The next `n` bytes, past the framing: the body that a message has announced.
    ///
    /// Cancel safe: what has come stays here.
    ///
    /// # Errors
    /// [`Error::Lost`] when `n` is beyond [`Limits::exact`], or the peer closes its side before.
    pub async fn recv_exact(&mut self, n: usize) -> Result<Bytes, Error> {
        let max = self.limits().exact;
        if n > max {
            let too_long = FrameError::TooLong { claimed: Some(n as u64), max };
            return Err(self.inbound.frames.lose(too_long).into());
        }
        poll_fn(|cx| {
            loop {
                if let Some(bytes) = self.inbound.frames.take(n) {
                    return Poll::Ready(Ok(bytes));
                }
                if self.inbound.frames.is_closed() || self.inbound.is_over() {
                    let received = self.inbound.frames.pending().len();
                    return Poll::Ready(Err(self.inbound.frames.lose(FrameError::Truncated { received }).into()));
                }
                ready!(self.poll_more(true, cx))?;
            }
        })
        .await
    }

    /// Sends one message, and waits until the system has taken it.
    ///
    /// Not cancel safe in this sense: dropped while it waits, the message is sent by the next call that writes, or
    /// was not taken at all.
    ///
    /// # Errors
    /// [`Error::Encode`] when the message cannot be sent: nothing of it is, and the connection is as it was.
    pub async fn send(&mut self, message: impl AsReply<Reply<C>>) -> Result<(), Error> {
        self.feed(message).await?;
        self.flush().await
    }

    /// Takes one message to be sent with the next [`flush`](Connection::flush), [`send`](Connection::send) or
    /// [`recv`](Connection::recv). Waits while [`Limits::output_high`] bytes are unsent.
    ///
    /// Cancel safe: dropped while it waits, the message was not taken.
    ///
    /// # Errors
    /// As [`send`](Connection::send).
    pub async fn feed(&mut self, message: impl AsReply<Reply<C>>) -> Result<(), Error> {
        self.make_room().await?;
        Ok(self.outbound.encode(message.as_reply())?)
    }

    /// Writes what was fed. Cancel safe.
    ///
    /// # Errors
    /// Those of the transport.
    pub async fn flush(&mut self) -> Result<(), Error> {
        poll_fn(|cx| self.outbound.poll_flush(Pin::new(&mut self.io), cx)).await?;
        self.outbound.release();
        Ok(())
    }

    /// The format of what comes, to tell it what only the conversation knows, such as the encoding that a login asked for. It
    /// holds for the messages that were not received yet, although their bytes may have come.
    pub fn read_format(&mut self) -> &mut C::Format {
        &mut self.inbound.format
    }

    /// The format of what is sent, to tell it what only the conversation knows. It holds for what is fed or sent from now on.
    pub fn write_format(&mut self) -> &mut C::Format {
        &mut self.outbound.format
    }

    /// Goes on with another codec. What has come and was not received yet is read by the new one, whose formats begin afresh;
    /// what keeps the peer alive must be said anew.
    ///
    /// # Errors
    /// When the parts of the codec cannot work together.
    pub fn with_codec<D: Codec>(self, codec: &D) -> Result<Connection<Io, D>, ComposeError> {
        Ok(Connection {
            io: self.io,
            inbound: self.inbound.with_codec(codec)?,
            outbound: self.outbound.with_codec(codec)?,
            peer: self.peer,
            keep_alive: None,
            drain_notice: None,
            link: None,
            others_in_a_row: self.others_in_a_row,
        })
    }

    /// Two halves, which can live in two tasks. They do not [`close`](Connection::close) together: to be sure that the peer
    /// gets all it was sent, close the sender, and receive until the peer has ended, too.
    ///
    /// From here on what is sent does not [follow](wirework_core::Format::follow) what comes: the halves know nothing of each other.
    pub fn split(self) -> (Receiver<tokio::io::ReadHalf<Io>, C>, Sender<tokio::io::WriteHalf<Io>, C>) {
        let (read, write) = tokio::io::split(self.io);
        (Receiver::new(read, self.inbound), Sender::new(write, self.outbound))
    }

    /// Closes: writes what was fed, ends this side, and reads on until the peer has ended its own, so that it gets all it
    /// was sent. What it still sends is discarded, for as long as [`Limits::linger`] and [`Limits::linger_bytes`] say.
    ///
    /// # Errors
    /// Those of the transport.
    pub fn close(mut self) -> impl Future<Output = Result<(), Error>> {
        // In a box: a handler does not hold room for this for as long as its conversation lasts.
        Box::pin(async move {
            self.end_pushed().await?;
            // Who has a handle does not wait for a peer that does not close its side.
            self.link = None;
            let Self { mut io, inbound, mut outbound, .. } = self;
            let peer_ended = inbound.frames.is_closed();
            let entry = inbound.end();
            entry.check()?;
            Ok(close::close(&mut io, &mut outbound, peer_ended, entry.limits()).await?)
        })
    }

    pub(crate) fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Message<C>>, Error>> {
        within_budget(cx, |cx| {
            loop {
                if let Poll::Ready(received) = self.poll_buffered() {
                    return Poll::Ready(received);
                }
                ready!(self.poll_more(false, cx))?;
            }
        })
    }

    /// The next message among what has come; `None` when the stream is over.
    fn poll_buffered(&mut self) -> Poll<Result<Option<Message<C>>, Error>> {
        if self.link.is_some() {
            return self.poll_buffered_but_answers();
        }
        if let Some(message) = self.inbound.next()? {
            self.outbound.format.follow(&self.inbound.format);
            return Poll::Ready(Ok(Some(message)));
        }
        if self.inbound.is_over() { Poll::Ready(Ok(None)) } else { Poll::Pending }
    }

    /// The same where calls may be answered.
    fn poll_buffered_but_answers(&mut self) -> Poll<Result<Option<Message<C>>, Error>> {
        let received = self.next_message();
        match &received {
            Ok(Some(_)) | Err(Error::Bad(_)) => {}
            Ok(None) if !self.is_over() => return Poll::Pending,
            // Nobody awaits an answer: those that are late still come.
            Ok(None) if !self.inbound.is_over() && self.link.as_ref().is_some_and(|link| link.leaves) => {}
            _ => self.lose_answers(),
        }
        Poll::Ready(received)
    }

    /// Reads more; meanwhile writes what waits to be written: no whole message is left to be answered before. `begun` says that
    /// what is read belongs to something that has begun.
    fn poll_more(&mut self, begun: bool, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let more = self.poll_write_and_read(begun, cx);
        // A client hears before what has come already.
        if let Poll::Ready(Err(_)) = more
            && !self.link.as_ref().is_some_and(|link| link.is_carried())
        {
            self.lose_answers();
        }
        more
    }

    fn poll_write_and_read(&mut self, begun: bool, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let _: Poll<()> = self.poll_write(cx)?;
            if self.is_over() {
                return Poll::Ready(Ok(()));
            }
            self.expect_answers();
            match ready!(self.inbound.poll_more(Pin::new(&mut self.io), begun, cx))? {
                More::Look => return Poll::Ready(Ok(())),
                More::KeepAlive => self.ask_for_sign_of_life(),
            }
        }
    }

    /// Encodes what the peer is asked with. One that cannot be sent is not: the peer is not heard of then, and the
    /// conversation ends as idle.
    pub(crate) fn ask_for_sign_of_life(&mut self) {
        if let Some(message) = &self.keep_alive {
            let _ = self.outbound.encode((**message).as_reply());
        }
    }

    /// Waits until another message may be fed.
    pub(crate) async fn make_room(&mut self) -> io::Result<()> {
        poll_fn(|cx| self.outbound.poll_room(Pin::new(&mut self.io), cx)).await
    }
}

impl<Io, C: Codec> fmt::Debug for Connection<Io, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { inbound, outbound, peer, .. } = self;
        let mut shown = f.debug_struct("Connection");
        shown.field("peer", peer).field("inbound", inbound).field("outbound", outbound).finish_non_exhaustive()
    }
}

impl<Io, C: Codec> Stream for Connection<Io, C>
where
    Io: AsyncRead + AsyncWrite + Unpin,
{
    type Item = Result<Message<C>, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_recv(cx).map(Result::transpose)
    }
}

impl<Io, C: Codec, M: AsReply<Reply<C>>> Sink<M> for Connection<Io, C>
where
    Io: AsyncRead + AsyncWrite + Unpin,
{
    type Error = Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let this = self.get_mut();
        Poll::Ready(Ok(ready!(this.outbound.poll_room(Pin::new(&mut this.io), cx))?))
    }

    fn start_send(self: Pin<&mut Self>, message: M) -> Result<(), Error> {
        Ok(self.get_mut().outbound.encode(message.as_reply())?)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let this = self.get_mut();
        ready!(this.outbound.poll_flush(Pin::new(&mut this.io), cx))?;
        this.outbound.release();
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let this = self.get_mut();
        ready!(this.poll_end_pushed(cx))?;
        this.link = None;
        ready!(this.outbound.poll_flush(Pin::new(&mut this.io), cx))?;
        Poll::Ready(Ok(ready!(Pin::new(&mut this.io).poll_shutdown(cx))?))
    }
}
