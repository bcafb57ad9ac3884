//! A line of a log, whatever is written into it.

use std::fmt::{self, Write};

/// The most characters of a line.
const LONGEST: usize = 1024;

/// Escapes line ends and other control characters, which an error may quote from what a peer sent, and cuts what is long.
pub(crate) struct OneLine<'a, 'f> {
    to: &'a mut fmt::Formatter<'f>,
    left: usize,
}

impl<'a, 'f> OneLine<'a, 'f> {
    pub(crate) fn new(to: &'a mut fmt::Formatter<'f>) -> Self {
        Self { to, left: LONGEST }
    }

    /// Writes the line.
    pub(crate) fn put(&mut self, text: fmt::Arguments<'_>) -> fmt::Result {
        let written = self.write_fmt(text);
        // To refuse the rest is the only way to end formatting early.
        if self.left == 0 { self.to.write_str(" ...") } else { written }
    }
}

impl Write for OneLine<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for char in text.chars() {
            self.left = self.left.checked_sub(1).ok_or(fmt::Error)?;
            match char {
                // Written as they are, these would turn the rest of the line around.
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => write!(self.to, "{}", char.escape_unicode())?,
                _ if char.is_control() => write!(self.to, "{}", char.escape_default())?,
                _ => self.to.write_char(char)?,
            }
        }
        Ok(())
    }
}
