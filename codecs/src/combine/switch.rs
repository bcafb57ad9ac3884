//! Frames that say how the next one is framed.

use std::ops::Range;
use std::time::Duration;

use bytes::BytesMut;
use wirework_core::{ComposeError, EncodeError, Encodings, FrameError, Framing, Input, Step, Tail};

use super::nested;
use super::pattern::{Choice, Pattern, choose};
use super::turn::Turn;

/// Behind a frame whose payload begins with a pattern, the next is framed otherwise; each direction for itself.
///
/// ```text
/// Switch::new(Lines::crlf())
///     .once(Pattern::bytes(b"DATA").ignore_case(), LengthPrefix::u8())
///     .for_good(Pattern::bytes(b"RAW"), LengthPrefix::u16_be())
///
///     data\r\n | 01 41 | RAW\r\n | 00 01 42 | 00 00   →   data | A | RAW | B |
/// ```
///
/// What was read ahead is read by the other framing. The patterns are looked for in frames of the base alone, and not in
/// bad ones. After [`once`](Switch::once) the base goes on behind one frame, also if that one was bad; bytes that belong to
/// no frame are none.
///
/// Framings are of one type; [`boxed`](crate::FramingExt::boxed) makes it so.
#[derive(Clone, Debug)]
pub struct Switch<F> {
    pub(crate) base: F,
    pub(crate) cases: Vec<Case<F>>,
    turn: Turn,
    reads: Place,
    /// Whose frame came last.
    read: Place,
    writes: Place,
    trailer: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Case<F> {
    pub(crate) pattern: Pattern,
    pub(crate) framing: F,
    /// The base goes on behind one frame.
    pub(crate) once: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Base,
    Case(usize),
}

impl<F: Framing> Switch<F> {
    /// All frames by `base`, as long as there are no cases.
    pub fn new(base: F) -> Self {
        let (turn, start) = (Turn::default(), Place::Base);
        Self { base, cases: Vec::new(), turn, reads: start, read: start, writes: start, trailer: 0 }
    }

    /// Behind a payload that begins with `pattern`, one frame is framed by `framing`.
    pub fn once(self, pattern: Pattern, framing: F) -> Self {
        self.case(Case { pattern, framing, once: true })
    }

    /// Behind a payload that begins with `pattern`, all frames are framed by `framing`.
    pub fn for_good(self, pattern: Pattern, framing: F) -> Self {
        self.case(Case { pattern, framing, once: false })
    }

    fn case(mut self, case: Case<F>) -> Self {
        self.cases.push(case);
        self
    }

    fn framings(&self) -> impl Iterator<Item = &F> {
        std::iter::once(&self.base).chain(self.cases.iter().map(|case| &case.framing))
    }

    fn framings_mut(&mut self) -> impl Iterator<Item = &mut F> {
        std::iter::once(&mut self.base).chain(self.cases.iter_mut().map(|case| &mut case.framing))
    }

    #[inline]
    fn framing(&self, place: Place) -> &F {
        match place {
            Place::Base => &self.base,
            Place::Case(case) => self.cases.get(case).map_or(&self.base, |case| &case.framing),
        }
    }

    #[inline]
    fn framing_mut(&mut self, place: Place) -> &mut F {
        match place {
            Place::Base => &mut self.base,
            Place::Case(case) => self.cases.get_mut(case).map_or(&mut self.base, |case| &mut case.framing),
        }
    }

    /// Where the frame behind one of the base with this payload stands.
    #[inline]
    fn behind(&self, payload: &[u8]) -> Place {
        match choose(self.cases.iter().map(|case| &case.pattern), payload, true) {
            Choice::Of(case) => Place::Case(case),
            Choice::Undecided | Choice::None(_) => Place::Base,
        }
    }

