//! Layers of every kind.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use wirework::core::ComposeError;
use wirework::layer::{Check, Constant, Escape, OnFailure, Pad};
use wirework::notation::AnyLayer;

use crate::drawn::{Drawn, Fit};

/// A layer, and how many bytes it adds to a payload.
#[derive(Clone, Debug)]
pub struct Layer {
    layer: AnyLayer,
    adds: usize,
    drops: bool,
}

impl Layer {
    fn of(layer: impl Into<AnyLayer>, adds: usize) -> Self {
        Self { layer: layer.into(), adds, drops: false }
    }

    pub fn over(self, drawn: Drawn) -> Result<Drawn, ComposeError> {
        let Self { layer, adds, drops } = self;
        let composed = drawn.composed.clone().layer(layer)?;
        // Where a payload has a length of its own there must be room for what is added.
        let shorter = drawn.fits.iter().map(|fit| {
            let fit = Arc::clone(fit);
            Arc::new(move |body: &[u8]| {
                let mut payload = fit(body);
                payload.truncate(payload.len().saturating_sub(adds));
                payload
            }) as Fit
        });
        let fits = if adds == 0 { drawn.fits } else { drawn.fits.iter().cloned().chain(shorter).collect() };
        Ok(Drawn { composed, fits, drops: drawn.drops || drops, ..drawn })
    }
}

pub fn layers() -> BoxedStrategy<Layer> {
    let byte = || prop::sample::select(&b"~\x7d\x10\\|\n\0a "[..]);
    let few = vec(byte(), 1..3);
    let constant = prop_oneof![
        few.clone().prop_map(|bytes| Layer::of(Constant::before(&bytes), bytes.len())),
        few.prop_map(|bytes| Layer::of(Constant::after(&bytes), bytes.len())),
    ];
    let pad = prop_oneof![
        (0..20_usize, byte()).prop_map(|(len, byte)| Layer::of(Pad::to(len, byte), 0)),
        (1..5_usize, byte()).prop_map(|(len, byte)| Layer::of(Pad::multiple_of(len, byte), 0)),
    ];
    prop_oneof![2 => escapes(), 4 => checks(), 2 => constant, 1 => pad].boxed()
}

fn escapes() -> impl Strategy<Value = Layer> {
    prop::sample::select(vec![
        Escape::table([(0x7E, [0x7D, 0x02]), (0x7D, [0x7D, 0x01])]),
        Escape::table([(b'\n', *b"\\n"), (b'\r', *b"\\r"), (b'|', *b"\\p"), (b'\\', *b"\\\\")]),
        Escape::xor(0x7D, 0x20, [0x7E, b'\n', b'|']),
        Escape::doubling(0x10),
        Escape::dots(),
        Escape::cobs(),
    ])
    .prop_map(|escape| Layer::of(escape, 0))
}

fn checks() -> impl Strategy<Value = Layer> {
    const CRCS: [(&str, usize); 4] =
        [("crc-8/smbus", 1), ("crc-16/modbus", 2), ("crc-16/xmodem", 2), ("crc-32/iso-hdlc", 4)];
    let algorithm = prop_oneof![
        Just((Check::xor8(), 1)),
        Just((Check::sum8(), 1)),
        Just((Check::lrc(), 1)),
        prop::sample::select(&CRCS[..]).prop_map(|(name, bytes)| (Check::crc(name).unwrap(), bytes)),
    ];
    let form = (0..5_u8, any::<bool>());
    let over = prop_oneof![4 => Just(None), 1 => (0..4_usize).prop_map(|from| Some((from, false))),
        1 => (0..6_usize).prop_map(|from| Some((from, true)))];
    let mark = prop::sample::select(&["", "", "", "*", "\x0110="][..]);
    let failure = prop::sample::select(&[OnFailure::Report, OnFailure::Report, OnFailure::Drop, OnFailure::Close][..]);
    (algorithm, form, over, mark, failure).prop_map(|((check, bytes), (form, little), over, mark, failure)| {
        let check = if little { check.little_endian() } else { check };
        let (check, width) = match form {
            0 | 1 => (check, bytes),
            2 => (check.as_hex(), 2 * bytes),
            3 => (check.as_hex_lower(), 2 * bytes),
            _ => (check.as_decimal(10), 10),
        };
        let check = match over {
            None => check,
            Some((from, false)) => check.over(from),
            Some((from, true)) => check.over_frame(from),
        };
        let drops = failure == OnFailure::Drop;
        Layer { drops, ..Layer::of(check.behind(mark).on_failure(failure), width + mark.len()) }
    })
}
