//! All laws at once.

use std::cell::Cell;
use std::str::FromStr;

use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use wirework_core::{Codec, Format, Message};

use crate::case::any_payloads;
use crate::memo::Memo;
use crate::no_panic::guarded;
use crate::{Broken, Case, Law, Promises, at_size_limits, cases, hostile_wires, memory, no_panic, progress};
use crate::{end_of_stream, glance, keeps_earlier_frames, lent_and_owned, parts, prefix, round_trip, segmentation};

/// All laws for one codec, or one framing, which is a codec of bytes.
///
/// ```no_run
/// # use wirework_core::{Framing, Raw};
/// # fn test(my_framing: impl Framing + Clone + 'static) {
/// use proptest::prelude::*;
/// use wirework_laws::Laws;
///
/// Laws::new(my_framing)
///     .payloads("[a-z]{0,20}".prop_map(String::into_bytes))   // payloads as your protocol has them
///     .cases(10_000)
///     .check();
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is tried before `check`"]
pub struct Laws<C> {
    codec: C,
    promises: Promises,
    payloads: BoxedStrategy<Vec<u8>>,
    wires: BoxedStrategy<Vec<u8>>,
    cases: u32,
    /// [`messages()`](crate::messages()), where it is tried.
    messages: Option<MessagesLaw<C>>,
}

type MessagesLaw<C> = fn(&C, &[u8], &[usize], &Promises) -> Result<(), Broken>;

/// The laws that are tried; [`Law::LinearWork`] needs a counter.
const TRIED: [Law; 12] = [
    Law::RoundTrip,
    Law::Segmentation,
    Law::Messages,
    Law::LentAndOwned,
    Law::Glance,
    Law::NoPanic,
    Law::Progress,
    Law::Memory,
    Law::Parts,
    Law::KeepsEarlierFrames,
    Law::EndOfStream,
    Law::Prefix,
];

impl<C: Codec> Laws<C>
where
    C::Framing: Clone,
{
    /// The laws for `codec`.
    pub fn new(codec: C) -> Self {
        Self {
            codec,
            promises: Promises::default(),
            payloads: any_payloads(),
            wires: hostile_wires(),
            cases: variable("WIREWORK_LAW_CASES").unwrap_or(2000),
            messages: None,
        }
    }

    /// Tries [`messages`](crate::messages()) too, for a codec whose messages are text or bytes.
    pub fn messages(mut self) -> Self
    where
        Message<C>: AsRef<[u8]>,
        for<'a> <C::Format as Format>::Message<'a>: AsRef<[u8]>,
    {
        self.messages = Some(crate::messages::<C>);
        self
    }

    /// What is encoded. Default: any bytes, among them those that framings look out for.
    pub fn payloads(mut self, payloads: impl Strategy<Value = Vec<u8>> + 'static) -> Self {
        self.payloads = payloads.boxed();
        self
    }

    /// What comes besides what was encoded. Default: [`hostile_wires`].
    pub fn wires(mut self, wires: impl Strategy<Value = Vec<u8>> + 'static) -> Self {
        self.wires = wires.boxed();
        self
    }

    /// How many cases are tried, unless `WIREWORK_LAW_CASES` says otherwise. Default: 2000.
    pub fn cases(mut self, cases: u32) -> Self {
        self.cases = variable("WIREWORK_LAW_CASES").unwrap_or(cases);
        self
    }

    /// What the codec promises otherwise than usual.
    pub fn promises(mut self, promises: Promises) -> Self {
        self.promises = promises;
        self
    }

    /// Tries all laws.
    ///
    /// # Panics
    /// When a law is broken, with the smallest input that was found; or when nothing was tried, because the encoder
    /// refuses every payload that was drawn.
    #[track_caller]
    pub fn check(self) {
        if let Some(broken) = self.next_broken(&TRIED) {
            panic!("{broken}");
        }
    }

    /// All laws that are broken, each by the smallest input that was found.
    pub fn broken(&self) -> Vec<Broken> {
        let mut laws = TRIED.to_vec();
        let mut all = Vec::new();
        while let Some(broken) = self.next_broken(&laws) {
            laws.retain(|law| *law != broken.law);
            all.push(broken);
        }
        all.sort_by_key(|broken| broken.law);
        all
    }

    /// One of `laws` that is broken, if any is.
    fn next_broken(&self, laws: &[Law]) -> Option<Broken> {
        let (framing, _) = self.codec.compose().unwrap_or_else(|refused| panic!("the codec is refused: {refused}"));
        let broken = |attempt: Result<(), Broken>| attempt.err().filter(|broken| laws.contains(&broken.law));
        let sizes = guarded(b"", || at_size_limits(&framing, &self.promises)).and_then(|attempt| attempt);
        if let Some(broken) = broken(sizes) {
            return Some(broken);
        }
        let config = ProptestConfig { cases: self.cases, failure_persistence: None, ..ProptestConfig::default() };
        let mut runner = TestRunner::new_with_rng(config, rng());
        let attempt = |case: &Case| first_broken(&self.codec, &framing, &self.promises, case, laws, self.messages);
        let accepted = Cell::new(false);
        let outcome = runner.run(&cases(self.payloads.clone(), self.wires.clone()), |case| {
            if !accepted.get() {
                let encoded = guarded(b"", || self.promises.encode(&framing, &case.payloads));
                accepted.set(encoded.is_ok_and(|encoded| !encoded.frames.is_empty()));
            }
            attempt(&case).map_or(Ok(()), |broken| Err(TestCaseError::fail(broken.why)))
        });
        match outcome {
            Ok(()) => {
                assert!(accepted.get(), "the encoder took none of the payloads: draw others with Laws::payloads");
                None
            }
            Err(TestError::Fail(why, smallest)) => {
                Some(attempt(&smallest).unwrap_or_else(|| panic!("broken once and then not again: {why}")))
            }
            Err(TestError::Abort(why)) => panic!("the cases cannot be made: {why}"),
        }
    }
}

