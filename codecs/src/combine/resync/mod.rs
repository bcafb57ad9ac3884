//! A stream that goes on behind damage.

mod budget;
mod search;

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use wirework_core::{ComposeError, EncodeError, Encodings, FrameError, Framing, Input, Plain, Step, Tail};

use super::nested;
use crate::encoding::doubt;
use budget::Budget;
use search::{Delimiter, mark};

/// Damage that would lose the stream is one bad frame, and the stream goes on where the next frame is likely to begin.
///
/// ```text
/// Resync::delimiter(Lines::lf().max_len(2), b"\n")          abc\n hi\n                       →   bad | hi
/// Resync::mark(Marked::new(b"<", b">"), b"<")               ab <hi>                         →   bad | hi
/// Resync::check(LengthPrefix::u8().layer(Check::xor8()))    07 41 02 41 41 02 42 42 02 43 43  →   bad | A | B | C
/// Resync::gap(LengthPrefix::u8().max_len(9), 50 ms)         FF 41 42 (50 ms) 01 43          →   bad | C
/// ```
///
/// | policy | where the next frame begins |
/// |---|---|
/// | [`delimiter`](Resync::delimiter) | behind the next delimiter |
/// | [`mark`](Resync::mark) | at the next mark, not counting the first byte of the damage |
/// | [`check`](Resync::check) | at the first byte from which a whole frame can be read |
/// | [`gap`](Resync::gap) | behind the next silence |
///
/// Damage is a length or a mark that cannot be, a frame that is too long, and a last frame that the stream ends without
/// ending. It begins where its frame began. A bad frame whose end is known is no damage, but for [`check`](Resync::check).
///
/// Where damage goes on for too long, or comes too often, the stream is lost after all: see [`budget`](Resync::budget).
/// What is passed over is not kept, so that no more than one frame is held.
///
/// What is sent is framed as without it.
#[derive(Clone, Debug)]
pub struct Resync<F> {
    pub(crate) framing: F,
    pub(crate) policy: Policy,
    pub(crate) budget: Budget,
    state: State,
    /// What is wrong, while it is [held](State::Held). The framing, which starts afresh, may not say so again.
    held: Option<Arc<FrameError>>,
}

/// Where the next frame begins behind damage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Policy {
    /// Behind the next of these.
    Delimiter(Delimiter),
    /// At the next of these.
    Mark(Vec<u8>),
    /// Where a whole frame can be read.
    Check,
    /// Behind a silence.
    Gap(Duration),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Between frames, or in one that is sound so far.
    Sound,
    /// There is damage, of which a byte is kept until it is known whether its end stands right behind.
    Held,
    /// In damage that is reported.
    Damaged,
}

impl<F: Framing> Resync<F> {
    /// Goes on behind the next `delimiter`.
    pub fn delimiter(framing: F, delimiter: impl AsRef<[u8]>) -> Self {
        Self::new(framing, Policy::Delimiter(Delimiter::new(delimiter.as_ref())))
    }

    /// Goes on at the next `mark`, which is looked for behind the first byte of the damage.
    pub fn mark(framing: F, mark: impl AsRef<[u8]>) -> Self {
        Self::new(framing, Policy::Mark(mark.as_ref().to_vec()))
    }

    /// Goes on at the first byte from which `framing` reads a whole frame. A bad frame is damage too: its check may fail
    /// because its length is damaged.
    ///
    /// A place that might begin a frame is waited for until it does or does not. And up to a frame is read from every byte
    /// of the damage, so keep the framing's limit low.
    ///
    /// What counts frames, as [`First`](crate::combine::First) does, counts the bad ones too: put this inside of it.
    pub fn check(framing: F) -> Self {
        Self::new(framing, Policy::Check)
    }

    /// Goes on behind the next silence of at least `gap`.
    pub fn gap(framing: F, gap: Duration) -> Self {
        Self::new(framing, Policy::Gap(gap))
    }

    fn new(framing: F, policy: Policy) -> Self {
        Self { framing, policy, budget: Budget::default(), state: State::Sound, held: None }
    }

    /// How many bytes of damage are passed over, and how many times, until the stream is lost. Both are counted from the
    /// last good frame. Default: 16 times, and 64 KiB more than the longest frame, or 4 KiB for [`check`](Resync::check).
    pub fn budget(mut self, bytes: usize, failures: usize) -> Self {
        self.budget = Budget::new(bytes, failures);
        self
    }

