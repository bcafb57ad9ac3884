//! No bytes make a codec panic.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::BytesMut;
use wirework_core::{Codec, Error, Format, Frames, Framing};

use crate::promises::encode;
use crate::{Broken, Law};

/// Nothing panics: not the framing, for any `wire` in any `reads`, with bytes taken out past it, with silence in between,
/// beyond the end; not the format, for any frame; not the encoder, for any payload.
pub fn no_panic<C: Codec>(codec: &C, wire: &[u8], reads: &[usize]) -> Result<(), Broken> {
    guarded(wire, || {
        let compose = || codec.compose().unwrap_or_else(|refused| panic!("the codec is refused: {refused}"));
        let (mut writing, _) = compose();
        // Refused or not, both are fine.
        let _ = encode(&mut writing, wire, &mut BytesMut::new());
        let (framing, mut format) = compose();
        let mut frames = Frames::new(framing);
        let mut rest = wire;
        let reads = if reads.is_empty() { &[usize::MAX] } else { reads };
        for len in reads.iter().cycle().map(|len| *len.max(&1)) {
            let (read, left) = rest.split_at(len.min(rest.len()));
            rest = left;
            disturb(&mut frames, read, len);
            drain(&mut frames, &mut format);
            if rest.is_empty() {
                break;
            }
        }
        frames.close();
        drain(&mut frames, &mut format);
        frames.push(wire);
        drain(&mut frames, &mut format);
    })
}

/// Gives `read` to `frames`, in one of the ways that a connection may; `choice` says which.
fn disturb<F: Framing>(frames: &mut Frames<F>, read: &[u8], choice: usize) {
    match choice % 4 {
        0 => {
            frames.push(read);
            frames.take(choice / 2);
        }
        1 => {
            let mut buffer = frames.pending().to_vec();
            buffer.extend_from_slice(read);
            let _ = frames.lend(&buffer).next();
        }
        2 => {
            frames.push(read);
            frames.quiet();
        }
        _ => frames.push(read),
    }
}

fn drain<F: Framing, P: Format>(frames: &mut Frames<F>, format: &mut P) {
    let mut scratch = String::new();
    loop {
        match frames.next() {
            Ok(Some(frame)) => {
                let _ = format.view(frame, &mut scratch);
                let _ = format.own(frame);
            }
            Err(Error::Bad(_)) => {}
            Ok(None) | Err(_) => return,
        }
    }
}

/// Runs `f`; a panic in it breaks the law.
pub(crate) fn guarded<T>(input: &[u8], f: impl FnOnce() -> T) -> Result<T, Broken> {
    catch_unwind(AssertUnwindSafe(f)).map_err(|panic| Broken::new(Law::NoPanic, input, message(&*panic)))
}

fn message(panic: &(dyn Any + Send)) -> String {
    let what = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    format!("it panicked: {}", what.unwrap_or("without a message"))
}
