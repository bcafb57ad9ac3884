//! What goes out.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use tokio::io::AsyncWrite;
use wirework_core::{Codec, ComposeError, EncodeError, Reply, encode_frame};

use crate::Limits;

/// The writing half of a codec, and what is not written yet.
pub(crate) struct Outbound<C: Codec> {
    framing: C::Framing,
    pub(crate) format: C::Format,
    unsent: BytesMut,
    /// At which length of `unsent` to wait, and down to which.
    high: usize,
    low: usize,
    waiting: bool,
    /// Whether the transport may still hold what was written.
    unflushed: bool,
}

impl<C: Codec> Outbound<C> {
    pub(crate) fn new(codec: &C, limits: &Limits) -> Result<Self, ComposeError> {
        let (framing, format) = codec.compose()?;
        let (high, low) = (limits.output_high, limits.output_low);
        Ok(Self { framing, format, unsent: BytesMut::new(), high, low, waiting: false, unflushed: false })
    }

    pub(crate) fn with_codec<D: Codec>(self, codec: &D) -> Result<Outbound<D>, ComposeError> {
        let (framing, format) = codec.compose()?;
        let Self { unsent, high, low, waiting, unflushed, .. } = self;
        Ok(Outbound { framing, format, unsent, high, low, waiting, unflushed })
    }

    /// Takes one message, wholly or not at all.
    #[inline]
    pub(crate) fn encode(&mut self, reply: &Reply<C>) -> Result<(), EncodeError> {
        encode_frame(&mut self.framing, &mut self.format, reply, &mut self.unsent)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.unsent.is_empty()
    }

    /// How many bytes are unsent.
    pub(crate) fn len(&self) -> usize {
        self.unsent.len()
    }

    /// Whether so much is unsent that no more should be taken.
    pub(crate) fn is_full(&self) -> bool {
        self.unsent.len() >= self.high
    }

    /// Writes into the thread's buffer rather than one of its own, or back; nothing must be unsent in either.
    pub(crate) fn swap_buffer(&mut self, buffer: &mut BytesMut) {
        std::mem::swap(&mut self.unsent, buffer);
    }

    /// Writes what is unsent.
    pub(crate) fn poll_flush<W: AsyncWrite>(
        &mut self,
        mut io: Pin<&mut W>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(self.poll_down_to(0, io.as_mut(), cx))?;
        if self.unflushed {
            ready!(io.poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    /// Whether there is room for another message.
    pub(crate) fn has_room(&mut self) -> bool {
        self.waiting = self.is_full() || self.waiting && self.unsent.len() > self.low;
        !self.waiting
    }

    /// Ready when there is room for another message.
    pub(crate) fn poll_room<W: AsyncWrite>(&mut self, io: Pin<&mut W>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.has_room() {
            ready!(self.poll_down_to(self.low, io, cx))?;
            self.waiting = false;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_down_to<W: AsyncWrite>(
        &mut self,
        low: usize,
        mut io: Pin<&mut W>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while self.unsent.len() > low {
            match ready!(io.as_mut().poll_write(cx, &self.unsent))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                n => self.unsent.advance(n),
            }
            self.unflushed = true;
        }
        Poll::Ready(Ok(()))
    }

    /// Gives the buffer back when nothing is unsent, so that an idle connection holds none.
    pub(crate) fn release(&mut self) {
        if self.unsent.is_empty() {
            self.unsent = BytesMut::new();
        }
    }
}

impl<C: Codec> fmt::Debug for Outbound<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound").field("unsent", &self.unsent.len()).finish_non_exhaustive()
    }
}
