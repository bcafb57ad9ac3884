//! The one place where a framing's steps are carried out and its contract is enforced.

use std::ops::Range;

use bytes::Bytes;

use crate::{Bad, FrameError, Framing, Input, Location, Lost, Plain, Step, Tail};

/// Drives one [`Framing`] over one stream: calls it, checks what it says, counts bytes and messages, and puts a place to
/// every error. It owns no buffer; [`Frames`](crate::Frames) is a driver with one.
#[derive(Clone, Debug)]
pub struct Driver<F> {
    framing: F,
    /// Offset in the stream of the first byte of the next input.
    offset: u64,
    /// Messages found so far, and where the last one began.
    messages: u64,
    message_at: u64,
    /// Length that an open input must have before the framing looks again: at least 1, and beyond all when `over`.
    wanted: usize,
    /// What the framing says a frame may take.
    max: usize,
    over: bool,
}

/// What the next bytes are.
#[derive(Debug)]
pub enum Pull {
    /// A frame without parts: its payload is `input[span]`, and the next input begins at `advance`.
    Plain(Plain),
    /// A frame, whose parts the framing knows: its payload is `input[span]`, and the next input begins at `advance`.
    Frame {
        /// The payload.
        span: Range<usize>,
        /// How many bytes are used up.
        advance: usize,
    },
    /// A frame that had to be rewritten.
    Owned {
        /// The payload.
        frame: Bytes,
        /// How many bytes are used up.
        advance: usize,
    },
    /// One bad frame; the next input begins at `advance`.
    Bad {
        /// How many bytes are used up.
        advance: usize,
        /// Where and what.
        bad: Bad,
    },
    /// No whole frame. The next input keeps what stands behind `advance`, and is at least `more` bytes longer if a look
    /// is to pay.
    Wait {
        /// How many bytes are used up.
        advance: usize,
        /// How many more bytes to wait for.
        more: usize,
    },
    /// The stream is over.
    End,
}

impl<F: Framing> Driver<F> {
    /// Drives `framing` over a new stream.
    pub fn new(framing: F) -> Self {
        let max = framing.max_len();
        Self { framing, max, offset: 0, messages: 0, message_at: 0, wanted: 1, over: false }
    }

    /// Says what the next bytes are. `bytes` are all that have come and were not used up.
    ///
    /// # Errors
    /// [`Lost`] once, when the boundary is lost or the stream ends inside a frame; [`Pull::End`] from then on.
    #[inline(always)]
    pub fn pull(&mut self, bytes: &[u8], tail: Tail) -> Result<Pull, Lost> {
        // A frame and nothing else is what most calls come to; only that becomes part of the caller, and always: to hand
        // it over in memory takes a tenth of the time of a short frame.
        if bytes.len() < self.wanted {
            return self.pull_rest(None, bytes, tail);
        }
        if let Some(plain) = self.framing.glance(bytes)
            && self.is_within(&plain, bytes)
        {
            self.framing.taken(plain.advance);
            self.count(plain.advance);
            return Ok(Pull::Plain(plain));
        }
        match self.framing.split(Input { bytes, tail }) {
            Ok(Step::Frame { span, advance }) if self.is_within(&Plain { span: span.clone(), advance }, bytes) => {
                self.count(advance);
                Ok(Pull::Frame { span, advance })
            }
            step => self.pull_rest(Some(step), bytes, tail),
        }
    }

    /// Whether a frame is within all its bounds.
    #[inline(always)]
    fn is_within(&self, Plain { span, advance }: &Plain, bytes: &[u8]) -> bool {
        let in_order = span.start <= span.end && span.end <= *advance && 0 < *advance;
        in_order && *advance <= bytes.len() && *advance <= self.max
    }

    /// Counts a frame that is within its bounds.
    #[inline(always)]
    fn count(&mut self, advance: usize) {
        self.wanted = 1;
        self.message_at = self.offset;
        self.offset += advance as u64;
        self.messages += 1;
    }

