//! What several tests need: a server in the background, a whole exchange with it, a transport that counts.

#![allow(dead_code, reason = "each test takes what it needs")]

pub(crate) mod runtime;

use std::future::IntoFuture;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf};
use wirework::servers::{MemoryDialer, MemoryListener, Severity};
use wirework::{Event, memory};

/// What a server has told of what went wrong.
#[derive(Clone, Default)]
pub(crate) struct Events(Arc<Mutex<Vec<String>>>);

impl Events {
    pub(crate) fn add(&self, event: &Event<'_>) {
        if event.severity() >= Severity::Warning {
            self.0.lock().unwrap().push(event.to_string());
        }
    }

    /// What adds to these.
    pub(crate) fn hook(&self) -> impl Fn(&Event<'_>) + Send + Sync + 'static + use<> {
        let events = self.clone();
        move |event| events.add(event)
    }

    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// Runs a server in the background, and gives what to dial.
pub(crate) fn start<S>(server: impl FnOnce(MemoryListener) -> S) -> MemoryDialer
where
    S: IntoFuture<IntoFuture: Send + 'static, Output: Send + 'static>,
{
    let (dialer, listener) = memory();
    tokio::spawn(server(listener).into_future());
    dialer
}

/// Writes, ends this side, and reads all that comes back.
pub(crate) async fn exchange(dialer: &MemoryDialer, wire: &[u8]) -> Vec<u8> {
    let mut io = dialer.dial().await.unwrap();
    io.write_all(wire).await.unwrap();
    io.shutdown().await.unwrap();
    let mut replies = Vec::new();
    io.read_to_end(&mut replies).await.unwrap();
    replies
}

/// A transport that counts writes.
pub(crate) struct Counted(pub(crate) DuplexStream, pub(crate) Arc<AtomicUsize>);

impl AsyncRead for Counted {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.1.fetch_add(1, Ordering::Relaxed);
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
