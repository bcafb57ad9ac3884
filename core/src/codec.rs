//! A framing and a format: all there is to know of a protocol's messages.

use bytes::{BufMut, BytesMut};

use crate::{ComposeError, EncodeError, Format, Framing, Mirror, Raw};

/// A framing and a format.
///
/// A framing alone is a codec whose messages are bytes; with a format it is a [`Formatted`]. A connection composes its
/// codec twice, once to read and once to write.
pub trait Codec: Clone + Send + 'static {
    /// Where messages begin and end.
    type Framing: Framing + 'static;
    /// What they mean.
    type Format: Format;

    /// A fresh framing and a fresh format, for one direction of one connection; or the reason why they cannot work
    /// together.
    fn compose(&self) -> Result<(Self::Framing, Self::Format), ComposeError>;
}

/// What a codec's messages are when they are owned.
pub type Message<C> = <<C as Codec>::Format as Format>::Owned;

/// What a codec sends.
pub type Reply<C> = <<C as Codec>::Format as Format>::Reply;

impl<F: Framing + Clone + 'static> Codec for F {
    type Framing = F;
    type Format = Raw;

    fn compose(&self) -> Result<(F, Raw), ComposeError> {
        self.validate()?;
        Ok((self.clone(), Raw))
    }
}

/// A framing with a format for its payloads.
#[derive(Clone, Debug)]
pub struct Formatted<F, P> {
    framing: F,
    format: P,
    agreed: Result<(), ComposeError>,
}

impl<F: Framing, P: Format> Formatted<F, P> {
    /// Puts `format` behind `framing`, which learns the encoding of the text, if it is text.
    pub fn new(mut framing: F, format: P) -> Self {
        let agreed = framing.validate().and_then(|()| match format.encodings() {
            Some(encodings) => framing.set_encodings(&encodings),
            None => Ok(()),
        });
        Self { framing, format, agreed }
    }
}

impl<F: Framing + Clone + 'static, P: Format> Codec for Formatted<F, P> {
    type Framing = F;
    type Format = P;

    fn compose(&self) -> Result<(F, P), ComposeError> {
        self.agreed.clone()?;
        Ok((self.framing.clone(), self.format.clone()))
    }
}

impl<F: Framing, P: Mirror> Mirror for Formatted<F, P> {
    type Other = Formatted<F, P::Other>;

    fn mirror(mut self) -> Self::Other {
        self.framing.swap_sides();
        Formatted { framing: self.framing, format: self.format.mirror(), agreed: self.agreed }
    }
}

/// Appends one message as one frame to `out`: wholly, or on an error not at all.
#[inline]
pub fn encode_frame<F: Framing, P: Format>(
    framing: &mut F,
    format: &mut P,
    reply: &P::Reply,
    out: &mut BytesMut,
) -> Result<(), EncodeError> {
    let start = out.len();
    out.put_bytes(0, framing.header_len());
    let done = format.encode(reply, out).and_then(|()| framing.finish(out, start)).and_then(|()| {
        let (len, max) = (out.len().saturating_sub(start), framing.max_len());
        if len > max { Err(EncodeError::TooLong { len, max: max as u64 }) } else { Ok(()) }
    });
    if done.is_err() {
        out.truncate(start);
    }
    done
}
