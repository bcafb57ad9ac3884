//! `answer`: messages lent, replies written in place.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite};
use wirework_core::{
    AsReply, Bad, BoxError, Codec, EncodeError, Error, Format, Frame, Frames, Framing, Lent, Location, Reply,
};

use super::answers::Answers;
use super::end::End;
use super::handler::Begin;
use super::{Accepted, Conversation, Hooks, Setup};
use crate::Connection;
use crate::connection::{Inbound, Link, Outbound, Read, Scratch, with_scratch};
use crate::registry::Entry;

/// What is pending of an unfinished message is read behind, in the thread's buffer, up to this length; beyond, it grows
/// where it is.
const READ_BEHIND: usize = 64 * 1024;

/// After so many reads in a row others get their turn.
const TURNS: usize = 8;

/// After so many messages, too: however short they are, each costs as much as 64 bytes of those that fill a read.
const IN_A_ROW: usize = 4096;

/// Where a handler of [`Serve::answer`](super::Serve::answer) writes.
pub struct Answer<'a, C: Codec> {
    reads: &'a mut C::Format,
    outbound: &'a mut Outbound<C>,
    closed: bool,
}

impl<C: Codec> Answer<'_, C> {
    /// Writes one reply, wholly or not at all. A message may get none, one or several.
    ///
    /// # Errors
    /// When the message cannot be sent.
    #[inline]
    pub fn send(&mut self, reply: impl AsReply<Reply<C>>) -> Result<(), EncodeError> {
        self.outbound.encode(reply.as_reply())
    }

    /// Ends the conversation with this message, once its replies are sent: those behind it get none.
    pub fn close(&mut self) {
        self.closed = true;
    }

    /// The format of what comes, to tell it of what the messages behind this one are; as [`Connection::read_format`].
    pub fn read_format(&mut self) -> &mut C::Format {
        self.reads
    }

    /// The format of what is sent, to tell it of the replies that follow; as [`Connection::write_format`].
    pub fn write_format(&mut self) -> &mut C::Format {
        &mut self.outbound.format
    }
}

/// What a handler of [`Serve::answer`](super::Serve::answer) may return: nothing, or a `Result` of nothing, whose `Err` ends
/// the conversation.
#[diagnostic::on_unimplemented(
    message = "a handler of `answer` cannot return `{Self}`",
    note = "it writes its reply with `reply.send(...)`, and returns `()` or `Result<(), E>` (`Err`: the conversation ends)"
)]
pub trait Outcome {
    /// Whether the conversation goes on.
    ///
    /// # Errors
    /// Why it does not.
    fn outcome(self) -> Result<(), BoxError>;
}

impl Outcome for () {
    fn outcome(self) -> Result<(), BoxError> {
        Ok(())
    }
}

impl<E: Into<BoxError>> Outcome for Result<(), E> {
    fn outcome(self) -> Result<(), BoxError> {
        self.map_err(Into::into)
    }
}

/// The conversation of [`Serve::answer`](super::Serve::answer).
pub(super) struct Answering<C: Codec, F> {
    setup: Setup<C>,
    handler: F,
}

impl<C: Codec, F> Answering<C, F> {
    pub(super) fn new(setup: Setup<C>, handler: F) -> Self {
        Self { setup, handler }
    }
}

impl<C: Codec, F: Clone> Clone for Answering<C, F> {
    fn clone(&self) -> Self {
        Self { setup: self.setup.clone(), handler: self.handler.clone() }
    }
}

impl<Io, C, F> Conversation<Io> for Answering<C, F>
where
    Io: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    C: Codec,
    F: Begin<C, Begun: Answers<C>>,
{
    async fn hold(self, accepted: Accepted<Io>) -> Result<(), BoxError> {
        let Self { setup, handler } = self;
        let mut connection = setup.connection(accepted)?;
        let handler = handler.begin(|| connection.handle());
        let end = {
            let mut turns = Turns { hooks: &setup.hooks, handler };
            poll_fn(|cx| turns.poll(&mut connection, cx)).await
        };
        setup.hooks.end(end, connection).await
    }
}

/// A conversation whose messages are answered at once.
struct Turns<'a, C: Codec, F> {
    hooks: &'a Hooks<C>,
    handler: F,
}

/// Frames from wherever they are.
trait Source {
    fn next(&mut self) -> Result<Option<Frame<'_>>, Error>;
    fn location(&self, head: &[u8]) -> Location;
}

impl<F: Framing> Source for Frames<F> {
    fn next(&mut self) -> Result<Option<Frame<'_>>, Error> {
        Frames::next(self)
    }
    fn location(&self, head: &[u8]) -> Location {
        Frames::location(self, head)
    }
}

impl<F: Framing> Source for Lent<'_, F> {
    fn next(&mut self) -> Result<Option<Frame<'_>>, Error> {
        Lent::next(self)
    }
    fn location(&self, head: &[u8]) -> Location {
        Lent::location(self, head)
    }
}

/// Why answering stopped.
#[derive(PartialEq, Eq)]
enum Stop {
    /// There is no whole message left.
    NoMessage,
    /// So much is unsent that it must be written first.
    Full,
    /// So many messages were answered that others get their turn.
    Enough,
}

