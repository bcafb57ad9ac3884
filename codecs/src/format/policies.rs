//! What happens to text that is not as it should be.

use wirework_core::{DecodePolicy, EncodePolicy};

use super::ByteOrderMark;

/// What happens to malformed bytes, to characters that an encoding lacks, and to byte-order marks. [`Text`](super::Text) and
/// [`Chosen`](super::Chosen) have the same methods for them, and take them all at once.
///
/// By default what is malformed is a bad message, what the encoding lacks cannot be sent, and a mark is a character like any
/// other.
///
/// ```
/// use wirework_codecs::format::{Chosen, Policies};
/// use wirework_codecs::{GBK, Text, UTF_8};
///
/// let lenient = Policies::default().replace().strip_mark();
/// let one = Text::new(UTF_8).policies(lenient);
/// let several = Chosen::one_of(UTF_8, [GBK]).policies(lenient);
/// assert_eq!(one, UTF_8.replace().strip_mark());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Policies {
    /// For malformed bytes that come in.
    pub malformed: DecodePolicy,
    /// For characters going out that the encoding lacks.
    pub unmappable: EncodePolicy,
    /// For a byte-order mark at the beginning of a message.
    pub mark: ByteOrderMark,
}

impl Policies {
    setters!(Self);

    fn with(mut self, set: impl FnOnce(&mut Self)) -> Self {
        set(&mut self);
        self
    }
}

/// The setters of what has policies, and of an encoding, which becomes text that has them. A method `with` changes them.
macro_rules! setters {
    ($made:ty) => {
        /// What happens to malformed bytes that come in.
        pub fn on_malformed(self, policy: wirework_core::DecodePolicy) -> $made {
            self.with(|policies| policies.malformed = policy)
        }

        /// What happens to characters going out that the encoding lacks.
        pub fn on_unmappable(self, policy: wirework_core::EncodePolicy) -> $made {
            self.with(|policies| policies.unmappable = policy)
        }

        /// What a byte-order mark at the beginning of a message is.
        pub fn mark(self, mark: $crate::format::ByteOrderMark) -> $made {
            self.with(|policies| policies.mark = mark)
        }

        /// Malformed sequences become U+FFFD �.
        pub fn replace(self) -> $made {
            self.on_malformed(wirework_core::DecodePolicy::Replace)
        }

        /// The bytes of malformed sequences become `\xNN`. Backslashes in the text stay as they are, so that the bytes cannot be
        /// had back: for a log, see [`Escaped`](crate::Escaped).
        pub fn escape(self) -> $made {
            self.on_malformed(wirework_core::DecodePolicy::Escape)
        }

        /// Characters that the encoding lacks become `?`.
        pub fn substitute(self) -> $made {
            self.on_unmappable(wirework_core::EncodePolicy::Substitute)
        }

        /// A byte-order mark at the beginning of a message is no part of its text; none is sent.
        pub fn strip_mark(self) -> $made {
            self.mark($crate::format::ByteOrderMark::Strip)
        }

        /// A message begins with a byte-order mark, which is no part of its text; otherwise it is bad. Encodings without U+FEFF
        /// have none, and can send nothing then.
        pub fn require_mark(self) -> $made {
            self.mark($crate::format::ByteOrderMark::Require)
        }
    };
}
pub(crate) use setters;
