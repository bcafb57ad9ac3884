//! Events as numbers, for `metrics`.

use metrics::{
    Counter, Gauge, Histogram, Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};

use crate::{Event, Refused};

/// Counts events for [`metrics`]: for [`Serve::on_event`](crate::Serve::on_event).
///
/// ```no_run
/// # async fn example<C: wirework_core::Codec<Format = wirework_core::Raw>>(codec: C) -> std::io::Result<()> {
/// use wirework_servers::{Tcp, metrics_events, serve};
///
/// serve(Tcp::bind("0.0.0.0:7788"), codec).on_event(metrics_events()).reply(async |message| message).await?;
/// # Ok(())
/// # }
/// ```
///
/// | metric | counts |
/// |---|---|
/// | `wirework_connections_open` | connections, those after their handshake (a gauge) |
/// | `wirework_connections_opened_total`, `wirework_connections_closed_total` | those that were opened, and that have ended |
/// | `wirework_connections_refused_total` | those that were one too many, by `limit`: `connections`, `per_address` |
/// | `wirework_connections_failed_total` | those that have ended because of an error |
/// | `wirework_connection_duration_seconds` | how long those were open that have ended (a histogram) |
/// | `wirework_connects_failed_total` | attempts of clients to connect, or to log in, that failed |
/// | `wirework_handshakes_failed_total` | handshakes that failed, or took too long |
/// | `wirework_accept_errors_total` | connections that could not be accepted |
/// | `wirework_messages_bad_total` | messages that were bad, but in [`each`](crate::Serve::each) |
/// | `wirework_replies_unsent_total` | replies that could not be sent, but in `each` |
/// | `wirework_handler_panics_total` | handlers that panicked |
/// | `wirework_frames_received_total`, `wirework_frames_sent_total` | frames of connections that have ended |
/// | `wirework_bytes_received_total`, `wirework_bytes_sent_total` | their bytes |
///
/// What a connection has received and sent is counted when it ends; of open ones it is known by
/// [`ServerHandle::connections`](crate::ServerHandle::connections). No label has more values than stand here: a peer is none.
///
/// They go to the recorder that is installed when this is called, and to none that is installed later.
pub fn metrics_events() -> impl Fn(&Event<'_>) + Send + Sync + 'static {
    let metrics = Metrics::new();
    move |event| metrics.count(event)
}

struct Metrics {
    open: Gauge,
    opened: Counter,
    closed: Counter,
    refused_connections: Counter,
    refused_per_address: Counter,
    failed: Counter,
    duration: Histogram,
    connects_failed: Counter,
    handshakes_failed: Counter,
    accept_errors: Counter,
    bad: Counter,
    unsent: Counter,
    panics: Counter,
    frames_received: Counter,
    frames_sent: Counter,
    bytes_received: Counter,
    bytes_sent: Counter,
}

impl Metrics {
    fn new() -> Self {
        let count = |name: &'static str, unit, what: &'static str| {
            describe_counter!(name, unit, what);
            counter!(name)
        };
        let refused = "wirework_connections_refused_total";
        describe_counter!(refused, Unit::Count, "Connections that were one too many.");
        describe_gauge!("wirework_connections_open", Unit::Count, "Connections that are open.");
        let duration = "wirework_connection_duration_seconds";
        describe_histogram!(duration, Unit::Seconds, "How long connections were open that have ended.");
        Self {
            open: gauge!("wirework_connections_open"),
            opened: count("wirework_connections_opened_total", Unit::Count, "Connections that were opened."),
            closed: count("wirework_connections_closed_total", Unit::Count, "Connections that have ended."),
            refused_connections: counter!(refused, "limit" => "connections"),
            refused_per_address: counter!(refused, "limit" => "per_address"),
            failed: count(
                "wirework_connections_failed_total",
                Unit::Count,
                "Connections that have ended because of an error.",
            ),
            duration: histogram!(duration),
            connects_failed: count(
                "wirework_connects_failed_total",
                Unit::Count,
                "Attempts of clients to connect that failed.",
            ),
            handshakes_failed: count("wirework_handshakes_failed_total", Unit::Count, "Handshakes that failed."),
            accept_errors: count(
                "wirework_accept_errors_total",
                Unit::Count,
                "Connections that could not be accepted.",
            ),
            bad: count("wirework_messages_bad_total", Unit::Count, "Messages that were bad."),
            unsent: count("wirework_replies_unsent_total", Unit::Count, "Replies that could not be sent."),
            panics: count("wirework_handler_panics_total", Unit::Count, "Handlers that panicked."),
            frames_received: count(
                "wirework_frames_received_total",
                Unit::Count,
                "Frames that connections have received that have ended.",
            ),
            frames_sent: count(
                "wirework_frames_sent_total",
                Unit::Count,
                "Frames that connections have sent that have ended.",
            ),
            bytes_received: count(
                "wirework_bytes_received_total",
                Unit::Bytes,
                "Bytes that connections have received that have ended.",
            ),
            bytes_sent: count(
                "wirework_bytes_sent_total",
                Unit::Bytes,
                "Bytes that connections have sent that have ended.",
            ),
        }
    }

    fn count(&self, event: &Event<'_>) {
        match event {
            Event::Opened { .. } => {
                self.opened.increment(1);
                self.open.increment(1.0);
            }
            Event::Closed { status } => {
                self.closed.increment(1);
                self.open.decrement(1.0);
                self.duration.record(status.age);
                self.frames_received.increment(status.frames_in);
                self.frames_sent.increment(status.frames_out);
                self.bytes_received.increment(status.bytes_in);
                self.bytes_sent.increment(status.bytes_out);
            }
            Event::Refused { limit: Refused::Connections, .. } => self.refused_connections.increment(1),
            Event::Refused { limit: Refused::PerAddress, .. } => self.refused_per_address.increment(1),
            Event::Failed { .. } => self.failed.increment(1),
            Event::Unreachable { .. } => self.connects_failed.increment(1),
            Event::Handshake { .. } => self.handshakes_failed.increment(1),
            Event::Accept { .. } => self.accept_errors.increment(1),
            Event::Bad { .. } => self.bad.increment(1),
            Event::Unsent { .. } => self.unsent.increment(1),
            Event::Panicked { .. } => self.panics.increment(1),
            Event::Listening { .. } | Event::Draining { .. } | Event::Drained { .. } => {}
        }
    }
}
