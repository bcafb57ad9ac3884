//! Frames that say by their first bytes how they are framed.

use std::ops::Range;
use std::time::Duration;

use bytes::{BufMut, BytesMut};
use wirework_core::{ComposeError, EncodeError, Encodings, FrameError, Framing, Input, Step, Tail};

use super::nested;
use super::pattern::{Choice, Pattern, choose};

/// The first bytes of each frame choose its framing.
///
/// ```text
/// Peek::new()
///     .on(Pattern::bytes(b"*"), Fixed::new(3))
///     .otherwise(Lines::lf())              2A 31 32 | 68 69 0A   →   *12 | hi
/// ```
///
/// It waits for more than the first byte only while a longer pattern may still match, at the latest until the stream ends.
/// Without [`otherwise`](Peek::otherwise), a frame that begins like no pattern loses the stream. A frame begins anew behind
/// whatever a branch skips, and behind one bad frame; a branch that looks for the [end of damage](crate::combine::Resync) is left to
/// it.
///
/// A payload is sent by the first branch that can: whose frame begins so that the same branch would read it. Should it
/// take more bytes to tell than the frame has, it is refused.
///
/// A payload does not say which branch it came by. Where that matters, let one of two keep its length, and take messages
/// [in parts](crate::FramingExt::in_parts): what has two parts came by that one.
///
/// ```text
/// Peek::new()
///     .on(Pattern::digit(), LengthPrefix::decimal_until(" ").keep())
///     .otherwise(Lines::lf())          32 20 61 62 | 61 62 0A   →   "2 ", "ab" | no parts, the whole is "ab"
/// ```
///
/// Branches are of one type; [`boxed`](crate::FramingExt::boxed) makes it so.
#[derive(Clone, Debug)]
pub struct Peek<F> {
    pub(crate) branches: Vec<(Pattern, F)>,
    pub(crate) otherwise: Option<F>,
    /// The branch of the frame that is unfinished.
    chosen: Option<usize>,
    /// The branch that took the last step, and expects the next bytes.
    last: Option<usize>,
    trailer: usize,
    /// The most bytes that a frame of any branch takes, or that are looked at.
    max: usize,
}

impl<F: Framing + Clone> Peek<F> {
    /// No branches yet.
    pub fn new() -> Self {
        Self { branches: Vec::new(), otherwise: None, chosen: None, last: None, trailer: 0, max: 0 }
    }

    /// Frames that begin with `pattern` are framed by `framing`.
    pub fn on(mut self, pattern: Pattern, framing: F) -> Self {
        self.branches.push((pattern, framing));
        self.measure();
        self
    }

    /// All other frames are framed by `framing`.
    pub fn otherwise(mut self, framing: F) -> Self {
        self.otherwise = Some(framing);
        self.measure();
        self
    }

    /// Asks all branches how long their frames may be: once, and not for each frame.
    fn measure(&mut self) {
        let looked_at = self.patterns().map(Pattern::len).max().unwrap_or(0);
        self.max = self.framings().map(F::max_len).max().unwrap_or(0).max(looked_at);
    }

    /// All branches; the last is that of all other frames, if there is one.
    fn framings(&self) -> impl Iterator<Item = &F> {
        self.branches.iter().map(|(_, framing)| framing).chain(&self.otherwise)
    }

    fn framings_mut(&mut self) -> impl Iterator<Item = &mut F> {
        self.branches.iter_mut().map(|(_, framing)| framing).chain(&mut self.otherwise)
    }

    #[inline]
    fn framing(&self, branch: usize) -> Option<&F> {
        self.branches.get(branch).map(|(_, framing)| framing).or(self.otherwise.as_ref())
    }

    #[inline]
    fn framing_mut(&mut self, branch: usize) -> Option<&mut F> {
        self.branches.get_mut(branch).map(|(_, framing)| framing).or(self.otherwise.as_mut())
    }

