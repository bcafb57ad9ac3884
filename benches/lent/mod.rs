//! The loops around frames that are lent: over pieces of 64 KiB that cut frames anywhere, as a socket would give them. Each is
//! copied into a buffer, where a socket would have written it.

use std::hint::black_box;

use wirework::core::{Frame, Frames, Framing};

/// What one read brings at most.
pub(crate) const READ: usize = 64 * 1024;

/// Reads a stream by a framing, and says how many frames there were.
pub(crate) fn lent<F: Framing>(framing: F, wire: &[u8], mut view: impl View) -> usize {
    let mut frames = Frames::new(framing);
    let mut scratch = String::new();
    let mut buffer = Vec::new();
    let mut count = 0;
    for piece in wire.chunks(READ) {
        buffer.clear();
        buffer.extend_from_slice(frames.pending());
        buffer.extend_from_slice(piece);
        let mut lent = frames.lend(&buffer);
        while let Some(frame) = lent.next().unwrap() {
            view.view(frame, &mut scratch);
            count += 1;
        }
    }
    count
}

/// The same without any framework, for frames that end with this byte: the least that a loop around `memchr` can take.
pub(crate) fn by_hand(byte: u8, wire: &[u8]) -> usize {
    let mut buffer = Vec::new();
    let mut used = 0;
    let mut count = 0;
    for piece in wire.chunks(READ) {
        buffer.drain(..used);
        buffer.extend_from_slice(piece);
        used = 0;
        while let Some(len) = memchr::memchr(byte, &buffer[used..]) {
            black_box(&buffer[used..used + len]);
            used += len + 1;
            count += 1;
        }
    }
    count
}

/// What becomes of a frame that is lent.
pub(crate) trait View {
    fn view(&mut self, frame: Frame<'_>, scratch: &mut String);
}

/// It is looked at as bytes.
pub(crate) struct Lend;

impl View for Lend {
    fn view(&mut self, frame: Frame<'_>, _: &mut String) {
        black_box(frame.bytes());
    }
}
