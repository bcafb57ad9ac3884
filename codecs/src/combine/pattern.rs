//! What the first bytes of a frame are like.

use std::fmt;
use std::ops::RangeInclusive;

use wirework_core::ComposeError;

/// How a frame or a payload begins.
///
/// ```text
/// Pattern::bytes(b"DATA")                 DATA…
/// Pattern::bytes(b"DATA").ignore_case()   DATA… data… Data…
/// Pattern::digit()                        0… 1… to 9…
/// Pattern::range(0x80..=0xff)             any byte beyond ASCII
/// ```
///
/// Where several patterns match, the longest is taken, and of equal ones the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    pub(crate) begins: Begins,
    pub(crate) ignore_case: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Begins {
    /// With these bytes.
    With(Vec<u8>),
    /// With one byte of these.
    Within(RangeInclusive<u8>),
}

/// Which of several patterns some bytes begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// The one with this number.
    Of(usize),
    /// More bytes will tell.
    Undecided,
    /// None; as many bytes tell that, and not fewer.
    None(usize),
}

/// How far one pattern and some bytes go together.
enum Meeting {
    Match(usize),
    TooShort,
    DifferAt(usize),
}

impl Pattern {
    /// These bytes.
    pub fn bytes(bytes: impl AsRef<[u8]>) -> Self {
        Self { begins: Begins::With(bytes.as_ref().to_vec()), ignore_case: false }
    }

    /// One of `0` to `9`.
    pub fn digit() -> Self {
        Self::range(b'0'..=b'9')
    }

    /// One byte of a range.
    pub fn range(range: RangeInclusive<u8>) -> Self {
        Self { begins: Begins::Within(range), ignore_case: false }
    }

    /// Letters of ASCII match in upper and lower case.
    pub fn ignore_case(mut self) -> Self {
        self.ignore_case = true;
        self
    }

    #[inline]
    fn is_same(&self, a: u8, b: u8) -> bool {
        a == b || self.ignore_case && a.eq_ignore_ascii_case(&b)
    }

    #[inline]
    fn meet(&self, bytes: &[u8]) -> Meeting {
        match &self.begins {
            Begins::With(wanted) => {
                let mut pairs = wanted.iter().zip(bytes);
                match pairs.position(|(wanted, byte)| !self.is_same(*wanted, *byte)) {
                    Some(at) => Meeting::DifferAt(at),
                    None if bytes.len() < wanted.len() => Meeting::TooShort,
                    None => Meeting::Match(wanted.len()),
                }
            }
            Begins::Within(range) => match bytes.first() {
                None => Meeting::TooShort,
                Some(byte) if self.holds(range, *byte) => Meeting::Match(1),
                Some(_) => Meeting::DifferAt(0),
            },
        }
    }

    #[inline]
    fn holds(&self, range: &RangeInclusive<u8>, byte: u8) -> bool {
        range.contains(&byte)
            || self.ignore_case
                && (range.contains(&byte.to_ascii_lowercase()) || range.contains(&byte.to_ascii_uppercase()))
    }

    /// The most bytes that it looks at.
    pub(super) fn len(&self) -> usize {
        match &self.begins {
            Begins::With(bytes) => bytes.len(),
            Begins::Within(_) => 1,
        }
    }

    /// Whether each of `patterns` matches something, also beside those before it.
    pub(super) fn validate_all(patterns: &[&Self]) -> Result<(), ComposeError> {
        for (place, pattern) in patterns.iter().enumerate() {
            match &pattern.begins {
                Begins::With(bytes) if bytes.is_empty() => {
                    return Err(ComposeError::new("an empty pattern begins everything; name at least one byte"));
                }
                Begins::Within(range) if range.is_empty() => {
                    let (start, end) = (range.start(), range.end());
                    return Err(ComposeError::new(format!(
                        "no byte is between {start:02X} and {end:02X}; write the lower one first"
                    )));
                }
                _ => {}
            }
            if pattern.is_taken_by(patterns.get(..place).unwrap_or_default()) {
                return Err(ComposeError::new(format!(
                    "the pattern {pattern} is never reached, because patterns before it take all that it matches; \
                     put it before them, or leave it out"
                )));
            }
        }
        Ok(())
    }

    fn is_taken_by(&self, earlier: &[&Self]) -> bool {
        match &self.begins {
            Begins::With(bytes) if bytes.len() > 1 => earlier.iter().any(|other| match &other.begins {
                Begins::With(theirs) if other.ignore_case => theirs.eq_ignore_ascii_case(bytes),
                Begins::With(theirs) => theirs == bytes && !self.ignore_case,
                Begins::Within(_) => false,
            }),
            _ => {
                let one =
                    |pattern: &Self, byte| pattern.len() == 1 && matches!(pattern.meet(&[byte]), Meeting::Match(1));
                (0..=u8::MAX)
                    .filter(|byte| one(self, *byte))
                    .all(|byte| earlier.iter().any(|pattern| one(pattern, byte)))
            }
        }
    }
}

