//! Every kind of length against the laws.

use proptest::collection::vec;
use proptest::prelude::*;
use wirework::framing::{ByteOrder, Counts, LengthField, Special};
use wirework::{FramingExt, LengthPrefix};
use wirework_laws::{Laws, Promises, hostile_wires};

const COUNTS: [Counts; 4] = [Counts::Body, Counts::Whole, Counts::Field, Counts::From(0)];

/// Every binary number, with its width and whether its most significant byte comes first.
fn numbers() -> [(LengthPrefix, usize, bool); 11] {
    [
        (LengthPrefix::u8(), 1, true),
        (LengthPrefix::u16_be(), 2, true),
        (LengthPrefix::u16_le(), 2, false),
        (LengthPrefix::u24_be(), 3, true),
        (LengthPrefix::u24_le(), 3, false),
        (LengthPrefix::u32_be(), 4, true),
        (LengthPrefix::u32_le(), 4, false),
        (LengthPrefix::u64_be(), 8, true),
        (LengthPrefix::u64_le(), 8, false),
        (LengthPrefix::unsigned(5, ByteOrder::Big), 5, true),
        (LengthPrefix::unsigned(7, ByteOrder::Little), 7, false),
    ]
}

/// A kind whose width may vary, how others read and write it, and the bytes that it is made of.
#[derive(Clone, Copy)]
struct Kind {
    prefix: fn() -> LengthPrefix,
    /// The value and the width of a well-formed field.
    read: fn(&[u8]) -> (u64, usize),
    say: fn(u64) -> Vec<u8>,
    bytes: &'static [u8],
}

const VARINT: Kind = Kind {
    prefix: LengthPrefix::varint,
    read: |bytes| {
        let width = 1 + bytes.iter().take_while(|byte| **byte >= 0x80).count();
        let value = bytes[..width].iter().rev().fold(0, |value, byte| value * 128 + u64::from(byte % 128));
        (value, width)
    },
    say: |value| {
        let (low, rest) = ((value % 128) as u8, value / 128);
        if rest == 0 { vec![low] } else { [vec![low + 128], (VARINT.say)(rest)].concat() }
    },
    bytes: b"\0\x01\x02\x03\x05\x7f\x80\x80\x81\x82\x83\xff",
};

const BER: Kind = Kind {
    prefix: LengthPrefix::ber,
    read: |bytes| match bytes[0] {
        short @ ..0x80 => (short.into(), 1),
        long => {
            let width = 1 + usize::from(long - 0x80);
            (bytes[1..width].iter().fold(0, |value, byte| value * 256 + u64::from(*byte)), width)
        }
    },
    say: |value| match value {
        ..0x80 => vec![value as u8],
        0x80..=0xff => vec![0x81, value as u8],
        0x100..=0xffff => [&[0x82], &value.to_be_bytes()[6..]].concat(),
        _ => [&[0x83], &value.to_be_bytes()[5..]].concat(),
    },
    bytes: b"\0\0\x01\x02\x03\x05\x7f\x80\x81\x81\x82\x84\x88\x89\xff",
};

const DECIMAL: Kind = Kind {
    prefix: || LengthPrefix::decimal(4),
    read: |bytes| (text(&bytes[..4], 10), 4),
    say: |value| format!("{value:04}").into_bytes(),
    bytes: b"000000123 +-a",
};

const SPACED: Kind = Kind {
    prefix: || LengthPrefix::decimal(3).space_padded(),
    read: |bytes| (text(bytes[..3].trim_ascii_start(), 10), 3),
    say: |value| format!("{value:3}").into_bytes(),
    bytes: b"     00123+a",
};

const HEX: Kind = Kind {
    prefix: || LengthPrefix::hex(2),
    read: |bytes| (text(&bytes[..2], 16), 2),
    say: |value| format!("{value:02x}").into_bytes(),
    bytes: b"00001234aAfF g+",
};

