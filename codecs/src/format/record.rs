//! The fields of a record, one behind the other.

use std::borrow::Cow;

use wirework_core::{FormatError, TextEncoding};

use crate::format::Field;

/// A record whose fields are taken off it one after the other. Errors say where in the record they are.
///
/// ```
/// use wirework_codecs::UTF_8;
/// use wirework_codecs::format::{Field, Record};
///
/// let (code, name) = (Field::new(3, UTF_8), Field::new(5, UTF_8).nul());
/// let mut record = Record::new(b"A1 \x00\x2aAnna\0");
/// assert_eq!(record.take(&code)?, "A1");
/// assert_eq!(record.bytes(2)?, b"\x00\x2a");
/// assert_eq!(record.take(&name)?, "Anna");
/// record.end()?;
/// # Ok::<(), wirework_core::FormatError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Record<'a> {
    whole: &'a [u8],
    at: usize,
}

impl<'a> Record<'a> {
    /// A record of these bytes, of which nothing is taken yet.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { whole: bytes, at: 0 }
    }

    /// The text of the next field. One that is malformed is taken nevertheless, so that those behind it can be read.
    pub fn take<E: TextEncoding + Clone + 'static>(&mut self, field: &Field<E>) -> Result<Cow<'a, str>, FormatError> {
        let at = self.at;
        field.read(self.bytes(field.width())?).map_err(|error| match error {
            FormatError::Malformed { encoding, offset, bytes } => {
                FormatError::Malformed { encoding, offset: at.saturating_add(offset), bytes }
            }
            other => other,
        })
    }

    /// The next `len` bytes, which are no text. Nothing is taken if there are not as many.
    pub fn bytes(&mut self, len: usize) -> Result<&'a [u8], FormatError> {
        let Some((bytes, _)) = self.rest().split_at_checked(len) else {
            let (at, left) = (self.at, self.rest().len());
            return Err(FormatError::Other(
                format!("a field of {len} bytes at byte {at}, where {left} are left").into(),
            ));
        };
        self.at = self.at.saturating_add(len);
        Ok(bytes)
    }

    /// What is not taken yet.
    pub fn rest(&self) -> &'a [u8] {
        self.whole.get(self.at..).unwrap_or_default()
    }

    /// That everything is taken; an error otherwise.
    pub fn end(&self) -> Result<(), FormatError> {
        match self.rest().len() {
            0 => Ok(()),
            left => Err(FormatError::Other(format!("{left} bytes are left over at byte {}", self.at).into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GBK;

    #[test]
    fn an_error_says_where_in_the_record_it_is_and_the_next_field_can_be_read() {
        let field = Field::new(3, GBK);
        let mut record = Record::new(b"abca\xff cd");
        assert_eq!(record.take(&field).unwrap(), "abc");
        assert_eq!(record.take(&field).unwrap_err().to_string(), "not GBK at byte 4 of the message (FF)");
        assert_eq!(record.take(&field).unwrap_err().to_string(), "a field of 3 bytes at byte 6, where 2 are left");
        assert_eq!(record.end().unwrap_err().to_string(), "2 bytes are left over at byte 6");
        assert_eq!(record.take(&Field::new(2, GBK)).unwrap(), "cd");
        assert!(record.end().is_ok() && record.rest().is_empty());
        assert!(record.bytes(usize::MAX).is_err());
    }
}
