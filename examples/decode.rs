//! Frames of any composition, from standard input to one JSON object a line: `decode 'until "|" | gbk'`.
//!
//! `{"frame": "hexadecimal"}`, `{"text": ...}` where the composition ends in an encoding, `{"json": ...}` where it ends in
//! `json`; `{"bad": "why", "at": offset}` for what is no message; at last `{"end": "clean"}`, or `{"end": "why"}` and exit
//! code 1.

use std::io::{self, ErrorKind, Read, Write, stdin, stdout};
use std::process::ExitCode;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::spawn;
use std::time::Duration;

use serde_json::{Value, json};
use wirework::Composition;
use wirework::core::{Error, Format, Frame, Frames, Framing};
use wirework::notation::{Composed, Meaning};

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref().map(str::parse::<Composition>) {
        Some(Ok(composition)) => decode(&composition),
        Some(Err(error)) => fail(&error.to_string()),
        None => fail("usage: decode COMPOSITION < BYTES, such as: decode 'length u16be | gbk'"),
    }
}

fn fail(why: &str) -> ExitCode {
    eprintln!("{why}");
    ExitCode::from(2)
}

fn decode(composition: &Composition) -> ExitCode {
    let mut frames = Frames::new(composition.framing().clone());
    // A read cannot be given up when the line falls silent, so that a thread waits for it.
    let (sender, reads) = sync_channel(1);
    spawn(move || read(&sender));
    loop {
        match reads.recv_timeout(frames.framing().quiet_after().unwrap_or(Duration::MAX)) {
            Ok(Ok(bytes)) => frames.push(&bytes),
            Ok(Err(error)) => return fail(&error.to_string()),
            Err(RecvTimeoutError::Timeout) => frames.quiet(),
            Err(RecvTimeoutError::Disconnected) => frames.close(),
        }
        if let Some(end) = drain(&mut frames, composition.meaning()) {
            return end;
        }
    }
}

fn read(sender: &SyncSender<io::Result<Vec<u8>>>) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = match stdin().read(&mut buffer) {
            Ok(0) => return,
            Ok(n) => Ok(buffer[..n].to_vec()),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
        };
        let failed = read.is_err();
        if sender.send(read).is_err() || failed {
            return;
        }
    }
}

/// Prints all that has come; the exit code once the stream is over.
fn drain(frames: &mut Frames<Composed>, meaning: &Meaning) -> Option<ExitCode> {
    loop {
        let (line, end) = match frames.next().map(|frame| frame.map(|frame| show(frame, meaning))) {
            Ok(Some(Ok(line))) => (line, None),
            Ok(Some(Err(why))) => (json!({"bad": why, "at": frames.location(&[]).offset}), None),
            Ok(None) if frames.is_over() => (json!({"end": "clean"}), Some(ExitCode::SUCCESS)),
            Ok(None) => return None,
            Err(Error::Bad(bad)) => (json!({"bad": bad.cause.to_string(), "at": bad.location.offset}), None),
            Err(error) => (json!({"end": error.to_string()}), Some(ExitCode::FAILURE)),
        };
        if writeln!(stdout(), "{line}").is_err() {
            return Some(ExitCode::FAILURE);
        }
        if end.is_some() {
            return end;
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