    #[inline]
    fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.branches.iter().map(|(pattern, _)| pattern)
    }

    /// The branch of a frame that begins with `bytes`; `Choice::None` only where there is no other.
    #[inline]
    fn choose(&self, bytes: &[u8], all: bool) -> Choice {
        match choose(self.patterns(), bytes, all) {
            Choice::None(_) if self.otherwise.is_some() => Choice::Of(self.branches.len()),
            choice => choice,
        }
    }

    /// The branch of the next frame, if that is decided.
    #[inline]
    fn next_branch(&self, input: Input<'_>) -> Result<Option<usize>, FrameError> {
        match self.choose(input.bytes, false) {
            Choice::Of(branch) => Ok(Some(branch)),
            Choice::None(told_by) => {
                let bytes = input.bytes.get(..told_by).unwrap_or_default();
                Err(FrameError::malformed(format!("no frame begins with \"{}\"", bytes.escape_ascii())))
            }
            Choice::Undecided => Ok(self.decided_by_end(input)),
        }
    }

    /// The branch of the last frame, which is shorter than what a longer pattern asks for.
    #[cold]
    fn decided_by_end(&self, input: Input<'_>) -> Option<usize> {
        match self.choose(input.bytes, true) {
            Choice::Of(branch) if input.tail == Tail::Closed && !input.bytes.is_empty() => Some(branch),
            _ => None,
        }
    }

    /// Silence decides for a branch whose frames end with it, and that has not been asked as long as more could come.
    #[cold]
    fn split_in_silence(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        let Choice::Of(branch) = self.choose(input.bytes, true) else { return Ok(Step::More(1)) };
        if self.framing(branch).is_none_or(|framing| framing.quiet_after().is_none()) {
            return Ok(Step::More(1));
        }
        // It is not chosen yet: more bytes may turn the frame over to another branch.
        self.turn_to(branch);
        self.framing_mut(branch).map_or(Ok(Step::More(1)), |framing| nested::step(framing, input, usize::MAX))
    }

    /// Makes it the turn of `branch`, which starts afresh if others had their turn since its last.
    #[inline]
    fn turn_to(&mut self, branch: usize) {
        if self.last != Some(branch) {
            self.last = Some(branch);
            if let Some(framing) = self.framing_mut(branch) {
                framing.reset();
            }
        }
    }

    /// Whether the frames of a branch begin as their payloads do.
    fn begins_with_payload(framing: &F) -> bool {
        framing.header_len() == 0 && framing.layers() == 0 && !framing.fills_in()
    }

    /// The branch that may send a payload, behind the one tried `last`; `decided` would read it if it is sent as it is. That
    /// one comes first if it fills a length into its payloads: another would fill it in elsewhere, over the caller's bytes.
    fn candidate(&self, last: Option<usize>, decided: Choice) -> Option<usize> {
        let own = match decided {
            Choice::Of(branch) if self.framing(branch).is_some_and(F::fills_in) => Some(branch),
            _ => None,
        };
        let other = |branch| match decided {
            Choice::Of(decided) => decided != branch,
            Choice::None(_) => true,
            Choice::Undecided => false,
        };
        let from = match last {
            None if own.is_some() => return own,
            Some(last) if own != Some(last) => last + 1,
            _ => 0,
        };
        let mut framings = self.framings().enumerate().skip(from).filter(|(branch, _)| own != Some(*branch));
        framings.find(|(branch, framing)| !(other(*branch) && Self::begins_with_payload(framing))).map(|(at, _)| at)
    }

    /// Finishes the frame at `out[at..]` with `branch`. Gives which branch would read it: another one has not sent it.
    fn finish_by(
        &mut self,
        branch: usize,
        decided: Choice,
        out: &mut BytesMut,
        at: usize,
    ) -> Result<Choice, EncodeError> {
        let Some(framing) = self.framing_mut(branch) else { return Ok(Choice::Of(branch)) };
        if decided == Choice::Of(branch) && Self::begins_with_payload(framing) {
            nested::finish(framing, out, at)?;
            self.trailer = framing.trailer_len();
            return Ok(decided);
        }
        // A frame that turns out to be another branch's was not sent.
        let mut attempt = framing.clone();
        nested::finish(&mut attempt, out, at)?;
        let reads = self.choose(out.get(at..).unwrap_or_default(), false);
        if reads != Choice::Of(branch) {
            return Ok(reads);
        }
        self.trailer = attempt.trailer_len();
        if let Some(framing) = self.framing_mut(branch) {
            *framing = attempt;
        }
        Ok(reads)
    }
}

