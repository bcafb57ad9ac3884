//! All laws at once.

use std::cell::Cell;

use proptest::prelude::*;
use wirework_core::{Codec, Format, Message};

use crate::case::any_payloads;
use crate::memo::Memo;
use crate::no_panic::guarded;
use crate::runner::{self, Runner, all_broken};
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
    runner: Runner,
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
            runner: Runner::default(),
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
        self.runner = Runner::of(cases);
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
        all_broken(&TRIED, |laws| self.next_broken(laws))
    }

    /// One of `laws` that is broken, if any is.
    fn next_broken(&self, laws: &[Law]) -> Option<Broken> {
        let (framing, _) = self.codec.compose().unwrap_or_else(|refused| panic!("the codec is refused: {refused}"));
        let at_limits = runner::attempt(laws, b"", || at_size_limits(&framing, &self.promises));
        if at_limits.is_some() {
            return at_limits;
        }
        let accepted = Cell::new(false);
        let broken = self.runner.smallest(&cases(self.payloads.clone(), self.wires.clone()), |case| {
            if !accepted.get() {
                let encoded = guarded(b"", || self.promises.encode(&framing, &case.payloads));
                accepted.set(encoded.is_ok_and(|encoded| !encoded.frames.is_empty()));
            }
            first_broken(&self.codec, &framing, &self.promises, case, laws, self.messages)
        });
        let proves = broken.is_some() || accepted.get();
        assert!(proves, "the encoder took none of the payloads: draw others with Laws::payloads");
        broken
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
    let wire = match guarded(noise, || case.wire(&memo)) {
        Ok(wire) => wire,
        Err(panicked) => return Some(panicked).filter(|broken| laws.contains(&broken.law)),
    };
    let payload = payloads.first().map_or(&b""[..], Vec::as_slice);
    runner::first_broken(laws, &wire, |law| match law {
        law if !promises.asks_for(law) => Ok(()),
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
    })
}