const DECIMAL_UNTIL: Kind = Kind {
    prefix: || LengthPrefix::decimal_until(b":"),
    read: |bytes| {
        let digits = bytes.iter().position(|byte| *byte == b':').unwrap();
        (text(&bytes[..digits], 10), digits + 1)
    },
    say: |value| format!("{value}:").into_bytes(),
    bytes: b"0012::::, +-a",
};

const HEX_UNTIL: Kind = Kind {
    prefix: || LengthPrefix::hex_until(b"\r\n").uppercase(),
    read: |bytes| {
        let digits = bytes.iter().position(|byte| *byte == b'\r').unwrap();
        (text(&bytes[..digits], 16), digits + 2)
    },
    say: |value| format!("{value:X}\r\n").into_bytes(),
    bytes: b"0012aB\r\n\r\n\r\n g",
};

const BCD: Kind = Kind {
    prefix: || LengthPrefix::bcd(2),
    read: |bytes| (text(format!("{:02x}{:02x}", bytes[0], bytes[1]).as_bytes(), 10), 2),
    say: |value| vec![(value / 1000 * 16 + value / 100 % 10) as u8, (value / 10 % 10 * 16 + value % 10) as u8],
    bytes: b"\0\0\0\0\x01\x02\x05\x09\x0a\x10\x99\xf0",
};

const KINDS: [Kind; 8] = [VARINT, BER, DECIMAL, SPACED, HEX, DECIMAL_UNTIL, HEX_UNTIL, BCD];

/// What these digits say; beyond all that is sent, if it is nothing.
fn text(digits: &[u8], radix: u32) -> u64 {
    let digits = String::from_utf8_lossy(digits);
    if digits.starts_with('+') { u64::MAX } else { u64::from_str_radix(&digits, radix).unwrap_or(u64::MAX) }
}

/// Wires of the bytes that a field is made of, and of others.
fn wires(bytes: &'static [u8]) -> impl Strategy<Value = Vec<u8>> + 'static {
    prop_oneof![4 => vec(prop::sample::select(bytes), 0..40), 1 => hostile_wires()]
}

/// Payloads with `at` bytes, a field that says some length, and a body.
fn headed(kind: Kind, at: usize) -> impl Strategy<Value = Vec<u8>> + 'static {
    let said = prop_oneof![0..12_u64, 90..140_u64].prop_map(kind.say);
    let field = prop_oneof![4 => said, 1 => vec(prop::sample::select(kind.bytes), 0..5)];
    (vec(any::<u8>(), at), field, vec(any::<u8>(), 0..12))
        .prop_map(|(before, field, body)| [before, field, body].concat())
}

/// What becomes of a payload whose header is filled in, by other code than that under test; `uncounted` says how much more
/// than the body a header of some length counts.
fn filled_in(kind: Kind, at: usize, counted: fn(usize, usize) -> usize) -> Promises {
    Promises::default().fills_in(move |payload| {
        let (value, width) = (kind.read)(&payload[at..]);
        let body = &payload[at + width..];
        if value == (body.len() + counted(at, width)) as u64 {
            return payload.to_vec();
        }
        let field = (1..20).find_map(|width| {
            let field = (kind.say)((body.len() + counted(at, width)) as u64);
            (field.len() == width).then_some(field)
        });
        [&payload[..at], &field.unwrap(), body].concat()
    })
}

#[test]
fn numbers_at_the_start() {
    for (prefix, ..) in numbers() {
        for counts in COUNTS {
            Laws::new(prefix.clone().counts(counts).max_len(10)).check();
        }
        Laws::new(prefix).check();
    }
}

#[test]
fn numbers_at_the_start_at_a_limit_of_next_to_nothing() {
    for (prefix, ..) in numbers() {
        for max in [0, 1, 4] {
            Laws::new(prefix.clone().max_len(max)).check();
            Laws::new(prefix.clone().counts(Counts::Whole).max_len(max)).check();
        }
    }
}

