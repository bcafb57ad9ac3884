//! A codec of tokio-util's world where we want one of our own.

use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Bytes, BytesMut};
use tokio_util::codec::{Decoder, Encoder};
use wirework_core::{
    BoxError, COUNTED_FRAME, Codec, ComposeError, EncodeError, Format, FormatError, Frame, FrameError, Framing, Input,
    Step, Tail,
};

/// A `tokio_util` codec as one of ours. `M` is what is sent.
///
/// ```
/// use tokio_util::codec::LinesCodec;
/// use wirework_servers::Foreign;
///
/// let lines = Foreign::<_, String>::new(LinesCodec::new());
/// ```
///
/// Its items are the messages. An error of its decoder loses the stream, because such a decoder does not say whether it
/// knows where the next item begins; and so does an item that uses up no bytes. What the decoder uses up belongs to its
/// next item: a stream that ends behind such bytes and before the item ends inside a message. How much of an unfinished item it may hold is its own affair, up to
/// [`max_len`](Foreign::max_len).
pub struct Foreign<D, M> {
    codec: D,
    max: usize,
    sends: PhantomData<fn(M)>,
}

impl<D, M> Foreign<D, M> {
    /// Wraps a codec.
    pub fn new(codec: D) -> Self {
        Self { codec, max: COUNTED_FRAME, sends: PhantomData }
    }

    /// The most bytes that may wait for an item to be whole. Default: 1 MiB.
    pub fn max_len(mut self, max: usize) -> Self {
        self.max = max;
        self
    }
}

impl<D: Clone, M> Clone for Foreign<D, M> {
    fn clone(&self) -> Self {
        Self { codec: self.codec.clone(), max: self.max, sends: PhantomData }
    }
}

impl<D, M> fmt::Debug for Foreign<D, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Foreign")
    }
}

/// One item, on its way from the decoder, which our framing drives, to our format.
type Slot<T> = Arc<Mutex<Option<T>>>;

impl<D, M> Codec for Foreign<D, M>
where
    D: Decoder + Encoder<M> + Clone + Send + 'static,
    D::Item: Send + 'static,
    <D as Decoder>::Error: Into<BoxError>,
    <D as Encoder<M>>::Error: Into<BoxError>,
    M: Clone + 'static,
{
    type Framing = ForeignFraming<D>;
    type Format = ForeignFormat<D, M>;

    fn compose(&self) -> Result<(Self::Framing, Self::Format), ComposeError> {
        let slot = Slot::default();
        let framing = ForeignFraming {
            codec: self.codec.clone(),
            fresh: self.codec.clone(),
            buffer: BytesMut::new(),
            begun: 0,
            max: self.max,
            slot: slot.clone(),
        };
        Ok((framing, ForeignFormat { codec: self.codec.clone(), slot, sends: PhantomData }))
    }
}

/// The framing of a [`Foreign`] codec: it lets the decoder find the items.
pub struct ForeignFraming<D: Decoder> {
    codec: D,
    /// The decoder as it was at first.
    fresh: D,
    /// The decoder's own copy of the input that it has not used up, which it may change as it likes.
    buffer: BytesMut,
    /// How many bytes of the input the decoder has used up for an item that is not whole, such as its header.
    begun: usize,
    max: usize,
    slot: Slot<D::Item>,
}

impl<D> Framing for ForeignFraming<D>
where
    D: Decoder + Clone + Send,
    D::Item: Send,
    D::Error: Into<BoxError>,
{
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        // What the decoder has seen already stands at the front of the input.
        let seen = self.begun + self.buffer.len();
        self.buffer.extend_from_slice(input.bytes.get(seen..).unwrap_or_default());
        let before = self.buffer.len();
        let item = match input.tail {
            Tail::Closed => self.codec.decode_eof(&mut self.buffer),
            Tail::Open | Tail::Quiet => self.codec.decode(&mut self.buffer),
        };
        self.begun += before.saturating_sub(self.buffer.len());
        let Some(item) = item.map_err(|error| FrameError::Other(error.into()))? else { return Ok(Step::More(1)) };
        *self.slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(item);
        Ok(Step::Owned { frame: Bytes::new(), advance: std::mem::take(&mut self.begun) })
    }

    fn finish(&mut self, _out: &mut BytesMut, _start: usize) -> Result<(), EncodeError> {
        Ok(())
    }

    fn max_len(&self) -> usize {
        self.max
    }

    fn reset(&mut self) {
        self.codec = self.fresh.clone();
        self.buffer.clear();
        self.begun = 0;
    }
}

/// The format of a [`Foreign`] codec: it hands on the items, and lets the encoder write.
pub struct ForeignFormat<D: Decoder, M> {
    codec: D,
    slot: Slot<D::Item>,
    sends: PhantomData<fn(M)>,
}

impl<D: Decoder + Clone, M> Clone for ForeignFormat<D, M> {
    fn clone(&self) -> Self {
        Self { codec: self.codec.clone(), slot: self.slot.clone(), sends: PhantomData }
    }
}

impl<D, M> Format for ForeignFormat<D, M>
where
    D: Decoder + Encoder<M> + Clone + Send + 'static,
    D::Item: Send + 'static,
    <D as Encoder<M>>::Error: Into<BoxError>,
    M: Clone + 'static,
{
    type Message<'a> = D::Item;
    type Owned = D::Item;
    type Reply = M;

    fn view<'a>(&mut self, frame: Frame<'a>, _scratch: &'a mut String) -> Result<D::Item, FormatError> {
        self.own(frame)
    }

    fn own(&mut self, _frame: Frame<'_>) -> Result<D::Item, FormatError> {
        let item = self.slot.lock().unwrap_or_else(PoisonError::into_inner).take();
        item.ok_or_else(|| FormatError::Other("the decoder of this frame gave no item".into()))
    }

    fn encode(&mut self, reply: &M, out: &mut BytesMut) -> Result<(), EncodeError> {
        self.codec.encode(reply.clone(), out).map_err(|error| EncodeError::Other(error.into()))
    }
}
