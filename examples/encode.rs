//! Payloads to frames of any composition: `encode 'length u16be | gbk'` reads one payload a line, as text where the
//! composition ends in an encoding or in JSON and otherwise in hexadecimal.

use std::io::{Write, stdin, stdout};
use std::process::ExitCode;

use wirework::Composition;
use wirework::core::{BytesMut, EncodeError, Raw, encode_frame};
use wirework::notation::{Composed, Meaning};

fn main() -> ExitCode {
    let composition = match std::env::args().nth(1).as_deref().map(str::parse::<Composition>) {
        Some(Ok(composition)) => composition,
        Some(Err(error)) => return fail(&error.to_string()),
        None => return fail("usage: encode COMPOSITION < LINES, such as: encode 'length u16be | gbk'"),
    };
    let mut framing = composition.framing().clone();
    let mut refused = false;
    for (number, line) in stdin().lines().enumerate() {
        let line = match line {
            Ok(line) => line,
            Err(error) => return fail(&error.to_string()),
        };
        let mut out = BytesMut::new();
        if let Err(why) = encode(&mut framing, composition.meaning(), &line, &mut out) {
            eprintln!("line {}: {why}", number + 1);
            refused = true;
        }
        if stdout().write_all(&out).and_then(|()| stdout().flush()).is_err() {
            return ExitCode::FAILURE;
        }
    }
    if refused { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn fail(why: &str) -> ExitCode {
    eprintln!("{why}");
    ExitCode::from(2)
}

fn encode(framing: &mut Composed, meaning: &Meaning, line: &str, out: &mut BytesMut) -> Result<(), String> {
    let shown = |error: EncodeError| error.to_string();
    match meaning {
        Meaning::Text(text) => encode_frame(framing, &mut text.clone(), line, out).map_err(shown),
        Meaning::Json => encode_frame(framing, &mut Raw, line.as_bytes(), out).map_err(shown),
        _ => encode_frame(framing, &mut Raw, &unhex(line.trim())?, out).map_err(shown),
    }
}

fn unhex(line: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<u32> = line.chars().map(|digit| digit.to_digit(16)).collect::<Option<_>>().unwrap_or_default();
    if digits.len() != line.len() || !digits.len().is_multiple_of(2) {
        return Err(format!("{line:?} is not in hexadecimal, two digits a byte"));
    }
    Ok(digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect())
}
