//! What layers do not allocate: a frame in which nothing has to be rewritten costs no memory, either way.

use wirework::core::{BytesMut, Frames, Framing, Raw, encode_frame};
use wirework::layer::{Check, Constant, Escape, Pad};
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

fn jt808() -> Escape {
    Escape::table([(0x7E, [0x7D, 0x02]), (0x7D, [0x7D, 0x01])])
}

#[test]
fn a_frame_in_which_nothing_is_rewritten_allocates_nothing() {
    let payload = [b'x'; 64];
    let modbus = Check::crc("crc-16/modbus").unwrap().little_endian();
    let hex = Check::xor8().over(1).as_hex().behind(b"*");
    let prefix = LengthPrefix::u32_be;
    for (layer, count) in [
        ("plain", allocations(prefix(), &payload)),
        ("xor8", allocations(prefix().layer(Check::xor8()), &payload)),
        ("sum8 over the frame", allocations(prefix().layer(Check::sum8().over_frame(0)), &payload)),
        ("crc", allocations(prefix().layer(modbus.clone()), &payload)),
        ("hex behind a mark", allocations(prefix().layer(hex), &payload)),
        ("decimal", allocations(prefix().layer(Check::sum8().as_decimal(3)), &payload)),
        ("table", allocations(prefix().layer(jt808()), &payload)),
        ("many bytes", allocations(prefix().layer(Escape::xor(0x7D, 0x20, 0..0x20)), &payload)),
        ("doubling", allocations(prefix().layer(Escape::doubling(0x10)), &payload)),
        ("dots", allocations(prefix().layer(Escape::dots()), &payload)),
        ("cobs", allocations(prefix().layer(Escape::cobs()), &payload)),
        ("constant", allocations(prefix().layer(Constant::before(b"\xaa\x55")), &payload)),
        ("pad", allocations(prefix().layer(Pad::to(80, 0)), &payload)),
        ("table and crc", allocations(prefix().layer(jt808()).layer(modbus), &payload)),
    ] {
        assert_eq!(count, (0, 0), "{layer}: to encode and to decode {MESSAGES} frames");
    }
}

/// However many bytes of it are escaped.
#[test]
fn a_frame_that_is_rewritten_is_so_once() {
    let payload = [[b'x'; 32], [0x7E; 32]].concat();
    // A buffer, and what counts those who share it.
    let (encoding, decoding) = allocations(LengthPrefix::u32_be().layer(jt808()), &payload);
    assert!(encoding == 0 && decoding <= 2 * MESSAGES as u64, "{encoding} to encode, {decoding} to decode");
}
