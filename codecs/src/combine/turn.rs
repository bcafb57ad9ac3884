//! The turn of a framing inside another, which is to read one frame.

use wirework_core::{Framing, Step};

/// The turn of a framing that is to read one frame.
///
/// A bad frame is that frame too: its sender has sent it, and goes on. Where the framing looks for the end of damage, its
/// turn ends there. What it skips besides is no frame.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Turn {
    /// The frame was bad, and its end is not found yet.
    damaged: bool,
}

impl Turn {
    /// Whether the turn of `framing` is over with this step.
    #[inline]
    pub(super) fn is_over<F: Framing>(&mut self, step: &Step, framing: &F) -> bool {
        let had = match step {
            Step::Frame { .. } | Step::Owned { .. } | Step::Bad { .. } => true,
            Step::Skip(_) => self.damaged,
            Step::More(_) => return false,
        };
        self.damaged = had && framing.is_recovering();
        had && !self.damaged
    }

    /// Whether the turn is over with a reset: damage is then left behind.
    pub(super) fn is_over_with_reset(&mut self) -> bool {
        std::mem::take(&mut self.damaged)
    }
}
