//! A composition drawn as the bytes of a frame.

mod anatomy;
mod cases;
mod fields;
mod rule;
mod sample;
mod svg;
mod text;

use std::fmt;

use crate::Composition;

/// The bytes of a frame of `composition`, with a name for each field; what becomes of its payload; and the rule in words.
///
/// ```
/// use wirework_codecs::Composition;
/// use wirework_codecs::notation::explain;
///
/// let composition: Composition = "length u16be | check xor8".parse()?;
/// assert_eq!(
///     explain(&composition).to_string(),
///     "\
/// The length (2 bytes, most significant first) counts the bytes behind it; behind the payload stands its xor8.
///             ┌───────────┬────────────────┬────────────┐
/// on the wire │ 00 06     │ 68 65 6C 6C 6F │ 62         │
///             │           │ h  e  l  l  o  │            │
///             │ length: 6 │ payload        │ check xor8 │
///             └───────────┴────────────────┴────────────┘
/// "
/// );
/// # Ok::<(), wirework_codecs::notation::NotationError>(())
/// ```
///
/// Where the framing depends on what has come, each of the framings is drawn. The payload is made up, as small as the
/// composition takes it. Nothing that is printed moves a cursor. Text that is sent in another encoding is drawn as it comes.
pub fn explain(composition: &Composition) -> Explanation {
    let composition = &composition.as_it_comes();
    let cases = cases::cases(composition.framing());
    Explanation { drawings: cases.iter().map(|case| anatomy::draw(case, composition.meaning())).collect() }
}

/// A composition, drawn: as text by [`Display`](fmt::Display), and as [SVG](Explanation::to_svg).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    drawings: Vec<Drawing>,
}

impl Explanation {
    /// The drawing as an SVG image of its own.
    pub fn to_svg(&self) -> String {
        svg::image(&self.drawings)
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::write(&self.drawings, f)
    }
}

/// One frame, from the wire to what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Drawing {
    /// The rule that it follows, and when.
    rule: String,
    rows: Vec<Row>,
}

/// Bytes at one stage, cut into fields.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    stage: String,
    fields: Vec<Field>,
}

/// Bytes with a name; or a text without bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Field {
    name: String,
    bytes: Vec<u8>,
    /// They are a number, whatever they would be in ASCII.
    is_number: bool,
}

impl Field {
    /// How many bytes are shown at most; of more the middle is left out.
    const MOST: usize = 16;

    /// Each byte as `byte` shows it in two columns.
    fn shown(&self, byte: impl Fn(u8) -> String) -> String {
        let each = |bytes: &[u8]| bytes.iter().map(|shown| byte(*shown)).collect::<Vec<_>>().join(" ");
        let half = Self::MOST / 2;
        match (self.bytes.get(..half), self.bytes.get(self.bytes.len().saturating_sub(half)..)) {
            (Some(first), Some(last)) if self.bytes.len() > Self::MOST => format!("{} .. {}", each(first), each(last)),
            _ => each(&self.bytes),
        }
    }

    /// The bytes in hexadecimal.
    fn hex(&self) -> String {
        self.shown(|byte| format!("{byte:02X}"))
    }

    /// What the bytes are in ASCII, each under its digits.
    fn ascii(&self) -> String {
        self.shown(|byte| match byte {
            b'\r' => "\\r".to_owned(),
            b'\n' => "\\n".to_owned(),
            b'\t' => "\\t".to_owned(),
            b' '..=b'~' => format!("{} ", char::from(byte)),
            _ => "  ".to_owned(),
        })
    }

    /// The lines of its cell.
    fn lines(&self, with_ascii: bool) -> Vec<String> {
        if self.bytes.is_empty() {
            return vec![self.name.clone()];
        }
        let mut lines = vec![self.hex()];
        if with_ascii {
            lines.push(if self.is_readable() { self.ascii().trim_end().to_owned() } else { String::new() });
        }
        lines.push(self.name.clone());
        lines
    }

    /// Whether there is something to read in it beside hexadecimal digits.
    fn is_readable(&self) -> bool {
        let plain = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
        let graphic = self.bytes.iter().any(u8::is_ascii_graphic);
        !self.is_number && (graphic || self.bytes.iter().all(plain))
    }
}

impl Row {
    /// Its fields in as many lines as it takes, that none is wider than `most` columns; each with its width and its cell.
    fn wrapped(&self, most: usize) -> Vec<Vec<(usize, Vec<String>)>> {
        let mut lines: Vec<Vec<(usize, Vec<String>)>> = Vec::new();
        let mut taken = usize::MAX;
        let with_ascii = self.fields.iter().any(Field::is_readable);
        for field in &self.fields {
            let cell = field.lines(with_ascii);
            let width = cell.iter().map(|line| text::width(line)).max().unwrap_or_default();
            // A border and two blanks.
            taken = taken.saturating_add(width + 3);
            match lines.last_mut() {
                Some(line) if taken <= most => line.push((width, cell)),
                _ => {
                    taken = width + 3;
                    lines.push(vec![(width, cell)]);
                }
            }
        }
        lines
    }
}
