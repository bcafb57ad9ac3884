//! What stands between accepting a connection and using it.

mod prefixed;
pub mod proxy;
mod shaken;
#[cfg(feature = "tls")]
pub mod tls;

use std::future::Future;
use std::io;
use std::time::Duration;

pub use prefixed::Prefixed;
pub use shaken::{Shaken, ShakenListener};

/// Waits for a handshake, but no longer than `limit`.
pub(crate) async fn within<T>(limit: Duration, handshake: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    match tokio::time::timeout(limit, handshake).await {
        Ok(shaken) => shaken,
        Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, format!("not done after {limit:?}"))),
    }
}
