//! A driver with a buffer: bytes in, frames out.

use bytes::{Buf, Bytes, BytesMut};

use crate::{Driver, Error, Frame, FrameError, Framing, Location, Lost, Plain, Pull, Tail};

/// Bytes in, as they come; whole frames out.
///
/// ```
/// # use wirework_core::{EncodeError, FrameError, Framing, Frames, Input, Step};
/// # #[derive(Clone)] struct Pairs;
/// # impl Framing for Pairs {
/// #     fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
/// #         Ok(if input.bytes.len() < 2 { Step::More(2 - input.bytes.len()) } else { Step::Frame { span: 0..2, advance: 2 } })
/// #     }
/// #     fn finish(&mut self, _: &mut bytes::BytesMut, _: usize) -> Result<(), EncodeError> { Ok(()) }
/// # }
/// let mut frames = Frames::new(Pairs); // a framing of two bytes a frame
/// frames.push(b"abc");
/// assert_eq!(frames.next()?.unwrap().bytes(), b"ab");
/// assert!(frames.next()?.is_none());
/// frames.push(b"d");
/// assert_eq!(frames.next()?.unwrap().bytes(), b"cd");
/// frames.close();
/// assert!(frames.next()?.is_none() && frames.is_over());
/// # Ok::<(), wirework_core::Error>(())
/// ```
///
/// It holds what has come of an unfinished frame, and nothing when there is none: an idle stream owns no buffer. What is
/// held grows as bytes arrive, at most to twice of what has come.
#[derive(Clone, Debug)]
pub struct Frames<F> {
    driver: Driver<F>,
    /// What has come of an unfinished frame. Empty whenever `shared` is not.
    partial: BytesMut,
    /// Bytes with a whole frame in front, which the frames given out may share.
    shared: Bytes,
    /// How many bytes of `shared` the frame given out last has used up.
    used: usize,
    /// A frame that had to be rewritten, while it is given out.
    rewritten: Bytes,
    tail: Tail,
}

impl<F: Framing> Frames<F> {
    /// Frames of a new stream.
    pub fn new(framing: F) -> Self {
        Self::over(Driver::new(framing), BytesMut::new(), Tail::Open)
    }

    fn over(driver: Driver<F>, partial: BytesMut, tail: Tail) -> Self {
        Self { driver, partial, shared: Bytes::new(), used: 0, rewritten: Bytes::new(), tail }
    }

    /// Adds bytes that have come.
    pub fn push(&mut self, bytes: &[u8]) {
        self.gather();
        self.partial.extend_from_slice(bytes);
        if self.tail == Tail::Quiet {
            self.tail = Tail::Open;
        }
    }

    /// Tells that nothing has come for [`Framing::quiet_after`].
    pub fn quiet(&mut self) {
        if self.tail == Tail::Open {
            self.tail = Tail::Quiet;
        }
    }

    /// Tells that no more bytes will come.
    pub fn close(&mut self) {
        self.tail = Tail::Closed;
    }

