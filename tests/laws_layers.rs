//! Every layer of the project against the laws: alone, in pairs, over framings that count and framings that search.

mod laws_support;

use std::ops::Range;

use laws_support::layers::{owned, pipes};
use proptest::collection::vec;
use proptest::prelude::*;
use wirework::core::{
    BoxFraming, BytesMut, ComposeError, EncodeError, FrameError, Framed, Framing, Layer, TextEncoding, TextKept, Undone,
};
use wirework::layer::{Check, Constant, Escape, OnFailure, Pad};
use wirework::{FramingExt, LengthPrefix, Lines};
use wirework_laws::{Laws, Promises};

/// What the layers below look out for, and what stands near it.
const SPECIAL: &[u8] = b"\x7e\x7d\x5e\x5d\x01\x02\x10\x03\r\n.|\\*p\0 x09fF\xff";

fn payloads() -> impl Strategy<Value = Vec<u8>> + Clone {
    let special = prop::sample::select(SPECIAL);
    let lines = vec(prop::sample::select(&["\r\n", ".", "..", "a", "\r", "\n"][..]), 0..10);
    // Around the 254 bytes of a block of COBS.
    let long = (vec(prop_oneof![252..257_usize, 0..3_usize], 1..4), any::<bool>())
        .prop_map(|(runs, end)| [runs.map_join(b"\0"), if end { vec![0] } else { vec![] }].concat());
    prop_oneof![
        4 => vec(prop_oneof![3 => special, 1 => any::<u8>()], 0..12),
        2 => lines.prop_map(|lines| lines.concat().into_bytes()),
        1 => long,
    ]
}

trait MapJoin {
    fn map_join(self, with: &[u8]) -> Vec<u8>;
}

impl MapJoin for Vec<usize> {
    /// Runs of `x` of these lengths, with this between them.
    fn map_join(self, with: &[u8]) -> Vec<u8> {
        self.iter().map(|len| vec![b'x'; *len]).collect::<Vec<_>>().join(with)
    }
}

/// Frames whose payloads nobody wrote: escapes that are none, checks that fail.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let framed = vec(payloads(), 0..4).prop_map(|payloads| {
        payloads
            .iter()
            .filter_map(|payload| Some([&u8::try_from(payload.len()).ok()?.to_be_bytes()[..], payload].concat()))
            .collect::<Vec<_>>()
            .concat()
    });
    let ended = (vec(payloads(), 0..4), prop::sample::select(&["\n", "\r\n", "|"][..]))
        .prop_map(|(payloads, end)| payloads.iter().flat_map(|payload| [payload, end.as_bytes()].concat()).collect());
    prop_oneof![framed, ended]
}

/// Any layer of the project, so that they can be listed.
#[derive(Clone, Debug)]
enum Any {
    Escape(Escape),
    Check(Check),
    Constant(Constant),
    Pad(Pad),
}

macro_rules! any {
    ($($name:ident)*) => {
        $(impl From<$name> for Any {
            fn from(layer: $name) -> Self {
                Self::$name(layer)
            }
        })*

        impl Any {
            fn layer(&self) -> &dyn Layer {
                match self { $(Self::$name(layer) => layer),* }
            }

            fn layer_mut(&mut self) -> &mut dyn Layer {
                match self { $(Self::$name(layer) => layer),* }
            }
        }
    };
}
any!(Escape Check Constant Pad);

impl Layer for Any {
    fn undo(&mut self, framed: Framed<'_>) -> Result<Undone, FrameError> {
        self.layer_mut().undo(framed)
    }
    fn apply(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        self.layer_mut().apply(out, start)
    }
    fn seal(&mut self, frame: &mut [u8], payload: Range<usize>) -> Result<(), EncodeError> {
        self.layer_mut().seal(frame, payload)
    }
    fn seals(&self) -> bool {
        self.layer().seals()
    }
    fn puts_before(&self) -> &[u8] {
        self.layer().puts_before()
    }
    fn covers_frame(&self) -> bool {
        self.layer().covers_frame()
    }
    fn rewrites(&self) -> bool {
        self.layer().rewrites()
    }
    fn doubles(&self) -> Option<u8> {
        self.layer().doubles()
    }
    fn keeps_text(&self, encoding: &dyn TextEncoding) -> TextKept {
        self.layer().keeps_text(encoding)
    }
    fn validate(&self) -> Result<(), ComposeError> {
        self.layer().validate()
    }
}

/// Framings that count and framings that search, some of them with room for little more than the longest of the layers.
fn framings() -> Vec<BoxFraming> {
    vec![
        LengthPrefix::u8().max_len(255).boxed(),
        LengthPrefix::u16_be().max_len(20).boxed(),
        Lines::lf().max_len(600).boxed(),
        Lines::crlf().max_len(19).boxed(),
        pipes(64).boxed(),
        pipes(20).boxed(),
        owned().boxed(),
    ]
}

fn laws(framing: impl Framing + Clone + 'static) -> Laws<impl wirework::Codec<Framing: Clone>> {
    Laws::new(framing).payloads(payloads()).wires(prop_oneof![damaged(), wirework_laws::hostile_wires()])
}

fn over_every_framing<L: Into<Any>>(layers: impl IntoIterator<Item = L>) {
    for layer in layers.into_iter().map(Into::into) {
        for framing in framings() {
            // More than 2000 for each layer, over all framings.
            laws(framing.layer(layer.clone())).cases(300).check();
        }
    }
}

