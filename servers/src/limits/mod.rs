//! What peers can make a server hold, and how long they can make it wait.

mod full;
mod limit;
#[cfg(feature = "serde")]
mod quantity;
mod system;

use std::sync::LazyLock;
use std::time::Duration;

use ipnet::IpNet;
#[cfg(feature = "serde")]
use quantity::{Count, Only, OrUnlimited, Size, Time};

pub use full::WhenFull;
pub use limit::Limit;

/// What peers can make a server hold, and how long they can make it wait. Each of these is on by default; none is off
/// unless you write [`Limit::Unlimited`]. The reason for each, and what other servers have, is in `docs/defaults.md`.
///
/// ```
/// # use std::time::Duration;
/// # use wirework_servers::Limits;
/// let limits = Limits { drain: Duration::from_secs(60), ..Limits::default() };
/// ```
///
/// The longest frame is not here but with its framing (`Lines::any().max_len(1024)`), because the encoder obeys it too;
/// a framing that is told nothing takes [`SEARCHED_FRAME`](wirework_core::SEARCHED_FRAME), 64 KiB, or
/// [`COUNTED_FRAME`](wirework_core::COUNTED_FRAME), 1 MiB.
///
/// Deadlines are looked at a few times within the shortest of them, and so are met late by up to an eighth of that. Time in
/// which the process does not run, suspended or starved, is not held against anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default, deny_unknown_fields))]
pub struct Limits {
    /// How many connections may wait to be accepted; the system may take fewer. Default: 1024.
    pub backlog: u32,
    /// Connections at once, over all listeners of a server. Default: 10 000, but at most 80 % of the files that the
    /// process may have open.
    #[cfg_attr(feature = "serde", serde(with = "OrUnlimited::<Count>"))]
    pub connections: Limit<usize>,
    /// What becomes of a connection that is one too many for `connections`. Default: it waits.
    pub when_full: WhenFull,
    /// Connections at once of one address: of an IPv4 address, or of an IPv6 network of 64 bits, which is what a single
    /// customer gets. That of the socket counts as soon as it is accepted, and that of the client behind a proxy once its header
    /// has come. One too many is closed, with the bytes of `when_full` if there are any. Who has no IP address, as over a
    /// Unix socket, is not counted. Default: half of `connections`.
    #[cfg_attr(feature = "serde", serde(with = "OrUnlimited::<Count>"))]
    pub per_address: Limit<usize>,
    /// Networks to which `per_address` does not apply, such as a carrier's whose devices share an address. Default: none.
    pub exempt: Vec<IpNet>,
    /// Connections that are accepted in a second, after as many at once; others wait in the system's queue.
    /// Default: 10 000.
    #[cfg_attr(feature = "serde", serde(with = "OrUnlimited::<Count>"))]
    pub accept_rate: Limit<usize>,

    /// Most bytes that `recv_exact` gathers at once. Default: 1 MiB.
    #[cfg_attr(feature = "serde", serde(with = "Only::<Size>"))]
    pub exact: usize,
    /// Unsent bytes of a connection at which `send` and `feed` begin to wait. Default: 64 KiB.
    #[cfg_attr(feature = "serde", serde(with = "Only::<Size>"))]
    pub output_high: usize,
    /// Unsent bytes of a connection down to which they wait. Default: 32 KiB.
    #[cfg_attr(feature = "serde", serde(with = "Only::<Size>"))]
    pub output_low: usize,
    /// Bytes that all connections together hold of unfinished frames, of messages that are handled at once, and of unsent
    /// replies. Beyond it those that hold most are closed first. Default: 256 MiB, but at most a quarter of the memory that the process may use.
    #[cfg_attr(feature = "serde", serde(with = "OrUnlimited::<Size>"))]
    pub buffered: Limit<usize>,

    /// Messages that others have sent to a connection, by a [`Handle`](crate::Handle), and that wait until its conversation sends
    /// them. Default: 64.
    #[cfg_attr(feature = "serde", serde(with = "Only::<Count>"))]
    pub queue: usize,
    /// Calls of a connection that were sent and have no answer; others wait in the queue, and what is sent behind them. Where
    /// answers have keys, late ones that nobody awaits any more are not counted, and up to 1024 of them remembered. Default:
    /// 1024.
    #[cfg_attr(feature = "serde", serde(with = "Only::<Count>"))]
    pub calls: usize,

