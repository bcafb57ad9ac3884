//! The sending side.

use std::io;

use tokio::io::AsyncWriteExt;

use super::Header;
use crate::{Dial, Peer};

impl Header {
    /// Connects to `target` on behalf of whom this header names.
    ///
    /// ```no_run
    /// # async fn example(codec: impl wirework_core::Codec) -> Result<(), Box<dyn std::error::Error>> {
    /// use wirework_servers::{connect, proxy::Header};
    ///
    /// let header = Header::v2("192.0.2.1:56324".parse()?, "198.51.100.1:443".parse()?);
    /// let server = connect(header.to("10.0.0.7:7788"), codec).await?;
    /// # drop(server);
    /// # Ok(())
    /// # }
    /// ```
    pub fn to<D: Dial>(self, target: D) -> Introduced<D> {
        Introduced { header: self, target }
    }
}

/// What can be connected to with a PROXY header; see [`Header::to`].
#[derive(Clone, Debug)]
pub struct Introduced<D> {
    header: Header,
    target: D,
}

impl<D: Dial> Dial for Introduced<D> {
    type Io = D::Io;

    async fn dial(self) -> io::Result<(D::Io, Peer)> {
        let (mut io, peer) = self.target.dial().await?;
        io.write_all(&self.header.encode()).await?;
        Ok((io, peer))
    }
}
