//! How much damage a stream may take.

use wirework_core::FrameError;

/// How much damage may come between two good frames, and how much has.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    /// As many bytes, if that was said.
    pub(crate) bytes: Option<usize>,
    /// As many times.
    pub(crate) failures: usize,
    passed: usize,
    failed: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { bytes: None, failures: 16, passed: 0, failed: 0 }
    }
}

impl Budget {
    pub(super) fn new(bytes: usize, failures: usize) -> Self {
        Self { bytes: Some(bytes), failures, passed: 0, failed: 0 }
    }

    /// Whether there was no damage since the last good frame.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.failed == 0
    }

    /// A good frame has come.
    #[inline]
    pub(super) fn refill(&mut self) {
        (self.passed, self.failed) = (0, 0);
    }

    /// There is damage once more; gives the error back if it may be.
    pub(super) fn fail(&mut self, error: FrameError) -> Result<FrameError, FrameError> {
        if self.failed >= self.failures {
            return Err(FrameError::malformed(format!(
                "damaged more than {} times since the last good frame: {error}",
                self.failures
            )));
        }
        self.failed += 1;
        Ok(error)
    }

    /// How many bytes of damage may still be passed over, if any.
    pub(super) fn left(&self, max: usize) -> Result<usize, FrameError> {
        match max.checked_sub(self.passed) {
            Some(left) if left > 0 => Ok(left),
            _ => Err(FrameError::malformed(format!("more than {max} bytes of damage since the last good frame"))),
        }
    }

    pub(super) fn pass(&mut self, bytes: usize) {
        self.passed = self.passed.saturating_add(bytes);
    }
}

impl PartialEq for Budget {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes && self.failures == other.failures
    }
}