fn numbers_at(at: usize) {
    for (prefix, width, big) in numbers() {
        for counts in COUNTS {
            let head = at + width;
            let filled_in = move |payload: &[u8]| {
                let counted = match counts {
                    Counts::Body => payload.len() - head,
                    Counts::Whole => payload.len(),
                    Counts::Field => payload.len() - at,
                    Counts::From(first) => payload.len() - first,
                };
                let mut payload = payload.to_vec();
                for (place, byte) in payload[at..head].iter_mut().enumerate() {
                    let significance = if big { width - 1 - place } else { place };
                    *byte = ((counted as u64) >> (8 * significance)) as u8;
                }
                payload
            };
            let promises = Promises::default().fills_in(filled_in);
            Laws::new(prefix.clone().at(at).keep().counts(counts).max_len(10)).promises(promises).check();
        }
    }
}

#[test]
fn numbers_that_are_kept() {
    numbers_at(0);
}

#[test]
fn numbers_behind_one_byte() {
    numbers_at(1);
}

#[test]
fn numbers_behind_four_bytes() {
    numbers_at(4);
}

#[test]
fn other_kinds_at_the_start() {
    for kind in KINDS {
        for counts in COUNTS {
            Laws::new((kind.prefix)().counts(counts).max_len(10)).wires(wires(kind.bytes)).check();
        }
        for max in [0, 1, 300] {
            Laws::new((kind.prefix)().max_len(max)).wires(wires(kind.bytes)).check();
        }
        Laws::new((kind.prefix)()).wires(wires(kind.bytes)).check();
    }
}

#[test]
fn other_kinds_in_a_header() {
    for kind in KINDS {
        for at in [0, 1, 3] {
            for (counts, counted) in [
                (Counts::Body, (|_, _| 0) as fn(usize, usize) -> usize),
                (Counts::Whole, |at, width| at + width),
                (Counts::Field, |_, width| width),
            ] {
                Laws::new((kind.prefix)().at(at).keep().counts(counts).max_len(140))
                    .payloads(headed(kind, at))
                    .wires(wires(kind.bytes))
                    .promises(filled_in(kind, at, counted))
                    .check();
            }
        }
    }
}

#[test]
fn a_header_that_goes_on_behind_the_length_and_is_not_counted() {
    for max in [3, 4, 10] {
        let prefix = LengthPrefix::u16_be().counts(Counts::From(5)).max_len(max);
        Laws::new(prefix).wires(wires(b"\0\0\0\x01\x02\x03\x04")).check();
    }
    let kept = LengthPrefix::u8().at(1).counts(Counts::From(4)).max_len(12);
    let promises = Promises::default().fills_in(|payload| {
        let mut payload = payload.to_vec();
        payload[1] = (payload.len() - 4) as u8;
        payload
    });
    Laws::new(kept).wires(wires(b"\0\0\x01\x02\x03")).promises(promises).check();
}

#[test]
fn bytes_behind_what_is_counted() {
    for counts in COUNTS {
        for max in [2, 3, 10] {
            let prefix = LengthPrefix::u8().counts(counts).plus(2).max_len(max);
            Laws::new(prefix.clone()).wires(wires(b"\0\0\x01\x02\x03\x04")).check();
            Laws::new(prefix.trailer(b"!")).wires(wires(b"\0\0\x01\x02\x03!!!!")).check();
        }
    }
}

#[test]
fn trailers() {
    for max in [0, 1, 10, 1 << 20] {
        Laws::new(LengthPrefix::netstring().max_len(max)).wires(wires(b"00123::::,,,,a")).check();
        Laws::new(LengthPrefix::u8().trailer(b"\r\n").max_len(max)).wires(wires(b"\0\0\x01\x02\r\n\r\n")).check();
    }
    let at = LengthPrefix::varint().at(1).trailer(b",").max_len(140);
    Laws::new(at)
        .payloads(headed(VARINT, 1))
        .wires(wires(b"\0\x01\x02\x03\x80\x81,,,,"))
        .promises(filled_in(VARINT, 1, |_, _| 0))
        .check();
}

