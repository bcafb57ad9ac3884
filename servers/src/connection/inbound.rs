//! What comes in.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};
use tokio::task::coop;
use tokio::time::{Instant, Sleep};
use wirework_core::{Bad, Codec, ComposeError, Error, Format, Frames, Framing, Location, Message};

use super::with_scratch;
use crate::registry::{Awaited, Entry, ReadWait, Waiting};

/// The reading half of a codec, and what has come of an unfinished message.
pub(crate) struct Inbound<C: Codec> {
    pub(crate) frames: Frames<C::Framing>,
    pub(crate) format: C::Format,
    silence: Silence,
    pub(crate) entry: Arc<Entry>,
    pub(super) wait: ReadWait,
    /// Whether the server drains, and nothing more is read.
    pub(super) drained: bool,
}

/// What a framing that asks for it has been told of silence, since bytes came last.
enum Silence {
    /// Nothing; the clock does not run.
    Untold,
    /// The clock runs.
    Counting(Pin<Box<Sleep>>),
    /// That it is quiet.
    Told,
}

/// What may wait behind a message without being charged: to charge costs more than a short message does.
const LITTLE: usize = 4096;

/// What reading gave.
pub(crate) enum Read {
    /// So many bytes.
    Bytes(usize),
    /// Nothing, for as long as the framing wanted to be told.
    Quiet,
    /// Nothing, for so long that the peer should be asked for a sign of life.
    KeepAlive,
    /// Nothing, and the server drains.
    Drained,
    /// The end of the stream: zero bytes.
    End,
}

/// What to do after reading.
pub(crate) enum More {
    /// To look whether a message has come.
    Look,
    /// To ask the peer for a sign of life.
    KeepAlive,
}

impl<C: Codec> Inbound<C> {
    pub(crate) fn new(codec: &C, entry: Arc<Entry>) -> Result<Self, ComposeError> {
        let (framing, format) = codec.compose()?;
        let (silence, wait) = (Silence::Untold, ReadWait::default());
        Ok(Self { frames: Frames::new(framing), format, silence, entry, wait, drained: false })
    }

    pub(crate) fn with_codec<D: Codec>(self, codec: &D) -> Result<Inbound<D>, ComposeError> {
        let (framing, format) = codec.compose()?;
        let Self { frames, entry, wait, drained, .. } = self;
        let frames = frames.with_framing(framing);
        Ok(Inbound { frames, format, silence: Silence::Untold, entry, wait, drained })
    }

    /// Lets go of what has come.
    pub(super) fn end(self) -> Arc<Entry> {
        let Self { frames, entry, .. } = self;
        entry.input.frames.store(frames.messages(), Relaxed);
        drop(frames);
        entry.closing();
        entry
    }

    /// Whether nothing more comes.
    pub(crate) fn is_over(&self) -> bool {
        self.drained || self.frames.is_over()
    }

    /// The next message among what has come; `None` when more must come, or the stream is over.
    pub(crate) fn next(&mut self) -> Result<Option<Message<C>>, Error> {
        let Some(frame) = self.frames.next()? else { return Ok(None) };
        match self.format.own(frame) {
            Ok(message) => {
                self.hold_what_is_behind();
                Ok(Some(message))
            }
            Err(cause) => {
                let head = frame.bytes().iter().take(Location::HEAD).copied().collect::<Vec<_>>();
                Err(Bad::new(self.frames.location(&head), cause).into())
            }
        }
    }

    /// Says what is held behind a message, while that is handled, if it is much: who sends many at once has them wait here for a
    /// handler that waits.
    fn hold_what_is_behind(&self) {
        let behind = self.frames.pending().len();
        if behind > LITTLE {
            self.entry.hold_at_least(&self.entry.input, behind);
        }
    }

