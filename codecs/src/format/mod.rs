//! What payloads mean, and the fields of a record.
//!
//! | format | a message is |
//! |---|---|
//! | [`Text`] | text in one encoding |
//! | [`Chosen`] | text in one of several, which the message or the conversation says |
//! | `Json` | a value |
//! | [`InParts`] | the parts that the framing knows of |
//! | none | bytes |
//!
//! [`Field`] and [`Record`] read and write text in fields of a fixed width, for formats of one's own.
//!
//! # One of your own
//!
//! A short message, in which a byte in front of the text says how the text is coded (here by the numbers of CMPP, the protocol of
//! China Mobile's gateways):
//!
//! ```text
//! 00 68 69            coding 0: ASCII       →   hi
//! 08 4F 60            coding 8: UCS-2       →   你
//! 0F C4 E3 BA C3      coding 15: GBK        →   你好
//! 0F C4 E3 FF         →   an error: not GBK at byte 2
//! 04 01 02            →   an error: coding 4 is no text
//! ```
//!
//! ```
//! use bytes::{BufMut, BytesMut};
//! use wirework_codecs::{Encoding, FramingExt, GBK, LengthPrefix, Lines};
//! use wirework_core::{
//!     BoxError, Codec, DecodePolicy, EncodeError, EncodePolicy, Encodings, Format, FormatError, Frame, TextEncoding,
//! };
//!
//! #[derive(Clone, Debug, PartialEq)]
//! struct Short<T> {
//!     coding: u8,
//!     text: T,
//! }
//!
//! #[derive(Clone)]
//! struct ShortMessages;
//!
//! impl ShortMessages {
//!     const CODINGS: [u8; 3] = [0, 8, 15];
//!
//!     fn encoding(coding: u8) -> Result<Encoding, BoxError> {
//!         match coding {
//!             0 => Ok("us-ascii".parse()?),
//!             8 => Ok("utf-16be".parse()?),
//!             15 => Ok(GBK),
//!             other => Err(format!("coding {other} is no text").into()),
//!         }
//!     }
//! }
//!
//! impl Format for ShortMessages {
//!     type Message<'a> = Short<&'a str>;
//!     type Owned = Short<String>;
//!     type Reply = Short<String>;
//!
//!     fn view<'a>(&mut self, frame: Frame<'a>, scratch: &'a mut String) -> Result<Short<&'a str>, FormatError> {
//!         let (coding, bytes) = frame.bytes().split_first().ok_or_else(|| BoxError::from("it is empty"))?;
//!         let encoding = Self::encoding(*coding)?;
//!         if let Some(text) = encoding.as_utf8(bytes) {
//!             return Ok(Short { coding: *coding, text }); // straight from where it was read
//!         }
//!         scratch.clear();
//!         encoding.decode(bytes, DecodePolicy::Strict, scratch)?;
//!         Ok(Short { coding: *coding, text: scratch })
//!     }
//!
//!     fn own(&mut self, frame: Frame<'_>) -> Result<Short<String>, FormatError> {
//!         let mut scratch = String::new();
//!         let Short { coding, text } = self.view(frame, &mut scratch)?;
//!         Ok(Short { coding, text: text.to_owned() })
//!     }
//!
//!     fn encode(&mut self, reply: &Short<String>, out: &mut BytesMut) -> Result<(), EncodeError> {
//!         out.put_u8(reply.coding);
//!         Self::encoding(reply.coding)?.encode(&reply.text, EncodePolicy::Error, out)
//!     }
//!
//!     fn encodings(&self) -> Option<Encodings> {
//!         let all = Self::CODINGS.into_iter().filter_map(|coding| Self::encoding(coding).ok());
//!         Some(Encodings::any_of(all).mixed()) // the coding itself is no text
//!     }
//! }
//!
//! let codec = LengthPrefix::u16_be().format(ShortMessages);
//! let (_, mut format) = codec.compose()?;
//! let mut read = |bytes: &[u8]| format.own(Frame::lent(bytes, &[])).map(|message| message.text);
//! assert_eq!(read(b"\x00hi")?, "hi");
//! assert_eq!(read(b"\x08\x4F\x60")?, "你");
//! assert_eq!(read(b"\x0F\xC4\xE3\xBA\xC3")?, "你好");
//! assert!(read(b"\x0F\xC4\xE3\xFF").unwrap_err().to_string().starts_with("not GBK at byte 2"));
//! assert_eq!(read(b"\x04\x01\x02").unwrap_err().to_string(), "coding 4 is no text");
//!
//! let mut out = BytesMut::new();
//! format.encode(&Short { coding: 15, text: "你好".into() }, &mut out)?;
//! assert_eq!(&out[..], b"\x0F\xC4\xE3\xBA\xC3");
//!
//! // What ends a line is one byte in GBK and two in UCS-2.
//! assert!(Lines::any().format(ShortMessages).compose().is_err());
//! # Ok::<(), BoxError>(())
//! ```

mod chosen;
mod field;
#[cfg(feature = "json")]
mod json;
mod mark;
mod parts;
pub(crate) mod policies;
mod record;
mod text;

use bytes::BytesMut;
use wirework_core::EncodeError;

pub use chosen::{Choice, Chosen, Undeclared};
pub use field::Field;
#[cfg(feature = "json")]
pub use json::Json;
pub use mark::ByteOrderMark;
pub use parts::{InParts, OwnedParts, Parts};
pub use policies::Policies;
pub use record::Record;
pub use text::{IntoText, Text};

/// Appends what `append` does; on an error, nothing.
fn all_or_nothing(
    out: &mut BytesMut,
    append: impl FnOnce(&mut BytesMut) -> Result<(), EncodeError>,
) -> Result<(), EncodeError> {
    let start = out.len();
    let appended = append(out);
    if appended.is_err() {
        out.truncate(start);
    }
    appended
}
