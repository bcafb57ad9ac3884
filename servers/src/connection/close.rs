//! Closing so that the peer gets all it was sent.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use wirework_core::Codec;

use super::{Outbound, with_scratch};
use crate::{Limit, Limits};

/// Writes what is unsent, ends this side, then reads on until the peer ends its own (if it has not), and discards what comes.
///
/// A socket that is closed while something is unread is reset by TCP (RFC 1122, section 4.2.2.13; RFC 2525, section 2.17),
/// and the reset destroys what the peer has not yet read.
pub(super) async fn close<Io, C>(
    io: &mut Io,
    outbound: &mut Outbound<C>,
    peer_ended: bool,
    limits: &Limits,
) -> io::Result<()>
where
    Io: AsyncRead + AsyncWrite + Unpin,
    C: Codec,
{
    let mut left = if peer_ended { 0 } else { limits.linger_bytes as u64 };
    poll_fn(|cx| {
        // A peer that sends all it has before it reads would never take what is unsent.
        let _: Poll<()> = poll_discard(io, &mut left, cx);
        outbound.poll_flush(Pin::new(&mut *io), cx)
    })
    .await?;
    // One that says goodbye first, as TLS does, waits for a peer that may take nothing more.
    within(limits.write, io.shutdown()).await?;
    // A peer that has reset the connection, or that goes on for too long, is gone all the same.
    let _ = tokio::time::timeout(limits.linger, poll_fn(|cx| poll_discard(io, &mut left, cx))).await;
    Ok(())
}

async fn within(limit: Limit<Duration>, shutdown: impl Future<Output = io::Result<()>>) -> io::Result<()> {
    match limit {
        Limit::At(time) => crate::handshake::within(time, shutdown).await,
        Limit::Unlimited => shutdown.await,
    }
}

/// Discards what comes; ready when the peer has ended, or nothing is `left` of what may be discarded.
fn poll_discard<Io: AsyncRead + Unpin>(io: &mut Io, left: &mut u64, cx: &mut Context<'_>) -> Poll<()> {
    with_scratch(|scratch| {
        while *left > 0 {
            let room = usize::try_from(*left).unwrap_or(usize::MAX).min(scratch.input.len());
            let mut buffer = ReadBuf::new(scratch.input.get_mut(..room).unwrap_or_default());
            match ready!(Pin::new(&mut *io).poll_read(cx, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => *left -= buffer.filled().len() as u64,
                Ok(()) | Err(_) => *left = 0,
            }
        }
        Poll::Ready(())
    })
}
