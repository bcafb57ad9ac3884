//! Every step consumes, and asks for no more than it needs.

use wirework_core::{BadCause, Error, FrameError, Frames, Framing};

use crate::{Broken, Law, Reads};

/// Every step consumes something, so that no more comes out than went in; and more is asked for only when no frame is
/// there, and no more than the next frame lacks: whoever looks at every byte finds nothing earlier.
pub fn progress<F: Framing + Clone>(framing: &F, wire: &[u8]) -> Result<(), Broken> {
    let broken = |why: String| Broken::new(Law::Progress, wire, why);
    for reads in [Reads::whole(), Reads::bytes()] {
        let mut frames = Frames::new(framing.clone());
        let (mut received, mut pulls) = (0, 0);
        for (read, closed) in reads.over(wire) {
            frames.push(read);
            received += read.len();
            if closed {
                frames.close();
            }
            loop {
                match frames.next() {
                    Err(Error::Lost(lost)) if is_stuck(&lost.cause) => return Err(broken(lost.to_string())),
                    Err(Error::Bad(bad)) if matches!(&bad.cause, BadCause::Frame(cause) if is_stuck(cause)) => {
                        return Err(broken(bad.to_string()));
                    }
                    Ok(None) => break,
                    Ok(Some(_)) | Err(_) => pulls += 1,
                }
                if pulls > received + 1 {
                    return Err(broken(format!("{pulls} frames and errors came out of {received} bytes")));
                }
            }
            if !closed && frames.framing().quiet_after().is_none() && yields_when_asked_again(&frames) {
                return Err(broken(format!("after {received} bytes it asked for more, and had a frame")));
            }
        }
    }
    Ok(())
}

fn is_stuck(cause: &FrameError) -> bool {
    matches!(cause, FrameError::NoProgress(_))
}

/// Silence makes the driver ask the framing, also before as many bytes have come as it asked for.
fn yields_when_asked_again<F: Framing + Clone>(frames: &Frames<F>) -> bool {
    let mut again = frames.clone();
    again.quiet();
    !matches!(again.next(), Ok(None))
}
