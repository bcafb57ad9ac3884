//! What is wrong with a composition that is written as text or as data.

use std::fmt;
use std::ops::Range;

/// A composition that cannot be read, or that cannot work; where its text is known, the place is marked.
///
/// ```text
/// `length` has no option `ta`; did you mean `at`?
///   length u16be ta 4 | gbk
///                ^^
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotationError {
    message: String,
    text: Option<String>,
    span: Option<Range<usize>>,
}

impl NotationError {
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { message: message.into(), text: None, span: Some(span) }
    }

    /// An error in data, where no text can be shown.
    pub(super) fn without_place(message: impl Into<String>) -> Self {
        Self { message: message.into(), text: None, span: None }
    }

    pub(super) fn in_text(mut self, text: &str) -> Self {
        self.text = Some(text.to_owned());
        self
    }

    pub(super) fn at(mut self, span: Option<Range<usize>>) -> Self {
        self.span = self.span.or(span);
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
}

impl std::error::Error for NotationError {}

impl fmt::Display for NotationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        let (Some(text), Some(span)) = (&self.text, &self.span) else { return Ok(()) };
        let before = text.get(..span.start).unwrap_or_default();
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        let shown = text.get(line..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        let marked = text.get(span.clone()).and_then(|marked| marked.lines().next()).unwrap_or_default();
        let indent = " ".repeat(before.get(line..).unwrap_or_default().chars().count());
        write!(f, "\n  {shown}\n  {indent}{}", "^".repeat(marked.trim_end().chars().count().max(1)))
    }
}

/// The one of `known` that `word` may be meant to be.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_ascii_lowercase();
    let near = |known: &'a str| (strsim::damerau_levenshtein(&word, &known.to_ascii_lowercase()), known);
    let (distance, nearest) = known.into_iter().map(near).min_by_key(|(distance, _)| *distance)?;
    (distance <= 1 + word.chars().count() / 4).then_some(nearest)
}

/// `; did you mean ...?`, where there is something near.
pub(super) fn suggestion<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, known).map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_marked_in_its_line() {
        let error = NotationError::new(12..14, "no `ta`").in_text("lines\n| 长 ta 4");
        assert_eq!(error.to_string(), "no `ta`\n  | 长 ta 4\n      ^^");
    }

    #[test]
    fn near_is_what_a_slip_makes() {
        assert_eq!(nearest("legnth", ["lines", "length"]), Some("length"));
        assert_eq!(nearest("frobnicate", ["lines", "length"]), None);
    }
}
