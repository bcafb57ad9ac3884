//! Values of a length field that mean something else.

use super::field::LengthField;

/// What a value of a length field means that is no length.
///
/// ```text
/// u8().special(0, Special::Length(256))                        [00] and 256 bytes
/// u8().special(126, Special::Then(LengthField::u16_be()))      [7E 01 00] and 256 bytes
/// u8().special(255, Special::Refuse)                           [FF] is malformed
/// ```
///
/// A length that counts itself cannot be less than it takes, so that protocols have made smaller ones into packets of another
/// kind. As a special they are nothing but the length that they stand for, and with [`keep`](crate::LengthPrefix::keep) a message
/// shows which it is. Sent as it stands there, it stays as it is.
///
/// ```text
/// hex(4).counts(Counts::Whole).keep().special(0, Special::Length(4))      30 30 30 30   →   30 30 30 30
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Special {
    /// This length, as if it stood there, so that it counts what the [length counts](crate::framing::Counts). Where the field can say it as well, that is what is written.
    Length(u64),
    /// A second field stands behind this one, and holds the length.
    Then(LengthField),
    /// Nothing: it is reserved, and malformed.
    Refuse,
}

/// The special values of a field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Specials(pub(crate) Vec<(u64, Special)>);

impl Specials {
    pub(super) fn find(&self, value: u64) -> Option<&Special> {
        self.0.iter().find(|(special, _)| *special == value).map(|(_, meaning)| meaning)
    }

    /// The values that announce a second field, with it.
    pub(super) fn seconds(&self) -> impl Iterator<Item = (u64, &LengthField)> {
        self.0.iter().filter_map(|(value, meaning)| match meaning {
            Special::Then(field) => Some((*value, field)),
            Special::Length(_) | Special::Refuse => None,
        })
    }

    /// The values that stand for another length, with it.
    pub(super) fn lengths(&self) -> impl Iterator<Item = (u64, u64)> {
        self.0.iter().filter_map(|(value, meaning)| match meaning {
            Special::Length(length) => Some((*value, *length)),
            Special::Then(_) | Special::Refuse => None,
        })
    }
}
