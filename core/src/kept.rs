//! What a framing sees of text through the layers behind it.

use std::fmt;
use std::sync::Arc;

/// What layers leave of text, as the framing in front of them sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextKept {
    /// All of it is text in the same encoding, as with digits behind it.
    Whole,
    /// The text stands in it as it is, beside bytes that are none, such as a check.
    Within,
    /// Its bytes became others, so that no decoder could read it: a delimiter is then bytes, of which these are known.
    Rewritten(BytesKept),
}

impl TextKept {
    /// What is left of it by one more layer, nearer to the framing, which leaves so much of text.
    pub fn then(self, nearer: Self) -> Self {
        match (self, nearer) {
            (Self::Whole, kept) | (kept, Self::Whole) => kept,
            (Self::Within, kept) => kept,
            (Self::Rewritten(bytes), Self::Within) => Self::Rewritten(BytesKept::new(|byte| match bytes.get(byte) {
                ByteKept::Out => ByteKept::Beside,
                kept => kept,
            })),
            (Self::Rewritten(bytes), Self::Rewritten(nearer)) => {
                Self::Rewritten(BytesKept::new(|byte| match nearer.get(byte) {
                    ByteKept::Itself => bytes.get(byte),
                    kept => kept,
                }))
            }
        }
    }
}

/// What each byte can be where it stands in what a layer wrote.
#[derive(Clone, PartialEq, Eq)]
pub struct BytesKept(Arc<[ByteKept; 256]>);

/// What a byte can be where it stands in what a layer wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteKept {
    /// It never stands there: a mark of this byte is always a mark.
    Out,
    /// It never stands in what was rewritten, and may in what another layer put beside that, such as a check.
    Beside,
    /// Wherever it stands, it stood in the payload, and those that stand side by side stood so there.
    Itself,
    /// It may stand for another.
    Unsure,
}

impl BytesKept {
    /// What `kept` says of each byte.
    pub fn new(kept: impl Fn(u8) -> ByteKept) -> Self {
        let mut all = [ByteKept::Unsure; 256];
        for (byte, slot) in (0..=u8::MAX).zip(&mut all) {
            *slot = kept(byte);
        }
        Self(Arc::new(all))
    }

    /// What this byte can be.
    pub fn get(&self, byte: u8) -> ByteKept {
        self.0.get(usize::from(byte)).copied().unwrap_or(ByteKept::Unsure)
    }
}

impl fmt::Debug for BytesKept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let those = |kept| (0..=u8::MAX).filter(move |byte| self.get(*byte) == kept).collect::<Vec<_>>();
        f.debug_struct("BytesKept")
            .field("out", &those(ByteKept::Out))
            .field("unsure", &those(ByteKept::Unsure))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(out: u8, unsure: u8) -> TextKept {
        TextKept::Rewritten(BytesKept::new(|byte| match byte {
            _ if byte == out => ByteKept::Out,
            _ if byte == unsure => ByteKept::Unsure,
            _ => ByteKept::Itself,
        }))
    }

    fn known(kept: &TextKept) -> [ByteKept; 5] {
        let TextKept::Rewritten(bytes) = kept else { panic!("{kept:?}") };
        [1, 2, 3, 4, 5].map(|byte| bytes.get(byte))
    }

    #[test]
    fn only_what_the_nearest_layers_keep_out_is_out() {
        use ByteKept::{Beside, Itself, Out, Unsure};
        assert_eq!(known(&rewritten(1, 2).then(rewritten(3, 4))), [Out, Unsure, Out, Unsure, Itself]);
        assert_eq!(known(&rewritten(1, 2).then(rewritten(2, 1))), [Unsure, Out, Itself, Itself, Itself]);
        assert_eq!(known(&rewritten(1, 2).then(TextKept::Within)), [Beside, Unsure, Itself, Itself, Itself]);
        assert_eq!(known(&TextKept::Within.then(rewritten(1, 2))), [Out, Unsure, Itself, Itself, Itself]);
        assert_eq!(rewritten(1, 2).then(TextKept::Whole), rewritten(1, 2));
        assert_eq!(TextKept::Whole.then(rewritten(1, 2)), rewritten(1, 2));
    }

    #[test]
    fn bytes_beside_text_stay_beside_it() {
        let (whole, within) = (TextKept::Whole, TextKept::Within);
        assert_eq!(whole.clone().then(whole.clone()), whole);
        assert_eq!(whole.clone().then(within.clone()), within);
        assert_eq!(within.clone().then(whole), within);
        assert_eq!(within.clone().then(within.clone()), within);
    }
}