    fn max_bytes(&self) -> usize {
        const MORE_THAN_A_FRAME: usize = 64 * 1024;
        const CHECKED: usize = 4 * 1024;
        self.budget.bytes.unwrap_or(match self.policy {
            Policy::Check => CHECKED,
            _ => self.framing.max_len().saturating_add(MORE_THAN_A_FRAME),
        })
    }

    /// What the framing says; an unfinished frame at the end is an error, as it is for the driver.
    #[inline]
    fn split_framing(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        match nested::step(&mut self.framing, input, usize::MAX)? {
            Step::More(_) if input.tail == Tail::Closed && !input.bytes.is_empty() => {
                Err(FrameError::Truncated { received: input.bytes.len() })
            }
            step => Ok(step),
        }
    }

    /// A frame cannot be read, which begins with the input.
    #[cold]
    fn damage(&mut self, input: Input<'_>, error: FrameError) -> Result<Step, FrameError> {
        self.framing.reset();
        let error = self.budget.fail(error)?;
        self.report(input, error)
    }

    /// Damage begins with the input; or it is held until more can be told.
    #[cold]
    fn report(&mut self, input: Input<'_>, error: FrameError) -> Result<Step, FrameError> {
        let (first, rest) = input.bytes.split_at_checked(1).unwrap_or_default();
        let (advance, state) = match &mut self.policy {
            Policy::Delimiter(delimiter) => {
                delimiter.restart();
                (1, if delimiter.find(first).is_some() { State::Sound } else { State::Damaged })
            }
            Policy::Mark(wanted) => match mark(rest, wanted, input.tail) {
                (0, true) => (1, State::Sound),
                (0, false) if input.tail != Tail::Closed => (0, State::Held),
                _ => (1, State::Damaged),
            },
            Policy::Check => (1, State::Damaged),
            Policy::Gap(_) => match input.tail {
                Tail::Open if rest.is_empty() => (0, State::Held),
                Tail::Quiet if rest.is_empty() => (1, State::Sound),
                _ => (1, State::Damaged),
            },
        };
        self.state = state;
        if advance == 0 {
            self.held = Some(Arc::new(error));
            return Ok(Step::More(1));
        }
        self.budget.left(self.max_bytes())?;
        self.budget.pass(advance);
        Ok(Step::Bad { advance, error })
    }

    /// Passes over damage.
    #[cold]
    fn seek(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        if input.bytes.is_empty() {
            return Ok(Step::More(1));
        }
        if self.policy == Policy::Check {
            return self.seek_frame(input);
        }
        let most = self.budget.left(self.max_bytes())?.min(input.bytes.len());
        let (advance, found) = match &mut self.policy {
            Policy::Delimiter(delimiter) => {
                let end = delimiter.find(input.bytes.get(..most).unwrap_or_default());
                (end.unwrap_or(most), end.is_some())
            }
            // The byte before a mark is kept until the mark is there: with it the damage ends.
            Policy::Mark(wanted) => match mark(input.bytes.get(1..).unwrap_or_default(), wanted, input.tail) {
                (before, true) if before < most => (before + 1, true),
                (before, false) if before < most && input.tail != Tail::Closed => (before, false),
                _ => (most, false),
            },
            // The last byte is kept: silence is told only to who holds one.
            Policy::Gap(_) if most == input.bytes.len() => match input.tail {
                Tail::Open => (most - 1, false),
                tail => (most, tail == Tail::Quiet),
            },
            Policy::Gap(_) | Policy::Check => (most, false),
        };
        if found {
            self.state = State::Sound;
        }
        if advance == 0 {
            return Ok(Step::More(1));
        }
        self.budget.pass(advance);
        Ok(Step::Skip(advance))
    }

    /// Passes over the first byte, unless a frame can be read from there.
    fn seek_frame(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        match self.split_framing(input) {
            Ok(step @ (Step::Frame { .. } | Step::Owned { .. })) => {
                self.state = State::Sound;
                self.budget.refill();
                Ok(step)
            }
            Ok(step @ Step::More(_)) => Ok(step),
            Ok(Step::Bad { .. } | Step::Skip(_)) | Err(_) => {
                self.framing.reset();
                self.budget.left(self.max_bytes())?;
                self.budget.pass(1);
                Ok(Step::Skip(1))
            }
        }
    }
}

impl<F: PartialEq> PartialEq for Resync<F> {
    fn eq(&self, other: &Self) -> bool {
        self.framing == other.framing && self.policy == other.policy && self.budget == other.budget
    }
}