    /// How long PROXY headers may take. Default: 5 s.
    #[cfg_attr(feature = "serde", serde(with = "Only::<Time>"))]
    pub proxy_header: Duration,
    /// How long TLS, or another handshake, may take; at the other end all of connecting, and then logging in. Default: 10 s.
    #[cfg_attr(feature = "serde", serde(with = "Only::<Time>"))]
    pub handshake: Duration,
    /// How long a new connection may say nothing. Default: 60 s.
    #[cfg_attr(feature = "serde", serde(with = "OrUnlimited::<Time>"))]
    pub first_byte: Limit<Duration>,
    /// How long a peer may say nothing between messages, while the server waits for one. What it is sent does not count: who
    /// has vanished can be sent a lot. Who owes the answer to a [call](crate::Handle::call) has as long as that, if it was made
    /// before. Default: 300 s.
    #[cfg_attr(feature = "serde", serde(with = "OrUnlimited::<Time>"))]
    pub idle: Limit<Duration>,
    /// How long a frame may take from its first byte to its last, besides what `least_rate` allows for its length.
    /// Default: 30 s.
    #[cfg_attr(feature = "serde", serde(with = "OrUnlimited::<Time>"))]
    pub frame: Limit<Duration>,
    /// How long a peer may take nothing, or less than `least_rate`, of what waits to be sent to it. Default: 30 s.
    #[cfg_attr(feature = "serde", serde(with = "OrUnlimited::<Time>"))]
    pub write: Limit<Duration>,
    /// Bytes a second, at which a long frame must come, each so many giving another second to `frame`, and at which a peer must
    /// take what waits to be sent to it. Default: 1 KiB.
    #[cfg_attr(feature = "serde", serde(with = "Only::<Size>"))]
    pub least_rate: usize,
    /// How long a handler of `reply`, or a `service`, may take; one of `each` has no deadline. Default: unlimited, since only its author knows.
    #[cfg_attr(feature = "serde", serde(with = "OrUnlimited::<Time>"))]
    pub handler: Limit<Duration>,
    /// How long a [call](crate::Handle::call) waits for its answer, unless it says otherwise. Default: 10 s.
    #[cfg_attr(feature = "serde", serde(with = "OrUnlimited::<Time>"))]
    pub call: Limit<Duration>,
    /// How long a request may be without an answer, whether or not anybody awaits it. Where answers come in order, and where a
    /// client hears nothing else meanwhile, the connection fails then with the next call; otherwise the request is forgotten, if
    /// nobody does. Default: 60 s.
    #[cfg_attr(feature = "serde", serde(with = "OrUnlimited::<Time>"))]
    pub overdue: Limit<Duration>,
    /// How long a closing connection reads on, and discards, so that no reset eats the last reply. Default: 5 s.
    #[cfg_attr(feature = "serde", serde(with = "Only::<Time>"))]
    pub linger: Duration,
    /// Most bytes that it discards meanwhile. Default: 16 MiB.
    #[cfg_attr(feature = "serde", serde(with = "Only::<Size>"))]
    pub linger_bytes: usize,
    /// How long a peer may say nothing, with nothing in flight, before a server that was told to stop ends the conversation.
    /// Default: 2 s, in which a message that is on its way comes.
    #[cfg_attr(feature = "serde", serde(with = "Only::<Time>"))]
    pub drain_idle: Duration,
    /// How long open conversations may go on after a server was told to stop. It begins with `drain_idle` and ends with
    /// `linger`, for a peer that is told goodbye and does not close its side: shorter than both together, it cuts those
    /// off. Default: 15 s.
    #[cfg_attr(feature = "serde", serde(with = "Only::<Time>"))]
    pub drain: Duration,
}

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

impl Default for Limits {
    fn default() -> Self {
        // The system is asked once.
        static DEFAULTS: LazyLock<Limits> = LazyLock::new(|| Limits::of(system::open_files(), system::memory()));
        DEFAULTS.clone()
    }
}

impl Limits {
    /// The defaults of a process that may have so many files open, and use so much memory.
    fn of(open_files: Option<usize>, memory: Option<usize>) -> Self {
        // The rest is for files, for connections of the program's own, and for those that close.
        let connections = open_files.map_or(10_000, |files| files / 5 * 4).clamp(1, 10_000);
        let seconds = Duration::from_secs;
        Self {
            backlog: 1024,
            connections: connections.into(),
            when_full: WhenFull::Wait,
            per_address: connections.div_ceil(2).into(),
            exempt: Vec::new(),
            accept_rate: 10_000.into(),
            exact: MIB,
            output_high: 64 * KIB,
            output_low: 32 * KIB,
            buffered: memory.map_or(256 * MIB, |memory| memory / 4).min(256 * MIB).into(),
            queue: 64,
            calls: KIB,
            proxy_header: seconds(5),
            handshake: seconds(10),
            first_byte: seconds(60).into(),
            idle: seconds(300).into(),
            frame: seconds(30).into(),
            write: seconds(30).into(),
            least_rate: KIB,
            handler: Limit::Unlimited,
            call: seconds(10).into(),
            overdue: seconds(60).into(),
            linger: seconds(5),
            linger_bytes: 16 * MIB,
            drain_idle: seconds(2),
            drain: seconds(15),
        }
    }

