//! Arbitrary bytes, cut anywhere, through any composition.

use bytes::BytesMut;
use wirework_codecs::Composition;
use wirework_codecs::notation::{Composed, Meaning};
use wirework_core::{Error, Frames, Framing, Raw, encode_frame};
use wirework_laws::{
    Broken, Promises, end_of_stream, lent_and_owned, memory, no_panic, prefix, progress, segmentation,
};

use crate::choices::Choices;
use crate::stages::{composition, framing};

/// Holds what comes out of any bytes against the laws. `false` when the composition that was chosen is refused.
///
/// # Panics
/// When a law is broken.
pub fn decode(input: &[u8]) -> bool {
    let mut choices = Choices::new(input);
    let Some(composition) = composition(&mut choices) else { return false };
    let reads = [1 + choices.below(8), 1 + choices.below(32), 1 + choices.below(4)];
    let cut = usize::from(choices.byte());
    let wire = wire(&composition, choices);
    laws(&composition, &wire, &reads, cut).unwrap_or_else(|broken| panic!("{composition}\n{broken}"));
    true
}

/// The bytes that are left, as they are; or behind the frame of one payload, one byte of which may be another.
fn wire(composition: &Composition, mut choices: Choices<'_>) -> Vec<u8> {
    if !choices.once_in(2) {
        return choices.rest().to_vec();
    }
    let (len, at, damage) = (usize::from(choices.byte()), usize::from(choices.byte()), choices.byte());
    let rest = choices.rest();
    let (payload, behind) = rest.split_at(len.min(rest.len()));
    let mut theirs = framing(composition);
    theirs.swap_sides();
    let mut wire = BytesMut::new();
    if encode_frame(&mut theirs, &mut Raw, payload, &mut wire).is_err() {
        return rest.to_vec();
    }
    if let Some(byte) = wire.get_mut(at) {
        *byte ^= damage;
    }
    wire.extend_from_slice(behind);
    wire.to_vec()
}

fn laws(composition: &Composition, wire: &[u8], reads: &[usize], cut: usize) -> Result<(), Broken> {
    let framing = framing(composition);
    match composition.meaning() {
        Meaning::Text(_) => {
            let codec = composition.clone().text().expect("it ends in an encoding");
            no_panic(&codec, wire, reads)?;
        }
        _ => no_panic(&framing, wire, reads)?,
    }
    memory(&framing, wire, reads)?;
    progress(&framing, wire)?;
    lent_and_owned(&framing, wire, reads)?;
    let text = composition.framing().to_string();
    if text.contains("chunk") {
        // What comes out depends on how the bytes come.
        if text.starts_with("chunk ") && !text.contains('|') {
            segmentation(&framing, wire, reads, &Promises::default().joined())?;
        }
        return Ok(());
    }
    let promises = if text.contains("drop") { Promises::default().drops_last() } else { Promises::default() };
    segmentation(&framing, wire, reads, &promises)?;
    prefix(&framing, wire, cut, &promises)?;
    end_of_stream(&framing, wire, wire, cut, &promises)?;
    let whole = with_silences(&framing, wire, reads, usize::MAX);
    let bytes = with_silences(&framing, wire, reads, 1);
    assert_eq!(whole, bytes, "{composition}: silences behind reads of {reads:?} do not mean the same for every cut");
    Ok(())
}

/// What comes out when the line is silent behind each of these `reads`, which come in pieces of this many bytes.
fn with_silences(framing: &Composed, wire: &[u8], reads: &[usize], piece: usize) -> Vec<String> {
    let mut frames = Frames::new(framing.clone());
    let (mut rest, mut seen) = (wire, Vec::new());
    for read in reads.iter().cycle() {
        let (read, left) = rest.split_at((*read).min(rest.len()));
        rest = left;
        for piece in read.chunks(piece) {
            frames.push(piece);
            drain(&mut frames, &mut seen);
        }
        if frames.framing().quiet_after().is_some() {
            frames.quiet();
            drain(&mut frames, &mut seen);
        }
        if rest.is_empty() {
            break;
        }
    }
    frames.close();
    drain(&mut frames, &mut seen);
    seen
}

fn drain(frames: &mut Frames<Composed>, seen: &mut Vec<String>) {
    loop {
        match frames.next() {
            Ok(None) => return,
            Ok(Some(frame)) => {
                let within = |part: &std::ops::Range<usize>| part.start <= part.end && part.end <= frame.bytes().len();
                assert!(frame.parts().iter().all(within), "parts outside of {frame:?}");
                seen.push(format!("{:?} {}", frame.parts(), frame.bytes().escape_ascii()));
            }
            // Its place, and not how many of the bytes there had come.
            Err(Error::Bad(bad)) => seen.push(format!("{} {}", bad.location.offset, bad.cause)),
            Err(Error::Lost(lost)) => return seen.push(format!("{} {}", lost.location.offset, lost.cause)),
            Err(error) => return seen.push(error.to_string()),
        }
    }
}