impl<F: Framing> Framing for Resync<F> {
    #[inline]
    fn glance(&self, bytes: &[u8]) -> Option<Plain> {
        // While there was no damage, a good frame changes nothing here.
        if self.budget.is_full() { self.framing.glance(bytes) } else { None }
    }

    #[inline]
    fn taken(&mut self, advance: usize) {
        self.framing.taken(advance);
    }

    #[inline]
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        if self.state == State::Damaged {
            return self.seek(input);
        }
        if let Some(held) = self.held.take() {
            let error = Arc::try_unwrap(held).unwrap_or_else(|shared| FrameError::Other(Box::new(shared)));
            return self.report(input, error);
        }
        match self.split_framing(input) {
            Ok(Step::Bad { error, .. }) if self.policy == Policy::Check => self.damage(input, error),
            Ok(step @ (Step::Frame { .. } | Step::Owned { .. })) => {
                self.budget.refill();
                Ok(step)
            }
            Ok(step) => Ok(step),
            Err(error) => self.damage(input, error),
        }
    }

    fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        nested::finish(&mut self.framing, out, start)
    }

    fn header_len(&self) -> usize {
        self.framing.header_len()
    }

    fn trailer_len(&self) -> usize {
        self.framing.trailer_len()
    }

    fn fills_in(&self) -> bool {
        self.framing.fills_in()
    }

    fn counts_frames(&self) -> bool {
        self.framing.counts_frames()
    }

    fn fills_in_by_turns(&self) -> bool {
        self.framing.fills_in_by_turns()
    }

    fn filled_in(&mut self, payload: &[u8]) -> Result<Option<Range<usize>>, EncodeError> {
        self.framing.filled_in(payload)
    }

    fn takes_any_byte(&self) -> bool {
        self.framing.takes_any_byte()
    }

    fn max_len(&self) -> usize {
        let held = match &self.policy {
            Policy::Mark(mark) => mark.len().saturating_add(1),
            Policy::Gap(_) => 2,
            Policy::Delimiter(_) | Policy::Check => 1,
        };
        self.framing.max_len().max(held)
    }

    fn parts(&self) -> &[Range<usize>] {
        self.framing.parts()
    }

    fn quiet_after(&self) -> Option<Duration> {
        match (&self.policy, self.state) {
            (Policy::Gap(gap), State::Held | State::Damaged) => Some(*gap),
            (Policy::Gap(gap), State::Sound) => self.framing.quiet_after().or(Some(*gap)),
            _ => self.framing.quiet_after(),
        }
    }

    fn set_encodings(&mut self, encodings: &Encodings) -> Result<(), ComposeError> {
        let looked_for = match &self.policy {
            Policy::Delimiter(delimiter) => &delimiter.bytes[..],
            Policy::Mark(mark) => mark,
            Policy::Check | Policy::Gap(_) => &[],
        };
        if let Some(doubt) = encodings.iter().find_map(|encoding| doubt(&**encoding, looked_for)) {
            return Err(ComposeError::new(format!(
                "in damage nothing tells where a character begins, and {doubt}; go on behind a delimiter of other bytes, or \
                 where a check holds"
            )));
        }
        self.framing.set_encodings(encodings)
    }

    fn set_doubled(&mut self, byte: u8) -> Result<(), ComposeError> {
        self.framing.set_doubled(byte)
    }

    fn layers(&self) -> usize {
        self.framing.layers()
    }

    fn validate(&self) -> Result<(), ComposeError> {
        let missing = match &self.policy {
            Policy::Delimiter(delimiter) if delimiter.bytes.is_empty() => Some("the delimiter is empty"),
            Policy::Mark(mark) if mark.is_empty() => Some("the mark is empty"),
            Policy::Gap(gap) if gap.is_zero() => Some("a silence of no time is everywhere"),
            _ => None,
        };
        if let Some(missing) = missing {
            return Err(ComposeError::new(format!("nothing ends damage: {missing}; say what is sent between frames")));
        }
        if self.max_bytes() == 0 || self.budget.failures == 0 {
            return Err(ComposeError::new(
                "with a budget of nothing all damage loses the stream; leave the resync out",
            ));
        }
        self.framing.validate()
    }

    fn is_recovering(&self) -> bool {
        self.state == State::Damaged || self.framing.is_recovering()
    }

    fn swap_sides(&mut self) {
        self.framing.swap_sides();
    }

    /// How much of the budget is left is kept.
    fn reset(&mut self) {
        self.state = State::Sound;
        self.held = None;
        self.framing.reset();
    }
}

#[cfg(test)]
mod tests;
