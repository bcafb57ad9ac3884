//! Memory is bounded by what was received.

use bytes::Bytes;
use wirework_core::{Driver, Error, Frames, Framing, Plain, Pull, Tail};

use crate::{Broken, Law, Reads};

/// A buffer that grows by doubling takes up to twice what it holds, and so does what is copied from it.
const TIMES: usize = 4;
/// What may be held beyond that, whatever came.
const SLACK: usize = 1024;

/// The buffer, and every frame that had to be rewritten, takes memory in proportion to what was received, whatever was
/// claimed; an unfinished frame is held up to `max_len`; and when nothing is unfinished, nothing is held.
pub fn memory<F: Framing + Clone>(framing: &F, wire: &[u8], reads: &[usize]) -> Result<(), Broken> {
    for reads in [Reads::bytes(), Reads::of(reads)] {
        buffer(framing, wire, &reads)?;
    }
    rewritten(framing, wire)
}

fn buffer<F: Framing + Clone>(framing: &F, wire: &[u8], reads: &Reads) -> Result<(), Broken> {
    let mut frames = Frames::new(framing.clone());
    let (mut received, mut longest_read) = (0, 0);
    for (read, closed) in reads.over(wire) {
        frames.push(read);
        received += read.len();
        longest_read = read.len().max(longest_read);
        if closed {
            frames.close();
        }
        let mut most = frames.capacity();
        while let Ok(Some(_)) | Err(Error::Bad(_)) = frames.next() {
            most = most.max(frames.capacity());
        }
        within(most, received, "the buffer", wire)?;
        if frames.pending().is_empty() && frames.capacity() > 0 {
            let why = format!("{} bytes are held for an idle stream", frames.capacity());
            return Err(Broken::new(Law::Memory, wire, why));
        }
        let max = frames.framing().max_len();
        if frames.pending().len() > max {
            let why = format!("{} bytes of an unfinished frame are held, and max_len is {max}", frames.pending().len());
            return Err(Broken::new(Law::Memory, wire, why));
        }
        within(most, max.saturating_add(longest_read), "the buffer of a frame of max_len", wire)?;
    }
    Ok(())
}

fn rewritten<F: Framing + Clone>(framing: &F, wire: &[u8]) -> Result<(), Broken> {
    let mut driver = Driver::new(framing.clone());
    let mut rest = wire;
    loop {
        match driver.pull(rest, Tail::Closed) {
            Ok(Pull::Owned { frame, advance }) => {
                rest = rest.get(advance..).unwrap_or_default();
                within(capacity(frame), wire.len() - rest.len(), "a rewritten frame", wire)?;
            }
            Ok(Pull::Plain(Plain { advance, .. }) | Pull::Frame { advance, .. } | Pull::Bad { advance, .. }) => {
                rest = rest.get(advance..).unwrap_or_default();
            }
            Ok(Pull::Wait { .. } | Pull::End) | Err(_) => return Ok(()),
        }
    }
}

/// What a frame was allocated with, where nobody else holds it.
fn capacity(frame: Bytes) -> usize {
    frame.try_into_mut().map_or_else(|shared| shared.len(), |own| own.capacity())
}

fn within(taken: usize, held: usize, what: &str, wire: &[u8]) -> Result<(), Broken> {
    if taken <= held.saturating_mul(TIMES).saturating_add(SLACK) {
        return Ok(());
    }
    Err(Broken::new(Law::Memory, wire, format!("{what} takes {taken} bytes for {held}")))
}
