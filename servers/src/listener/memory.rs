//! Connections within one process, without a socket: for tests under a paused clock.

use std::future::{Ready, ready};
use std::io;

use tokio::io::DuplexStream;
use tokio::sync::mpsc;

use crate::{Address, Incoming, Listener, Peer};

/// How many bytes a connection holds in each direction.
const PIPE: usize = 64 * 1024;

/// How many connections wait to be accepted before dialling waits.
const BACKLOG: usize = 128;

/// A dialer and its listener. When all dialers are gone, so is the listener: its server ends when its conversations have.
pub fn memory() -> (MemoryDialer, MemoryListener) {
    let (dialer, listener) = mpsc::channel(BACKLOG);
    (MemoryDialer(dialer), MemoryListener(listener))
}

/// Makes connections to its [`MemoryListener`].
#[derive(Clone, Debug)]
pub struct MemoryDialer(mpsc::Sender<DuplexStream>);

impl MemoryDialer {
    /// A new connection.
    ///
    /// # Errors
    /// [`io::ErrorKind::ConnectionRefused`] when the listener is gone.
    pub async fn dial(&self) -> io::Result<DuplexStream> {
        let (ours, theirs) = tokio::io::duplex(PIPE);
        self.0.send(theirs).await.map_err(|_| io::ErrorKind::ConnectionRefused)?;
        Ok(ours)
    }
}

/// Accepts the connections of its [`MemoryDialer`]s.
#[derive(Debug)]
pub struct MemoryListener(mpsc::Receiver<DuplexStream>);

impl Listener for MemoryListener {
    type Io = DuplexStream;
    type Handshake = Ready<io::Result<(DuplexStream, Peer)>>;

    async fn accept(&mut self) -> io::Result<Incoming<Self::Handshake>> {
        let io = self.0.recv().await.ok_or(io::ErrorKind::NotConnected)?;
        Ok(Incoming::new(ready(Ok((io, Peer::new(Address::Memory))))))
    }

    fn local_addresses(&self) -> io::Result<Vec<Address>> {
        Ok(vec![Address::Memory])
    }
}