    /// The next whole frame; `None` when more bytes must come first, or when the stream [is over](Frames::is_over).
    ///
    /// # Errors
    /// [`Error::Bad`] for one bad frame: the next call goes on behind it. [`Error::Lost`] once, when the stream cannot go
    /// on; `None` from then on.
    #[inline(always)] // as `Driver::pull`
    #[expect(clippy::should_implement_trait, reason = "a frame borrows from here, which no Iterator can say")]
    pub fn next(&mut self) -> Result<Option<Frame<'_>>, Error> {
        self.release();
        let bytes: &[u8] = if self.shared.is_empty() { &self.partial } else { &self.shared };
        match self.driver.pull(bytes, self.tail) {
            Ok(Pull::Plain(Plain { span, advance })) => {
                self.share();
                self.used = advance;
                Ok(Some(Frame::shared(self.shared.get(span).unwrap_or_default(), &self.shared, &[])))
            }
            Ok(Pull::Frame { span, advance }) => {
                self.share();
                self.used = advance;
                let bytes = self.shared.get(span).unwrap_or_default();
                Ok(Some(Frame::shared(bytes, &self.shared, self.driver.framing().parts())))
            }
            rest => self.next_rest(rest),
        }
    }

    /// What [`next`](Frames::next) gives when it is no frame that stands in the buffer.
    #[inline(never)]
    fn next_rest(&mut self, pull: Result<Pull, Lost>) -> Result<Option<Frame<'_>>, Error> {
        match pull {
            Ok(Pull::Plain(_) | Pull::Frame { .. } | Pull::End) => {
                self.discard();
                Ok(None)
            }
            Ok(Pull::Owned { frame, advance }) => {
                self.consume(advance);
                self.rewritten = frame;
                Ok(Some(Frame::shared(&self.rewritten, &self.rewritten, self.driver.framing().parts())))
            }
            Ok(Pull::Wait { advance, .. }) => {
                self.consume(advance);
                self.gather();
                Ok(None)
            }
            Ok(Pull::Bad { advance, bad }) => {
                self.consume(advance);
                Err(bad.into())
            }
            Err(lost) => {
                self.discard();
                Err(lost.into())
            }
        }
    }

    /// Goes through the frames of `bytes` without copying them here, for a reader with a buffer of its own: the first
    /// [`pending`](Frames::pending) bytes are what this holds, behind which the reader has put what came. Whatever the
    /// [`Lent`] has not used up when it is dropped is kept.
    pub fn lend<'a>(&'a mut self, bytes: &'a [u8]) -> Lent<'a, F> {
        debug_assert!(bytes.starts_with(self.pending()));
        self.discard();
        if self.tail == Tail::Quiet {
            self.tail = Tail::Open;
        }
        Lent { frames: self, bytes }
    }

    /// Keeps what a [`Lent`] has not used up.
    #[inline(never)]
    fn take_back(&mut self, bytes: &[u8]) {
        self.rewritten = Bytes::new();
        self.partial.extend_from_slice(bytes);
    }

    /// The bytes that no frame has taken yet.
    pub fn pending(&self) -> &[u8] {
        match self.shared.get(self.used..) {
            Some(rest) if !self.shared.is_empty() => rest,
            _ => &self.partial,
        }
    }

    /// Takes the next `n` bytes out of the stream, past the framing; `None` until that many have come.
    pub fn take(&mut self, n: usize) -> Option<Bytes> {
        self.release();
        if self.pending().len() < n {
            self.gather();
            return None;
        }
        self.driver.bypass(n);
        self.share();
        let taken = Frame::shared(self.shared.get(..n).unwrap_or_default(), &self.shared, &[]).to_bytes();
        self.used = n;
        self.release();
        Some(taken)
    }

    /// Ends the stream here, because of what somebody else has found wrong with it.
    pub fn lose(&mut self, cause: FrameError) -> Lost {
        self.release();
        let head: Vec<u8> = self.pending().iter().take(Location::HEAD).copied().collect();
        let lost = self.driver.lose(&head, cause);
        self.discard();
        lost
    }

    /// Goes on with another framing; what has come and was not used up is read by the new one.
    pub fn with_framing<G: Framing>(mut self, framing: G) -> Frames<G> {
        self.release();
        let Self { driver, partial, shared, tail, .. } = self;
        let mut frames = Frames::over(driver.with_framing(framing), partial, tail);
        frames.shared = shared;
        frames
    }

    /// Whether the end of the stream has come, by [`close`](Frames::close).
    pub fn is_closed(&self) -> bool {
        self.tail == Tail::Closed
    }

    /// Whether nothing more can come out.
    pub fn is_over(&self) -> bool {
        self.driver.is_over()
    }

    /// The place of the frame given out last, whose payload begins with `bytes`.
    pub fn location(&self, bytes: &[u8]) -> Location {
        self.driver.location(bytes)
    }

    /// Where in the stream the first byte stands that no frame has taken yet.
    pub fn offset(&self) -> u64 {
        self.driver.offset()
    }

    /// How many frames have come out, bad ones too.
    pub fn messages(&self) -> u64 {
        self.driver.messages()
    }

    /// The framing.
    pub fn framing(&self) -> &F {
        self.driver.framing()
    }

    /// How many bytes of memory the buffer takes, and a rewritten frame that is given out.
    pub fn capacity(&self) -> usize {
        self.partial.capacity() + self.shared.len() + self.rewritten.len()
    }

    /// Lets go of the frame that was given out.
    #[inline]
    fn release(&mut self) {
        if !self.rewritten.is_empty() {
            self.rewritten = Bytes::new();
        }
        if self.used > 0 {
            if self.used >= self.shared.len() {
                self.shared = Bytes::new();
            } else {
                self.shared.advance(self.used);
            }
            self.used = 0;
        }
    }

    #[inline]
    fn share(&mut self) {
        if self.shared.is_empty() {
            self.shared = std::mem::take(&mut self.partial).freeze();
        }
    }

    fn consume(&mut self, n: usize) {
        if !self.shared.is_empty() {
            self.used = n;
            self.release();
        } else if n > 0 {
            self.partial.advance(n.min(self.partial.len()));
            if n >= self.partial.len() {
                // What is gone takes more memory than what is left.
                self.partial = BytesMut::from(&self.partial[..]);
            }
        }
    }

    /// Brings what is pending into `partial`, where it can grow.
    fn gather(&mut self) {
        self.release();
        if !self.shared.is_empty() {
            // Copied, when more must come: a few bytes must not keep the whole read in memory.
            self.partial = BytesMut::from(&std::mem::take(&mut self.shared)[..]);
        }
    }

    fn discard(&mut self) {
        self.partial = BytesMut::new();
        self.shared = Bytes::new();
        self.used = 0;
    }
}

