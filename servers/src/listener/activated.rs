//! Sockets that somebody else has bound, and hands over: systemd's socket activation.

use std::env;
use std::io;
use std::sync::{LazyLock, Mutex, PoisonError};

use listenfd::ListenFd;
use tokio_util::either::Either;

use super::both::BothListener;
use super::{TcpListener, UnixListener};
use crate::{Bind, Limits};

/// A socket that listens already, and that systemd hands over to the service which it starts: ports below 1024 without
/// root, no client refused during a restart. It is a TCP or a Unix socket, as the `.socket` file says.
///
/// ```text
/// # echo.socket                    # echo.service
/// [Socket]                         [Service]
/// ListenStream=0.0.0.0:7           ExecStart=/usr/bin/echo-server
/// FileDescriptorName=echo
/// ```
///
/// ```no_run
/// # use wirework_servers::Activated;
/// let echo = Activated::named("echo");
/// ```
///
/// Each socket can be taken once; several are put under one server by [`BindExt::and`](crate::BindExt::and). The path of a
/// Unix socket stays when the listener closes: it is systemd's.
///
/// The rule is that of [sd_listen_fds(3)](https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html), by the
/// `listenfd` crate. The environment is read, and the variables removed from it, when the first one is bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activated(Which);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Which {
    Nth(usize),
    Named(String),
}

impl Activated {
    /// The one socket that is handed over, or the first of several.
    pub fn first() -> Self {
        Self::nth(0)
    }

    /// The one with this number among several, from 0, in the order of the `.socket` files.
    pub fn nth(number: usize) -> Self {
        Self(Which::Nth(number))
    }

    /// The first one that has this `FileDescriptorName`: without one, the name of its `.socket` file.
    pub fn named(name: impl Into<String>) -> Self {
        Self(Which::Named(name.into()))
    }
}

impl Bind for Activated {
    type Listener = BothListener<TcpListener, UnixListener>;

    /// # Errors
    /// [`io::ErrorKind::NotFound`] when no such socket is handed over, or it was taken already;
    /// [`io::ErrorKind::InvalidInput`] when it is not one of streams.
    async fn bind(self, _: &Limits) -> io::Result<Self::Listener> {
        let mut handed = HANDED.lock().unwrap_or_else(PoisonError::into_inner);
        match handed.take(&self.0)? {
            Either::Left(tcp) => {
                tcp.set_nonblocking(true)?;
                Ok(BothListener::one(tokio::net::TcpListener::from_std(tcp)?.into()))
            }
            Either::Right(unix) => {
                unix.set_nonblocking(true)?;
                Ok(BothListener::other(tokio::net::UnixListener::from_std(unix)?.into()))
            }
        }
    }
}

/// What was handed over, and not yet taken.
struct Handed {
    sockets: ListenFd,
    names: Vec<String>,
}

static HANDED: LazyLock<Mutex<Handed>> = LazyLock::new(|| {
    let names = env::var("LISTEN_FDNAMES").unwrap_or_default();
    let names = names.split(':').map(str::to_owned).collect();
    Mutex::new(Handed { sockets: ListenFd::from_env(), names })
});

type Socket = Either<std::net::TcpListener, std::os::unix::net::UnixListener>;

impl Handed {
    fn take(&mut self, which: &Which) -> io::Result<Socket> {
        let none = || {
            let wanted = match which {
                Which::Nth(number) => format!("with the number {number}"),
                Which::Named(name) => format!("named {name}"),
            };
            let why = format!("systemd has handed over no socket {wanted}, or it was taken already");
            io::Error::new(io::ErrorKind::NotFound, why)
        };
        let number = match which {
            Which::Nth(number) => *number,
            Which::Named(name) => self.names.iter().position(|known| known == name).ok_or_else(none)?,
        };
        if let Ok(tcp) = self.sockets.take_tcp_listener(number) {
            return tcp.map(Either::Left).ok_or_else(none);
        }
        self.sockets.take_unix_listener(number)?.map(Either::Right).ok_or_else(none)
    }
}