    /// Reads more, or learns that no more will come, or what else there is to do. `begun` says that what comes belongs to
    /// something that has begun, although nothing of it is here.
    pub(crate) fn poll_more<R: AsyncRead>(
        &mut self,
        io: Pin<&mut R>,
        begun: bool,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<More>> {
        with_scratch(|scratch| {
            match ready!(self.poll_read(io, begun, cx, &mut scratch.input))? {
                Read::Bytes(n) => self.frames.push(scratch.input.get(..n).unwrap_or_default()),
                Read::Quiet => self.frames.quiet(),
                Read::End => self.frames.close(),
                Read::Drained => self.drained = true,
                Read::KeepAlive => return Poll::Ready(Ok(More::KeepAlive)),
            }
            Poll::Ready(Ok(More::Look))
        })
    }

    /// Reads into `input`.
    pub(crate) fn poll_read<R: AsyncRead>(
        &mut self,
        io: Pin<&mut R>,
        begun: bool,
        cx: &mut Context<'_>,
        input: &mut [u8],
    ) -> Poll<io::Result<Read>> {
        self.entry.check()?;
        let mut buffer = ReadBuf::new(input);
        if let Poll::Ready(done) = io.poll_read(cx, &mut buffer) {
            done?;
            self.silence = Silence::Untold;
            self.entry.handling();
            let n = buffer.filled().len();
            self.entry.input.bytes.store(self.bytes() + n as u64, Relaxed);
            return Poll::Ready(Ok(if n == 0 { Read::End } else { Read::Bytes(n) }));
        }
        if self.poll_silence(cx).is_ready() {
            return Poll::Ready(Ok(Read::Quiet));
        }
        let awaited = self.awaited(begun);
        match self.wait.pending(&self.entry, awaited, cx)? {
            Waiting::On => Poll::Pending,
            Waiting::KeepAlive => Poll::Ready(Ok(Read::KeepAlive)),
            Waiting::Drained => Poll::Ready(Ok(Read::Drained)),
        }
    }

    /// Says how many bytes of messages are in flight while others are read.
    pub(crate) fn set_in_flight(&mut self, bytes: usize) {
        self.wait.set_in_flight(bytes);
    }

    /// Says how many bytes of messages are set aside.
    pub(super) fn set_aside(&mut self, bytes: usize) {
        self.wait.set_aside(&self.entry, bytes);
    }

    /// Says since when somebody awaits an answer of the peer: it is given that time, and a server that drains waits for it.
    pub(super) fn set_awaits(&mut self, since: Option<Instant>) {
        self.wait.set_awaits(since);
    }

    /// Called instead of reading, while nothing is to be read.
    pub(crate) fn pause(&mut self) {
        let awaited = self.awaited(false);
        self.wait.pause(&self.entry, awaited);
    }

    fn awaited(&self, begun: bool) -> Awaited {
        let come = self.frames.pending().len();
        Awaited {
            at: self.frames.offset(),
            come,
            begun: begun || come > 0,
            frames: self.frames.messages(),
            capacity: self.frames.capacity(),
        }
    }

    /// How many bytes have come.
    pub(super) fn bytes(&self) -> u64 {
        self.frames.offset().saturating_add(self.frames.pending().len() as u64)
    }

    /// Ready once when nothing has come for as long as the framing said, behind what has come of a frame.
    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(after) = self.frames.framing().quiet_after() else { return Poll::Pending };
        if self.frames.pending().is_empty() {
            return Poll::Pending;
        }
        if let Silence::Untold = self.silence {
            self.silence = Silence::Counting(Box::pin(tokio::time::sleep(after)));
        }
        let Silence::Counting(clock) = &mut self.silence else { return Poll::Pending };
        ready!(clock.as_mut().poll(cx));
        self.silence = Silence::Told;
        Poll::Ready(())
    }
}

/// Receives one message of those that a task may have in its turn: a peer that always has another one ready must not keep the
/// thread to itself.
pub(super) fn within_budget<T>(cx: &mut Context<'_>, receive: impl FnOnce(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
    let turn = ready!(coop::poll_proceed(cx));
    let received = receive(cx);
    if received.is_ready() {
        turn.made_progress();
    }
    received
}

impl<C: Codec> fmt::Debug for Inbound<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbound").field("pending", &self.frames.pending().len()).finish_non_exhaustive()
    }
}
