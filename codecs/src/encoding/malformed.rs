//! What is made of bytes that are no text.

use std::fmt::Write;

use wirework_core::{DecodePolicy, FormatError};

/// What `policy` makes of the malformed sequence `bytes` at `offset`.
pub(super) fn malformed(
    encoding: &'static str,
    offset: usize,
    bytes: &[u8],
    policy: DecodePolicy,
    text: &mut String,
) -> Result<(), FormatError> {
    match policy {
        DecodePolicy::Strict => {
            return Err(FormatError::Malformed { encoding: encoding.into(), offset, bytes: bytes.to_vec() });
        }
        DecodePolicy::Replace => text.push(char::REPLACEMENT_CHARACTER),
        DecodePolicy::Escape => {
            for byte in bytes {
                // Writing to a String cannot fail.
                let _ = write!(text, "\\x{byte:02X}");
            }
        }
    }
    Ok(())
}
