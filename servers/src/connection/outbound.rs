//! What goes out.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use tokio::io::AsyncWrite;
use wirework_core::{Codec, ComposeError, EncodeError, Reply, encode_frame};

use crate::registry::{Entry, Left, WriteWait};

/// The writing half of a codec, and what is not written yet.
pub(crate) struct Outbound<C: Codec> {
    framing: C::Framing,
    pub(crate) format: C::Format,
    unsent: BytesMut,
    /// Whether it has been too much, and is not yet little enough.
    waiting: bool,
    /// How many bytes the transport may still hold of what was written.
    unflushed: usize,
    entry: Arc<Entry>,
    wait: WriteWait,
    bytes: u64,
    frames: u64,
}

impl<C: Codec> Outbound<C> {
    pub(crate) fn new(codec: &C, entry: Arc<Entry>) -> Result<Self, ComposeError> {
        let (framing, format) = codec.compose()?;
        let wait = WriteWait::default();
        let unsent = BytesMut::new();
        Ok(Self { framing, format, unsent, waiting: false, unflushed: 0, entry, wait, bytes: 0, frames: 0 })
    }

    pub(crate) fn with_codec<D: Codec>(self, codec: &D) -> Result<Outbound<D>, ComposeError> {
        let (framing, format) = codec.compose()?;
        let Self { unsent, waiting, unflushed, entry, wait, bytes, frames, .. } = self;
        Ok(Outbound { framing, format, unsent, waiting, unflushed, entry, wait, bytes, frames })
    }

    /// Takes one message, wholly or not at all.
    #[inline]
    pub(crate) fn encode(&mut self, reply: &Reply<C>) -> Result<(), EncodeError> {
        encode_frame(&mut self.framing, &mut self.format, reply, &mut self.unsent)?;
        self.frames += 1;
        Ok(())
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
        self.unsent.len() >= self.entry.limits().output_high
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
        if self.unflushed > 0 {
            if io.poll_flush(cx)?.is_pending() {
                // One with a buffer of its own, such as TLS, has taken all; the peer has not.
                self.wait.pending(&self.entry, Left::Within(self.unflushed), cx)?;
                return Poll::Pending;
            }
            self.unflushed = 0;
        }
        self.wait.done(&self.entry);
        Poll::Ready(Ok(()))
    }

    /// Whether there is room for another message.
    pub(crate) fn has_room(&mut self) -> bool {
        self.waiting = self.is_full() || self.waiting && self.unsent.len() > self.entry.limits().output_low;
        !self.waiting
    }

    /// Ready when there is room for another message.
    pub(crate) fn poll_room<W: AsyncWrite>(&mut self, io: Pin<&mut W>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.has_room() {
            let low = self.entry.limits().output_low;
            ready!(self.poll_down_to(low, io, cx))?;
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
            self.entry.check()?;
            match io.as_mut().poll_write(cx, &self.unsent)? {
                Poll::Ready(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(n) => self.taken(n),
                Poll::Pending => {
                    self.entry.hold(&self.entry.output, self.unsent.capacity());
                    self.wait.pending(&self.entry, Left::Unsent(self.unsent.len()), cx)?;
                    return Poll::Pending;
                }
            }
        }
        Poll::Ready(Ok(()))
    }

    /// So many bytes were taken.
    fn taken(&mut self, n: usize) {
        self.unsent.advance(n);
        self.unflushed = self.unflushed.saturating_add(n);
        self.bytes = self.bytes.saturating_add(n as u64);
        self.entry.output.bytes.store(self.bytes, Relaxed);
        self.entry.output.frames.store(self.frames, Relaxed);
        self.wait.took(n);
        if self.unsent.is_empty() {
            self.entry.hold(&self.entry.output, 0);
        }
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