fn escapes() -> [Escape; 7] {
    [
        Escape::table([(0x7E, [0x7D, 0x02]), (0x7D, [0x7D, 0x01])]),
        // Behind lines and pipes nothing is left that would end the frame.
        Escape::table([(b'\n', *b"\\n"), (b'\r', *b"\\r"), (b'|', *b"\\p"), (b'\\', *b"\\\\")]),
        Escape::xor(0x7D, 0x20, [0x7E, b'\n', b'|']),
        Escape::xor(0x7D, 0x20, 0..0x20),
        Escape::doubling(0x10),
        Escape::dots(),
        Escape::cobs(),
    ]
}

fn checks() -> [Check; 10] {
    let crc = |name| Check::crc(name).unwrap();
    [
        Check::xor8(),
        Check::sum8().on_failure(OnFailure::Drop),
        Check::lrc().as_hex_lower().on_failure(OnFailure::Close),
        Check::xor8().over(1).as_hex().behind(b"*"),
        Check::sum8().as_decimal(3).behind(b"\x0110="),
        crc("crc-16/modbus").little_endian(),
        crc("crc-16/xmodem").as_hex().over(2),
        crc("crc-8/smbus").on_failure(OnFailure::Close),
        crc("crc-32/iso-hdlc"),
        Check::from_fn(3, |data| data.iter().fold(1, |all: u64, byte| all.wrapping_mul(31) ^ u64::from(*byte))),
    ]
}

fn constants() -> [Constant; 3] {
    [Constant::before(b"\x7e"), Constant::after(b"\r"), Constant::before(b"\x7d\x01\0")]
}

fn pads() -> [Pad; 4] {
    [Pad::to(12, b' '), Pad::to(0, 0), Pad::multiple_of(4, 0), Pad::multiple_of(3, b'x')]
}

#[test]
fn escapes_alone() {
    over_every_framing(escapes());
}

#[test]
fn checks_alone() {
    over_every_framing(checks());
}

#[test]
fn constants_alone() {
    over_every_framing(constants());
}

#[test]
fn pads_alone() {
    over_every_framing(pads());
}

/// Every layer behind every other, each over another of the framings, by turns.
#[test]
fn pairs() {
    let all = || -> Vec<Any> {
        let checks = checks().into_iter().map(Any::from);
        escapes()
            .into_iter()
            .map(Any::from)
            .chain(checks)
            .chain(constants().map(Any::from))
            .chain(pads().map(Any::from))
            .collect()
    };
    let mut framings = framings().into_iter().cycle();
    let mut tried = 0;
    for first in all() {
        for second in all() {
            // What is padded twice over with the same byte cannot be sent, nor can what is to be padded to nothing.
            let pads = [&first, &second].map(|layer| if let Any::Pad(pad) = layer { Some(pad.clone()) } else { None });
            if pads.contains(&Some(Pad::to(0, 0))) || pads[0].is_some() && pads[0] == pads[1] {
                continue;
            }
            // Shown where a law is broken.
            println!("{first:?}, then {second:?}");
            let framing = framings.next().unwrap().layer(first.clone()).layer(second.clone());
            if let Err(refused) = framing.validate() {
                assert!(second.doubles().is_some(), "{first:?} and {second:?}: {refused}");
                continue;
            }
            laws(framing).payloads(prop_oneof![payloads(), Just(vec![])]).cases(30).check();
            tried += 1;
        }
    }
    assert!(tried > 400, "{tried}");
}

/// JT/T 808 behind its mark, and Modbus ASCII without its hex.
#[test]
fn protocols() {
    let pipe = Escape::table([(b'|', [0x7D, 0x02]), (0x7D, [0x7D, 0x01])]);
    laws(pipes(64).layer(pipe).layer(Check::xor8())).check();
    let line = Lines::crlf().layer(Constant::before(b":")).layer(Check::lrc().as_hex());
    laws(line).check();
}

#[test]
fn checks_over_the_frame() {
    for check in checks() {
        for from in [0, 1, 3, 9] {
            let check = check.clone().over_frame(from);
            laws(LengthPrefix::u8().max_len(255).layer(check.clone())).check();
            laws(LengthPrefix::u16_le().max_len(19).layer(check.clone()).layer(Escape::cobs())).check();
        }
    }
}

/// Behind a length in the caller's own header, which is filled in first and covered then.
#[test]
fn checks_behind_a_length_that_is_filled_in() {
    for at in [1, 2] {
        let behind = move |more: usize| {
            Promises::default().fills_in(move |payload| {
                let mut payload = payload.to_vec();
                payload[at] = u8::try_from(payload.len() - at - 1 + more).unwrap();
                payload
            })
        };
        for check in [Check::xor8(), Check::xor8().over(1), Check::sum8().over_frame(0)] {
            laws(LengthPrefix::u8().at(at).max_len(255).layer(check)).promises(behind(1)).check();
        }
        laws(LengthPrefix::u8().at(at).max_len(255).layer(Constant::after(b"\x03"))).promises(behind(1)).check();
        let modbus = Check::crc("crc-16/modbus").unwrap().little_endian();
        laws(LengthPrefix::u8().at(at).max_len(9).layer(modbus)).promises(behind(2)).check();
    }
    // A constant in front of the length that is not the caller's to write.
    let magic = LengthPrefix::u8().at(2).max_len(255).layer(Check::xor8()).layer(Constant::before(b"\xaa\x55"));
    let filled_in = Promises::default().fills_in(|payload| {
        let mut payload = payload.to_vec();
        payload[0] = u8::try_from(payload.len()).unwrap();
        payload
    });
    laws(magic).promises(filled_in).check();
}
