//! Compositions, put together from parts.

use wirework_codecs::Composition;
use wirework_codecs::notation::{Composed, Meaning, entries};
use wirework_core::{Codec, Framing};

use crate::choices::Choices;
use crate::{framings, layers};

/// How deep framings stand in each other.
const DEEPEST: usize = 3;

const FORMATS: [&str; 11] = [
    "gbk",
    "utf-8",
    "utf-16le",
    "shift_jis",
    "gb18030 replace",
    "big5",
    "euc-kr",
    "json",
    "utf-16be",
    "iso-2022-jp",
    "euc-jp",
];

/// The composition that the choices come to: one of the samples of the notation, or one put together from parts, as text.
/// `None` when it is refused.
pub(crate) fn composition(choices: &mut Choices<'_>) -> Option<Composition> {
    text(choices).parse().ok()
}

fn text(choices: &mut Choices<'_>) -> String {
    let mut text = match choices.once_in(4) {
        true => sample(choices).to_owned(),
        false => stages(choices, DEEPEST),
    };
    if choices.once_in(6) && !text.contains("| gbk") && !text.contains("| json") {
        text = format!("{text} | {}", choices.one_of(&FORMATS));
    }
    text
}

/// The framing of a composition, as a connection has it: it knows the encoding of the text.
pub(crate) fn framing(composition: &Composition) -> Composed {
    match composition.meaning() {
        Meaning::Text(_) => {
            let codec = composition.clone().text().expect("it ends in an encoding");
            codec.compose().expect("what was put together can run").0
        }
        _ => {
            let framing = composition.framing().clone();
            framing.validate().expect("what was put together can run");
            framing
        }
    }
}

fn sample(choices: &mut Choices<'_>) -> &'static str {
    let samples: Vec<_> = entries().flat_map(|entry| entry.samples).collect();
    let sample = usize::from(choices.byte()) % samples.len();
    samples[sample].composition
}

/// A framing, perhaps a policy for damage, and layers.
pub(crate) fn stages(choices: &mut Choices<'_>, depth: usize) -> String {
    let mut text = framings::framing(choices, depth);
    if choices.once_in(8) {
        text = format!("{text} | {}", resync(choices));
    }
    for _ in 0..3 {
        if !choices.once_in(3) {
            break;
        }
        text = format!("{text} | {}", layers::layer(choices));
    }
    text
}

fn resync(choices: &mut Choices<'_>) -> String {
    let mut text = match choices.below(4) {
        0 => format!("resync delimiter {}", bytes(choices)),
        1 => format!("resync mark {}", bytes(choices)),
        2 => "resync check".to_owned(),
        _ => "resync gap 20ms".to_owned(),
    };
    if choices.once_in(3) {
        text = format!("{text} bytes {}", size(choices));
    }
    if choices.once_in(3) {
        text = format!("{text} failures {}", choices.below(4));
    }
    text
}

/// Bytes, in hexadecimal: those that protocols use, and any.
pub(crate) fn bytes(choices: &mut Choices<'_>) -> String {
    const COMMON: [&[u8]; 15] = [
        b"\n",
        b"\r\n",
        b"|",
        b"\x7e",
        b"::",
        b"\x10\x02",
        b"\x10\x03",
        b"\0",
        b"aab",
        b"\x1c\r",
        b" ",
        b"$",
        b"*",
        b".",
        b"0",
    ];
    let chosen = match choices.below(COMMON.len() + 3) {
        common if common < COMMON.len() => COMMON[common].to_vec(),
        any => (COMMON.len()..=any).map(|_| choices.byte()).collect(),
    };
    hex(&chosen)
}

/// One byte, in hexadecimal.
pub(crate) fn byte(choices: &mut Choices<'_>) -> String {
    let byte = choices.one_of(b"\x7e\x7d\x10\0 .|");
    hex(&[if choices.once_in(3) { choices.byte() } else { byte }])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// A number of bytes: mostly so few that an input reaches it.
pub(crate) fn size(choices: &mut Choices<'_>) -> u64 {
    const EDGES: [u64; 9] = [20, 32, 64, 100, 256, 65_536, u32::MAX as u64, i64::MAX as u64, u64::MAX];
    match usize::from(choices.byte()) % (17 + EDGES.len()) {
        small if small < 17 => small as u64,
        edge => EDGES[edge - 17],
    }
}

/// The option `max`, perhaps.
pub(crate) fn max(choices: &mut Choices<'_>) -> String {
    match choices.once_in(3) {
        true => format!(" max {}", size(choices)),
        false => String::new(),
    }
}

/// What stands behind an option's name, where the option is given.
pub(crate) fn perhaps(choices: &mut Choices<'_>, name: &str, what: impl FnOnce(&mut Choices<'_>) -> String) -> String {
    match choices.once_in(4) {
        true => format!(" {name} {}", what(choices)),
        false => String::new(),
    }
}

/// A word that needs nothing behind it, perhaps.
pub(crate) fn flag(choices: &mut Choices<'_>, name: &str) -> String {
    match choices.once_in(5) {
        true => format!(" {name}"),
        false => String::new(),
    }
}