/// Tries all laws on one case: for who draws codecs as well as cases.
///
/// # Panics
/// When the codec cannot be composed.
pub fn try_case<C: Codec>(codec: &C, promises: &Promises, case: &Case) -> Result<(), Broken>
where
    C::Framing: Clone,
{
    let (framing, _) = codec.compose().unwrap_or_else(|refused| panic!("the codec is refused: {refused}"));
    first_broken(codec, &framing, promises, case, &TRIED, None).map_or(Ok(()), Err)
}

/// The first of `laws` that is broken by this case, if any is; a panic on the way breaks another.
fn first_broken<C: Codec>(
    codec: &C,
    framing: &C::Framing,
    promises: &Promises,
    case: &Case,
    laws: &[Law],
    messages: Option<MessagesLaw<C>>,
) -> Option<Broken>
where
    C::Framing: Clone,
{
    let Case { payloads, noise, reads, cut, .. } = case;
    let memo = Memo::new(framing, promises);
    let broken = |attempt: Result<(), Broken>| attempt.err().filter(|broken| laws.contains(&broken.law));
    let wire = match guarded(noise, || case.wire(&memo)) {
        Ok(wire) => wire,
        panicked => return broken(panicked.map(drop)),
    };
    let payload = payloads.first().map_or(&b""[..], Vec::as_slice);
    laws.iter().filter(|law| promises.asks_for(**law)).find_map(|law| {
        let attempt = guarded(&wire, || match law {
            Law::RoundTrip => round_trip::holds(&memo, payloads),
            Law::Segmentation => segmentation::holds(&memo, &wire, reads),
            Law::Messages => messages.map_or(Ok(()), |messages| messages(codec, &wire, reads, promises)),
            Law::LentAndOwned => lent_and_owned::holds(&memo, &wire, reads),
            Law::NoPanic => no_panic(codec, &wire, reads),
            Law::Progress => progress(framing, &wire),
            Law::Memory => memory(framing, &wire, reads),
            Law::Glance => glance::holds(&memo, &wire, reads),
            Law::Parts => parts::holds(&memo, &wire),
            Law::KeepsEarlierFrames => keeps_earlier_frames::holds(&memo, payloads, noise),
            Law::EndOfStream => end_of_stream::holds(&memo, &wire, payload, *cut),
            Law::Prefix => prefix::holds(&memo, &wire, *cut),
            // One needs a counter, and the rest are about encodings.
            _ => Ok(()),
        });
        broken(attempt.and_then(|attempt| attempt))
    })
}

/// Always the same cases, so that a failure is the code's doing and comes again. XorShift, because in an unoptimised build
/// proptest's default takes longer than the laws.
pub(crate) fn rng() -> TestRng {
    let number: u64 = variable("WIREWORK_LAW_SEED").unwrap_or_default();
    // Small numbers are spread over all bits, which XorShift does not do by itself.
    let spread = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    TestRng::from_seed(RngAlgorithm::XorShift, &[spread.to_le_bytes(), spread.to_be_bytes()].concat())
}

pub(crate) fn variable<T: FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}
