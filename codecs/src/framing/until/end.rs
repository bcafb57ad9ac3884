//! What ends a frame, as it was named.

use crate::framing::Delimiter;

/// What ends a frame, as it was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct End {
    /// For a whole line, with its CR LF.
    pub(crate) delimiter: Delimiter,
    /// Whether it must be a whole line: at the start of the frame, or behind a CR LF.
    pub(crate) whole_line: bool,
}

impl End {
    /// What ends the lines among which a whole one ends a frame.
    pub(super) const LINE_END: &str = "\r\n";

    pub(crate) fn new(delimiter: impl Into<Delimiter>) -> Self {
        Self { delimiter: delimiter.into(), whole_line: false }
    }

    /// The line without its CR LF, if it must be a whole one.
    pub(crate) fn line_alone(&self) -> Option<Delimiter> {
        let cut = |len: usize| len.saturating_sub(Self::LINE_END.len());
        self.whole_line.then(|| match &self.delimiter {
            Delimiter::Text(text) => Delimiter::Text(text.get(..cut(text.len())).unwrap_or_default().to_owned()),
            Delimiter::Bytes(bytes) => Delimiter::Bytes(bytes.get(..cut(bytes.len())).unwrap_or_default().to_vec()),
        })
    }

    /// The line `line` with its CR LF.
    pub(crate) fn line(line: impl Into<Delimiter>) -> Self {
        Self { delimiter: line.into().followed_by(Self::LINE_END), whole_line: true }
    }
}
