//! The first bytes of a client, which tell TLS from all else.

use std::io;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt};
use wirework_core::{FrameError, Location, Lost};

/// The content type with which every record of a handshake begins (RFC 8446, section 5.1).
const HANDSHAKE: u8 = 0x16;

/// What a client says first: as much as comes at once, but no more than an error quotes. No hello is that short.
pub(super) struct Opening(Bytes);

impl Opening {
    pub(super) async fn read<Io: AsyncRead + Unpin>(io: &mut Io) -> io::Result<Self> {
        let mut bytes = [0; Location::HEAD];
        let n = io.read(&mut bytes).await?;
        Ok(Self(Bytes::copy_from_slice(bytes.get(..n).unwrap_or_default())))
    }

    pub(super) fn is_tls(&self) -> bool {
        self.0.first() == Some(&HANDSHAKE)
    }

    pub(super) fn into_bytes(self) -> Bytes {
        self.0
    }

    /// The bytes of who wants TLS; or what it wants instead, as far as its bytes say.
    pub(super) fn into_tls(self) -> io::Result<Bytes> {
        if self.is_tls() {
            return Ok(self.0);
        }
        if self.0.is_empty() {
            let gone = "the peer has closed the connection before it has said anything";
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, gone));
        }
        let not_tls = FrameError::malformed("no TLS handshake, which begins 16 (RFC 8446, section 5.1)");
        let lost = Lost::new(Location::new(1, 0, &self.0), not_tls);
        Err(io::Error::new(io::ErrorKind::InvalidData, lost))
    }
}
