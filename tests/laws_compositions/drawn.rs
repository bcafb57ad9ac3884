//! Compositions that nobody wrote: every framing, layer and combinator with small limits and odd options, put together at
//! random.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::collection::vec;
use proptest::prelude::*;
use wirework::Encoding;
use wirework::core::{ComposeError, Encodings, Framing};
use wirework::notation::Composed;
use wirework_laws::{Promises, hostile_wires};

use crate::{combinators, framings, layers};

/// A composition, and what is to be known of it to try the laws on it.
#[derive(Clone)]
pub struct Drawn {
    pub composed: Composed,
    /// Each makes a payload out of any bytes that the composition is likely to take.
    pub fits: Vec<Fit>,
    /// What its wires are made of: marks, lengths, and halves of them.
    pub pieces: Vec<Vec<u8>>,
    /// A frame may go on until silence or the end.
    pub runs_on: bool,
    /// Where a frame ends may depend on the reads.
    pub cut_by_reads: bool,
    /// A frame may be left out without a word.
    pub drops: bool,
}

pub type Fit = Arc<dyn Fn(&[u8]) -> Vec<u8> + Send + Sync>;

impl Drawn {
    pub fn of(framing: impl Into<Composed>) -> Self {
        Self {
            composed: framing.into(),
            fits: vec![Arc::new(<[u8]>::to_vec)],
            pieces: Vec::new(),
            runs_on: false,
            cut_by_reads: false,
            drops: false,
        }
    }

    /// Its payloads are these.
    pub fn fit(mut self, fit: impl Fn(&[u8]) -> Vec<u8> + Send + Sync + 'static) -> Self {
        self.fits = vec![Arc::new(fit)];
        self
    }

    /// Its wires are made of these, among others.
    pub fn pieces(mut self, pieces: impl IntoIterator<Item: AsRef<[u8]>>) -> Self {
        self.pieces.extend(pieces.into_iter().map(|piece| piece.as_ref().to_vec()));
        self
    }

    /// Its payloads are text in this encoding, if it takes that; what it is searched for is then characters of it.
    fn in_text(mut self, encoding: Option<Encoding>) -> Self {
        if let Some(encoding) = encoding
            && self.composed.clone().set_encodings(&Encodings::one(encoding)).is_ok()
        {
            self.composed.set_encodings(&Encodings::one(encoding)).expect("it was not refused");
            self.pieces.extend(TEXT.iter().map(|piece| piece.to_vec()));
        }
        self
    }

    /// What holds of one of these holds of what is put together of them.
    pub fn put_together(framing: impl Into<Composed>, of: &[&Self]) -> Self {
        let mut drawn = Self::of(framing);
        drawn.fits.clear();
        for one in of {
            drawn.fits.extend(one.fits.iter().cloned());
            drawn.pieces.extend(one.pieces.iter().cloned());
            drawn.runs_on |= one.runs_on;
            drawn.cut_by_reads |= one.cut_by_reads;
            drawn.drops |= one.drops;
        }
        drawn
    }

    /// What it promises otherwise than usual.
    pub fn promises(&self) -> Promises {
        let promises = Promises::default();
        let promises = if self.composed.fills_in() { promises.changes_payloads() } else { promises };
        let promises = if self.drops { promises.drops_last() } else { promises };
        match (self.cut_by_reads, self.runs_on) {
            (true, _) => promises.cut_by_reads(),
            (false, true) => promises.runs_on(),
            (false, false) => promises,
        }
    }

    /// Payloads that fit it, and some that do not.
    pub fn payloads(&self) -> impl Strategy<Value = Vec<u8>> + use<> {
        let fits = self.fits.clone();
        let body = prop_oneof![2 => self.of_pieces(0..4), 3 => vec(any::<u8>(), 0..10)];
        (body, any::<prop::sample::Index>(), 0..8_u8).prop_map(move |(body, fit, unfit)| match unfit {
            0 => body,
            _ => fit.get(&fits)(&body),
        })
    }

    /// Wires that it may find frames in.
    pub fn wires(&self) -> impl Strategy<Value = Vec<u8>> + use<> {
        prop_oneof![3 => self.of_pieces(0..12), 1 => hostile_wires()]
    }

    fn of_pieces(&self, count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<u8>> + use<> {
        let pieces = [self.pieces.clone(), [&b"a"[..], b"b", b"\x01"].map(<[u8]>::to_vec).to_vec()].concat();
        vec(prop::sample::select(pieces), count).prop_map(|pieces| pieces.concat())
    }
}

impl fmt::Debug for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.composed)
    }
}

/// Lead bytes, second bytes, escape sequences, halves of units, of any encoding.
const TEXT: [&[u8]; 8] = [b"\x81", b"\x82|", b"\x83\\", b"\x815\x815", b"\x1b$B", b"\x1b(J", b"\0", b"\xa3\xac"];

/// Most have none.
fn text() -> impl Strategy<Value = Option<Encoding>> {
    let labels = ["gbk", "big5", "shift_jis", "euc-jp", "utf-16le", "utf-16be", "iso-2022-jp", "utf-8"];
    let encodings = labels.map(|label| Some(Encoding::for_label(label).expect("there is such an encoding")));
    prop_oneof![1 => Just(None), 1 => prop::sample::select(encodings.to_vec())]
}

/// How many were put together, and how many of them were not refused.
pub static PUT_TOGETHER: AtomicUsize = AtomicUsize::new(0);
pub static ACCEPTED: AtomicUsize = AtomicUsize::new(0);

/// Compositions that are not refused, with combinators to this depth.
pub fn compositions(depth: usize) -> BoxedStrategy<Drawn> {
    let framing = match depth {
        0 => framings::framings(),
        _ => prop_oneof![1 => framings::framings(), 4 => combinators::combined(compositions(depth - 1))].boxed(),
    };
    let layered = (framing, prop_oneof![3 => vec(layers::layers(), 0), 2 => vec(layers::layers(), 1..=3)]);
    let layered = accepted(
        layered.prop_map(|(framing, layers)| layers.into_iter().try_fold(framing?, |drawn, layer| layer.over(drawn))),
    );
    let resync =
        accepted((layered.clone(), combinators::resyncs()).prop_map(|(framing, resync)| Ok(resync.of(framing))));
    let any = prop_oneof![4 => layered, 1 => resync];
    if depth > 0 { any.boxed() } else { (any, text()).prop_map(|(drawn, text)| drawn.in_text(text)).boxed() }
}

/// Those that are not refused; others are drawn again.
fn accepted(drawn: impl Strategy<Value = Result<Drawn, ComposeError>> + 'static) -> BoxedStrategy<Drawn> {
    drawn
        .prop_filter_map("a composition that is refused", |drawn| {
            PUT_TOGETHER.fetch_add(1, Ordering::Relaxed);
            let drawn = drawn.ok().filter(|drawn| drawn.composed.validate().is_ok())?;
            ACCEPTED.fetch_add(1, Ordering::Relaxed);
            Some(drawn)
        })
        .boxed()
}
