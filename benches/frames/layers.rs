//! Layers, beside the same framing without one, a u32 prefix.
//!
//! | row | of the 64 bytes of a payload |
//! |---|---|
//! | check xor8 | the last one is the exclusive or of the others |
//! | check crc-16 | the last two are the CRC-16/MODBUS of the others |
//! | escape table | all are searched for what is escaped, and nothing is |
//!
//! All read the same stream, whose payloads end with values that both checks hold to be right.

use std::sync::LazyLock;

use wirework::layer::Crc;
use wirework::layer::{Check, Escape};
use wirework::{FramingExt, LengthPrefix};

use crate::group::{Contender, Group, Ours};
use crate::lent::{Lend, lent};
use crate::prefix;

pub(crate) const GROUP: Group = Group {
    name: "u32 prefix +",
    sizes: &[64],
    payload: checked,
    write: prefix::write,
    theirs: prefix::LENT,
    ours: &[
        Ours { contender: XOR8, target: |_| None },
        Ours {
            contender: Contender { name: "check crc-16", read: |wire| lent(u32_be().layer(modbus()), wire, Lend) },
            target: |_| None,
        },
        Ours {
            contender: Contender { name: "escape table", read: |wire| lent(u32_be().layer(jt808()), wire, Lend) },
            target: |_| None,
        },
    ],
};

pub(crate) const XOR8: Contender =
    Contender { name: "check xor8", read: |wire| lent(u32_be().layer(Check::xor8()), wire, Lend) };

fn u32_be() -> LengthPrefix {
    LengthPrefix::u32_be()
}

fn modbus() -> Check {
    static CRC: LazyLock<Crc> = LazyLock::new(|| Crc::named("crc-16/modbus").unwrap());
    Check::from(CRC.clone()).little_endian()
}

fn jt808() -> Escape {
    Escape::table([(0x7E, [0x7D, 0x02]), (0x7D, [0x7D, 0x01])])
}

/// A payload that ends with its xor8, and with its CRC-16/MODBUS too, and holds nothing that is escaped.
fn checked(size: usize) -> Vec<u8> {
    let crc = Crc::named("crc-16/modbus").unwrap();
    let payloads = (0..=u32::MAX).map(|number| {
        let mut payload = vec![b'x'; size - 2];
        payload[..4].copy_from_slice(&number.to_be_bytes());
        let check = u16::try_from(crc.checksum(&payload)).unwrap();
        payload.extend_from_slice(&check.to_le_bytes());
        payload
    });
    let clean = |payload: &Vec<u8>| {
        payload.iter().fold(0, |all, byte| all ^ byte) == 0 && !payload.contains(&0x7D) && !payload.contains(&0x7E)
    };
    payloads.into_iter().find(clean).unwrap()
}
