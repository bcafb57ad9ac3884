//! The laws that every wirework codec obeys, as property tests for anybody's codec.
//!
//! Write a framing, then let the laws look for an input that breaks one of them:
//!
//! ```
//! use bytes::BytesMut;
//! use wirework_core::{EncodeError, FrameError, Framing, Input, Step};
//! use wirework_laws::Laws;
//!
//! /// Frames of two bytes each.
//! #[derive(Clone)]
//! struct Pairs;
//!
//! impl Framing for Pairs {
//!     fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
//!         match input.bytes.len() {
//!             len @ 0..2 => Ok(Step::More(2 - len)),
//!             _ => Ok(Step::Frame { span: 0..2, advance: 2 }),
//!         }
//!     }
//!
//!     fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
//!         match out.len() - start {
//!             2 => Ok(()),
//!             len => Err(EncodeError::Incomplete(format!("{len} bytes are not two").into())),
//!         }
//!     }
//! }
//!
//! // In a #[test]:
//! Laws::new(Pairs).check();
//! ```
//!
//! A codec that breaks a law fails with the smallest input found, what was expected of it and what came instead. The
//! payloads and the bytes of a wire are drawn at random, always the same ones; give the kit those of your protocol with
//! [`Laws::payloads`] and [`Laws::wires`]. Two variables of the environment reach further: `WIREWORK_LAW_CASES` (2000
//! for each codec unless told) and `WIREWORK_LAW_SEED` (any number; 0 unless told).
//!
//! # The laws
//!
//! | law | what it says |
//! |---|---|
//! | [`round_trip`] | what is encoded comes out again, also at each size limit; what cannot is refused, and nothing of it written |
//! | [`segmentation`] | the trace of frames, errors and end is the same for every way of cutting the wire into reads |
//! | [`messages`](messages()) | and so are the messages, with what is wrong with the bad ones |
//! | [`lent_and_owned`] | `Frames::lend` and `Frames::push` give the same trace |
//! | [`glance`](glance()) | what is told at a glance is what a split says |
//! | [`no_panic`] | no bytes make it panic, whatever came before |
//! | [`progress`] | every step consumes; it asks for more only when no frame is there, and for no more than it needs |
//! | [`memory`] | memory is bounded by what was received and by `max_len`, never by what was claimed |
//! | [`parts`] | the parts of a frame lie inside its payload |
//! | [`keeps_earlier_frames`] | an error does not touch the frames before it |
//! | [`end_of_stream`] | one end or one loss, then silence; an unfinished frame is not forgotten |
//! | [`prefix`] | the frames of the beginning of a wire are the beginning of its frames |
//! | [`linear_work`] | four times the bytes, one by one, take at most five times the instructions |
//!
//! Each is a function of its inputs that gives `Result<(), Broken>`, so that a known breach can be pinned down in a test
//! of its own. [`Laws`] runs all of them but the last, which needs something that counts instructions, and that about messages
//! only where [`Laws::messages`] asks for it: messages must be text or bytes. Who draws codecs at
//! random as well runs them on one [`Case`] with [`try_case`].
//!
//! Text encodings have laws of their own, see [`EncodingLaws`].
//!
//! What a framing keeps in fields of its own is not seen by [`memory`].

mod broken;
mod case;
mod check;
pub mod encoding;
mod end_of_stream;
mod glance;
mod keeps_earlier_frames;
mod lent_and_owned;
mod linear_work;
mod memo;
mod memory;
mod messages;
mod no_panic;
mod parts;
mod prefix;
mod progress;
mod promises;
mod round_trip;
mod runner;
mod segmentation;
mod trace;

pub use broken::{Broken, Law};
pub use case::{Case, WireKind, cases, hostile_wires};
pub use check::{Laws, try_case};
pub use encoding::EncodingLaws;
pub use end_of_stream::end_of_stream;
pub use glance::glance;
pub use keeps_earlier_frames::keeps_earlier_frames;
pub use lent_and_owned::lent_and_owned;
pub use linear_work::{feed_byte_by_byte, linear_work};
pub use memory::memory;
pub use messages::messages;
pub use no_panic::no_panic;
pub use parts::parts;
pub use prefix::prefix;
pub use progress::progress;
pub use promises::Promises;
pub use round_trip::{at_size_limits, round_trip};
pub use segmentation::segmentation;
pub use trace::{Event, Reads, trace, trace_lent, trace_messages, trace_messages_lent, trace_open};