/// The frames of bytes that somebody else holds; see [`Frames::lend`].
#[derive(Debug)]
pub struct Lent<'a, F: Framing> {
    frames: &'a mut Frames<F>,
    bytes: &'a [u8],
}

impl<'a, F: Framing> Lent<'a, F> {
    /// The next whole frame, as [`Frames::next`].
    ///
    /// # Errors
    /// As [`Frames::next`].
    #[inline(always)] // as `Driver::pull`
    #[expect(clippy::should_implement_trait, reason = "a frame borrows from here, which no Iterator can say")]
    pub fn next(&mut self) -> Result<Option<Frame<'_>>, Error> {
        let bytes = self.bytes;
        match self.frames.driver.pull(bytes, self.frames.tail) {
            Ok(Pull::Plain(Plain { span, advance })) => {
                self.bytes = bytes.get(advance..).unwrap_or_default();
                Ok(Some(Frame::lent(bytes.get(span).unwrap_or_default(), &[])))
            }
            Ok(Pull::Frame { span, advance }) => {
                self.bytes = bytes.get(advance..).unwrap_or_default();
                Ok(Some(Frame::lent(bytes.get(span).unwrap_or_default(), self.frames.framing().parts())))
            }
            rest => {
                let (bytes, given) = Self::next_rest(self.frames, bytes, rest);
                self.bytes = bytes;
                given
            }
        }
    }

    /// What [`next`](Lent::next) gives when it is no frame that stands in the buffer. Nobody outside of the loop over the
    /// frames gets a pointer to this: it can live in registers there.
    #[inline(never)]
    fn next_rest<'f>(
        frames: &'f mut Frames<F>,
        bytes: &'a [u8],
        pull: Result<Pull, Lost>,
    ) -> (&'a [u8], Result<Option<Frame<'f>>, Error>) {
        let (advance, given) = match pull {
            Ok(Pull::Plain(_) | Pull::Frame { .. } | Pull::End) => (usize::MAX, Ok(None)),
            Ok(Pull::Owned { frame, advance }) => {
                frames.rewritten = frame;
                let parts = frames.driver.framing().parts();
                (advance, Ok(Some(Frame::shared(&frames.rewritten, &frames.rewritten, parts))))
            }
            Ok(Pull::Wait { advance, .. }) => (advance, Ok(None)),
            Ok(Pull::Bad { advance, bad }) => (advance, Err(bad.into())),
            Err(lost) => (usize::MAX, Err(lost.into())),
        };
        (bytes.get(advance..).unwrap_or_default(), given)
    }

    /// The place of the frame given out last, whose payload begins with `bytes`.
    pub fn location(&self, bytes: &[u8]) -> Location {
        self.frames.location(bytes)
    }
}

impl<F: Framing> Drop for Lent<'_, F> {
    #[inline]
    fn drop(&mut self) {
        if !self.bytes.is_empty() || !self.frames.rewritten.is_empty() {
            self.frames.take_back(self.bytes);
        }
    }
}
