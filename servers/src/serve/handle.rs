//! What looks into a running server.

use std::sync::Arc;

use crate::registry::{Registry, Status};

/// Looks into a running server, closes its connections, and stops it. Cheap to clone; see [`Server::handle`](super::Server::handle).
#[derive(Clone, Debug)]
pub struct ServerHandle(Arc<Registry>);

impl ServerHandle {
    pub(super) fn new(registry: Arc<Registry>) -> Self {
        Self(registry)
    }

    /// The open connections, those after their handshake. It looks at each of them: take it once for a page, not once for a
    /// message.
    pub fn connections(&self) -> Vec<Status> {
        self.0.status()
    }

    /// How many connections are open.
    pub fn open(&self) -> usize {
        self.0.len()
    }

    /// Bytes that all connections together hold of unfinished frames and of unsent replies.
    pub fn buffered(&self) -> usize {
        self.0.held()
    }

    /// Closes the connection with this number, without a word: its handler gets an error from what it waits for, and is cut off
    /// if it has not ended after [`Limits::linger`](crate::Limits::linger). Gives whether there was such a connection.
    pub fn close(&self, id: u64) -> bool {
        self.0.close(id)
    }

    /// Tells the server to stop, as [`Server::until`](super::Server::until) describes.
    pub fn stop(&self) {
        self.0.stop();
    }

    /// Ready when somebody has told the server to stop.
    pub(super) async fn stopped(&self) {
        self.0.stopped().await;
    }
}
