//! What `tracing_events` tells a subscriber.

mod support;

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use wirework::servers::tracing_events;
use wirework::{FramingExt, Lines, UTF_8, serve};

use support::runtime::paused;
use support::{exchange, start};

/// Keeps each event as a line.
#[derive(Clone)]
struct Kept {
    most: Level,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Kept {
    fn new(most: Level) -> Self {
        Self { most, lines: Arc::default() }
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.lines.lock().unwrap())
    }
}

impl Subscriber for Kept {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "wirework" && *metadata.level() <= self.most
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        self.lines.lock().unwrap().push(line.0);
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_f64(&mut self, field: &Field, _: f64) {
        // A time is another one each time.
        write!(self.0, " {field}=F64").unwrap();
    }
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

#[test]
fn events_have_a_level_fields_and_a_message() {
    paused(async {
        let kept = Kept::new(Level::DEBUG);
        let _guard = tracing::subscriber::set_default(kept.clone());
        let dialer = start(|listener| {
            serve(listener, Lines::any().text(UTF_8)).on_event(tracing_events()).reply(async |line| line)
        });
        assert_eq!(exchange(&dialer, b"one\n\xff\n").await, b"one\n");
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        assert_eq!(
            kept.take(),
            [
                r#"INFO message=listening on memory event="listening" address=memory"#,
                r#"DEBUG message=memory: opened as 1 event="opened" peer=memory id=1"#,
                r#"WARN message=memory: skipped bad message 2 at byte 4, which begins FF "\xff": not UTF-8 at byte 0 of the message (FF) event="bad" peer=memory"#,
                r#"DEBUG message=memory: 1 closed after 0ns, 2 frames of 6 bytes in, 1 of 4 out event="closed" peer=memory id=1 age=F64 bytes_in=6 bytes_out=4 frames_in=2 frames_out=1 bad=1"#,
            ]
        );
    });
}

#[test]
fn what_a_peer_has_sent_is_escaped() {
    paused(async {
        let kept = Kept::new(Level::WARN);
        let _guard = tracing::subscriber::set_default(kept.clone());
        let dialer = start(|listener| {
            let server = serve(listener, Lines::any().text(UTF_8)).on_event(tracing_events());
            server.reply(async |line| Err::<String, _>(format!("unknown: {line}")))
        });
        assert_eq!(exchange(&dialer, "\u{1b}[2J\rWARN all is well\u{202e}\n".as_bytes()).await, b"");
        let message = r"WARN message=memory: unknown: \u{1b}[2J\rWARN all is well\u{202e}";
        assert_eq!(kept.take(), [format!("{message} event=\"failed\" peer=memory")]);
    });
}

#[test]
fn a_million_bad_messages_are_few_lines_and_hide_no_error() {
    paused(async {
        let kept = Kept::new(Level::WARN);
        let _guard = tracing::subscriber::set_default(kept.clone());
        let dialer = start(|listener| {
            serve(listener, Lines::any().text(UTF_8)).on_event(tracing_events()).answer(|line, reply| {
                assert_ne!(line, "panic");
                reply.send(line)
            })
        });
        let started = tokio::time::Instant::now();
        let wire = [&b"\xff\n".repeat(1_000_000)[..], b"panic\n"].concat();
        let (mut read, mut write) = tokio::io::split(dialer.dial().await.unwrap());
        let writing = tokio::spawn(async move { tokio::io::AsyncWriteExt::write_all(&mut write, &wire).await });
        tokio::io::AsyncReadExt::read_to_end(&mut read, &mut Vec::new()).await.unwrap();
        writing.await.unwrap().unwrap();
        let lines = kept.take();
        let seconds = usize::try_from(started.elapsed().as_secs()).unwrap();
        assert!(lines.len() <= 101 * (seconds + 1) + 1, "{} lines in {seconds} s", lines.len());
        assert_eq!(lines.last().unwrap(), "ERROR message=memory: the handler panicked event=\"panicked\" peer=memory");
    });
}