    /// Where the frame behind this one stands, as the other end will find it.
    fn behind_sent(&mut self, place: Place, frame: &[u8]) -> Result<Place, EncodeError> {
        let framing = self.framing_mut(place);
        framing.reset();
        framing.swap_sides();
        let step = framing.split(Input { bytes: frame, tail: Tail::Closed });
        framing.swap_sides();
        framing.reset();
        match step {
            Ok(Step::Frame { span, .. }) => Ok(self.behind(frame.get(span).unwrap_or_default())),
            Ok(Step::Owned { frame, .. }) => Ok(self.behind(&frame)),
            _ => Err(EncodeError::Incomplete("the message cannot be read as it would be sent".into())),
        }
    }

    fn is_once(&self, place: Place) -> bool {
        matches!(place, Place::Case(case) if self.cases.get(case).is_some_and(|case| case.once))
    }

    /// Makes it the turn of `next`, which starts afresh: others have had their turn since its last.
    #[cold]
    fn turn_to(&mut self, next: Place) {
        self.reads = next;
        self.framing_mut(next).reset();
    }

    #[inline(never)]
    fn split_case(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        let place = self.reads;
        let step = nested::step(self.framing_mut(place), input, usize::MAX)?;
        self.read = place;
        let mut turn = self.turn;
        if self.is_once(place) && turn.is_over(&step, self.framing(place)) {
            self.turn_to(Place::Base);
        }
        self.turn = turn;
        Ok(step)
    }
}

impl<F: PartialEq> PartialEq for Switch<F> {
    fn eq(&self, other: &Self) -> bool {
        self.base == other.base && self.cases == other.cases
    }
}

impl<F: Framing> Framing for Switch<F> {
    #[inline]
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        if self.reads != Place::Base {
            return self.split_case(input);
        }
        let step = nested::step(&mut self.base, input, usize::MAX)?;
        self.read = Place::Base;
        let next = match &step {
            Step::Frame { span, .. } => self.behind(input.bytes.get(span.clone()).unwrap_or_default()),
            Step::Owned { frame, .. } => self.behind(frame),
            _ => return Ok(step),
        };
        if next != Place::Base {
            self.turn_to(next);
        }
        Ok(step)
    }

    fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        let place = self.writes;
        let payload = start.saturating_add(self.header_len());
        let mut next = self.behind(out.get(payload..).unwrap_or_default());
        nested::finish(self.framing_mut(place), out, start)?;
        self.trailer = self.framing(place).trailer_len();
        if self.framing(place).fills_in() {
            // The pattern may reach into what was filled in.
            next = self.behind_sent(place, out.get(start..).unwrap_or_default())?;
        }
        match place {
            Place::Base => self.writes = next,
            Place::Case(_) if self.is_once(place) => self.writes = Place::Base,
            Place::Case(_) => {}
        }
        Ok(())
    }

    fn header_len(&self) -> usize {
        self.framing(self.writes).header_len()
    }

    fn trailer_len(&self) -> usize {
        self.trailer
    }

    fn fills_in(&self) -> bool {
        self.framings().any(F::fills_in)
    }

    fn counts_frames(&self) -> bool {
        true
    }

    fn fills_in_by_turns(&self) -> bool {
        self.fills_in()
    }

    fn filled_in(&mut self, payload: &[u8]) -> Result<Option<Range<usize>>, EncodeError> {
        self.framing_mut(self.writes).filled_in(payload)
    }

    fn max_len(&self) -> usize {
        self.framings().map(F::max_len).max().unwrap_or(0)
    }

    fn parts(&self) -> &[Range<usize>] {
        self.framing(self.read).parts()
    }

    fn quiet_after(&self) -> Option<Duration> {
        self.framing(self.reads).quiet_after()
    }

    fn set_encodings(&mut self, encodings: &Encodings) -> Result<(), ComposeError> {
        self.framings_mut().try_for_each(|framing| framing.set_encodings(encodings))
    }

    fn set_doubled(&mut self, byte: u8) -> Result<(), ComposeError> {
        self.framings_mut().try_for_each(|framing| framing.set_doubled(byte))
    }

    fn layers(&self) -> usize {
        self.framings().map(F::layers).max().unwrap_or(0)
    }

    fn validate(&self) -> Result<(), ComposeError> {
        if self.cases.is_empty() {
            return Err(ComposeError::new("a switch without a case never switches; use its framing alone"));
        }
        if self.framings().any(|framing| framing.fills_in() && framing.counts_frames()) {
            return Err(ComposeError::new(
                "one of these fills in a length and counts frames, so what was sent cannot be looked at again; put all cases \
                 into one switch",
            ));
        }
        Pattern::validate_all(&self.cases.iter().map(|case| &case.pattern).collect::<Vec<_>>())?;
        self.framings().try_for_each(F::validate)
    }

    fn is_recovering(&self) -> bool {
        self.framing(self.reads).is_recovering()
    }

    fn swap_sides(&mut self) {
        self.framings_mut().for_each(F::swap_sides);
    }

    /// How the next frame is framed is no unfinished frame, and is kept.
    fn reset(&mut self) {
        if self.turn.is_over_with_reset() {
            self.reads = Place::Base;
        }
        self.framings_mut().for_each(F::reset);
    }
}

