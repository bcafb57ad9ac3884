//! The PROXY protocol: a proxy in front of the server says who its client is.

mod client;
mod header;
mod required;
mod tlv;
mod trusted;
mod v1;
mod v2;

pub use client::Introduced;
pub use header::Header;
pub use required::{Proxied, ProxiedListener};
pub use trusted::Trusted;
