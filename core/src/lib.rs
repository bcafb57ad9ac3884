//! The contracts of wirework, and the one driver between them.
//!
//! ```text
//!     bytes             frames              payloads             messages
//!   ─────────►  Framing  ─────►  Layer ...  ──────►   Format     ───────►  handler
//!               where one        undo escapes,        what it means:
//!               message ends     verify checks        text, JSON
//!   ◄─────────           ◄─────             ◄──────              ◄───────
//!               the same values, run backwards
//! ```
//!
//! - [`Framing`]: where one message ends and the next begins. It looks at bytes and says what they are ([`Step`]).
//! - [`Layer`]: what rewrites a payload inside its frame, and back.
//! - [`Format`]: what a payload means; for text, in a [`TextEncoding`].
//! - [`Codec`]: a framing and a format.
//! - [`Driver`] and [`Frames`]: what carries out a framing's steps, and enforces its contract.
//! - [`Error`]: [`Bad`] (one message; the stream lives), [`Lost`] (the stream is over), or the transport's.
//!
//! Nothing here reads, writes, waits or tells the time.

#![cfg_attr(
    not(test),
    warn(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::cast_possible_truncation
    )
)]

mod codec;
mod driver;
mod encoding;
mod error;
mod format;
mod frames;
mod framing;
mod guess;
mod hex;
mod kept;
mod layer;
mod layered;
mod limits;

pub use bytes::{Bytes, BytesMut};
pub use codec::{Codec, Formatted, Message, Reply, encode_frame};
pub use driver::{Driver, Pull};
pub use encoding::{Cursor, DecodePolicy, EncodePolicy, Encodings, TextEncoding};
pub use error::{Bad, BadCause, BoxError, ComposeError, EncodeError, Error, FormatError, FrameError, Location, Lost};
pub use format::{AsReply, Format, Frame, Mirror, Raw};
pub use frames::{Frames, Lent};
pub use framing::{BoxFraming, Framing, Input, Piece, Plain, Step, Tail};
pub use hex::Hex;
pub use kept::{ByteKept, BytesKept, TextKept};
pub use layer::{Framed, Layer, Undone};
pub use layered::{Layered, agree};
pub use limits::{COUNTED_FRAME, SEARCHED_FRAME};
