//! What stands between accepting a connection and using it.

pub mod proxy;
mod shaken;

use std::future::Future;
use std::io;
use std::time::Duration;

pub use shaken::{Shaken, ShakenListener};

/// Waits for a handshake, but no longer than `limit`.
pub(crate) async fn within<T>(limit: Duration, handshake: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    match tokio::time::timeout(limit, handshake).await {
        Ok(shaken) => shaken,
        Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, format!("not done after {limit:?}"))),
    }
}
