//! How a CRC is computed: by tables, sixteen bytes in one step.

use super::catalogue::Model;

/// What a CRC of any kind is computed with.
///
/// The register is held so that its first byte is the one that leaves it next, whichever bit a CRC takes first; so there is
/// one way for all of them.
pub(super) struct Table {
    model: Model,
    start: u32,
    /// What each byte comes to with 0, 1, 2, ... bytes of zero behind it.
    behind: [[u32; 256]; STEP],
}

/// Bytes that are looked up side by side: each by itself must wait for the one before it.
const STEP: usize = 16;

impl Table {
    #[expect(clippy::cast_possible_truncation, reason = "a table has 256 entries")]
    pub(super) fn new(model: Model) -> Self {
        let unused = u32::BITS - model.width;
        let start = if model.refin { model.init.reverse_bits() >> unused } else { (model.init << unused).swap_bytes() };
        let mut behind = [[0; 256]; STEP];
        let mut last: [u32; 256] = std::array::from_fn(|byte| alone(&model, byte as u32));
        let first = last;
        for table in &mut behind {
            *table = last;
            last = last.map(|entry| step_by_zero(&first, entry));
        }
        Self { model, start, behind }
    }

    #[expect(clippy::cast_possible_truncation, reason = "fewer than 16 bytes are left")]
    pub(super) fn checksum(&self, data: &[u8]) -> u32 {
        let (blocks, rest) = data.as_chunks::<STEP>();
        let mut register = self.start;
        for block in blocks {
            register = self.step(u128::from_le_bytes(*block) ^ u128::from(register), STEP);
        }
        // What is left, out of the last sixteen bytes.
        let tail = match data.last_chunk::<STEP>() {
            Some(last) => u128::from_le_bytes(*last).unbounded_shr(u128::BITS - 8 * rest.len() as u32),
            None => rest.iter().rev().fold(0, |tail, byte| tail << 8 | u128::from(*byte)),
        };
        self.value(self.step(tail ^ u128::from(register), rest.len()))
    }

    /// The register behind the first `len` of these bytes, into which it was mixed before.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "16 bytes at most")]
    fn step(&self, bytes: u128, len: usize) -> u32 {
        // Less than a register leaves some of it.
        let [a, b, c, d, ..] = bytes.unbounded_shr(8 * len as u32).to_le_bytes();
        let tables = self.behind.get(..len).unwrap_or_default().iter().rev();
        bytes.to_le_bytes().iter().zip(tables).fold(u32::from_le_bytes([a, b, c, d]), |register, (byte, table)| {
            register ^ table.get(usize::from(*byte)).copied().unwrap_or_default()
        })
    }

    /// What is written of a register.
    fn value(&self, register: u32) -> u32 {
        let Model { width, refin, refout, xorout, .. } = self.model;
        let unused = u32::BITS - width;
        let value = if refin { register } else { register.swap_bytes() >> unused };
        let value = if refin == refout { value } else { value.reverse_bits() >> unused };
        value ^ xorout
    }
}

/// What a byte comes to in a register of zero, bit by bit.
fn alone(model: &Model, byte: u32) -> u32 {
    let unused = u32::BITS - model.width;
    if model.refin {
        let poly = model.poly.reverse_bits() >> unused;
        (0..8).fold(byte, |register, _| (register >> 1) ^ if register & 1 == 1 { poly } else { 0 })
    } else {
        let poly = model.poly << unused;
        let step = |register: u32, _| (register << 1) ^ if register >> 31 == 1 { poly } else { 0 };
        (0..8).fold(byte << 24, step).swap_bytes()
    }
}

fn step_by_zero(first: &[u32; 256], register: u32) -> u32 {
    let [leaves, ..] = register.to_le_bytes();
    (register >> 8) ^ first.get(usize::from(leaves)).copied().unwrap_or_default()
}
