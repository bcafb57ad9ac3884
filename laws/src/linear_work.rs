//! Four times the bytes take about four times the work.

use wirework_core::{Error, Frames, Framing};

use crate::{Broken, Law};

/// `count` says how many instructions it takes to [feed](feed_byte_by_byte) that many bytes of a wire: for 4 `n` at most 5
/// times those for `n`, without those for none. A framing that searches an unfinished frame from its start at every read
/// takes 16 times as many.
///
/// Instructions are counted, not time, so that the answer is the same on a busy machine: a counter runs the test itself
/// again under `valgrind --tool=callgrind`, and reads off what was `Collected`.
///
/// ```
/// # use wirework_laws::linear_work;
/// let linear = |n: usize| 7_000 + 40 * n as u64;
/// let quadratic = |n: usize| 7_000 + (n * n) as u64;
/// assert!(linear_work(1000, linear).is_ok());
/// assert!(linear_work(1000, quadratic).is_err());
/// ```
pub fn linear_work(n: usize, mut count: impl FnMut(usize) -> u64) -> Result<(), Broken> {
    let start_up = count(0);
    let [once, four_times] = [n, 4 * n].map(|n| count(n).saturating_sub(start_up));
    if once == 0 {
        let why = format!("{n} bytes take no more instructions than none: nothing was counted");
        return Err(Broken::new(Law::LinearWork, b"", why));
    }
    if four_times > 5 * once {
        let why = format!("{n} bytes take {once} instructions, {} bytes {four_times}", 4 * n);
        return Err(Broken::new(Law::LinearWork, b"", why));
    }
    Ok(())
}

/// Gives `wire` to `framing` byte by byte, and takes out what comes: the work that [`linear_work`] is about. How many
/// frames came.
pub fn feed_byte_by_byte<F: Framing>(framing: F, wire: &[u8]) -> usize {
    let mut frames = Frames::new(framing);
    let mut seen = 0;
    for byte in wire {
        frames.push(std::slice::from_ref(byte));
        while let Ok(Some(_)) | Err(Error::Bad(_)) = frames.next() {
            seen += 1;
        }
    }
    seen
}
