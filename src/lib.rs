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
//! - **Framing**: [`Lines`], [`LengthPrefix`], [`Chunks`], others in [`framing`], several put together by [`combine`], or a
//!   [`Framing`](core::Framing) of your own.
//! - **Layers** between them: escapes, checks, constants and padding of [`layer`], or a [`Layer`](core::Layer) of your own.
//! - **Format**: bytes, [`Text`] in an [`Encoding`], or in the one that a message names ([`Chosen`](format::Chosen)), [`Json`],
//!   others in [`mod@format`], or a [`Format`](core::Format) of your own, with [`Field`](format::Field)s for records of a fixed
//!   width.
//! - **A verb**: [`answer`](Serve::answer), [`reply`](Serve::reply), [`route`](Serve::route),
//!   [`reply_once`](Serve::reply_once), [`each`](Serve::each); or [`connect`] from the other end. With the feature `tower`, `service`.
//!
//! - **Others**: [`Peers`](servers::Peers), to send to one by its name; [`Topics`](servers::Topics), to all of a room;
//!   [`Client`](servers::Client), which calls and connects again.
//!
//! A framing with its layers and its format can also be read from one line of text, [`Composition`], such as
//! `marked 7E shared | escape 7E:7D02 7D:7D01 | check xor8 | gbk`: see [`notation`].
//!
//! TLS, in front of any transport and on both sides, is in `servers::tls` (feature `tls`).
//!
//! Here stand the names that most servers and clients are written with. Those for writing parts of one's own are in
//! [`core`], the rest in [`framing`], [`combine`], [`layer`], [`mod@format`], [`notation`], [`codecs`] and [`servers`]. The
//! `wirework-laws` crate proves a framing of your own.

pub use wirework_codecs as codecs;
pub use wirework_core as core;
pub use wirework_servers as servers;

pub use wirework_codecs::{combine, format, framing, layer, notation};

#[cfg(feature = "json")]
pub use wirework_codecs::Json;
pub use wirework_codecs::{Chunks, Composition, Encoding, FramingExt, GBK, LengthPrefix, Lines, Text, UTF_8};
pub use wirework_core::{Bad, Codec, Error, Lost};
#[cfg(unix)]
pub use wirework_servers::Unix;
pub use wirework_servers::{
    Connection, Ended, Event, Limit, Limits, OnBad, Peer, Received, Serve, Server, Tcp, address_argument, connect,
    memory, run, serve,
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(all(doctest, feature = "json"))]
#[doc = include_str!("../docs/notation.md")]
struct Notation;

#[cfg(doctest)]
#[doc = include_str!("../docs/text.md")]
struct TextPage;

#[cfg(all(doctest, feature = "serde"))]
#[doc = include_str!("../docs/defaults.md")]
struct Defaults;
