//! What is told at a glance is what a split says.

use wirework_core::{Framing, Input, Plain, Step, Tail};

use crate::memo::Memo;
use crate::{Broken, Law, Reads};

/// A frame that is told at a glance is the one that `split` finds, without parts, and leaves behind what `split` does; a
/// glance that tells nothing leaves everything as it was.
pub fn glance<F: Framing + Clone>(framing: &F, wire: &[u8], reads: &[usize]) -> Result<(), Broken> {
    let (mut split, mut glanced) = (framing.clone(), framing.clone());
    let (mut at, mut seen) = (0, 0);
    for (read, closed) in Reads::of(reads).over(wire) {
        seen += read.len();
        let tail = if closed { Tail::Closed } else { Tail::Open };
        while let Some(bytes) = wire.get(at..seen).filter(|bytes| !bytes.is_empty()) {
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

pub(crate) fn holds<F: Framing + Clone>(memo: &Memo<'_, F>, wire: &[u8], reads: &[usize]) -> Result<(), Broken> {
    glance(memo.framing, wire, reads)
}
