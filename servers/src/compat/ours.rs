//! A codec of ours where tokio-util wants one of its own.

use std::fmt;

use bytes::{Buf, BytesMut};
use tokio_util::codec::{Decoder, Encoder};
use wirework_core::{
    AsReply, Bad, Codec, ComposeError, Driver, Error, Format, Frame, Framing, Message, Plain, Pull, Reply, Tail,
    encode_frame,
};

/// A codec of ours as a `tokio_util` one, for its `Framed`.
///
/// An item is a `Result`: a bad message is an item, because `Framed` would end its stream at an error.
///
/// ```
/// # use wirework_core::{EncodeError, FrameError, Framing, Input, Step};
/// # #[derive(Clone)] struct Bytewise;
/// # impl Framing for Bytewise {
/// #     fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> { Ok(Step::More(1)) }
/// #     fn finish(&mut self, _: &mut bytes::BytesMut, _: usize) -> Result<(), EncodeError> { Ok(()) }
/// # }
/// use tokio_util::codec::Framed;
/// use wirework_servers::TokioCodec;
///
/// let (io, _peer) = tokio::io::duplex(64);
/// let framed = Framed::new(io, TokioCodec::new(&Bytewise)?);
/// # Ok::<(), wirework_core::ComposeError>(())
/// ```
pub struct TokioCodec<C: Codec> {
    driver: Driver<C::Framing>,
    reads: C::Format,
    writes: (C::Framing, C::Format),
}

impl<C: Codec> TokioCodec<C> {
    /// Wraps a codec.
    ///
    /// # Errors
    /// When its parts cannot work together.
    pub fn new(codec: &C) -> Result<Self, ComposeError> {
        let (framing, reads) = codec.compose()?;
        Ok(Self { driver: Driver::new(framing), reads, writes: codec.compose()? })
    }

    /// The format of what comes; as [`Connection::read_format`](crate::Connection::read_format).
    pub fn read_format(&mut self) -> &mut C::Format {
        &mut self.reads
    }

    /// The format of what is sent; as [`Connection::write_format`](crate::Connection::write_format).
    pub fn write_format(&mut self) -> &mut C::Format {
        &mut self.writes.1
    }

    fn pull(&mut self, src: &mut BytesMut, tail: Tail) -> Result<Option<Result<Message<C>, Bad>>, Error> {
        let payload = match self.driver.pull(src, tail)? {
            Pull::Plain(Plain { span, advance }) | Pull::Frame { span, advance } => {
                src.split_to(advance).freeze().slice(span)
            }
            Pull::Owned { frame, advance } => {
                src.advance(advance);
                frame
            }
            Pull::Bad { advance, bad } => {
                src.advance(advance);
                return Ok(Some(Err(bad)));
            }
            Pull::Wait { advance, .. } => {
                src.advance(advance);
                return Ok(None);
            }
            Pull::End => {
                src.clear();
                return Ok(None);
            }
        };
        let frame = Frame::shared(&payload, &payload, self.driver.framing().parts());
        let message = self.reads.own(frame).map_err(|cause| Bad::new(self.driver.location(&payload), cause));
        if message.is_ok() {
            self.writes.1.follow(&self.reads);
        }
        Ok(Some(message))
    }
}

impl<C: Codec> Decoder for TokioCodec<C> {
    type Item = Result<Message<C>, Bad>;
    type Error = Error;

    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<Self::Item>, Error> {
        self.pull(src, Tail::Open)
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> Result<Option<Self::Item>, Error> {
        self.pull(src, Tail::Closed)
    }
}

impl<C: Codec, M: AsReply<Reply<C>>> Encoder<M> for TokioCodec<C> {
    type Error = Error;

    fn encode(&mut self, message: M, dst: &mut BytesMut) -> Result<(), Error> {
        let (framing, format) = &mut self.writes;
        Ok(encode_frame(framing, format, message.as_reply(), dst)?)
    }
}

impl<C: Codec> fmt::Debug for TokioCodec<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokioCodec")
    }
}