#[cold]
fn another_would_read(frame: &[u8]) -> EncodeError {
    let head = frame.get(..frame.len().min(8)).unwrap_or_default();
    EncodeError::Incomplete(
        format!("no branch reads a frame that begins with \"{}\" as it was sent", head.escape_ascii()).into(),
    )
}

#[cold]
fn nobody_can_tell(frame: &[u8]) -> EncodeError {
    let why = "does not tell which branch reads it: a longer pattern begins so";
    EncodeError::Incomplete(format!("a frame that is \"{}\" alone {why}", frame.escape_ascii()).into())
}

impl<F: Framing + Clone> Default for Peek<F> {
    fn default() -> Self {
        Self::new()
    }
}

impl<F: PartialEq> PartialEq for Peek<F> {
    fn eq(&self, other: &Self) -> bool {
        self.branches == other.branches && self.otherwise == other.otherwise
    }
}

impl<F: Framing + Clone> Framing for Peek<F> {
    #[inline]
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        let branch = match self.chosen {
            Some(branch) => branch,
            None => match self.next_branch(input)? {
                Some(branch) => {
                    self.turn_to(branch);
                    branch
                }
                None if input.tail == Tail::Quiet => return self.split_in_silence(input),
                None => return Ok(Step::More(1)),
            },
        };
        let Some(framing) = self.framing_mut(branch) else { return Ok(Step::More(1)) };
        let step = nested::step(framing, input, usize::MAX)?;
        let goes_on = matches!(step, Step::More(_)) || framing.is_recovering();
        self.chosen = goes_on.then_some(branch);
        Ok(step)
    }

    fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        let (room, end) = (self.header_len(), out.len());
        let payload = start.saturating_add(room).min(end);
        let decided = self.choose(out.get(payload..).unwrap_or_default(), false);
        let mut refused = None;
        let mut next = self.candidate(None, decided);
        while let Some(branch) = next {
            next = self.candidate(Some(branch), decided);
            let header = self.framing(branch).map_or(0, F::header_len).min(room);
            // While others may have to try it too, the payload stays as it is, and the attempt is made behind it.
            let at = if next.is_some() {
                out.put_bytes(0, header + end - payload);
                out.copy_within(payload..end, end + header);
                end
            } else {
                out.copy_within(payload..end, payload - (room - header));
                out.truncate(end - (room - header));
                start
            };
            let finished = self.finish_by(branch, decided, out, at);
            let frame = out.get(at..).unwrap_or_default();
            match finished {
                Ok(Choice::Of(reads)) if reads == branch => {
                    let frame = frame.len();
                    out.copy_within(at.., start);
                    out.truncate(start + frame);
                    return Ok(());
                }
                // This says more than why other branches do not take it.
                Ok(Choice::Undecided) => refused = Some(nobody_can_tell(frame)),
                Ok(_) => refused = refused.or_else(|| Some(another_would_read(frame))),
                Err(error) => refused = refused.or(Some(error)),
            }
            out.truncate(end);
        }
        Err(refused.unwrap_or_else(|| another_would_read(out.get(payload..end).unwrap_or_default())))
    }

    fn header_len(&self) -> usize {
        self.framings().map(F::header_len).max().unwrap_or(0)
    }

    fn trailer_len(&self) -> usize {
        self.trailer
    }

    fn fills_in(&self) -> bool {
        self.framings().any(F::fills_in)
    }

    fn counts_frames(&self) -> bool {
        self.framings().any(F::counts_frames)
    }

    fn fills_in_by_turns(&self) -> bool {
        self.fills_in()
    }

    fn filled_in(&mut self, payload: &[u8]) -> Result<Option<Range<usize>>, EncodeError> {
        // By any branch: it is not known yet which will send it, and one that finds no place will not.
        let places = self.framings_mut().filter_map(|framing| framing.filled_in(payload).ok().flatten());
        Ok(places.reduce(|all, place| all.start.min(place.start)..all.end.max(place.end)))
    }

    fn max_len(&self) -> usize {
        self.max
    }

    fn parts(&self) -> &[Range<usize>] {
        self.last.and_then(|branch| self.framing(branch)).map_or(&[], F::parts)
    }

    fn quiet_after(&self) -> Option<Duration> {
        match self.chosen {
            Some(branch) => self.framing(branch)?.quiet_after(),
            None => self.framings().filter_map(F::quiet_after).min(),
        }
    }

    fn set_encodings(&mut self, encodings: &Encodings) -> Result<(), ComposeError> {
        self.framings_mut().try_for_each(|framing| framing.set_encodings(encodings))?;
        self.measure();
        Ok(())
    }

    fn set_doubled(&mut self, byte: u8) -> Result<(), ComposeError> {
        self.framings_mut().try_for_each(|framing| framing.set_doubled(byte))?;
        self.measure();
        Ok(())
    }

    fn layers(&self) -> usize {
        self.framings().map(F::layers).max().unwrap_or(0)
    }

    fn validate(&self) -> Result<(), ComposeError> {
        if self.branches.is_empty() {
            return Err(ComposeError::new("a peek without a pattern chooses nothing; use its framing alone"));
        }
        Pattern::validate_all(&self.patterns().collect::<Vec<_>>())?;
        self.framings().try_for_each(F::validate)
    }

    fn is_recovering(&self) -> bool {
        self.chosen.and_then(|branch| self.framing(branch)).is_some_and(F::is_recovering)
    }

    fn swap_sides(&mut self) {
        self.framings_mut().for_each(F::swap_sides);
        self.measure();
    }

    fn reset(&mut self) {
        self.chosen = None;
        self.framings_mut().for_each(F::reset);
    }
}

