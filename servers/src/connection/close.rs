//! Closing so that the peer gets all it was sent.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use wirework_core::Limits;

/// Ends this side, then reads on until the peer ends its own (if it has not), and discards what comes.
///
/// A socket that is closed while something is unread is reset by TCP (RFC 1122, section 4.2.2.13; RFC 2525, section
/// 2.17), and the reset destroys what the peer has not yet read.
pub(crate) async fn close<Io>(io: &mut Io, peer_ended: bool, limits: &Limits) -> io::Result<()>
where
    Io: AsyncRead + AsyncWrite + Unpin,
{
    io.shutdown().await?;
    if peer_ended {
        return Ok(());
    }
    let discard = async {
        let mut sink = tokio::io::sink();
        tokio::io::copy(&mut io.take(limits.linger_bytes), &mut sink).await
    };
    // A peer that has reset the connection, or that goes on for too long, is gone all the same.
    let _ = tokio::time::timeout(limits.linger, discard).await;
    Ok(())
}