    /// All that [`pull`](Driver::pull) may come to, after this first step if it was taken.
    #[inline(never)]
    fn pull_rest(
        &mut self,
        mut first: Option<Result<Step, FrameError>>,
        bytes: &[u8],
        tail: Tail,
    ) -> Result<Pull, Lost> {
        if self.over {
            return Ok(Pull::End);
        }
        if bytes.len() < self.wanted && tail == Tail::Open {
            return Ok(Pull::Wait { advance: 0, more: self.wanted - bytes.len() });
        }
        self.wanted = 1;
        let mut skipped = 0;
        loop {
            let rest = bytes.get(skipped..).unwrap_or_default();
            if rest.is_empty() && tail != Tail::Closed {
                return Ok(Pull::Wait { advance: skipped, more: 1 });
            }
            let step = first.take().unwrap_or_else(|| self.framing.split(Input { bytes: rest, tail }));
            match step {
                Ok(Step::Frame { span, advance }) => {
                    if span.start > span.end || span.end > advance {
                        return Err(self.lose(rest, FrameError::NoProgress("its payload lies outside of the frame")));
                    }
                    self.message(rest, advance)?;
                    // The span ends inside `rest`, which ends inside `bytes`: no overflow.
                    return Ok(Pull::Frame {
                        span: skipped + span.start..skipped + span.end,
                        advance: skipped + advance,
                    });
                }
                Ok(Step::More(more)) => return self.wait(rest, tail, skipped, more),
                Ok(Step::Skip(advance)) => {
                    self.advance(rest, advance)?;
                    skipped += advance;
                }
                Ok(Step::Owned { frame, advance }) => {
                    self.message(rest, advance)?;
                    return Ok(Pull::Owned { frame, advance: skipped + advance });
                }
                Ok(Step::Bad { advance, error }) => {
                    self.message(rest, advance)?;
                    let bad = Bad::new(self.location(rest), error);
                    return Ok(Pull::Bad { advance: skipped + advance, bad });
                }
                Err(cause) => return Err(self.lose(rest, cause)),
            }
        }
    }

    /// Where in the stream the next input begins.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// How many frames were found, bad ones too.
    pub fn messages(&self) -> u64 {
        self.messages
    }

    /// The place of the last message, which begins with `bytes`.
    pub fn location(&self, bytes: &[u8]) -> Location {
        Location::new(self.messages, self.message_at, bytes)
    }

    /// Whether the stream is over: it was lost, or ended.
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// The framing.
    pub fn framing(&self) -> &F {
        &self.framing
    }

    /// Tells the driver that `n` bytes were taken out of the stream past the framing, which starts afresh behind them.
    pub fn bypass(&mut self, n: usize) {
        self.framing.reset();
        self.wanted = if self.over { usize::MAX } else { 1 };
        self.offset += n as u64;
    }

    /// Goes on with another framing, at the same place of the same stream.
    pub fn with_framing<G: Framing>(self, framing: G) -> Driver<G> {
        Driver {
            max: framing.max_len(),
            framing,
            offset: self.offset,
            messages: self.messages,
            message_at: self.message_at,
            wanted: if self.over { usize::MAX } else { 1 },
            over: self.over,
        }
    }

    fn wait(&mut self, rest: &[u8], tail: Tail, advance: usize, more: usize) -> Result<Pull, Lost> {
        if tail == Tail::Closed && rest.is_empty() {
            self.end();
            return Ok(Pull::End);
        }
        let more = more.max(1);
        let max = self.max;
        match rest.len().checked_add(more) {
            // Too long comes first: it must not matter whether the end was known when the last bytes were looked at.
            Some(wanted) if wanted <= max && tail == Tail::Closed => {
                Err(self.lose(rest, FrameError::Truncated { received: rest.len() }))
            }
            Some(wanted) if wanted <= max => {
                self.wanted = wanted;
                Ok(Pull::Wait { advance, more })
            }
            _ => Err(self.lose(rest, FrameError::TooLong { claimed: None, max })),
        }
    }

    #[inline]
    fn message(&mut self, rest: &[u8], advance: usize) -> Result<(), Lost> {
        if advance > self.max {
            return Err(self.lose(rest, FrameError::TooLong { claimed: None, max: self.max }));
        }
        self.message_at = self.offset;
        self.advance(rest, advance)?;
        self.messages += 1;
        Ok(())
    }

    #[inline]
    fn advance(&mut self, rest: &[u8], advance: usize) -> Result<(), Lost> {
        if advance == 0 || advance > rest.len() {
            let what = if advance == 0 { "a step of no bytes" } else { "a step beyond its input" };
            return Err(self.lose(rest, FrameError::NoProgress(what)));
        }
        self.offset += advance as u64;
        Ok(())
    }

    #[cold]
    pub(crate) fn lose(&mut self, rest: &[u8], cause: FrameError) -> Lost {
        self.end();
        Lost::new(Location::new(self.messages + 1, self.offset, rest), cause)
    }

    fn end(&mut self) {
        self.over = true;
        self.wanted = usize::MAX;
    }
}
