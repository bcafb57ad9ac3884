//! Listeners, connections, servers and clients, on tokio.
//!
//! ```no_run
//! # use wirework_core::{EncodeError, FrameError, Framing, Input, Step};
//! # #[derive(Clone)] struct Lines;
//! # impl Framing for Lines {
//! #     fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> { Ok(Step::More(1)) }
//! #     fn finish(&mut self, _: &mut bytes::BytesMut, _: usize) -> Result<(), EncodeError> { Ok(()) }
//! # }
//! use wirework_servers::{Tcp, serve};
//!
//! # async fn example() -> std::io::Result<()> {
//! serve(Tcp::bind("0.0.0.0:7788"), Lines).reply(async |line| line).await?;
//! # Ok(())
//! # }
//! ```
//!
//! - [`serve`]: a transport and a codec; then one verb, which says what a conversation is.
//! - [`connect`]: the same from the other end.
//! - [`Connection`]: one conversation, for those who hold it themselves.
//! - [`Bind`] and [`Listener`]: where connections come from: [`Tcp`], `Unix`, [`memory()`], or your own.
//! - [`Handle`] and [`Peers`]: other tasks send to a connection, or to the one with a key.
//! - [`proxy`]: who the clients are of a server that stands behind a proxy.
//! - `tls`: TLS in front of any of them, on both sides (feature `tls`).
//! - [`Limits`]: what peers can make a server hold, and how long they can make it wait.
//! - [`Topics`] and [`Broadcast`]: one message to many conversations, over a [`Bus`] also to those of other processes.
//! - [`run`]: what stands around a server in a program's `main`.
//! - [`EventLog`]: what happens, as lines of a log; with the features `tracing` and `metrics` also `tracing_events` and
//!   `metrics_events`, for the crates of those names.
//! - [`TokioCodec`] and [`Foreign`]: across to `tokio_util::codec`, both ways.
//!
//! Nothing here knows a codec: any [`Codec`](wirework_core::Codec) will do.

mod address;
mod call;
mod client;
mod compat;
mod connection;
mod events;
mod handle;
mod handshake;
mod limits;
mod listener;
mod peers;
mod process;
mod queue;
mod registry;
mod serve;
mod topics;

pub use address::{Address, Peer, Via};
pub use call::{CallError, Correlation};
pub use client::{Backoff, Calling, Client, Connect, Dial, Unsolicited, connect};
pub use compat::{Foreign, ForeignFormat, ForeignFraming, TokioCodec};
pub use connection::{Connection, Received, Receiver, Sender};
pub use events::EventLog;
#[cfg(feature = "metrics")]
pub use events::metrics_events;
#[cfg(feature = "tracing")]
pub use events::tracing_events;
pub use handle::{Handle, SendError};
#[cfg(feature = "tls")]
pub use handshake::tls;
pub use handshake::{Prefixed, Shaken, ShakenListener, proxy};
pub use limits::{Limit, Limits, WhenFull};
#[cfg(unix)]
pub use listener::{Activated, Unix, UnixListener};
pub use listener::{
    Bind, BindExt, Both, BothListener, BoxIo, BoxListener, Incoming, Listener, MemoryDialer, MemoryListener, Tcp,
    TcpListener, memory,
};
pub use peers::{JoinError, PeerError, Peers, Replaced, Told, WhenTaken};
pub use process::{address_argument, run};
pub use registry::{State, Status};
pub(crate) use serve::Events;
#[cfg(feature = "tower")]
pub use serve::Served;
pub use serve::{
    Accepted, Answer, Closure, ClosureWith, Concurrent, Conversation, Done, Ended, Event, Goodbye, OnBad, Outcome,
    Refused, Replying, Respond, RouteBy, Router, Serve, Server, ServerHandle, Severity, serve,
};
#[cfg(feature = "nats")]
pub use topics::nats;
pub use topics::{
    Broadcast, Bus, Deliveries, Delivery, Payload, PublishError, SubscribeError, Subscription, Topics, WhenSlow,
};
