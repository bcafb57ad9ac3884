//! What is wrong with a composition that is written as text or as data.

use std::fmt;
use std::ops::Range;

use unicode_width::UnicodeWidthStr;

/// A composition that cannot be read, or that cannot work. In text the place is marked; in data its path stands in front.
///
/// ```text
/// `length` has no option `ta`; did you mean `at`?
///   length u16be ta 4 | gbk
///                ^^
///
/// [1].check.algorithm: no CRC is called `crc-16-modbsu`; did you mean `CRC-16/MODBUS`?
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotationError {
    message: String,
    path: String,
    text: Option<String>,
    span: Option<Range<usize>>,
}

impl NotationError {
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self::without_place(message).at(Some(span))
    }

    /// An error whose place is added by whoever knows it.
    pub(super) fn without_place(message: impl Into<String>) -> Self {
        Self { message: message.into(), path: String::new(), text: None, span: None }
    }

    /// The text that it stands in; the mark says more than a path inside it would.
    pub(super) fn in_text(mut self, text: &str) -> Self {
        self.path.clear();
        self.text = Some(text.to_owned());
        self
    }

    /// Where in the text it is, unless that is known already.
    pub(super) fn at(mut self, span: Option<Range<usize>>) -> Self {
        self.span = self.span.or(span);
        self
    }

    /// Adds a step in front of its path: `[1]`, or the name of a field.
    pub(super) fn within(mut self, step: &str) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{}{dot}{}", step.replace(' ', "_"), self.path);
        self
    }

    /// What is wrong, without the place.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where in the text it stands, in bytes.
    pub fn span(&self) -> Option<Range<usize>> {
        self.span.clone()
    }

    /// Where in data it stands, such as `[1].check.algorithm`; empty in text.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl std::error::Error for NotationError {}

impl fmt::Display for NotationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let colon = if self.path.is_empty() { "" } else { ": " };
        write!(f, "{}{colon}{}", self.path, printable(&self.message))?;
        let (Some(text), Some(span)) = (&self.text, &self.span) else { return Ok(()) };
        let before = text.get(..span.start).unwrap_or_default();
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        let shown = printable(text.get(line..).and_then(|rest| rest.lines().next()).unwrap_or_default());
        let marked = printable(text.get(span.clone()).and_then(|marked| marked.lines().next()).unwrap_or_default());
        let indent = " ".repeat(printable(before.get(line..).unwrap_or_default()).width());
        write!(f, "\n  {shown}\n  {indent}{}", "^".repeat(marked.trim_end().width().max(1)))
    }
}

/// The text with `�` for what moves a cursor or rings a bell.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_marked_in_its_line() {
        let error = NotationError::new(12..14, "no `ta`").in_text("lines\n| 长 ta 4");
        assert_eq!(error.to_string(), "no `ta`\n  | 长 ta 4\n       ^^");
        let error = NotationError::new(3..4, "no `\u{7}`").in_text("a\t\u{1b}b");
        assert_eq!(error.to_string(), "no `�`\n  a��b\n     ^");
    }

    #[test]
    fn a_path_is_put_together_from_its_end() {
        let error = NotationError::without_place("no").within("max items").within("fold").within("[1]").within("item");
        assert_eq!(error.to_string(), "item[1].fold.max_items: no");
    }
}