#[test]
fn bits_of_a_number() {
    for (prefix, mask, shift) in [(LengthPrefix::u16_be(), 0x0fff_u16, 0), (LengthPrefix::u16_be(), 0x3fc0, 6)] {
        for at in [0, 1] {
            let promises = Promises::default().fills_in(move |payload| {
                let mut payload = payload.to_vec();
                let body = (payload.len() - at - 2) as u16;
                let field = u16::from_be_bytes([payload[at], payload[at + 1]]) & !mask | body << shift;
                payload[at..at + 2].copy_from_slice(&field.to_be_bytes());
                payload
            });
            Laws::new(prefix.clone().mask(mask.into()).at(at).max_len(300)).promises(promises).check();
        }
    }
}

/// A WebSocket's length, also where it is not in its shortest form.
fn web_socket() -> LengthPrefix {
    LengthPrefix::u8()
        .mask(0x7f)
        .at(1)
        .special(126, Special::Then(LengthField::u16_be()))
        .special(127, Special::Then(LengthField::u64_be()))
}

#[test]
fn lengths_that_announce_longer_ones() {
    let then = LengthPrefix::u8()
        .special(4, Special::Then(LengthField::u8()))
        .special(5, Special::Then(LengthField::varint()))
        .special(6, Special::Refuse);
    for counts in COUNTS {
        for max in [0, 5, 300] {
            let wires = wires(b"\0\x01\x02\x03\x04\x04\x05\x05\x06\x07\x80");
            Laws::new(then.clone().counts(counts).max_len(max)).wires(wires).check();
        }
    }
    let promises = Promises::default().fills_in(|payload| {
        let (flag, second) = (payload[1] & 0x80, &payload[2..]);
        let number = |bytes: &[u8]| bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
        let (said, head) = match payload[1] & 0x7f {
            126 => (number(&second[..2]), 4),
            127 => (number(&second[..8]), 10),
            short => (short.into(), 2),
        };
        let body = &payload[head..];
        if said == body.len() as u64 {
            return payload.to_vec();
        }
        let field = match body.len() {
            short @ ..126 => vec![flag | short as u8],
            long @ 126..0x1_0000 => [&[flag | 126], &(long as u16).to_be_bytes()[..]].concat(),
            longer => [&[flag | 127], &(longer as u64).to_be_bytes()[..]].concat(),
        };
        [&payload[..1], &field, body].concat()
    });
    let payloads = (any::<u8>(), any::<bool>(), 0..3_usize, prop_oneof![0..20_usize, 120..140_usize]).prop_map(
        |(first, flag, form, body)| {
            let flag = if flag { 0x80 } else { 0 };
            let field = match form {
                0 => vec![flag | (body % 126) as u8],
                1 => vec![flag | 126, 0, body as u8],
                _ => vec![flag | 127, 0, 0, 0, 0, 0, 0, 0, body as u8],
            };
            [vec![first], field, vec![first; body]].concat()
        },
    );
    Laws::new(web_socket())
        .payloads(payloads)
        .wires(wires(b"\0\x01\x02\x7e\x7f\xfe\xff\x80\x81"))
        .promises(promises)
        .check();
}

#[test]
fn lengths_that_stand_for_others() {
    let zero = LengthPrefix::u8().special(0, Special::Length(256)).special(9, Special::Length(0));
    for max in [0, 4, 255, 256, 300] {
        Laws::new(zero.clone().max_len(max)).wires(wires(b"\0\x01\x02\x03\x09\x09\xff")).check();
    }
    // git's packet lines: 0000 holds nothing.
    let packets = LengthPrefix::hex(4).counts(Counts::Whole).special(0, Special::Length(4)).special(3, Special::Refuse);
    Laws::new(packets.max_len(20)).wires(wires(b"0000000012345f")).check();
}

#[test]
fn erased_and_as_text() {
    Laws::new(LengthPrefix::netstring().max_len(10).boxed()).wires(wires(b"00123::::,,,,a")).check();
    Laws::new(LengthPrefix::decimal_until(b" ").text(wirework::GBK)).wires(wires(b"0123   ab\xc4\xe3")).check();
}
