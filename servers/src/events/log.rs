//! Events as lines of a log, so many a second.

use std::fmt::Display;

use super::throttle::{Admission, LINES, Throttle};
use crate::{Event, Severity};

/// Events as lines of a log: those that matter enough, and so many a second at most. Who sends a million bad messages shall not
/// fill a disk, nor have the server wait for a log; what was left out is counted.
///
/// ```no_run
/// # async fn example<C: wirework_core::Codec<Format = wirework_core::Raw>>(codec: C) -> std::io::Result<()> {
/// use wirework_servers::{EventLog, Severity, Tcp, serve};
///
/// let log = EventLog::new(Severity::Info, |line| eprintln!("{line}"));
/// serve(Tcp::bind("0.0.0.0:7788"), codec)
///     .on_event(move |event| log.tell(event))
///     .reply(async |message| message)
///     .await?;
/// # Ok(())
/// # }
/// ```
///
/// Each line is an [`Event`]'s: whatever a peer has sent, it is one line, and not a long one.
#[derive(Debug)]
pub struct EventLog<W> {
    from: Severity,
    write: W,
    lines_per_second: usize,
    throttle: Throttle,
}

impl<W: Fn(&dyn Display)> EventLog<W> {
    /// A log of all events that matter at least as much as `from`, 100 lines a second, each given to `write`.
    pub fn new(from: Severity, write: W) -> Self {
        Self { from, write, lines_per_second: LINES, throttle: Throttle::new() }
    }

    /// How many lines a second are written at most.
    pub fn lines_per_second(mut self, lines: usize) -> Self {
        self.lines_per_second = lines;
        self
    }

    /// Writes the line of an event, if it matters enough and there were not too many.
    pub fn tell(&self, event: &Event<'_>) {
        if event.severity() < self.from {
            return;
        }
        let Admission { left_out, admitted } = self.throttle.ask(self.lines_per_second);
        if let Some(left_out) = left_out {
            (self.write)(&format_args!("{left_out} lines were left out: too many in a second"));
        }
        if admitted {
            (self.write)(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::time::Duration;

    use super::*;
    use crate::Address;

    #[tokio::test(start_paused = true)]
    async fn a_flood_of_events_is_few_lines() {
        let lines = RefCell::new(Vec::new());
        let log = EventLog::new(Severity::Info, |line| lines.borrow_mut().push(line.to_string())).lines_per_second(2);
        let event = Event::Listening { address: &Address::Memory };
        for _ in 0..1_000_000 {
            log.tell(&event);
        }
        assert_eq!(lines.borrow().len(), 2);
        tokio::time::advance(Duration::from_secs(1)).await;
        log.tell(&event);
        assert_eq!(lines.borrow()[2..], ["999998 lines were left out: too many in a second", "listening on memory"]);
    }

    #[test]
    fn what_matters_too_little_is_not_written() {
        let log = EventLog::new(Severity::Warning, |line| panic!("{line}"));
        log.tell(&Event::Listening { address: &Address::Memory });
    }
}
