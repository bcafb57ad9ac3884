//! The loops around a decoder.

use std::fmt;
use std::hint::black_box;

use bytes::BytesMut;
use tokio_util::codec::Decoder;
use wirework::Text;
use wirework::core::{Format, Frame, Frames, Framing};

use crate::lent::{READ, View};

pub(crate) fn tokio_util<D: Decoder<Error: fmt::Debug>>(mut decoder: D, wire: &[u8]) -> usize {
    let mut buffer = BytesMut::new();
    let mut count = 0;
    for piece in wire.chunks(READ) {
        buffer.extend_from_slice(piece);
        while let Some(frame) = decoder.decode(&mut buffer).unwrap() {
            black_box(frame);
            count += 1;
        }
    }
    count
}

/// Ours, in a buffer that the frames share.
pub(crate) fn pushed<F: Framing, T>(framing: F, wire: &[u8], mut own: impl FnMut(Frame<'_>) -> T) -> usize {
    let mut frames = Frames::new(framing);
    let mut count = 0;
    for piece in wire.chunks(READ) {
        frames.push(piece);
        while let Some(frame) = frames.next().unwrap() {
            black_box(own(frame));
            count += 1;
        }
    }
    count
}

impl View for Text {
    fn view(&mut self, frame: Frame<'_>, scratch: &mut String) {
        black_box(Format::view(self, frame, scratch).unwrap());
    }
}
