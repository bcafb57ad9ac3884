//! Unix sockets.

use std::future::{Ready, ready};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use tokio::net::UnixStream;

use crate::{Address, Bind, Limits, Listener, Peer};

/// A Unix socket at a path: to be bound by a server, or connected to by a client.
///
/// The path must be free when it is bound, and is freed when the listener closes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unix {
    pub(crate) path: PathBuf,
}

impl Unix {
    /// The socket at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }
}

impl Bind for Unix {
    type Listener = UnixListener;

    async fn bind(self, _: &Limits) -> io::Result<UnixListener> {
        match tokio::net::UnixListener::bind(&self.path) {
            Ok(inner) => Ok(UnixListener { inner, file: file_at(&self.path), path: self.path }),
            Err(error) => {
                Err(io::Error::new(error.kind(), format!("cannot listen on {}: {error}", self.path.display())))
            }
        }
    }
}

/// A Unix socket that listens.
#[derive(Debug)]
pub struct UnixListener {
    inner: tokio::net::UnixListener,
    path: PathBuf,
    /// Which file that is.
    file: Option<(u64, u64)>,
}

/// The device and the number of the file at a path.
fn file_at(path: &Path) -> Option<(u64, u64)> {
    std::fs::symlink_metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

impl Listener for UnixListener {
    type Io = UnixStream;
    type Handshake = Ready<io::Result<(UnixStream, Peer)>>;

    async fn accept(&mut self) -> io::Result<Self::Handshake> {
        let (io, address) = self.inner.accept().await?;
        let path = address.as_pathname().map(PathBuf::from);
        Ok(ready(Ok((io, Peer::new(Address::Unix(path))))))
    }

    fn local_address(&self) -> io::Result<Address> {
        Ok(Address::Unix(Some(self.path.clone())))
    }
}

impl Drop for UnixListener {
    fn drop(&mut self) {
        // Somebody else may have put a socket there meanwhile. If removing fails, a file remains that refuses connections.
        if self.file.is_some() && self.file == file_at(&self.path) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
