//! Draws what the laws are tried with, and looks for the smallest input that breaks one.

use std::str::FromStr;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use crate::no_panic::guarded;
use crate::{Broken, Law};

/// How many cases are drawn, and which: always the same ones, so that a failure is the code's doing and comes again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Runner {
    cases: u32,
    seed: u64,
}

impl Default for Runner {
    fn default() -> Self {
        Self::of(2000)
    }
}

impl Runner {
    /// As many cases as this, and those of seed 0, unless `WIREWORK_LAW_CASES` and `WIREWORK_LAW_SEED` say otherwise.
    pub(crate) fn of(cases: u32) -> Self {
        Self {
            cases: variable("WIREWORK_LAW_CASES").unwrap_or(cases),
            seed: variable("WIREWORK_LAW_SEED").unwrap_or_default(),
        }
    }

    /// What is broken by the smallest of `inputs` that was found to break anything.
    pub(crate) fn smallest<S: Strategy>(
        self,
        inputs: &S,
        attempt: impl Fn(&S::Value) -> Option<Broken>,
    ) -> Option<Broken> {
        let outcome = self.start().run(inputs, |input| match attempt(&input) {
            None => Ok(()),
            Some(broken) => Err(TestCaseError::fail(broken.why)),
        });
        match outcome {
            Ok(()) => None,
            Err(TestError::Fail(why, smallest)) => {
                Some(attempt(&smallest).unwrap_or_else(|| panic!("broken once and then not again: {why}")))
            }
            Err(TestError::Abort(why)) => panic!("the cases cannot be made: {why}"),
        }
    }

    /// As many of `inputs` as there are cases, none of them made smaller.
    pub(crate) fn draw<S: Strategy>(self, inputs: &S) -> impl Iterator<Item = S::Value> {
        let mut runner = self.start();
        (0..self.cases).map_while(move |_| Some(inputs.new_tree(&mut runner).ok()?.current()))
    }

    fn start(self) -> TestRunner {
        let config = ProptestConfig { cases: self.cases, failure_persistence: None, ..ProptestConfig::default() };
        // Small numbers are spread over all bits, which XorShift does not do by itself. It is taken because in an unoptimised
        // build proptest's default takes longer than the laws.
        let spread = self.seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let seed = [spread.to_le_bytes(), spread.to_be_bytes()].concat();
        TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::XorShift, &seed))
    }
}

/// All of `laws` that are broken, each by the smallest input that was found; `one_of` finds one that is, of those that are
/// left.
pub(crate) fn all_broken(laws: &[Law], one_of: impl Fn(&[Law]) -> Option<Broken>) -> Vec<Broken> {
    let mut left = laws.to_vec();
    let mut all = Vec::new();
    while let Some(broken) = one_of(&left) {
        left.retain(|law| *law != broken.law);
        all.push(broken);
    }
    all.sort_by_key(|broken| broken.law);
    all
}

/// The first of `laws` that `input` breaks, where `holds` tries one of them.
pub(crate) fn first_broken(laws: &[Law], input: &[u8], holds: impl Fn(Law) -> Result<(), Broken>) -> Option<Broken> {
    laws.iter().find_map(|law| attempt(laws, input, || holds(*law)))
}

/// What of `laws` is broken when `input` is tried; a panic on the way breaks [`Law::NoPanic`].
pub(crate) fn attempt(laws: &[Law], input: &[u8], holds: impl FnOnce() -> Result<(), Broken>) -> Option<Broken> {
    let outcome = guarded(input, holds).and_then(|outcome| outcome);
    outcome.err().filter(|broken| laws.contains(&broken.law))
}

fn variable<T: FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use proptest::collection::vec;

    use super::*;

    fn runner(seed: u64) -> Runner {
        Runner { cases: 200, seed }
    }

    /// No bytes are over 99: the smallest that are is one of 100.
    fn over_99(bytes: &[u8]) -> Option<Broken> {
        bytes.iter().any(|byte| *byte > 99).then(|| Broken::new(Law::Policies, bytes, "over 99"))
    }

    #[test]
    fn what_is_broken_is_broken_by_the_smallest_input() {
        let broken = runner(0).smallest(&vec(any::<u8>(), 0..9), |bytes| over_99(bytes)).unwrap();
        assert_eq!(broken.input, [100]);
        assert_eq!(runner(0).smallest(&vec(0..100_u8, 0..9), |bytes| over_99(bytes)), None);
    }

    /// What is tried, and what is drawn.
    fn inputs(runner: Runner) -> (Vec<u8>, Vec<u8>) {
        let tried = RefCell::new(Vec::new());
        runner.smallest(&any::<u8>(), |byte| {
            tried.borrow_mut().push(*byte);
            None
        });
        (tried.into_inner(), runner.draw(&any::<u8>()).collect())
    }

    #[test]
    fn a_seed_always_gives_the_same_cases_and_another_gives_others() {
        for seed in 0..8 {
            let (tried, drawn) = inputs(runner(seed));
            assert_eq!((tried.len(), drawn.len()), (200, 200));
            assert_eq!(inputs(runner(seed)), (tried.clone(), drawn.clone()));
            let (others, other) = inputs(runner(seed + 1));
            assert!(tried != others && drawn != other, "the cases of seed {seed} are those of the next");
        }
    }

    #[test]
    fn a_law_is_named_once_and_those_behind_it_are_not_hidden() {
        let laws = [Law::Spellings, Law::NoPanic, Law::Policies, Law::Plain];
        let holds = |law| match law {
            Law::Plain => Ok(()),
            Law::NoPanic => panic!("a bell"),
            law => Err(Broken::new(law, b"x", "of course")),
        };
        let broken = all_broken(&laws, |laws| first_broken(laws, b"x", holds));
        let found: Vec<Law> = broken.iter().map(|broken| broken.law).collect();
        assert_eq!(found, [Law::NoPanic, Law::Policies, Law::Spellings]);
    }

    #[test]
    #[should_panic(expected = "broken once and then not again: over 99")]
    fn what_is_not_the_same_twice_is_said() {
        let first = Cell::new(true);
        runner(0).smallest(&Just(vec![100]), |bytes| over_99(bytes).filter(|_| first.replace(false)));
    }

    #[test]
    #[should_panic(expected = "the cases cannot be made: ")]
    fn inputs_that_cannot_be_drawn_are_no_proof() {
        runner(0).smallest(&any::<u8>().prop_filter("there is none", |_| false), |_| None);
    }
}
