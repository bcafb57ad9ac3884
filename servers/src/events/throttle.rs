//! So many lines a second.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The lines of a log in a second, unless somebody says otherwise.
pub(super) const LINES: usize = 100;

/// So many lines a second, and how many were left out.
#[derive(Debug)]
pub(super) struct Throttle(Mutex<Second>);

/// What was written in this second.
#[derive(Debug)]
struct Second {
    began: Option<Instant>,
    written: usize,
    left_out: usize,
}

/// Whether a line may be written.
pub(super) struct Admission {
    /// How many were left out in the second before, if that is to be said first.
    pub(super) left_out: Option<usize>,
    pub(super) admitted: bool,
}

impl Throttle {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Second { began: None, written: 0, left_out: 0 }))
    }

    /// Asks for another line, of `most` in a second.
    pub(super) fn ask(&self, most: usize) -> Admission {
        let mut second = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let mut left_out = 0;
        if second.began.is_none_or(|began| now.duration_since(began) >= Duration::from_secs(1)) {
            left_out = second.left_out;
            *second = Second { began: Some(now), written: 0, left_out: 0 };
        }
        let admitted = second.written < most;
        if admitted {
            second.written += 1;
        } else {
            second.left_out += 1;
        }
        Admission { left_out: (left_out > 0).then_some(left_out), admitted }
    }
}
