//! TLS, of servers and of clients, over any transport (feature `tls`): [rustls](https://docs.rs/rustls), with *ring*.
//!
//! ```no_run
//! # use wirework_core::{Codec, Raw};
//! use wirework_servers::tls::{TlsServer, TlsClient, roots_from_pem_file};
//! use wirework_servers::{BindExt, Tcp, connect, serve};
//!
//! # async fn example<C: Codec<Format = Raw>>(lines: C) -> std::io::Result<()> {
//! let tls = TlsServer::from_pem_files("cert.pem", "key.pem")?;
//! serve(Tcp::bind("0.0.0.0:8883").tls(tls), lines.clone()).reply(async |line| line).await?;
//!
//! let tls = TlsClient::new(roots_from_pem_file("ca.pem")?)?;
//! let mut client = connect(tls.to("gateway.example:8883"), lines).await?;
//! # Ok(())
//! # }
//! ```
//!
//! - [`TlsServer`]: the server's side: [`BindExt::tls`](crate::BindExt::tls), and `TlsServer::accept` for STARTTLS.
//! - [`Certificates`]: what a server, or a client, shows; read anew without a restart.
//! - [`ClientCertificate`]: whether clients show theirs.
//! - [`TlsClient`]: the client's side.
//! - [`TlsPeer`]: what the handshake has told of the peer, in [`Peer::tls`](crate::Peer::tls).
//!
//! TLS 1.3 and 1.2 are spoken (RFC 8446, RFC 5246), and nothing older. All else that rustls can do is had from a
//! configuration of [`rustls`]: `TlsServer::from(Arc::new(config))`, `TlsClient::from(Arc::new(config))`.
//!
//! A handshake runs in the connection's own task, for at most [`Limits::handshake`](crate::Limits::handshake).
//!
//! # The end of a connection
//!
//! A side that has said all sends a close_notify (RFC 8446, section 6.1), as [`Connection::close`](crate::Connection::close)
//! does. An end without one can be anybody's who can cut the wire, and so is none: receiving fails with
//! [`Error::Io`](wirework_core::Error::Io) of the kind [`UnexpectedEof`](std::io::ErrorKind::UnexpectedEof), inside a frame
//! and between frames, and what had come of a frame is no message, although the end of the stream were to end it. The
//! messages before were whole, and were received. Who knows that its peers go without a word, and that its protocol ends
//! every conversation in a message, may take that error between two messages for the end.

mod certificates;
mod client;
mod detect;
mod error;
mod opening;
mod peer;
mod pem;
mod server;

use std::sync::Arc;

use rustls::crypto::CryptoProvider;

pub use certificates::Certificates;
pub use client::{TlsClient, TlsTarget};
pub use detect::TlsOrPlaintext;
pub(crate) use detect::tls_or_plaintext;
pub use peer::TlsPeer;
pub use pem::roots_from_pem_file;
pub use server::{ClientCertificate, TlsServer};
pub use tokio_rustls::{TlsStream, rustls};

/// Named, because the process's default is nobody's as long as another crate brings a second provider.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}