#[cfg(test)]
mod tests {
    use wirework_core::{BoxFraming, Error, Frames, Raw, encode_frame};

    use super::*;
    use crate::combine::{First, Resync};
    use crate::framing::{Counts, IdleGap, LastPiece, Marked, Until, from_fn};
    use crate::layer::Constant;
    use crate::{FramingExt, GBK, LengthPrefix, Lines};

    fn frames(framing: impl Framing, wire: &[u8]) -> Result<Vec<String>, Error> {
        let mut frames = Frames::new(framing);
        frames.push(wire);
        frames.close();
        let mut seen = Vec::new();
        while let Some(frame) = frames.next()? {
            seen.push(frame.bytes().escape_ascii().to_string());
        }
        Ok(seen)
    }

    fn written(peek: &Peek<BoxFraming>, payload: &[u8]) -> Result<Vec<u8>, EncodeError> {
        let mut out = BytesMut::from("before");
        encode_frame(&mut peek.clone(), &mut Raw, payload, &mut out)?;
        Ok(out.strip_prefix(b"before").unwrap().to_vec())
    }

    fn lines() -> BoxFraming {
        Lines::lf().last(LastPiece::Give).boxed()
    }

    /// Three bytes a frame, whatever they are.
    fn threes() -> BoxFraming {
        from_fn(
            |input| match input.bytes.len() {
                len @ 0..3 => Ok(Step::More(3 - len)),
                _ => Ok(Step::Frame { span: 0..3, advance: 3 }),
            },
            |out, start| match out.len() - start {
                3 => Ok(()),
                _ => Err(EncodeError::Incomplete("not three bytes".into())),
            },
        )
        .boxed()
    }

    #[test]
    fn the_picture() {
        let peek = Peek::new().on(Pattern::bytes(b"*"), threes()).otherwise(lines());
        assert_eq!(frames(peek.clone(), b"*12hi\n").unwrap(), ["*12", "hi"]);
        assert_eq!(written(&peek, b"*12").unwrap(), b"*12");
        assert_eq!(written(&peek, b"hi").unwrap(), b"hi\n");
    }

