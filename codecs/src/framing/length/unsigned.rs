//! A length as a binary number of 1 to 8 bytes, or as some bits of one.

use wirework_core::ComposeError;

use super::field::Read;

/// The order of the bytes of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ByteOrder {
    /// The most significant byte first: network order.
    Big,
    /// The least significant byte first.
    Little,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unsigned {
    pub(crate) bytes: usize,
    pub(crate) order: ByteOrder,
    /// Which bits are the length, where not all are: the others are the caller's.
    pub(crate) mask: Option<u64>,
}

impl Unsigned {
    pub(super) fn read(&self, bytes: &[u8]) -> Read {
        let Some(field) = bytes.get(..self.bytes) else { return Read::More(self.bytes - bytes.len()) };
        let value = self.load(field) & self.mask();
        Read::Value { value: value.checked_shr(self.shift()).unwrap_or(0), width: self.bytes }
    }

    /// Leaves those bits of `field` as they are that are not the length.
    pub(super) fn write(&self, value: u64, field: &mut [u8]) {
        let mask = self.mask();
        let raw = self.load(field) & !mask | value.checked_shl(self.shift()).unwrap_or(0) & mask;
        match self.order {
            ByteOrder::Big => field.iter_mut().rev().zip(raw.to_le_bytes()).for_each(|(byte, new)| *byte = new),
            ByteOrder::Little => field.iter_mut().zip(raw.to_le_bytes()).for_each(|(byte, new)| *byte = new),
        }
    }

    /// The largest length that it can say.
    pub(super) fn most(&self) -> u64 {
        self.mask().checked_shr(self.shift()).unwrap_or(0)
    }

    pub(super) fn validate(&self) -> Result<(), ComposeError> {
        if !(1..=8).contains(&self.bytes) {
            return Err(ComposeError::new(format!("a length has 1 to 8 bytes, not {}", self.bytes)));
        }
        let Some(mask) = self.mask else { return Ok(()) };
        if mask & !self.all() != 0 {
            return Err(ComposeError::new(format!("the mask {mask:#x} has bits outside of {} bytes", self.bytes)));
        }
        let bits = self.most();
        if bits == 0 || bits & bits.wrapping_add(1) != 0 {
            return Err(ComposeError::new(format!(
                "the mask {mask:#x} must be a run of ones, such as 0x7f or 0x0ff0: these bits are the length"
            )));
        }
        Ok(())
    }

    fn load(&self, field: &[u8]) -> u64 {
        let push = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
        match self.order {
            ByteOrder::Big => field.iter().fold(0, push),
            ByteOrder::Little => field.iter().rev().fold(0, push),
        }
    }

    fn mask(&self) -> u64 {
        self.mask.unwrap_or(self.all())
    }

    fn shift(&self) -> u32 {
        self.mask().trailing_zeros()
    }

    /// All bits of the field.
    fn all(&self) -> u64 {
        match self.bytes {
            0 => 0,
            bytes @ 1..=7 => (1 << (8 * bytes)) - 1,
            8.. => u64::MAX,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(bytes: usize, order: ByteOrder, mask: Option<u64>) -> Unsigned {
        Unsigned { bytes, order, mask }
    }

    #[test]
    fn every_width_in_either_order() {
        for bytes in 1..=8 {
            for order in [ByteOrder::Big, ByteOrder::Little] {
                let field = field(bytes, order, None);
                for value in [0, 1, 0x80, field.most() / 3, field.most()] {
                    let value = value.min(field.most());
                    let mut wire = vec![0xAA; bytes];
                    field.write(value, &mut wire);
                    let significant = value.to_be_bytes()[8 - bytes..].to_vec();
                    match order {
                        ByteOrder::Big => assert_eq!(wire, significant),
                        ByteOrder::Little => assert!(wire.iter().eq(significant.iter().rev())),
                    }
                    assert_eq!(field.read(&wire), Read::Value { value, width: bytes });
                    assert_eq!(field.read(&wire[1..]), Read::More(1));
                }
            }
        }
        assert_eq!(field(3, ByteOrder::Big, None).most(), 0xff_ffff);
        assert_eq!(field(8, ByteOrder::Big, None).most(), u64::MAX);
    }

    #[test]
    fn a_mask_takes_some_bits_and_leaves_the_others() {
        let middle = field(2, ByteOrder::Big, Some(0x0ff0));
        assert_eq!(middle.read(b"\xf1\x23"), Read::Value { value: 0x12, width: 2 });
        let mut wire = *b"\xf1\x2f";
        middle.write(0xab, &mut wire);
        assert_eq!(&wire, b"\xfa\xbf");
        assert_eq!(middle.most(), 0xff);
        let mut little = *b"\x0f\xff";
        field(2, ByteOrder::Little, Some(0xff0)).write(0x12, &mut little);
        assert_eq!(&little, b"\x2f\xf1");
        assert_eq!(field(8, ByteOrder::Big, Some(1 << 63)).most(), 1);
    }

    #[test]
    fn what_is_no_field_is_refused_and_harms_nobody() {
        for (bytes, mask) in [(0, None), (9, None), (1, Some(0)), (1, Some(0x100)), (2, Some(0x0f0f))] {
            let field = field(bytes, ByteOrder::Big, mask);
            field.validate().unwrap_err();
            let mut wire = [0xff; 9];
            field.write(u64::MAX, &mut wire);
            let _ = (field.read(&wire), field.most());
        }
        for mask in [1, 0x7f, 0xff, 0x0ff0, 0x8000, 0xffff] {
            field(2, ByteOrder::Big, Some(mask)).validate().unwrap();
        }
    }
}
