//! What can go wrong, in three classes: a message is bad and the stream lives, the stream is lost, or the transport
//! failed.

use std::borrow::Cow;
use std::fmt;
use std::io;

use crate::Hex;
use crate::guess::guess;

/// Any error, as the most general thing a handler or a codec of your own may report.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why receiving or sending failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// One message is bad. The boundary behind it is known: receive again and the next message comes, unharmed.
    #[error(transparent)]
    Bad(#[from] Bad),
    /// The boundary between messages is lost: nothing more can be received. What came before was delivered.
    #[error(transparent)]
    Lost(#[from] Lost),
    /// A message of ours cannot be sent. Nothing of it was written; the connection is as it was.
    #[error("cannot send: {0}")]
    Encode(#[from] EncodeError),
    /// The transport failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Error {
    /// Whether the connection can receive nothing more.
    pub fn is_fatal(&self) -> bool {
        matches!(self, Self::Lost(_) | Self::Io(_))
    }
}

/// One bad message: where it stood and what is wrong with it.
#[derive(Debug, thiserror::Error)]
#[error("bad {location}: {cause}")]
#[non_exhaustive]
pub struct Bad {
    /// Where the message stood in the stream.
    pub location: Location,
    /// What is wrong with it.
    pub cause: BadCause,
}

impl Bad {
    /// The message at `location` is bad because of `cause`.
    pub fn new(location: Location, cause: impl Into<BadCause>) -> Self {
        Self { location, cause: cause.into() }
    }
}

/// What makes a message bad: its frame (a check that fails), what the frame says (malformed text), or that nothing handles it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BadCause {
    /// The frame is damaged.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// The frame is whole, and makes no message of this format.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// It is a message, and the server has nothing that handles it: such as a command that there is not.
    #[error("{0}")]
    Unhandled(Cow<'static, str>),
}

/// The stream is over, because nobody can tell where its next message begins. Where its bytes look like another protocol,
/// or like a length in the other byte order, the error says so.
#[derive(Debug, thiserror::Error)]
#[error("stream lost in {location}: {cause}{}", guessed(.location, .cause))]
#[non_exhaustive]
pub struct Lost {
    /// Where the message stood that could not be delimited.
    pub location: Location,
    /// What is wrong with it.
    pub cause: FrameError,
}

impl Lost {
    /// The stream is lost at `location` because of `cause`.
    pub fn new(location: Location, cause: FrameError) -> Self {
        Self { location, cause }
    }
}

fn guessed(location: &Location, cause: &FrameError) -> String {
    guess(location, cause).map(|guess| format!("; {guess}")).unwrap_or_default()
}

/// What is wrong with the bytes of a frame.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The frame is longer than it may be.
    #[error("longer than {max} bytes{}", claim(.claimed))]
    TooLong {
        /// The length in bytes that the frame itself claims, where it claims one.
        claimed: Option<u64>,
        /// The limit in bytes.
        max: usize,
    },
    /// The stream ended inside a frame.
    #[error("the stream ended inside it, after {received} bytes")]
    Truncated {
        /// How many bytes of it had come.
        received: usize,
    },
    /// The bytes contradict the framing.
    #[error("{0}")]
    Malformed(Cow<'static, str>),
    /// The framing broke its contract: a step that consumes nothing, or that reaches beyond its input.
    #[error("the framing made no progress: {0}")]
    NoProgress(&'static str),
    /// An error of a framing of your own.
    #[error(transparent)]
    Other(BoxError),
}

impl FrameError {
    /// The bytes contradict the framing, in this way.
    pub fn malformed(why: impl Into<Cow<'static, str>>) -> Self {
        Self::Malformed(why.into())
    }
}

fn claim(claimed: &Option<u64>) -> String {
    claimed.map(|len| format!(" (it claims {len})")).unwrap_or_default()
}

/// What is wrong with the content of a whole frame.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// The bytes are not text in this encoding.
    #[error("not {encoding} at byte {offset} of the message ({})", Hex(.bytes))]
    Malformed {
        /// The name of the encoding.
        encoding: Cow<'static, str>,
        /// Where in the payload the first malformed sequence begins.
        offset: usize,
        /// The malformed sequence.
        bytes: Vec<u8>,
    },
    /// An error of the format itself, such as a JSON parser's.
    #[error(transparent)]
    Other(#[from] BoxError),
}

/// Why a message cannot be written. Nothing of it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// The peer would refuse it: it is longer than a frame may be, or than its length field can say.
    #[error("{len} bytes are more than the {max} that a frame may hold")]
    TooLong {
        /// The length in bytes.
        len: usize,
        /// The limit in bytes.
        max: u64,
    },
    /// The payload contains what would end the frame.
    #[error("byte {offset} of the payload would end the frame: {what}")]
    Delimiter {
        /// Where in the payload it stands.
        offset: usize,
        /// What stands there.
        what: &'static str,
    },
    /// The payload lacks something that the framing needs, such as the header that holds the length.
    #[error("{0}")]
    Incomplete(Cow<'static, str>),
    /// The encoding has no such character.
    #[error("{encoding} has no {character:?} (U+{:04X}), at byte {offset} of the text", u32::from(*.character))]
    Unmappable {
        /// The name of the encoding.
        encoding: Cow<'static, str>,
        /// The character.
        character: char,
        /// Where in the text, in bytes of UTF-8.
        offset: usize,
    },
    /// An error of the format itself.
    #[error(transparent)]
    Other(#[from] BoxError),
}

/// Why two parts cannot work together, and what to write instead. Reported before anything is bound or connected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ComposeError(Cow<'static, str>);

impl ComposeError {
    /// A refusal for this reason.
    pub fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self(reason.into())
    }
}

/// Where a message stands in the stream: `message 3 at byte 17, which begins 7E 02 "~."`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Location {
    /// The number of the message, counted from 1, good and bad ones alike.
    pub message: u64,
    /// The offset in the stream, in bytes, of its first byte.
    pub offset: u64,
    /// Its first bytes, as many as had come, at most [`Location::HEAD`].
    pub head: Vec<u8>,
}

impl Location {
    /// How many bytes of a message an error quotes.
    pub const HEAD: usize = 16;

    /// The place of a message that begins with `bytes`.
    pub fn new(message: u64, offset: u64, bytes: &[u8]) -> Self {
        let head = bytes.iter().copied().take(Self::HEAD).collect();
        Self { message, offset, head }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "message {} at byte {}", self.message, self.offset)?;
        if self.head.is_empty() {
            return Ok(());
        }
        write!(f, ", which begins {} \"{}\"", Hex(&self.head), self.head.escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_where_and_what() {
        let bad = Bad::new(
            Location::new(3, 17, b"\xc4\xe3|"),
            FormatError::Malformed { encoding: "GBK".into(), offset: 2, bytes: vec![0xff] },
        );
        assert_eq!(
            bad.to_string(),
            r#"bad message 3 at byte 17, which begins C4 E3 7C "\xc4\xe3|": not GBK at byte 2 of the message (FF)"#
        );
        let lost = Lost::new(Location::new(1, 0, b""), FrameError::TooLong { claimed: Some(1 << 32), max: 64 });
        assert_eq!(lost.to_string(), "stream lost in message 1 at byte 0: longer than 64 bytes (it claims 4294967296)");
    }

    #[test]
    fn a_location_quotes_at_most_its_head() {
        assert_eq!(Location::new(1, 0, &[7; 100]).head.len(), Location::HEAD);
    }
}
