//! Every framing there is, as one type.

use std::ops::Range;
use std::time::Duration;

use bytes::BytesMut;
use wirework_core::{ComposeError, EncodeError, Encodings, FrameError, Framing, Input, Piece, Plain, Step};

use super::Composed;
use crate::combine::{Duplex, First, Fold, Head, Peek, Resync, Switch};
use crate::framing::{Chunks, Fixed, IdleGap, LengthPrefix, Marked, Rest, Until};

/// Declares the type and all that is the same for each of its variants.
macro_rules! base {
    ($($variant:ident($framing:ty)),* $(,)?) => {
        /// Every framing there is.
        #[derive(Clone, Debug, PartialEq)]
        pub(crate) enum Base {
            $($variant($framing),)*
        }

        impl Base {
            /// As [`split`](Framing::split), for whatever it is.
            #[inline(never)]
            fn split_any(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
                match self { $(Self::$variant(framing) => framing.split(input),)* }
            }

            /// As [`parts`](Framing::parts), for whatever it is.
            #[inline(never)]
            fn parts_of_any(&self) -> &[Range<usize>] {
                match self { $(Self::$variant(framing) => framing.parts(),)* }
            }
        }

        $(impl From<$framing> for Composed {
            fn from(framing: $framing) -> Self {
                Self::plain(Base::$variant(framing))
            }
        })*

        impl Framing for Base {
            #[inline(always)]
            fn glance(&self, bytes: &[u8]) -> Option<Plain> {
                match self {
                    Self::Length(framing) => framing.glance(bytes),
                    Self::Until(framing) => framing.glance(bytes),
                    _ => None,
                }
            }
            #[inline(always)]
            fn taken(&mut self, advance: usize) {
                match self {
                    Self::Length(framing) => framing.taken(advance),
                    Self::Until(framing) => framing.taken(advance),
                    _ => {}
                }
            }
            #[inline]
            fn glance_anew(&self, bytes: &[u8]) -> Option<Piece> {
                match self {
                    Self::Until(framing) => framing.glance_anew(bytes),
                    Self::Head(framing) => framing.glance_anew(bytes),
                    _ => None,
                }
            }
            #[inline(always)]
            fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
                match self {
                    Self::Length(framing) => framing.split(input),
                    Self::Until(framing) => framing.split(input),
                    other => other.split_any(input),
                }
            }
            #[inline]
            fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
                match self { $(Self::$variant(framing) => framing.finish(out, start),)* }
            }
            #[inline]
            fn header_len(&self) -> usize {
                match self { $(Self::$variant(framing) => framing.header_len(),)* }
            }
            fn trailer_len(&self) -> usize {
                match self { $(Self::$variant(framing) => framing.trailer_len(),)* }
            }
            fn fills_in(&self) -> bool {
                match self { $(Self::$variant(framing) => framing.fills_in(),)* }
            }
            #[inline]
            fn max_len(&self) -> usize {
                match self { $(Self::$variant(framing) => framing.max_len(),)* }
            }
            #[inline(always)]
            fn parts(&self) -> &[Range<usize>] {
                match self {
                    Self::Length(framing) => framing.parts(),
                    Self::Until(framing) => framing.parts(),
                    other => other.parts_of_any(),
                }
            }
            fn quiet_after(&self) -> Option<Duration> {
                match self { $(Self::$variant(framing) => framing.quiet_after(),)* }
            }
            fn set_encodings(&mut self, encodings: &Encodings) -> Result<(), ComposeError> {
                match self { $(Self::$variant(framing) => framing.set_encodings(encodings),)* }
            }
            fn set_doubled(&mut self, byte: u8) -> Result<(), ComposeError> {
                match self { $(Self::$variant(framing) => framing.set_doubled(byte),)* }
            }
            fn is_doubled(&self, byte: u8) -> bool {
                match self { $(Self::$variant(framing) => framing.is_doubled(byte),)* }
            }
            fn counts_frames(&self) -> bool {
                match self { $(Self::$variant(framing) => framing.counts_frames(),)* }
            }
            fn fills_in_by_turns(&self) -> bool {
                match self { $(Self::$variant(framing) => framing.fills_in_by_turns(),)* }
            }
            fn filled_in(&mut self, payload: &[u8]) -> Result<Option<Range<usize>>, EncodeError> {
                match self { $(Self::$variant(framing) => framing.filled_in(payload),)* }
            }
            fn takes_any_byte(&self) -> bool {
                match self { $(Self::$variant(framing) => framing.takes_any_byte(),)* }
            }
            fn layers(&self) -> usize {
                match self { $(Self::$variant(framing) => Framing::layers(framing),)* }
            }
            fn validate(&self) -> Result<(), ComposeError> {
                match self { $(Self::$variant(framing) => framing.validate(),)* }
            }
            fn is_recovering(&self) -> bool {
                match self { $(Self::$variant(framing) => framing.is_recovering(),)* }
            }
            fn swap_sides(&mut self) {
                match self { $(Self::$variant(framing) => framing.swap_sides(),)* }
            }
            fn reset(&mut self) {
                match self { $(Self::$variant(framing) => framing.reset(),)* }
            }
        }
    };
}

base! {
    Chunks(Chunks),
    Rest(Rest),
    Until(Until),
    Length(LengthPrefix),
    Fixed(Fixed),
    Marked(Marked),
    IdleGap(IdleGap),
    Head(Head<Composed>),
    Fold(Fold<Composed, Composed>),
    Peek(Peek<Composed>),
    First(First<Composed, Composed>),
    Duplex(Duplex<Composed, Composed>),
    Switch(Switch<Composed>),
    Resync(Resync<Composed>),
}
