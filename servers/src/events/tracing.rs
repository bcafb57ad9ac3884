//! Events for `tracing`.

use std::fmt::{self, Display};

use tracing::Level;

use super::throttle::{Admission, LINES, Throttle};
use crate::serve::one_line::OneLine;
use crate::{Address, Event, Peer, Severity, Status};

/// Under which target they come.
const TARGET: &str = "wirework";

/// Gives events to [`tracing`]: for [`Serve::on_event`](crate::Serve::on_event).
///
/// ```no_run
/// # async fn example<C: wirework_core::Codec<Format = wirework_core::Raw>>(codec: C) -> std::io::Result<()> {
/// use wirework_servers::{Tcp, serve, tracing_events};
///
/// serve(Tcp::bind("0.0.0.0:7788"), codec).on_event(tracing_events()).reply(async |message| message).await?;
/// # Ok(())
/// # }
/// ```
///
/// Target is `wirework`, level what [`Event::severity`] says, message the line of the [`Event`]. Fields, where there is something
/// to say: `event`, its kind; `peer`, `id`; of a closed connection `age` in seconds, `bytes_in`, `bytes_out`, `frames_in`, `frames_out`
/// and `bad`, how many messages were; of a server `address`, `open`, `in_flight` and `cut`.
///
/// What a peer has sent is escaped, and of each level there are 100 events a second at most, of those that a subscriber is
/// interested in: who sends a million bad messages shall neither fill a disk nor have the server wait. What was left out is
/// counted, in an event with the field `left_out`.
pub fn tracing_events() -> impl Fn(&Event<'_>) + Send + Sync + 'static {
    // Apart from each other: however many connections come and go, an error is seen.
    let [debug, info, warning, error] = [const { Throttle::new() }; 4];
    macro_rules! emit {
        ($level:expr, $throttle:expr, $event:expr) => {
            if tracing::enabled!(target: TARGET, $level) {
                let Admission { left_out, admitted } = $throttle.ask(LINES);
                if let Some(left_out) = left_out {
                    tracing::event!(
                        target: TARGET,
                        $level,
                        left_out,
                        "{left_out} events were left out: too many in a second"
                    );
                }
                if admitted {
                    let Fields { kind, peer, id, status, server } = Fields::of($event);
                    let Server { address, open, in_flight, cut } = server;
                    tracing::event!(
                        target: TARGET,
                        $level,
                        event = kind,
                        peer = peer.map(|peer| tracing::field::display(Escaped(peer))),
                        id,
                        age = status.map(|status| status.age.as_secs_f64()),
                        bytes_in = status.map(|status| status.bytes_in),
                        bytes_out = status.map(|status| status.bytes_out),
                        frames_in = status.map(|status| status.frames_in),
                        frames_out = status.map(|status| status.frames_out),
                        bad = status.map(|status| status.errors),
                        address = address.map(|address| tracing::field::display(Escaped(address))),
                        open,
                        in_flight,
                        cut,
                        "{}",
                        $event
                    );
                }
            }
        };
    }
    move |event| match event.severity() {
        Severity::Debug => emit!(Level::DEBUG, debug, event),
        Severity::Info => emit!(Level::INFO, info, event),
        Severity::Warning => emit!(Level::WARN, warning, event),
        Severity::Error => emit!(Level::ERROR, error, event),
    }
}

/// A field, escaped and cut as the line is.
struct Escaped<T>(T);

impl<T: Display> Display for Escaped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        OneLine::new(f).put(format_args!("{}", self.0))
    }
}

/// What can be said of an event.
struct Fields<'a> {
    kind: &'static str,
    peer: Option<&'a Peer>,
    id: Option<u64>,
    status: Option<&'a Status>,
    server: Server<'a>,
}

/// What can be said of the server.
#[derive(Default)]
struct Server<'a> {
    address: Option<&'a Address>,
    open: Option<usize>,
    in_flight: Option<usize>,
    cut: Option<usize>,
}

impl<'a> Fields<'a> {
    fn of(event: &Event<'a>) -> Self {
        let of = |kind, peer| Self { kind, peer, id: None, status: None, server: Server::default() };
        let whole = |kind, server| Self { server, ..of(kind, None) };
        match *event {
            Event::Listening { address } => whole("listening", Server { address: Some(address), ..Server::default() }),
            Event::Opened { id, peer } => Self { id: Some(id), ..of("opened", Some(peer)) },
            Event::Closed { status } => {
                Self { id: Some(status.id), status: Some(status), ..of("closed", Some(&status.peer)) }
            }
            Event::Bad { peer, .. } => of("bad", Some(peer)),
            Event::Unsent { peer, .. } => of("unsent", Some(peer)),
            Event::Failed { peer, .. } => of("failed", Some(peer)),
            Event::Panicked { peer } => of("panicked", Some(peer)),
            Event::Unreachable { .. } => of("unreachable", None),
            Event::Handshake { .. } => of("handshake", None),
            Event::Refused { peer, .. } => of("refused", peer),
            Event::Accept { .. } => of("accept", None),
            Event::Draining { open, in_flight } => {
                whole("draining", Server { open: Some(open), in_flight: Some(in_flight), ..Server::default() })
            }
            Event::Drained { cut } => whole("drained", Server { cut: Some(cut), ..Server::default() }),
        }
    }
}