    #[test]
    fn a_frame_like_no_pattern_loses_the_stream() {
        let peek = Peek::new().on(Pattern::bytes(b"AB"), lines());
        let lost = frames(peek.clone(), b"AXY\n").unwrap_err().to_string();
        assert!(lost.ends_with("no frame begins with \"AX\""), "{lost}");
        let lost = frames(peek.clone(), b"AB\nA").unwrap_err().to_string();
        assert!(lost.ends_with("the stream ended inside it, after 1 bytes"), "{lost}");
        let refused = written(&peek, b"hi").unwrap_err().to_string();
        assert_eq!(refused, "no branch reads a frame that begins with \"hi\" as it was sent");
    }

    #[test]
    fn the_branch_that_would_read_it_sends_it() {
        let peek = Peek::new().on(Pattern::range(0..=9), LengthPrefix::u8().boxed()).otherwise(lines());
        assert_eq!(written(&peek, b"hi").unwrap(), b"\x02hi");
        assert_eq!(written(&peek, b"hi, all of you").unwrap(), b"hi, all of you\n");
        let refused = written(&peek, b"a line\nand another").unwrap_err().to_string();
        assert_eq!(refused, "no branch reads a frame that begins with \"\\x12a line\\n\" as it was sent");
        let turned = Peek::new().on(Pattern::bytes(b"hi"), lines()).otherwise(LengthPrefix::u8().boxed());
        assert_eq!(written(&turned, b"hi").unwrap(), b"hi\n");
        assert_eq!(written(&turned, b"ho").unwrap(), b"\x02ho");
        assert_eq!(frames(turned, b"hi\n\x02ho").unwrap(), ["hi", "ho"]);
    }

    #[test]
    fn an_attempt_that_is_not_sent_leaves_no_trace() {
        let first = First::new(LengthPrefix::u8(), LengthPrefix::u16_be()).boxed();
        let mut peek = Peek::new().on(Pattern::range(0..=2), first).otherwise(lines());
        let mut out = BytesMut::new();
        for payload in [&b"abc"[..], b"a", b"b"] {
            encode_frame(&mut peek, &mut Raw, payload, &mut out).unwrap();
        }
        assert_eq!(&out[..], b"abc\n\x01a\0\x01b");
    }

    #[test]
    fn a_frame_that_a_longer_pattern_may_claim_is_refused() {
        let peek = Peek::new().on(Pattern::bytes(b"ABCD"), lines()).otherwise(threes());
        let refused = written(&peek, b"ABC").unwrap_err().to_string();
        assert_eq!(
            refused,
            "a frame that is \"ABC\" alone does not tell which branch reads it: a longer pattern begins so"
        );
        written(&peek, b"ABX").unwrap();
        assert_eq!(frames(peek, b"ABXABC").unwrap(), ["ABX", "ABC"], "the end of the stream decides");
    }

    #[test]
    fn each_branch_is_held_to_its_own_limit() {
        let peek = Peek::new().on(Pattern::digit(), Lines::lf().max_len(2).boxed()).otherwise(lines());
        assert_eq!(frames(peek.clone(), b"12\nhello\n").unwrap(), ["12", "hello"]);
        frames(peek, b"123\n").unwrap_err();
    }

    #[test]
    fn the_longest_frame_is_that_of_the_branches_as_they_are_now() {
        let pipe = |max| Until::new("|").max_len(max);
        let mut peek = Peek::new().on(Pattern::bytes(b"*"), pipe(9));
        assert_eq!(peek.max_len(), 10);
        peek = peek.otherwise(pipe(20));
        assert_eq!(peek.max_len(), 21);
        peek.set_encodings(&Encodings::one(GBK)).unwrap();
        assert_eq!(peek.max_len(), 25, "what stands behind a terminator says whether it is half a character");
    }

