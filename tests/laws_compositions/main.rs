//! Compositions that nobody wrote against the laws.

#![allow(unreachable_pub, reason = "these are modules of one test")]

#[path = "../laws_support/cases.rs"]
mod cases;
mod combinators;
mod drawn;
mod framings;
mod layers;

use std::cell::Cell;
use std::sync::atomic::Ordering;

use cases::holds;
use drawn::{ACCEPTED, Drawn, PUT_TOGETHER, compositions};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use wirework::core::{Framing, Raw, encode_frame};
use wirework::notation::Composed;
use wirework_laws::{Case, cases, try_case};

/// With combinators to this depth.
const DEPTH: usize = 3;

fn of_every_depth() -> impl Strategy<Value = Drawn> {
    prop::strategy::Union::new((0..=DEPTH).map(compositions))
}

fn with_cases() -> impl Strategy<Value = (Drawn, Vec<Case>)> {
    of_every_depth().prop_flat_map(|drawn| {
        let cases = vec(cases(drawn.payloads(), drawn.wires()), 4..8);
        (Just(drawn), cases)
    })
}

#[test]
fn obey_the_laws() {
    let (tried, encoded) = (Cell::new(0), Cell::new(0));
    holds(with_cases(), |(drawn, cases)| {
        let promises = drawn.promises();
        let mut takes = 0;
        for case in &cases {
            try_case(&drawn.composed, &promises, case).map_err(|broken| TestCaseError::fail(broken.to_string()))?;
            let mut writing = drawn.composed.clone();
            writing.swap_sides();
            let taken =
                |payload: &&Vec<u8>| encode_frame(&mut writing.clone(), &mut Raw, payload, &mut Default::default());
            takes += case.payloads.iter().filter(|payload| taken(payload).is_ok()).count();
        }
        tried.set(tried.get() + 1);
        encoded.set(encoded.get() + usize::from(takes > 0));
        Ok(())
    });
    let (put_together, accepted) = (PUT_TOGETHER.load(Ordering::Relaxed), ACCEPTED.load(Ordering::Relaxed));
    println!(
        "{accepted} of {put_together} compositions are accepted, {} of {} encode a payload",
        encoded.get(),
        tried.get()
    );
    assert!(2 * accepted > put_together, "{accepted} of {put_together} are accepted");
    assert!(2 * encoded.get() > tried.get(), "{} of {} take a payload", encoded.get(), tried.get());
}

#[test]
fn print_as_what_they_are_read_from() {
    holds(of_every_depth(), |drawn| {
        let text = drawn.composed.to_string();
        let read = text.parse::<Composed>().map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(read, drawn.composed, "{}", text);
        Ok(())
    });
}
