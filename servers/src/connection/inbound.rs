//! What comes in.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};
use tokio::task::coop;
use tokio::time::Sleep;
use wirework_core::{Bad, Codec, ComposeError, Error, Format, Frames, Framing, Location, Message};

use super::with_scratch;

/// The reading half of a codec, and what has come of an unfinished message.
pub(crate) struct Inbound<C: Codec> {
    pub(crate) frames: Frames<C::Framing>,
    pub(crate) format: C::Format,
    silence: Silence,
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

/// What reading gave.
pub(crate) enum Read {
    /// So many bytes.
    Bytes(usize),
    /// Nothing, for as long as the framing wanted to be told.
    Quiet,
    /// The end of the stream: zero bytes.
    End,
}

impl<C: Codec> Inbound<C> {
    pub(crate) fn new(codec: &C) -> Result<Self, ComposeError> {
        let (framing, format) = codec.compose()?;
        Ok(Self { frames: Frames::new(framing), format, silence: Silence::Untold })
    }

    pub(crate) fn with_codec<D: Codec>(self, codec: &D) -> Result<Inbound<D>, ComposeError> {
        let (framing, format) = codec.compose()?;
        Ok(Inbound { frames: self.frames.with_framing(framing), format, silence: Silence::Untold })
    }

    /// The next message among what has come; `None` when more must come, or the stream is over.
    pub(crate) fn next(&mut self) -> Result<Option<Message<C>>, Error> {
        let Some(frame) = self.frames.next()? else { return Ok(None) };
        match self.format.own(frame) {
            Ok(message) => Ok(Some(message)),
            Err(cause) => {
                let head = frame.bytes().iter().take(Location::HEAD).copied().collect::<Vec<_>>();
                Err(Bad::new(self.frames.location(&head), cause).into())
            }
        }
    }

    /// Reads more, or learns that no more will come.
    pub(crate) fn poll_more<R: AsyncRead>(&mut self, io: Pin<&mut R>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        with_scratch(|scratch| {
            match ready!(self.poll_read(io, cx, &mut scratch.input))? {
                Read::Bytes(n) => self.frames.push(scratch.input.get(..n).unwrap_or_default()),
                Read::Quiet => self.frames.quiet(),
                Read::End => self.frames.close(),
            }
            Poll::Ready(Ok(()))
        })
    }

    /// Reads into `input`.
    pub(crate) fn poll_read<R: AsyncRead>(
        &mut self,
        io: Pin<&mut R>,
        cx: &mut Context<'_>,
        input: &mut [u8],
    ) -> Poll<io::Result<Read>> {
        let mut buffer = ReadBuf::new(input);
        match io.poll_read(cx, &mut buffer) {
            Poll::Ready(done) => {
                done?;
                self.silence = Silence::Untold;
                Poll::Ready(Ok(match buffer.filled().len() {
                    0 => Read::End,
                    n => Read::Bytes(n),
                }))
            }
            Poll::Pending => {
                ready!(self.poll_silence(cx));
                Poll::Ready(Ok(Read::Quiet))
            }
        }
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