    /// Refuses a limit that would serve nobody. Elsewhere 0 often says that there is none.
    ///
    /// # Errors
    /// Which one it is, and what to write instead.
    pub(crate) fn check(&self) -> Result<(), String> {
        let Self {
            connections,
            per_address,
            accept_rate,
            buffered,
            first_byte,
            idle,
            frame,
            write,
            handler,
            call,
            overdue,
            ..
        } = *self;
        let counts = [
            ("connections", connections),
            ("per_address", per_address),
            ("accept_rate", accept_rate),
            ("buffered", buffered),
            ("queue", self.queue.into()),
            ("calls", self.calls.into()),
            ("output_high", self.output_high.into()),
        ];
        let times = [
            ("first_byte", first_byte),
            ("idle", idle),
            ("frame", frame),
            ("write", write),
            ("handler", handler),
            ("call", call),
            ("overdue", overdue),
        ];
        let counts = counts.into_iter().filter(|(_, limit)| *limit == Limit::At(0)).map(|(name, _)| name);
        let times = times.into_iter().filter(|(_, limit)| *limit == Limit::At(Duration::ZERO)).map(|(name, _)| name);
        match counts.chain(times).next() {
            None => Ok(()),
            Some(name @ ("output_high" | "queue" | "calls")) => {
                Err(format!("the limit `{name}` is 0, and nothing could be sent: it is at least 1"))
            }
            Some(name) => Err(format!(
                "the limit `{name}` is 0, and nobody could be served: where there shall be none, it is `Unlimited`"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_what_the_system_leaves() {
        let large = Limits::of(Some(1_000_000), Some(64 << 30));
        assert_eq!((large.connections, large.per_address), (10_000.into(), 5_000.into()));
        assert_eq!(large.buffered, (256 * MIB).into());
        assert_eq!(Limits::of(None, None), large, "a system that does not say is a large one");
        let small = Limits::of(Some(1024), Some(512 * MIB));
        assert_eq!((small.connections, small.buffered), (816.into(), (128 * MIB).into()));
        assert_eq!(Limits::of(Some(0), None).connections, 1.into());
    }

    #[test]
    fn a_limit_that_would_serve_nobody_is_refused() {
        let ok = Limits { drain: Duration::ZERO, linger: Duration::ZERO, idle: Limit::Unlimited, ..Limits::default() };
        assert_eq!((Limits::default().check(), ok.check()), (Ok(()), Ok(())));
        let why = |limits: Limits| limits.check().unwrap_err();
        assert!(
            why(Limits { connections: 0.into(), ..ok.clone() }).starts_with("the limit `connections` is 0, and nobody")
        );
        assert!(why(Limits { idle: Duration::ZERO.into(), ..ok.clone() }).starts_with("the limit `idle` is 0"));
        assert!(why(Limits { output_high: 0, ..ok.clone() }).ends_with("nothing could be sent: it is at least 1"));
        assert!(why(Limits { queue: 0, ..ok.clone() }).starts_with("the limit `queue` is 0, and nothing"));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn limits_are_read_and_written() {
        let text = r#"{"connections":"unlimited","buffered":"64 MiB","output_high":65536,"idle":"10min","handler":"1s 500ms",
            "when_full":{"refuse":"busy\r\n"},"exempt":["10.0.0.0/8"],"backlog":128}"#;
        let limits: Limits = serde_json::from_str(text).unwrap();
        let expected = Limits {
            connections: Limit::Unlimited,
            buffered: (64 * MIB).into(),
            idle: Duration::from_secs(600).into(),
            handler: Duration::from_millis(1500).into(),
            when_full: WhenFull::Refuse("busy\r\n".into()),
            exempt: vec!["10.0.0.0/8".parse().unwrap()],
            backlog: 128,
            ..Limits::default()
        };
        assert_eq!(limits, expected);
        let written = serde_json::to_string(&limits).unwrap();
        assert_eq!(serde_json::from_str::<Limits>(&written).unwrap(), limits);
        for (wrong, why) in [
            (r#"{"idle":0.5}"#, "a time such as \"30s\", or \"unlimited\""),
            (r#"{"idle":"never"}"#, "a time such as \"30s\", or \"unlimited\""),
            (r#"{"linger":"unlimited"}"#, "a time such as \"30s\""),
            (r#"{"buffered":"64 MB"}"#, "bytes such as 65536 or \"64 KiB\", or \"unlimited\""),
            (r#"{"buffered":"99999999999 GiB"}"#, "bytes such as 65536 or \"64 KiB\", or \"unlimited\""),
            (r#"{"connections":-1}"#, "a number, or \"unlimited\""),
            (r#"{"idel":"1s"}"#, "unknown field `idel`"),
        ] {
            let error = serde_json::from_str::<Limits>(wrong).unwrap_err().to_string();
            assert!(error.contains(why), "{wrong}: {error}");
        }
    }
}