impl<C: Codec, F: Answers<C>> Turns<'_, C, F> {
    /// Each turn: what others send is written, what is there is answered, more is read and answered, and what was answered is
    /// written.
    fn poll<Io>(&mut self, connection: &mut Connection<Io, C>, cx: &mut Context<'_>) -> Poll<End>
    where
        Io: AsyncRead + AsyncWrite + Unpin,
    {
        for _ in 0..TURNS {
            // Nothing is read while the peer does not take what it is sent.
            match connection.poll_write(cx) {
                Poll::Ready(Ok(())) if connection.is_closed_by_handle() => return Poll::Ready(End::Agreed),
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => return Poll::Ready(error.into()),
                Poll::Pending => {
                    connection.inbound.pause();
                    return Poll::Pending;
                }
            }
            connection.expect_answers();
            let stop = with_scratch(|scratch| {
                connection.outbound.swap_buffer(&mut scratch.output);
                let stop = self.turn(connection, scratch, cx);
                let written = connection.outbound.len();
                let flushed = connection.outbound.poll_flush(Pin::new(&mut connection.io), cx);
                if connection.outbound.is_empty() {
                    connection.outbound.swap_buffer(&mut scratch.output);
                    scratch.forget_large_output(written);
                }
                match flushed {
                    Poll::Ready(Err(error)) if !matches!(stop, Poll::Ready(Err(_))) => Poll::Ready(Err(error.into())),
                    _ => stop,
                }
            });
            match ready!(stop) {
                Ok(Stop::NoMessage | Stop::Full) => {}
                Ok(Stop::Enough) => break,
                Err(end) => return Poll::Ready(end),
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn turn<Io>(
        &mut self,
        connection: &mut Connection<Io, C>,
        scratch: &mut Scratch,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Stop, End>>
    where
        Io: AsyncRead + AsyncWrite + Unpin,
    {
        let Connection { io, inbound: Inbound { frames, format, entry, .. }, outbound, link, .. } = connection;
        let stop = self.answer(frames, format, outbound, link.as_deref_mut(), entry, &mut scratch.text)?;
        if stop != Stop::NoMessage {
            return Poll::Ready(Ok(stop));
        }
        if frames.is_over() {
            return Poll::Ready(Err(End::Agreed));
        }
        let pending = frames.pending().len();
        let behind = if pending <= READ_BEHIND { pending } else { 0 };
        let room = scratch.input.get_mut(behind..).unwrap_or_default();
        let n = match ready!(connection.inbound.poll_read(Pin::new(io), false, cx, room))? {
            Read::Bytes(n) => n,
            Read::Quiet => {
                connection.inbound.frames.quiet();
                return Poll::Ready(Ok(Stop::NoMessage));
            }
            Read::End => {
                connection.inbound.frames.close();
                return Poll::Ready(Ok(Stop::NoMessage));
            }
            Read::KeepAlive => {
                connection.ask_for_sign_of_life();
                return Poll::Ready(Ok(Stop::NoMessage));
            }
            Read::Drained => return Poll::Ready(Err(End::Drained)),
        };
        let Connection { inbound: Inbound { frames, format, entry, .. }, outbound, link, .. } = connection;
        // What is pending is copied only for at least as much that is new: otherwise a message that comes byte by byte would
        // be copied for each of them.
        if behind < pending || n < pending {
            frames.push(room.get(..n).unwrap_or_default());
            return Poll::Ready(Ok(Stop::NoMessage));
        }
        if let Some(front) = scratch.input.get_mut(..behind) {
            front.copy_from_slice(frames.pending());
        }
        let mut lent = frames.lend(scratch.input.get(..behind + n).unwrap_or_default());
        Poll::Ready(self.answer(&mut lent, format, outbound, link.as_deref_mut(), entry, &mut scratch.text))
    }

    /// Answers the messages of `source`, until there is none, or no room for another reply, or there were enough.
    fn answer(
        &mut self,
        source: &mut impl Source,
        format: &mut C::Format,
        outbound: &mut Outbound<C>,
        mut link: Option<&mut Link<C::Format>>,
        entry: &Entry,
        text: &mut String,
    ) -> Result<Stop, End> {
        for _ in 0..IN_A_ROW {
            if outbound.is_full() {
                return Ok(Stop::Full);
            }
            let bad = match source.next() {
                Ok(None) => return Ok(Stop::NoMessage),
                Ok(Some(frame)) => {
                    if let Some(link) = &mut link
                        && link.expects()
                    {
                        let before = format.clone();
                        if let Ok(message) = format.own(frame)
                            && link.offer(message).is_none()
                        {
                            outbound.format.follow(format);
                            continue;
                        }
                        // It has seen nothing yet of what it reads once more.
                        *format = before;
                    }
                    let head = frame.bytes().get(..Location::HEAD).unwrap_or(frame.bytes());
                    let viewed = match format.view(frame, text) {
                        Ok(message) => {
                            outbound.format.follow(format);
                            let mut answer = Answer { reads: format, outbound, closed: false };
                            let outcome = self.handler.answer(message, &mut answer);
                            let closed = answer.closed;
                            self.hooks.unsent(outcome, entry.peer()).map_err(End::Handler)?;
                            if closed {
                                return Err(End::Agreed);
                            }
                            None
                        }
                        Err(cause) => Some((head.to_vec(), cause)),
                    };
                    let Some((head, cause)) = viewed else { continue };
                    Bad::new(source.location(&head), cause)
                }
                Err(Error::Bad(bad)) => bad,
                Err(error) => return Err(End::Stream(error)),
            };
            let bad = match &mut link {
                Some(link) => link.offer_bad(bad, entry).map_err(End::Stream)?,
                None => Some(bad),
            };
            if bad.is_some_and(|bad| !self.hooks.handle_bad(&bad, entry, outbound)) {
                return Err(End::Agreed);
            }
        }
        Ok(Stop::Enough)
    }
}
