//! Frames of any composition, from standard input to one JSON object a line: `decode 'until "|" | gbk'`.

use std::io::{Read, Write, stdin, stdout};
use std::process::ExitCode;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread::spawn;
use std::time::Duration;

use serde_json::{Value, json};
use wirework::Composition;
use wirework::core::{Error, Format, Frame, Frames, Framing};
use wirework::notation::{Composed, Meaning};

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref().map(str::parse::<Composition>) {
        Some(Ok(composition)) => decode(composition),
        Some(Err(error)) => fail(&error.to_string()),
        None => fail("usage: decode COMPOSITION < BYTES, such as: decode 'length u16be | gbk'"),
    }
}

fn fail(why: &str) -> ExitCode {
    eprintln!("{why}");
    ExitCode::from(2)
}

fn decode(composition: Composition) -> ExitCode {
    let meaning = composition.meaning().clone();
    let framing = composition.framing().clone();
    let silence = framing.quiet_after().unwrap_or(Duration::MAX);
    let mut frames = Frames::new(framing);
    let (sender, reads) = channel();
    spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(n @ 1..) = stdin().read(&mut buffer) {
            if sender.send(buffer[..n].to_vec()).is_err() {
                break;
            }
        }
    });
    loop {
        match reads.recv_timeout(silence) {
            Ok(read) => frames.push(&read),
            Err(RecvTimeoutError::Timeout) => frames.quiet(),
            Err(RecvTimeoutError::Disconnected) => frames.close(),
        }
        if let Some(end) = drain(&mut frames, &meaning) {
            return end;
        }
    }
}

/// Prints all that has come; the exit code once the stream is over.
fn drain(frames: &mut Frames<Composed>, meaning: &Meaning) -> Option<ExitCode> {
    loop {
        let next = frames.next().map(|frame| frame.map(|frame| show(frame, meaning)));
        let line = match next {
            Ok(Some(Ok(line))) => line,
            Ok(Some(Err(why))) => json!({"bad": why, "at": frames.location(&[]).offset}),
            Ok(None) if frames.is_over() => json!({"end": "clean"}),
            Ok(None) => return None,
            Err(Error::Bad(bad)) => json!({"bad": bad.cause.to_string(), "at": bad.location.offset}),
            Err(error) => json!({"end": error.to_string()}),
        };
        if writeln!(stdout(), "{line}").is_err() {
            return Some(ExitCode::FAILURE);
        }
        match &line["end"] {
            Value::Null => {}
            end => return Some(if end == "clean" { ExitCode::SUCCESS } else { ExitCode::FAILURE }),
        }
    }
}

fn show(frame: Frame<'_>, meaning: &Meaning) -> Result<Value, String> {
    match meaning {
        Meaning::Text(text) => text.clone().own(frame).map(|text| json!({"text": text})).map_err(|bad| bad.to_string()),
        Meaning::Json => serde_json::from_slice::<Value>(frame.bytes())
            .map(|value| json!({"json": value}))
            .map_err(|bad| bad.to_string()),
        _ => Ok(json!({"frame": frame.bytes().iter().map(|byte| format!("{byte:02x}")).collect::<String>()})),
    }
}
