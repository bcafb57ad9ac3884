//! What a length counts.

/// What a length counts.
///
/// ```text
/// u16_be().at(1), and a body of 3 bytes     P  00 ..  41 42 43
///                                 Body      P  00 03  41 42 43
///                                 Whole     P  00 06  41 42 43
///                                 Field     P  00 05  41 42 43
///                                 From(4)   P  00 02  41 42 43
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Counts {
    /// The bytes behind the length.
    #[default]
    Body,
    /// All bytes of the frame, with the length itself and what stands before it.
    Whole,
    /// The length itself and the bytes behind it, as in PostgreSQL.
    Field,
    /// The bytes from this one of the frame on, which is the first at 0: before the length, or behind it, where more
    /// header stands that is not counted.
    From(usize),
}

impl Counts {
    /// Where what is counted begins, in a frame whose length stands at `at` and ends at `head`.
    pub(crate) fn begin(self, at: usize, head: usize) -> usize {
        match self {
            Self::Body => head,
            Self::Whole => 0,
            Self::Field => at,
            Self::From(first) => first,
        }
    }
}