#[cfg(test)]
mod tests {
    use wirework_core::{BoxFraming, Frames, Raw, encode_frame};

    use super::*;
    use crate::combine::Resync;
    use crate::framing::Marked;
    use crate::layer::Constant;
    use crate::{FramingExt, LengthPrefix, Lines};

    fn frames(framing: impl Framing, wire: &[u8]) -> Vec<String> {
        let mut frames = Frames::new(framing);
        frames.push(wire);
        let mut seen = Vec::new();
        while let Some(frame) = frames.next().unwrap() {
            seen.push(frame.bytes().escape_ascii().to_string());
        }
        seen
    }

    fn switch() -> Switch<BoxFraming> {
        Switch::new(Lines::crlf().boxed())
            .once(Pattern::bytes(b"DATA").ignore_case(), LengthPrefix::u8().boxed())
            .for_good(Pattern::bytes(b"RAW"), LengthPrefix::u16_be().boxed())
    }

    const WIRE: &[u8] = b"DATA\r\n\x04RAW!hi\r\ndata now\r\n\0RAW\r\n\0\x04DATA\0\x01a";
    const PAYLOADS: [&str; 8] = ["DATA", "RAW!", "hi", "data now", "", "RAW", "DATA", "a"];

    #[test]
    fn the_picture() {
        assert_eq!(frames(switch(), b"data\r\n\x01ARAW\r\n\0\x01B\0\0"), ["data", "A", "RAW", "B", ""]);
    }

    #[test]
    fn the_next_frame_or_all_later_ones_are_framed_otherwise() {
        assert_eq!(frames(switch(), WIRE), PAYLOADS);
        let (mut writing, mut out) = (switch(), BytesMut::new());
        for payload in PAYLOADS {
            encode_frame(&mut writing, &mut Raw, payload.as_bytes(), &mut out).unwrap();
        }
        assert_eq!(&out[..], WIRE);
    }

    #[test]
    fn a_length_that_is_filled_in_is_seen_by_the_pattern() {
        let base = LengthPrefix::u8().at(1);
        let switch = Switch::new(base.boxed()).once(Pattern::bytes(b"P\x03"), Lines::lf().boxed());
        let (mut writing, mut out) = (switch.clone(), BytesMut::new());
        for payload in [&b"P\0abc"[..], b"hi", b"P\x03a"] {
            encode_frame(&mut writing, &mut Raw, payload, &mut out).unwrap();
        }
        assert_eq!(&out[..], b"P\x03abchi\nP\x01a");
        assert_eq!(frames(switch, &out), ["P\\x03abc", "hi", "P\\x01a"]);
    }

