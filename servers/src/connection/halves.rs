//! A connection in two halves.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use wirework_core::{AsReply, Codec, Error, Message, Reply};

use super::inbound::{More, within_budget};
use super::{Inbound, Outbound};

/// The receiving half of a connection; see [`Connection::split`](crate::Connection::split).
#[derive(Debug)]
pub struct Receiver<R, C: Codec> {
    io: R,
    inbound: Inbound<C>,
}

impl<R, C: Codec> Unpin for Receiver<R, C> {}

impl<R: AsyncRead + Unpin, C: Codec> Receiver<R, C> {
    pub(super) fn new(io: R, inbound: Inbound<C>) -> Self {
        Self { io, inbound }
    }

    /// The next message; as [`Connection::recv`](crate::Connection::recv). Cancel safe.
    ///
    /// # Errors
    /// As [`Connection::recv`](crate::Connection::recv).
    pub async fn recv(&mut self) -> Result<Option<Message<C>>, Error> {
        poll_fn(|cx| self.poll_recv(cx)).await
    }

    /// The format of what comes; as [`Connection::read_format`](crate::Connection::read_format).
    pub fn read_format(&mut self) -> &mut C::Format {
        &mut self.inbound.format
    }

    fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Message<C>>, Error>> {
        within_budget(cx, |cx| {
            loop {
                if let Some(message) = self.inbound.next()? {
                    return Poll::Ready(Ok(Some(message)));
                }
                if self.inbound.is_over() {
                    return Poll::Ready(Ok(None));
                }
                // Nobody here could ask for a sign of life.
                let _: More = ready!(self.inbound.poll_more(Pin::new(&mut self.io), false, cx))?;
            }
        })
    }
}

impl<R: AsyncRead + Unpin, C: Codec> Stream for Receiver<R, C> {
    type Item = Result<Message<C>, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_recv(cx).map(Result::transpose)
    }
}

/// The sending half of a connection; see [`Connection::split`](crate::Connection::split).
#[derive(Debug)]
pub struct Sender<W, C: Codec> {
    io: W,
    outbound: Outbound<C>,
}

impl<W: AsyncWrite + Unpin, C: Codec> Sender<W, C> {
    pub(super) fn new(io: W, outbound: Outbound<C>) -> Self {
        Self { io, outbound }
    }

    /// Sends one message; as [`Connection::send`](crate::Connection::send).
    ///
    /// # Errors
    /// As [`Connection::send`](crate::Connection::send).
    pub async fn send(&mut self, message: impl AsReply<Reply<C>>) -> Result<(), Error> {
        self.feed(message).await?;
        self.flush().await
    }

    /// Takes one message to be sent with the next flush; as [`Connection::feed`](crate::Connection::feed).
    ///
    /// # Errors
    /// As [`Connection::feed`](crate::Connection::feed).
    pub async fn feed(&mut self, message: impl AsReply<Reply<C>>) -> Result<(), Error> {
        poll_fn(|cx| self.outbound.poll_room(Pin::new(&mut self.io), cx)).await?;
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

    /// The format of what is sent; as [`Connection::write_format`](crate::Connection::write_format).
    pub fn write_format(&mut self) -> &mut C::Format {
        &mut self.outbound.format
    }

    /// Writes what was fed and ends this side of the connection. The receiving half goes on.
    ///
    /// # Errors
    /// Those of the transport.
    pub async fn close(mut self) -> Result<(), Error> {
        self.flush().await?;
        Ok(self.io.shutdown().await?)
    }
}
