//! Unix sockets.

use std::fs::{self, Permissions};
use std::future::{Ready, ready};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use socket2::{Domain, SockAddr, Socket, Type};
use tokio::net::UnixStream;

use super::start_lock::StartLock;
use crate::{Address, Bind, Incoming, Limits, Listener, Peer};

/// A Unix socket at a path: to be bound by a server, or connected to by a client.
///
/// | what is at the path when it is bound | |
/// |---|---|
/// | nothing | it is bound |
/// | a socket on which nobody listens, as a server leaves it that was killed | it is removed, and the path bound anew |
/// | a socket on which somebody listens, or that may not be connected to | [`io::ErrorKind::AddrInUse`] |
/// | anything else | [`io::ErrorKind::AddrInUse`], and it is left alone |
///
/// The path is freed when the listener closes, unless somebody else has put something else there.
///
/// Of servers that start at once one gets the path: while it looks and binds, it holds a lock on a file beside it,
/// `PATH.lock`, without which others give up; it is gone afterwards. That holds among servers of wirework. What another
/// program has bound at that moment, and does not listen on yet, looks as if nobody did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unix {
    pub(crate) path: PathBuf,
    mode: Option<u32>,
}

impl Unix {
    /// The socket at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), mode: None }
    }

    /// Who may connect, as the mode of the file: `0o660` is its user and its group. It is set before anybody can connect.
    /// Without it the process's umask says so.
    pub fn mode(mut self, mode: u32) -> Self {
        self.mode = Some(mode);
        self
    }

    fn listen(&self, limits: &Limits) -> io::Result<UnixListener> {
        let _lock = StartLock::beside(&self.path)?;
        let address = SockAddr::unix(&self.path)?;
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        if let Err(error) = socket.bind(&address) {
            if error.kind() != io::ErrorKind::AddrInUse || !is_stale(&self.path, &address)? {
                return Err(error);
            }
            fs::remove_file(&self.path)?;
            socket.bind(&address)?;
        }
        let listener = |socket: Socket| {
            // Until it listens, whoever connects is refused.
            if let Some(mode) = self.mode {
                fs::set_permissions(&self.path, Permissions::from_mode(mode))?;
            }
            socket.listen(i32::try_from(limits.backlog).unwrap_or(i32::MAX))?;
            socket.set_nonblocking(true)?;
            tokio::net::UnixListener::from_std(socket.into())
        };
        let file = file_at(&self.path);
        match listener(socket) {
            Ok(inner) => Ok(UnixListener { inner, path: Some(self.path.clone()), file }),
            Err(error) => {
                remove(&self.path, file);
                Err(error)
            }
        }
    }
}

impl Bind for Unix {
    type Listener = UnixListener;

    async fn bind(self, limits: &Limits) -> io::Result<UnixListener> {
        self.listen(limits)
            .map_err(|error| io::Error::new(error.kind(), format!("cannot listen on {}: {error}", self.path.display())))
    }
}

/// Whether what is at the path is a socket on which nobody listens.
fn is_stale(path: &Path, address: &SockAddr) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(file) if file.file_type().is_socket() => {}
        Ok(_) => return Err(io::Error::new(io::ErrorKind::AddrInUse, "what is there is no socket")),
        Err(error) => return Err(error),
    }
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    // A server that has no room for it is there, too, and is not waited for.
    socket.set_nonblocking(true)?;
    Ok(socket.connect(address).is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused))
}

/// A Unix socket that listens.
#[derive(Debug)]
pub struct UnixListener {
    inner: tokio::net::UnixListener,
    path: Option<PathBuf>,
    /// Which file that is, if it is to be removed with the listener.
    file: Option<(u64, u64)>,
}

impl From<tokio::net::UnixListener> for UnixListener {
    /// A listener that somebody else has bound, and whose path is theirs to free.
    fn from(inner: tokio::net::UnixListener) -> Self {
        let path = inner.local_addr().ok().and_then(|address| address.as_pathname().map(PathBuf::from));
        Self { inner, path, file: None }
    }
}

/// The device and the number of the file at a path.
fn file_at(path: &Path) -> Option<(u64, u64)> {
    fs::symlink_metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

/// Frees a path, unless somebody else has put something there meanwhile. If that fails, a file remains that refuses
/// connections.
fn remove(path: &Path, file: Option<(u64, u64)>) {
    if file.is_some() && file == file_at(path) {
        let _ = fs::remove_file(path);
    }
}

impl Listener for UnixListener {
    type Io = UnixStream;
    type Handshake = Ready<io::Result<(UnixStream, Peer)>>;

    async fn accept(&mut self) -> io::Result<Incoming<Self::Handshake>> {
        let (io, address) = self.inner.accept().await?;
        let path = address.as_pathname().map(PathBuf::from);
        Ok(Incoming::new(ready(Ok((io, Peer::new(Address::Unix(path)))))))
    }

    fn local_addresses(&self) -> io::Result<Vec<Address>> {
        Ok(vec![Address::Unix(self.path.clone())])
    }
}

impl Drop for UnixListener {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            remove(path, self.file);
        }
    }
}
