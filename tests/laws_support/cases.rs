//! Random cases, always the same ones.

use std::fmt::Debug;
use std::str::FromStr;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

/// What becomes of a case: nothing where the test panics at what is wrong, or what it found.
pub(crate) trait Outcome {
    fn result(self) -> Result<(), TestCaseError>;
}

impl Outcome for () {
    fn result(self) -> Result<(), TestCaseError> {
        Ok(())
    }
}

impl Outcome for Result<(), TestCaseError> {
    fn result(self) -> Result<(), TestCaseError> {
        self
    }
}

/// How many cases are tried: so many, unless `WIREWORK_LAW_CASES` says otherwise.
pub(crate) fn number<T: FromStr>(otherwise: T) -> T {
    std::env::var("WIREWORK_LAW_CASES").ok().and_then(|number| number.parse().ok()).unwrap_or(otherwise)
}

/// Runs `test` on as many of `cases` as there are for every codec: 2000, unless `WIREWORK_LAW_CASES` says otherwise.
#[track_caller]
pub(crate) fn holds<T: Debug, O: Outcome>(cases: impl Strategy<Value = T>, test: impl Fn(T) -> O) {
    tried(cases, test).unwrap_or_else(|failure| panic!("{failure}"));
}

/// As [`holds`], with the failure as a value: why, and the smallest case that was found.
pub(crate) fn tried<T: Debug, O: Outcome>(
    cases: impl Strategy<Value = T>,
    test: impl Fn(T) -> O,
) -> Result<(), TestError<T>> {
    let config = Config {
        cases: number(2000),
        failure_persistence: None,
        max_local_rejects: u32::MAX,
        max_shrink_iters: 20_000,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::XorShift));
    runner.run(&cases, |case| test(case).result())
}
