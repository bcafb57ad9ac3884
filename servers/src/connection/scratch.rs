//! Buffers that belong to a thread, lent to the connection that it is working on.

use std::cell::Cell;

use bytes::BytesMut;

/// How much is read at once.
const READ: usize = 256 * 1024;

/// What a buffer that grew beyond its usual size is cut back to.
const KEEP: usize = 256 * 1024;

/// The buffers of a thread.
#[derive(Default)]
pub(crate) struct Scratch {
    /// What is read.
    pub(crate) input: Vec<u8>,
    /// What is to be written.
    pub(crate) output: BytesMut,
    /// Text that had to be decoded.
    pub(crate) text: String,
}

impl Scratch {
    /// Gives the output buffer back to the system, if it had to grow for this many bytes. Its capacity does not tell: that
    /// counts only what is behind the bytes that were written.
    pub(crate) fn forget_large_output(&mut self, written: usize) {
        if written > KEEP {
            self.output = BytesMut::new();
        }
    }
}

thread_local! {
    static SCRATCH: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
}

/// Lends the buffers of this thread. Somebody who asks again meanwhile, such as a stream made of another connection, gets
/// new ones.
pub(crate) fn with_scratch<T>(work: impl FnOnce(&mut Scratch) -> T) -> T {
    let mut scratch = SCRATCH.take().unwrap_or_default();
    if scratch.input.is_empty() {
        scratch.input.resize(READ, 0);
    }
    let done = work(&mut scratch);
    scratch.text.clear();
    scratch.text.shrink_to(KEEP);
    SCRATCH.set(Some(scratch));
    done
}
