//! A first frame unlike all others.

use std::ops::Range;
use std::time::Duration;

use bytes::BytesMut;
use wirework_core::{ComposeError, EncodeError, Encodings, FrameError, Framing, Input, Step};

use super::nested;
use super::turn::Turn;

/// The first frame by one framing, all others by another; each direction for itself.
///
/// ```text
/// First::new(Lines::lf(), LengthPrefix::u8())     68 69 0A | 01 41 | 01 42   →   hi | A | B
/// ```
///
/// A bad frame is the first frame too: its sender goes on with the next. Bytes that belong to no frame are none.
#[derive(Clone, Debug)]
pub struct First<A, B> {
    pub(crate) first: A,
    pub(crate) then: B,
    turn: Turn,
    /// The first frame has come.
    read: bool,
    /// The frame that came last was not the first.
    read_more: bool,
    /// The first frame has left.
    written: bool,
    trailer: usize,
}

impl<A: Framing, B: Framing> First<A, B> {
    /// The first frame by `first`, all others by `then`.
    pub fn new(first: A, then: B) -> Self {
        let turn = Turn::default();
        Self { first, then, turn, read: false, read_more: false, written: false, trailer: 0 }
    }

    #[inline(never)]
    fn split_first(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        let step = nested::step(&mut self.first, input, usize::MAX)?;
        self.read = self.turn.is_over(&step, &self.first);
        Ok(step)
    }
}

impl<A: PartialEq, B: PartialEq> PartialEq for First<A, B> {
    fn eq(&self, other: &Self) -> bool {
        self.first == other.first && self.then == other.then
    }
}

impl<A: Framing, B: Framing> Framing for First<A, B> {
    #[inline]
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        if !self.read {
            return self.split_first(input);
        }
        self.read_more = true;
        nested::step(&mut self.then, input, usize::MAX)
    }

    fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        self.trailer = if self.written {
            nested::finish(&mut self.then, out, start)?;
            self.then.trailer_len()
        } else {
            nested::finish(&mut self.first, out, start)?;
            self.first.trailer_len()
        };
        self.written = true;
        Ok(())
    }

    fn header_len(&self) -> usize {
        if self.written { self.then.header_len() } else { self.first.header_len() }
    }

    fn trailer_len(&self) -> usize {
        self.trailer
    }

    fn fills_in(&self) -> bool {
        self.first.fills_in() || self.then.fills_in()
    }

    fn counts_frames(&self) -> bool {
        true
    }

    fn fills_in_by_turns(&self) -> bool {
        self.fills_in()
    }

    fn filled_in(&mut self, payload: &[u8]) -> Result<Option<Range<usize>>, EncodeError> {
        if self.written { self.then.filled_in(payload) } else { self.first.filled_in(payload) }
    }

    fn takes_any_byte(&self) -> bool {
        self.first.takes_any_byte() && self.then.takes_any_byte()
    }

    fn max_len(&self) -> usize {
        self.first.max_len().max(self.then.max_len())
    }

    fn parts(&self) -> &[Range<usize>] {
        if self.read_more { self.then.parts() } else { self.first.parts() }
    }

    fn quiet_after(&self) -> Option<Duration> {
        if self.read { self.then.quiet_after() } else { self.first.quiet_after() }
    }

    fn set_encodings(&mut self, encodings: &Encodings) -> Result<(), ComposeError> {
        self.first.set_encodings(encodings)?;
        self.then.set_encodings(encodings)
    }

    fn set_doubled(&mut self, byte: u8) -> Result<(), ComposeError> {
        self.first.set_doubled(byte)?;
        self.then.set_doubled(byte)
    }

    fn layers(&self) -> usize {
        self.first.layers().max(self.then.layers())
    }

    fn validate(&self) -> Result<(), ComposeError> {
        self.first.validate()?;
        self.then.validate()
    }

    fn is_recovering(&self) -> bool {
        if self.read { self.then.is_recovering() } else { self.first.is_recovering() }
    }

    fn swap_sides(&mut self) {
        self.first.swap_sides();
        self.then.swap_sides();
    }

    /// Which frames have come and left is no unfinished frame, and is kept.
    fn reset(&mut self) {
        self.read |= self.turn.is_over_with_reset();
        self.first.reset();
        self.then.reset();
    }
}

#[cfg(test)]
mod tests {
    use wirework_core::{Frames, Raw, encode_frame};