/// Which of `patterns` the bytes begin with; `all` if no byte can follow them.
#[inline]
pub(super) fn choose<'p>(patterns: impl Iterator<Item = &'p Pattern>, bytes: &[u8], all: bool) -> Choice {
    let (mut best, mut longest, mut undecided, mut told_by) = (None, 0, false, 0);
    for (number, pattern) in patterns.enumerate() {
        match pattern.meet(bytes) {
            Meeting::Match(len) if len > longest => (best, longest) = (Some(number), len),
            Meeting::Match(_) => {}
            Meeting::TooShort => undecided = true,
            Meeting::DifferAt(at) => told_by = told_by.max(at.saturating_add(1)),
        }
    }
    match best {
        _ if undecided && !all => Choice::Undecided,
        Some(number) => Choice::Of(number),
        None => Choice::None(told_by.min(bytes.len())),
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.begins {
            Begins::With(bytes) => write!(f, "\"{}\"", bytes.escape_ascii())?,
            Begins::Within(range) => write!(f, "{:02X}..={:02X}", range.start(), range.end())?,
        }
        f.write_str(if self.ignore_case { " in either case" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pictures() {
        let matches = |pattern: &Pattern, bytes: &[u8]| matches!(pattern.meet(bytes), Meeting::Match(_));
        let data = Pattern::bytes(b"DATA");
        assert!(matches(&data, b"DATA 1") && !matches(&data, b"data") && !matches(&data, b"DAT"));
        let data = data.ignore_case();
        assert!([&b"DATA"[..], b"data", b"Data"].iter().all(|bytes| matches(&data, bytes)));
        assert!((b'0'..=b'9').all(|byte| matches(&Pattern::digit(), &[byte])) && !matches(&Pattern::digit(), b":"));
        assert!(matches(&Pattern::range(0x80..=0xff), b"\x80") && !matches(&Pattern::range(0x80..=0xff), b"\x7f"));
        let letters = Pattern::range(b'A'..=b'Z').ignore_case();
        assert!(matches(&letters, b"a") && matches(&letters, b"Z") && !matches(&letters, b"_"));
    }

    #[test]
    fn the_longest_match_is_taken_and_more_is_asked_for_only_while_one_may_match() {
        let patterns = [Pattern::bytes(b"A"), Pattern::bytes(b"ABC"), Pattern::digit(), Pattern::bytes(b"XY")];
        let choose = |bytes: &[u8], all| choose(patterns.iter(), bytes, all);
        assert_eq!(choose(b"A", false), Choice::Undecided);
        assert_eq!(choose(b"AB", false), Choice::Undecided);
        assert_eq!(choose(b"AB", true), Choice::Of(0));
        assert_eq!(choose(b"ABC", false), Choice::Of(1));
        assert_eq!(choose(b"AC", false), Choice::Of(0));
        assert_eq!(choose(b"7", false), Choice::Of(2));
        assert_eq!(choose(b"", false), Choice::Undecided);
        assert_eq!(choose(b"Z", false), Choice::None(1));
        assert_eq!(choose(b"XZ9", false), Choice::None(2), "one byte alone did not tell");
        assert_eq!(choose(b"X", true), Choice::None(1));
    }

    #[test]
    fn what_never_matches_is_refused() {
        let refused = |patterns: &[Pattern]| {
            Pattern::validate_all(&patterns.iter().collect::<Vec<_>>()).map_err(|why| why.to_string()).unwrap_err()
        };
        assert!(refused(&[Pattern::bytes(b"")]).contains("at least one byte"));
        #[expect(clippy::reversed_empty_ranges, reason = "that is what is refused")]
        let reversed = Pattern::range(9..=0);
        assert!(refused(&[reversed]).contains("between 09 and 00"));
        assert!(refused(&[Pattern::digit(), Pattern::bytes(b"7")]).contains("\"7\" is never reached"));
        assert!(refused(&[Pattern::bytes(b"ab").ignore_case(), Pattern::bytes(b"AB")]).contains("never reached"));
        let fine = [Pattern::bytes(b"7"), Pattern::digit(), Pattern::bytes(b"AB"), Pattern::bytes(b"ab").ignore_case()];
        Pattern::validate_all(&fine.iter().collect::<Vec<_>>()).unwrap();
    }
    #[test]
    fn of_equal_matches_the_first_is_taken() {
        let patterns = [Pattern::range(b'a'..=b'c'), Pattern::range(b'b'..=b'd')];
        assert_eq!(choose(patterns.iter(), b"b", false), Choice::Of(0));
        assert_eq!(choose(patterns.iter(), b"d", false), Choice::Of(1));
    }
}
