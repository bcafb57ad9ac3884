//! TCP servers and clients, composed of three independent parts: a transport, a framing and a format.
//!
//! ```no_run
//! use wirework::{FramingExt, GBK, Lines, Tcp, serve};
//!
//! # async fn example() -> std::io::Result<()> {
//! serve(Tcp::bind("0.0.0.0:7788"), Lines::any().text(GBK)).reply(async |line| line).await?;
//! # Ok(())
//! # }
//! ```
//!
//! ```text
//!      bytes             frames              payloads             messages
//!    ─────────►  Framing  ─────►  Layer ...  ──────►   Format     ───────►  handler
//!    Listener    where one        undo escapes,        what it means:       your
//!    Handshake   message ends     verify checks        text(GBK), JSON      closure
//!    ◄─────────           ◄─────             ◄──────              ◄───────
//!                the same values, run backwards
//! ```
//!
//! - **Transport**: [`Tcp`], `Unix`, [`memory()`], or a [`Listener`](servers::Listener) of your own.
//! - **Framing**: [`Chunks`], [`Rest`], [`Lines`], [`Until`], [`Marked`], [`LengthPrefix`], [`Fixed`], [`IdleGap`],
//!   [`from_fn`], or a [`Framing`](core::Framing) of your own.
//! - **Layers** between them: [`Escape`], [`Check`], [`Constant`], [`Pad`], or a [`Layer`](core::Layer) of your own.
//! - **Format**: bytes, [`Text`] in an [`Encoding`], [`Json`], or a [`Format`](core::Format) of your own.
//! - **A verb**: [`answer`](Serve::answer), [`reply`](Serve::reply), [`reply_once`](Serve::reply_once),
//!   [`each`](Serve::each); or [`connect`] from the other end.
//!
//! Here stand the names that a server or a client is written with. Those for writing parts of one's own are in [`core`];
//! [`codecs`] and [`servers`] hold the rest. The `wirework-laws` crate proves a framing of your own.

pub use wirework_codecs as codecs;
pub use wirework_core as core;
pub use wirework_servers as servers;

#[cfg(feature = "json")]
pub use wirework_codecs::Json;
pub use wirework_codecs::{
    ByteOrder, Check, Chunks, Composed, Composition, Constant, Counts, Declared, Duplex, Encoding, Escape, First,
    Fixed, Fold, FramingExt, GB18030, GBK, Head, IdleGap, LastPiece, LengthField, LengthPrefix, Lines, Marked, Meaning,
    OnFailure, Pad, Parts, Pattern, Peek, Rest, Resync, Special, Switch, Text, UTF_8, Until, explain, from_fn,
    notation,
};
pub use wirework_core::{Bad, BoxError, Codec, Error, Formatted, Limits, Lost, Mirror};
#[cfg(unix)]
pub use wirework_servers::Unix;
pub use wirework_servers::{
    Connection, Ended, Event, OnBad, Peer, Serve, Server, Tcp, address_argument, connect, memory, run, serve,
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