    #[test]
    fn silence_decides_for_a_branch_that_ends_with_it() {
        let gap = Duration::from_millis(20);
        let peek = |ab: BoxFraming, other: BoxFraming| Peek::new().on(Pattern::bytes(b"ab"), ab).otherwise(other);
        let mut frames = Frames::new(peek(lines(), IdleGap::new(gap).boxed()));
        assert_eq!(frames.framing().quiet_after(), Some(gap));
        frames.push(b"a");
        assert!(frames.next().unwrap().is_none());
        frames.quiet();
        assert_eq!(frames.next().unwrap().unwrap().bytes(), b"a");
        frames.push(b"ab");
        assert!(frames.next().unwrap().is_none());
        assert_eq!(frames.framing().quiet_after(), None, "the branch is known, and waits for its line to end");
        let mut frames = Frames::new(peek(IdleGap::new(gap).boxed(), lines()));
        frames.push(b"a");
        frames.quiet();
        assert!(frames.next().unwrap().is_none());
        frames.push(b"c\n");
        assert_eq!(frames.next().unwrap().unwrap().bytes(), b"ac");
    }

    #[test]
    fn the_parts_are_those_of_the_branch_that_gave_the_frame() {
        let counted = LengthPrefix::decimal_until(" ").keep().boxed();
        let mut frames = Frames::new(Peek::new().on(Pattern::digit(), counted).otherwise(lines()));
        frames.push(b"2 abab\n");
        assert_eq!(frames.next().unwrap().unwrap().bytes(), b"2 ab");
        assert_eq!(frames.framing().parts(), [0..2, 2..4]);
        assert_eq!(frames.next().unwrap().unwrap().bytes(), b"ab");
        assert!(frames.framing().parts().is_empty());
    }

    #[test]
    fn a_branch_starts_afresh_behind_frames_of_another() {
        let marked = Marked::shared(b"~").boxed();
        let peek = Peek::new().on(Pattern::digit(), lines()).otherwise(marked);
        let mut frames = Frames::new(peek);
        frames.push(b"~a~b~1\nc~");
        for payload in [b"a", b"b", b"1"] {
            assert_eq!(frames.next().unwrap().unwrap().bytes(), payload);
        }
        let lost = frames.next().unwrap_err().to_string();
        assert!(lost.contains("63 stands where a frame must begin with 7E"), "{lost}");
    }
    #[test]
    fn a_frame_that_begins_otherwise_than_its_payload_is_tried() {
        let constant = Lines::lf().layer(Constant::before(b"#")).boxed();
        let peek = Peek::new().on(Pattern::bytes(b"#"), constant).on(Pattern::digit(), lines());
        assert_eq!(written(&peek, b"hi").unwrap(), b"#hi\n");
        assert_eq!(written(&peek, b"1").unwrap(), b"#1\n", "the first that can sends it");
        let filled_in = LengthPrefix::u8().counts(Counts::Whole).keep().boxed();
        let peek = Peek::new().on(Pattern::bytes(b"\x03"), filled_in).on(Pattern::digit(), lines());
        assert_eq!(written(&peek, b"\0ab").unwrap(), b"\x03ab");
    }

    #[test]
    fn the_trailer_is_that_of_the_branch_that_sent_the_frame() {
        let mut peek =
            Peek::new().on(Pattern::range(0..=9), LengthPrefix::u8().boxed()).otherwise(Lines::crlf().boxed());
        for (payload, trailer) in [(&b"hi"[..], 0), (b"longer than nine", 2), (b"a", 0)] {
            encode_frame(&mut peek, &mut Raw, payload, &mut BytesMut::new()).unwrap();
            assert_eq!(peek.trailer_len(), trailer);
        }
        let mut peek = Peek::new().on(Pattern::bytes(b"h"), Lines::crlf().boxed()).otherwise(threes());
        encode_frame(&mut peek, &mut Raw, b"hi", &mut BytesMut::new()).unwrap();
        assert_eq!(peek.trailer_len(), 2);
    }

    #[test]
    fn a_branch_in_damage_keeps_the_next_bytes() {
        let damaged = Resync::delimiter(Lines::lf().max_len(1), b"\n").boxed();
        let mut frames = Frames::new(Peek::new().on(Pattern::bytes(b"a"), damaged).otherwise(lines()));
        frames.push(b"ab");
        frames.next().unwrap_err();
        assert!(frames.framing().is_recovering());
        frames.push(b"c\nd\n");
        assert_eq!(frames.next().unwrap().unwrap().bytes(), b"d");
        assert!(!frames.framing().is_recovering());
    }
}
