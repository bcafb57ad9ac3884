//! What is told at a glance is what a split says.

use wirework_core::{FrameError, Framing, Input, Piece, Plain, Step, Tail};

use crate::memo::Memo;
use crate::{Broken, Law, Reads};

/// A frame that is told at a glance is the one that `split` finds, without parts, and leaves behind what `split` does; a
/// glance that tells nothing leaves everything as it was. One that is told of whatever came before it is the one that `split`
/// finds behind a reset, with all that stands behind its head.
pub fn glance<F: Framing + Clone>(framing: &F, wire: &[u8], reads: &[usize]) -> Result<(), Broken> {
    let (mut split, mut glanced) = (framing.clone(), framing.clone());
    let (mut at, mut seen) = (0, 0);
    for (read, closed) in Reads::of(reads).over(wire) {
        seen += read.len();
        let tail = if closed { Tail::Closed } else { Tail::Open };
        while let Some(bytes) = wire.get(at..seen).filter(|bytes| !bytes.is_empty()) {
            if let Some(piece) = split.glance_anew(bytes) {
                anew(split.clone(), bytes, &piece).map_err(|why| {
                    Broken::new(Law::Glance, wire, format!("at byte {at} a glance anew comes to {piece:?}, and {why}"))
                })?;
            }
            let plain = glanced.glance(bytes);
            let is_plain = plain.is_some();
            let told = match plain {
                Some(Plain { span, advance }) => {
                    glanced.taken(advance);
                    Ok(Step::Frame { span, advance })
                }
                None => glanced.split(Input { bytes, tail }),
            };
            let step = split.split(Input { bytes, tail });
            let (told, expected) = (format!("{told:?}"), format!("{step:?}"));
            if told != expected {
                let why = format!("at byte {at} a glance comes to {told}, and split to {expected}");
                return Err(Broken::new(Law::Glance, wire, why));
            }
            if is_plain && !split.parts().is_empty() {
                return Err(Broken::new(
                    Law::Glance,
                    wire,
                    format!("at byte {at} a glance misses the parts of a frame"),
                ));
            }
            let advance = match step {
                Ok(Step::Frame { advance, .. } | Step::Owned { advance, .. } | Step::Bad { advance, .. }) => advance,
                Ok(Step::Skip(advance)) => advance,
                Ok(Step::More(_)) => break,
                Err(_) => return Ok(()),
            };
            if advance == 0 || advance > bytes.len() {
                return Ok(()); // `progress` tells it.
            }
            at += advance;
        }
    }
    Ok(())
}

/// The same must come out of the bytes of the frame alone, and of all that there are.
fn anew<F: Framing>(mut framing: F, bytes: &[u8], piece: &Piece) -> Result<(), String> {
    let Piece { span, behind_head, advance } = piece;
    let expected = format!("{:?}", Ok::<_, FrameError>(Step::Frame { span: span.clone(), advance: *advance }));
    let alone = bytes.get(..*advance).ok_or("there are not as many bytes")?;
    for (bytes, tail) in [(bytes, Tail::Open), (bytes, Tail::Closed), (alone, Tail::Open), (alone, Tail::Closed)] {
        framing.reset();
        let step = format!("{:?}", framing.split(Input { bytes, tail }));
        if step != expected {
            return Err(format!("split to {step}"));
        }
        let part = match framing.parts().last() {
            Some(part) if framing.fills_in() => span.start + part.start..span.start + part.end,
            _ => span.clone(),
        };
        if part != *behind_head {
            return Err(format!("{part:?} stands behind the head"));
        }
    }
    Ok(())
}

pub(crate) fn holds<F: Framing + Clone>(memo: &Memo<'_, F>, wire: &[u8], reads: &[usize]) -> Result<(), Broken> {
    glance(memo.framing, wire, reads)
}
