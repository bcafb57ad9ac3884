//! One framing for what comes, another for what leaves.

use std::ops::Range;
use std::time::Duration;

use bytes::BytesMut;
use wirework_core::{ComposeError, EncodeError, Encodings, FrameError, Framing, Input, Plain, Step};

use super::nested;

/// Reads by one framing, and writes by another.
///
/// ```text
/// Duplex::new(Lines::any(), LengthPrefix::u8())     reads    68 69 0A   →   hi
///                                                   writes   hi         →   02 68 69
/// ```
///
/// The [other end](wirework_core::Mirror) reads what this end writes.
#[derive(Clone, Debug)]
pub struct Duplex<A, B> {
    pub(crate) reads: A,
    pub(crate) writes: B,
    /// It is the other end's: what reads writes, and what writes reads.
    pub(crate) swapped: bool,
    /// The most bytes that a frame takes, in either direction.
    max: usize,
}

impl<A: Framing, B: Framing> Duplex<A, B> {
    /// Reads by `reads`, writes by `writes`.
    pub fn new(reads: A, writes: B) -> Self {
        let mut duplex = Self { reads, writes, swapped: false, max: 0 };
        duplex.measure();
        duplex
    }

    /// Asks both how long their frames may be: once, and not for each frame.
    fn measure(&mut self) {
        self.max = self.reads.max_len().max(self.writes.max_len());
    }
}

impl<A: Framing, B: Framing> Framing for Duplex<A, B> {
    #[inline]
    fn glance(&self, bytes: &[u8]) -> Option<Plain> {
        if self.swapped { self.writes.glance(bytes) } else { self.reads.glance(bytes) }
    }

    #[inline]
    fn taken(&mut self, advance: usize) {
        if self.swapped { self.writes.taken(advance) } else { self.reads.taken(advance) }
    }

    #[inline]
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        if self.swapped {
            nested::step(&mut self.writes, input, usize::MAX)
        } else {
            nested::step(&mut self.reads, input, usize::MAX)
        }
    }

    fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        if self.swapped {
            nested::finish(&mut self.reads, out, start)
        } else {
            nested::finish(&mut self.writes, out, start)
        }
    }

    #[inline]
    fn header_len(&self) -> usize {
        if self.swapped { self.reads.header_len() } else { self.writes.header_len() }
    }

    fn trailer_len(&self) -> usize {
        if self.swapped { self.reads.trailer_len() } else { self.writes.trailer_len() }
    }

    fn fills_in(&self) -> bool {
        // Of either: a layer is put behind it before it is known which end it will be.
        self.reads.fills_in() || self.writes.fills_in()
    }

    fn counts_frames(&self) -> bool {
        self.reads.counts_frames() || self.writes.counts_frames()
    }

    fn fills_in_by_turns(&self) -> bool {
        self.fills_in()
    }

    fn filled_in(&mut self, payload: &[u8]) -> Result<Option<Range<usize>>, EncodeError> {
        match self.swapped {
            false => self.writes.filled_in(payload),
            true => self.reads.filled_in(payload),
        }
    }

    fn takes_any_byte(&self) -> bool {
        self.reads.takes_any_byte() && self.writes.takes_any_byte()
    }

    #[inline]
    fn max_len(&self) -> usize {
        self.max
    }

    #[inline]
    fn parts(&self) -> &[Range<usize>] {
        if self.swapped { self.writes.parts() } else { self.reads.parts() }
    }

    fn quiet_after(&self) -> Option<Duration> {
        if self.swapped { self.writes.quiet_after() } else { self.reads.quiet_after() }
    }

    fn set_encodings(&mut self, encodings: &Encodings) -> Result<(), ComposeError> {
        // Each is used in one direction, now or when the sides are swapped.
        let (mut reads, mut writes) = (encodings.clone(), encodings.clone());
        reads.writes = encodings.reads.clone();
        writes.reads = encodings.writes.clone();
        self.reads.set_encodings(&reads)?;
        self.writes.set_encodings(&writes)?;
        self.measure();
        Ok(())
    }

    fn set_doubled(&mut self, byte: u8) -> Result<(), ComposeError> {
        self.reads.set_doubled(byte)?;
        self.writes.set_doubled(byte)?;
        self.measure();
        Ok(())
    }

    fn layers(&self) -> usize {
        self.reads.layers().max(self.writes.layers())
    }

    fn validate(&self) -> Result<(), ComposeError> {
        self.reads.validate()?;
        self.writes.validate()
    }

    fn is_recovering(&self) -> bool {
        if self.swapped { self.writes.is_recovering() } else { self.reads.is_recovering() }
    }

    fn swap_sides(&mut self) {
        self.swapped = !self.swapped;
        self.reads.swap_sides();
        self.writes.swap_sides();
        self.measure();
    }

    fn reset(&mut self) {
        self.reads.reset();
        self.writes.reset();
    }
}

impl<A: PartialEq, B: PartialEq> PartialEq for Duplex<A, B> {
    fn eq(&self, other: &Self) -> bool {
        self.reads == other.reads && self.writes == other.writes && self.swapped == other.swapped
    }
}

#[cfg(test)]
mod tests {
    use wirework_core::{Frames, Raw, encode_frame};

    use super::*;
    use crate::framing::Until;
    use crate::{GBK, LengthPrefix, Lines};

    fn reads(framing: impl Framing, wire: &[u8]) -> Vec<u8> {
        let mut frames = Frames::new(framing);
        frames.push(wire);
        frames.next().unwrap().unwrap().bytes().to_vec()
    }

    fn writes(mut framing: impl Framing, payload: &[u8]) -> Vec<u8> {
        let mut out = BytesMut::new();
        encode_frame(&mut framing, &mut Raw, payload, &mut out).unwrap();
        out.to_vec()
    }

    #[test]
    fn the_picture() {
        let duplex = Duplex::new(Lines::any(), LengthPrefix::u8());
        assert_eq!(reads(duplex.clone(), b"hi\n"), b"hi");
        assert_eq!(writes(duplex, b"hi"), b"\x02hi");
    }

    #[test]
    fn the_longest_frame_is_that_of_either_as_they_are_now() {
        let pipe = |max| Until::new("|").max_len(max);
        let mut duplex = Duplex::new(pipe(9), pipe(20));
        assert_eq!(duplex.max_len(), 21);
        duplex.set_encodings(&Encodings::one(GBK)).unwrap();
        assert_eq!(duplex.max_len(), 25, "what stands behind a terminator says whether it is half a character");
    }

    #[test]
    fn the_other_end_reads_what_this_end_writes_also_inside() {
        let mut duplex = Duplex::new(Lines::any(), Duplex::new(LengthPrefix::u8(), LengthPrefix::u16_be()));
        assert_eq!(writes(duplex.clone(), b"hi"), b"\x00\x02hi");
        duplex.swap_sides();
        assert_eq!(reads(duplex.clone(), b"\x00\x02hi"), b"hi");
        assert_eq!(writes(duplex, b"hi"), b"hi\n");
    }
}
