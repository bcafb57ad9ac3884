//! The corpus as it is kept: one file a target, one input a line, as Rust writes bytes in a literal.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where the corpus is kept.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// The inputs that are kept for a target.
///
/// # Errors
/// When the file cannot be read, or a line of it is no bytes.
pub fn inputs(target: &str) -> io::Result<Vec<Vec<u8>>> {
    let text = fs::read_to_string(folder().join(format!("{target}.txt")))?;
    let input = |line: &str| unescape(line).ok_or_else(|| io::Error::other(format!("{target}: no bytes: {line}")));
    text.lines().map(input).collect()
}

/// Writes each of the inputs that are kept for a target to a file of its own, where cargo-fuzz looks for them.
///
/// # Errors
/// When one cannot be written.
pub fn unpack(target: &str) -> io::Result<()> {
    let folder = folder().join(target);
    fs::create_dir_all(&folder)?;
    let inputs = inputs(target)?;
    inputs.iter().enumerate().try_for_each(|(number, input)| fs::write(folder.join(format!("kept-{number}")), input))
}

/// Keeps what cargo-fuzz has found for a target, in place of what was kept.
///
/// # Errors
/// When a file cannot be read, or the one that keeps them not be written.
pub fn pack(target: &str) -> io::Result<()> {
    let files = fs::read_dir(folder().join(target))?;
    let mut lines = files
        .map(|file| Ok(fs::read(file?.path())?.escape_ascii().to_string() + "\n"))
        .collect::<io::Result<Vec<_>>>()?;
    lines.sort_unstable();
    lines.dedup();
    fs::write(folder().join(format!("{target}.txt")), lines.concat())
}

fn unescape(line: &str) -> Option<Vec<u8>> {
    let mut bytes = line.bytes();
    let mut input = Vec::new();
    while let Some(byte) = bytes.next() {
        input.push(match byte {
            b'\\' => match bytes.next()? {
                b't' => b'\t',
                b'r' => b'\r',
                b'n' => b'\n',
                b'x' => {
                    let mut digit = || u8::try_from(char::from(bytes.next()?).to_digit(16)?).ok();
                    digit()? << 4 | digit()?
                }
                itself @ (b'\\' | b'\'' | b'"') => itself,
                _ => return None,
            },
            plain => plain,
        });
    }
    Some(input)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_bytes_come_back() {
        let all: Vec<u8> = (0..=u8::MAX).collect();
        assert_eq!(unescape(&all.escape_ascii().to_string()), Some(all));
        assert_eq!([unescape("\\"), unescape("\\x4"), unescape("\\q")], [None, None, None]);
    }
}
