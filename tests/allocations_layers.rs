//! What layers do not allocate: a frame in which nothing has to be rewritten costs no memory, either way.

use wirework::core::{BytesMut, Frames, Framing, Layer, Raw, encode_frame};
use wirework::layer::{Check, Constant, Escape, Pad};
use wirework::notation::{AnyLayer, Composed};
use wirework::{FramingExt, LengthPrefix};

const MESSAGES: usize = 100;

/// How often something is allocated while this payload is encoded into a buffer with room and read from a lent one.
fn allocations(framing: impl Framing + Clone, payload: &[u8]) -> (u64, u64) {
    framing.validate().unwrap();
    let mut wire = BytesMut::with_capacity(MESSAGES * (payload.len() + 64));
    let mut writer = framing.clone();
    let encoding = allocation_counter::measure(|| {
        for _ in 0..MESSAGES {
            encode_frame(&mut writer, &mut Raw, payload, &mut wire).unwrap();
        }
    });
    let mut frames = Frames::new(framing);
    let decoding = allocation_counter::measure(|| {
        let mut lent = frames.lend(&wire);
        for _ in 0..MESSAGES {
            assert_eq!(lent.next().unwrap().unwrap().bytes(), payload);
        }
        assert!(lent.next().unwrap().is_none());
    });
    (encoding.count_total, decoding.count_total)
}

/// The same for a frame of 64 bytes with this layer, as types and put together at run time.
fn with(layer: impl Layer + Clone + Into<AnyLayer>) -> [(u64, u64); 2] {
    let payload = [b'x'; 64];
    let composed = Composed::from(LengthPrefix::u32_be()).layer(layer.clone()).unwrap();
    [allocations(LengthPrefix::u32_be().layer(layer), &payload), allocations(composed, &payload)]
}

fn jt808() -> Escape {
    Escape::table([(0x7E, [0x7D, 0x02]), (0x7D, [0x7D, 0x01])])
}

#[test]
fn a_frame_in_which_nothing_is_rewritten_allocates_nothing() {
    let modbus = Check::crc("crc-16/modbus").unwrap().little_endian();
    for (layer, counts) in [
        ("xor8", with(Check::xor8())),
        ("sum8 over the frame", with(Check::sum8().over_frame(0))),
        ("crc", with(modbus.clone())),
        ("hex behind a mark", with(Check::xor8().over(1).as_hex().behind(b"*"))),
        ("decimal", with(Check::sum8().as_decimal(3))),
        ("table", with(jt808())),
        ("many bytes", with(Escape::xor(0x7D, 0x20, 0..0x20))),
        ("doubling", with(Escape::doubling(0x10))),
        ("dots", with(Escape::dots())),
        ("cobs", with(Escape::cobs())),
        ("constant before", with(Constant::before(b"\xaa\x55"))),
        ("constant after", with(Constant::after(b"\xaa\x55"))),
        ("pad", with(Pad::to(80, 0))),
    ] {
        assert_eq!(counts, [(0, 0); 2], "{layer}: to encode and to decode {MESSAGES} frames");
    }
}

#[test]
fn several_layers_allocate_nothing_either() {
    let payload = [b'x'; 64];
    let modbus = Check::crc("crc-16/modbus").unwrap().little_endian();
    let typed = LengthPrefix::u32_be().layer(jt808()).layer(modbus.clone());
    let composed = Composed::from(LengthPrefix::u32_be()).layer(jt808()).unwrap().layer(modbus).unwrap();
    assert_eq!(allocations(typed, &payload), (0, 0));
    assert_eq!(allocations(composed, &payload), (0, 0));
    assert_eq!(allocations(Composed::from(LengthPrefix::u32_be()), &payload), (0, 0));
}

/// However many bytes of it are escaped.
#[test]
fn a_frame_that_is_rewritten_is_so_once() {
    let payload = [[b'x'; 32], [0x7E; 32]].concat();
    // A buffer, and what counts those who share it.
    let (encoding, decoding) = allocations(LengthPrefix::u32_be().layer(jt808()), &payload);
    assert!(encoding == 0 && decoding <= 2 * MESSAGES as u64, "{encoding} to encode, {decoding} to decode");
}
