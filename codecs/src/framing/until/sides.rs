//! What is looked for in what comes, beside what is sent.

use super::progress::Progress;
use super::terminators::Terminators;

/// What is looked for in what comes, beside what is sent, where that is written otherwise.
#[derive(Clone, Debug)]
pub(crate) struct Sides<T> {
    pub(crate) reads: T,
    /// How far the search in an unfinished payload has come.
    pub(crate) progress: Progress,
    /// What is sent, and a search for it, where it is not what comes.
    writes: Option<Box<(T, Progress)>>,
}

impl<T: AsRef<Terminators>> Sides<T> {
    /// Looks for these, and sends `writes` if they are others.
    pub(crate) fn new(reads: T, writes: Option<T>) -> Self {
        let progress = reads.as_ref().progress();
        let with_progress = |writes: T| {
            let progress = writes.as_ref().progress();
            Box::new((writes, progress))
        };
        Self { reads, progress, writes: writes.map(with_progress) }
    }

    /// What is sent, and a search for it.
    pub(crate) fn writes(&self) -> (&T, &Progress) {
        match &self.writes {
            Some(writes) => (&writes.0, &writes.1),
            None => (&self.reads, &self.progress),
        }
    }

    /// What comes is sent, and the other way round.
    pub(crate) fn swap(&mut self) {
        if let Some(writes) = &mut self.writes {
            std::mem::swap(&mut self.reads, &mut writes.0);
            std::mem::swap(&mut self.progress, &mut writes.1);
        }
    }
}