    /// What stands around a payload that is filled in, or in front of one that is not, is no part of it.
    #[test]
    fn the_pattern_is_looked_for_in_the_payload_that_the_other_end_will_read() {
        let layered = LengthPrefix::u8().at(1).layer(Constant::before(b"|"));
        let inner =
            Switch::new(LengthPrefix::u8().boxed()).for_good(Pattern::bytes(b"P"), LengthPrefix::u8().at(1).boxed());
        for (base, payload, frame) in
            [(layered.boxed(), &b"\0h"[..], &b"|\x01h"[..]), (inner.boxed(), b"\x01", b"\x01\x01")]
        {
            let switch = Switch::new(base).for_good(Pattern::bytes(b"\x01"), Lines::lf().boxed());
            let (mut writing, mut out) = (switch.clone(), BytesMut::new());
            encode_frame(&mut writing, &mut Raw, payload, &mut out).unwrap();
            encode_frame(&mut writing, &mut Raw, b"line", &mut out).unwrap();
            assert_eq!(&out[..], [frame, b"line\n"].concat());
            assert_eq!(frames(switch, &out).last().unwrap(), "line");
        }
    }

    #[test]
    fn a_refused_frame_switches_nothing() {
        let (mut writing, mut out) = (switch(), BytesMut::new());
        encode_frame(&mut writing, &mut Raw, b"DATA\r\n", &mut out).unwrap_err();
        assert_eq!(writing.header_len(), 0);
    }
    #[test]
    fn the_base_goes_on_behind_a_bad_frame_of_another() {
        let switch = Switch::new(Lines::lf().boxed())
            .once(Pattern::bytes(b"DATA"), Resync::delimiter(Lines::lf().max_len(1), b"\n").boxed());
        for read in 1..20 {
            let mut frames = Frames::new(switch.clone());
            let (mut bad, mut seen) = (0, Vec::new());
            for bytes in b"DATA\nabc\nDATA\n1\nhi\n".chunks(read) {
                frames.push(bytes);
                loop {
                    match frames.next() {
                        Ok(Some(frame)) => seen.push(frame.bytes().to_vec()),
                        Ok(None) => break,
                        Err(error) => bad += usize::from(!error.is_fatal()),
                    }
                }
            }
            assert_eq!((bad, seen.join(&b'|')), (1, b"DATA|DATA|1|hi".to_vec()), "in reads of {read}");
        }
    }

    #[test]
    fn a_framing_starts_afresh_behind_frames_of_another() {
        let base = Marked::shared(b"~").boxed();
        let mut frames = Frames::new(Switch::new(base).once(Pattern::bytes(b"x"), Lines::lf().boxed()));
        frames.push(b"~a~x~hi\nb~");
        for payload in [&b"a"[..], b"x", b"hi"] {
            assert_eq!(frames.next().unwrap().unwrap().bytes(), payload);
        }
        frames.next().unwrap_err();
    }

    #[test]
    fn a_switch_that_never_switches_is_refused() {
        let refused = Switch::new(Lines::lf()).validate().unwrap_err().to_string();
        assert!(refused.contains("use its framing alone"), "{refused}");
    }
    #[test]
    fn the_parts_the_trailer_and_the_damage_are_those_of_the_framing_whose_frame_it_is() {
        let once = Resync::delimiter(LengthPrefix::u8().max_len(9).keep(), b"\n");
        let switch = Switch::new(Lines::crlf().boxed()).once(Pattern::bytes(b"x"), once.boxed());
        let mut frames = Frames::new(switch.clone());
        frames.push(b"x\r\n\x02bcx\r\n\xffa");
        frames.next().unwrap().unwrap();
        assert!(frames.framing().parts().is_empty());
        frames.next().unwrap().unwrap();
        assert_eq!(frames.framing().parts(), [0..1, 1..3]);
        frames.next().unwrap().unwrap();
        frames.next().unwrap_err();
        assert!(frames.framing().is_recovering());
        frames.take(1).unwrap();
        frames.push(b"hi\r\n");
        assert_eq!(frames.next().unwrap().unwrap().bytes(), b"hi", "the one frame was the damaged one");
        let mut writing = switch;
        for (payload, trailer) in [(&b"x"[..], 2), (b"\0a", 0), (b"hi", 2)] {
            encode_frame(&mut writing, &mut Raw, payload, &mut BytesMut::new()).unwrap();
            assert_eq!(writing.trailer_len(), trailer);
        }
    }
}