    use super::*;
    use crate::combine::Resync;
    use crate::framing::{Marked, Until};
    use crate::layer::Check;
    use crate::{FramingExt, LengthPrefix, Lines};

    fn first() -> First<Until, LengthPrefix> {
        First::new(Lines::lf(), LengthPrefix::u8())
    }

    #[test]
    fn the_picture() {
        let mut frames = Frames::new(first());
        frames.push(b"hi\n\x01A\x01B");
        for payload in [b"hi".as_slice(), b"A", b"B"] {
            assert_eq!(frames.next().unwrap().unwrap().bytes(), payload);
        }
        let (mut writing, mut out) = (first(), BytesMut::new());
        for payload in [b"hi".as_slice(), b"A", b"B"] {
            encode_frame(&mut writing, &mut Raw, payload, &mut out).unwrap();
        }
        assert_eq!(&out[..], b"hi\n\x01A\x01B");
    }

    #[test]
    fn a_frame_that_is_refused_was_not_the_first() {
        let (mut writing, mut out) = (first(), BytesMut::new());
        encode_frame(&mut writing, &mut Raw, b"a\nb", &mut out).unwrap_err();
        assert_eq!(writing.header_len(), 0);
        encode_frame(&mut writing, &mut Raw, b"hi", &mut out).unwrap();
        assert_eq!((writing.header_len(), writing.trailer_len(), &out[..]), (1, 1, &b"hi\n"[..]));
    }

    #[test]
    fn what_is_taken_out_of_the_stream_makes_no_frame_the_first_again() {
        let mut frames = Frames::new(first().boxed());
        frames.push(b"hi\nraw\x01A");
        frames.next().unwrap().unwrap();
        frames.take(3).unwrap();
        assert_eq!(frames.next().unwrap().unwrap().bytes(), b"A");
    }
    #[test]
    fn a_bad_frame_is_the_first_too_and_its_damage_is_passed_over_before_the_others() {
        let checked = First::new(Lines::lf().layer(Check::xor8()), LengthPrefix::u8());
        let resync = First::new(Resync::delimiter(Lines::lf().max_len(1), b"\n"), LengthPrefix::u8());
        for framing in [checked.boxed(), resync.boxed()] {
            for read in 1..9 {
                let mut frames = Frames::new(framing.clone());
                let (mut bad, mut seen) = (0, Vec::new());
                for bytes in b"hi\n\x01A\x01B".chunks(read) {
                    frames.push(bytes);
                    loop {
                        match frames.next() {
                            Ok(Some(frame)) => seen.push(frame.bytes().to_vec()),
                            Ok(None) => break,
                            Err(error) => bad += usize::from(!error.is_fatal()),
                        }
                    }
                }
                assert_eq!((bad, seen), (1, vec![b"A".to_vec(), b"B".to_vec()]), "in reads of {read}");
            }
        }
    }

    #[test]
    fn damage_that_is_left_behind_by_a_reset_was_the_first_frame() {
        let mut frames = Frames::new(First::new(Resync::delimiter(Lines::lf().max_len(1), b"\n"), LengthPrefix::u8()));
        frames.push(b"hi");
        frames.next().unwrap_err();
        frames.push(b"\x01A");
        frames.take(1).unwrap();
        assert_eq!(frames.next().unwrap().unwrap().bytes(), b"A");
    }
    #[test]
    fn marks_between_frames_are_not_the_first_frame() {
        let mut frames = Frames::new(First::new(Marked::shared(b"~"), LengthPrefix::u8()));
        frames.push(b"~~~a~\x01A");
        assert_eq!(frames.next().unwrap().unwrap().bytes(), b"a");
        assert_eq!(frames.next().unwrap().unwrap().bytes(), b"A");
    }

    #[test]
    fn the_parts_and_the_damage_are_those_of_the_framing_whose_frame_it_is() {
        let then = Resync::delimiter(LengthPrefix::u8().max_len(9).keep(), b"\n");
        let mut frames = Frames::new(First::new(LengthPrefix::u16_be().keep(), then));
        frames.push(b"\0\x01a\x02bc\xff");
        for parts in [[0..2, 2..3], [0..1, 1..3]] {
            assert!(!frames.framing().is_recovering());
            frames.next().unwrap().unwrap();
            assert_eq!(frames.framing().parts(), parts);
        }
        frames.next().unwrap_err();
        assert!(frames.framing().is_recovering());
    }
}
