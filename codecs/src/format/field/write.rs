//! A text into its field: cut where it may be, filled up, and seen to come out again.

use std::iter::once;
use std::ops::Range;

use bytes::BytesMut;
use wirework_core::{EncodeError, TextEncoding};

use super::Field;

impl<E: TextEncoding + Clone + 'static> Field<E> {
    /// Appends the field; on an error, perhaps some of it.
    pub(super) fn append(&self, text: &str, out: &mut BytesMut) -> Result<(), EncodeError> {
        let fill = self.fill.as_ref().map_err(|why| EncodeError::Other(why.clone().into()))?;
        let text = if self.trims { self.trimmed(text) } else { text };
        let start = out.len();
        let fitting = if self.cuts { self.fitting(text)? } else { text.len() };
        self.text.encoding.encode(text.get(..fitting).unwrap_or_default(), self.text.policies.unmappable, out)?;
        let len = out.len().saturating_sub(start);
        let Some(rest) = self.width.checked_sub(len) else {
            let (name, width) = (self.text.encoding.name(), self.width);
            return refused(format!("the text takes {len} bytes in {name}, and the field has {width}"));
        };
        if !rest.is_multiple_of(fill.len()) {
            let (pad, takes) = (self.pad, fill.len());
            return refused(format!(
                "behind the text {rest} bytes are left, which {pad:?} of {takes} bytes does not fill"
            ));
        }
        for _ in 0..rest / fill.len() {
            out.extend_from_slice(fill);
        }
        let place = if self.is_right { rest..self.width } else { 0..len };
        let field = out.get_mut(start..).unwrap_or_default();
        if self.is_right {
            field.rotate_left(len);
        }
        self.check(field, place, fitting < text.len())
    }

    /// How much of a text fits: up to a character behind which there is no room for the next.
    fn fitting(&self, text: &str) -> Result<usize, EncodeError> {
        let mut bytes = BytesMut::new();
        let mut takes = |end: usize| {
            bytes.clear();
            let start = text.get(..end).unwrap_or_default();
            self.text.encoding.encode(start, self.text.policies.unmappable, &mut bytes)?;
            Ok::<_, EncodeError>(bytes.len())
        };
        // No character takes less than a byte, so a long text need not be looked at as a whole.
        let most = text.char_indices().nth(self.width).map_or(text.len(), |(at, _)| at);
        if takes(most).is_ok_and(|len| len <= self.width) {
            return Ok(most);
        }
        let characters = text.char_indices().map(|(at, character)| at + character.len_utf8());
        let ends: Vec<usize> = once(0).chain(characters.take_while(|end| *end <= most)).collect();
        let fit = ends.partition_point(|end| takes(*end).is_ok_and(|len| len <= self.width));
        let end = fit.checked_sub(1).and_then(|last| ends.get(last)).copied().unwrap_or_default();
        // A character that cannot be written is an error where there may be room for it, and otherwise cut off.
        if let Some(next) = ends.get(fit)
            && takes(end)? < self.width
        {
            takes(*next)?;
        }
        Ok(end)
    }

    /// That a field which is written, with its text at `place`, is read as that text; where it `was_cut`, without the padding
    /// behind which it was cut.
    fn check(&self, field: &[u8], place: Range<usize>, was_cut: bool) -> Result<(), EncodeError> {
        let mut written = String::new();
        let own = field.get(place).unwrap_or_default();
        let policy = self.text.policies.malformed;
        self.text.encoding.decode(own, policy, &mut written).map_err(|why| EncodeError::Other(why.into()))?;
        let due = match was_cut && !self.ends_at_pad && !self.is_right {
            true => self.trimmed(&written),
            false => &written,
        };
        if self.read(field).is_ok_and(|read| read == due) {
            return Ok(());
        }
        let pad = self.pad;
        refused(if self.ends_at_pad && due.contains(pad) {
            format!("the text holds {pad:?}, which would end it")
        } else if self.is_right && due.is_empty() {
            format!("an empty text, filled up with {pad:?}, would be read as {pad:?}")
        } else if self.is_right && due.starts_with(pad) {
            format!("the text begins with {pad:?}, which would be taken off as padding")
        } else if due.ends_with(pad) {
            format!("the text ends with {pad:?}, which would be taken off as padding")
        } else {
            "the text would not be read as it was written".to_owned()
        })
    }
}

fn refused(why: String) -> Result<(), EncodeError> {
    Err(EncodeError::Other(why.into()))
}
