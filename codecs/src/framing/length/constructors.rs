//! The names of the kinds of fields: the same for a field and for a prefix of one.

use super::LengthPrefix;
use super::bcd::Bcd;
use super::digits::{Extent, Radix};
use super::field::{Kind, LengthField};
use super::unsigned::ByteOrder;

macro_rules! constructors {
    ($type:ty, $from:expr) => {
        impl $type {
            /// 1 byte.
            pub fn u8() -> Self {
                Self::unsigned(1, ByteOrder::Big)
            }

            /// 2 bytes, most significant first.
            pub fn u16_be() -> Self {
                Self::unsigned(2, ByteOrder::Big)
            }

            /// 2 bytes, least significant first.
            pub fn u16_le() -> Self {
                Self::unsigned(2, ByteOrder::Little)
            }

            /// 3 bytes, most significant first.
            pub fn u24_be() -> Self {
                Self::unsigned(3, ByteOrder::Big)
            }

            /// 3 bytes, least significant first.
            pub fn u24_le() -> Self {
                Self::unsigned(3, ByteOrder::Little)
            }

            /// 4 bytes, most significant first.
            pub fn u32_be() -> Self {
                Self::unsigned(4, ByteOrder::Big)
            }

            /// 4 bytes, least significant first.
            pub fn u32_le() -> Self {
                Self::unsigned(4, ByteOrder::Little)
            }

            /// 8 bytes, most significant first.
            pub fn u64_be() -> Self {
                Self::unsigned(8, ByteOrder::Big)
            }

            /// 8 bytes, least significant first.
            pub fn u64_le() -> Self {
                Self::unsigned(8, ByteOrder::Little)
            }

            /// 1 to 8 bytes in this order.
            pub fn unsigned(bytes: usize, order: ByteOrder) -> Self {
                $from(LengthField::of_unsigned(bytes, order))
            }

            /// LEB128, up to 10 bytes: seven bits a byte, the lowest first, and a top bit that says that more follow.
            pub fn varint() -> Self {
                $from(LengthField::of(Kind::Varint))
            }

            /// 1 to 20 decimal digits, with zeros in front: `30 30 31 32` is 12.
            pub fn decimal(width: usize) -> Self {
                $from(LengthField::of_digits(Radix::Decimal, Extent::Width(width)))
            }

            /// 1 to 20 hexadecimal digits, with zeros in front: `30 30 30 63` is 12.
            pub fn hex(width: usize) -> Self {
                $from(LengthField::of_digits(Radix::Hex, Extent::Width(width)))
            }

            /// Decimal digits up to this mark, at most 20: `31 32 3A` is 12. Zeros in front are read, and never written.
            pub fn decimal_until(mark: impl AsRef<[u8]>) -> Self {
                $from(LengthField::of_digits(Radix::Decimal, Extent::Until(mark.as_ref().to_vec())))
            }

            /// Hexadecimal digits up to this mark, at most 20: `63 3A` is 12. Zeros in front are read, and never written.
            pub fn hex_until(mark: impl AsRef<[u8]>) -> Self {
                $from(LengthField::of_digits(Radix::Hex, Extent::Until(mark.as_ref().to_vec())))
            }

            /// 1 to 10 bytes of two decimal digits each, most significant first: `00 12` is 12.
            pub fn bcd(bytes: usize) -> Self {
                $from(LengthField::of(Kind::Bcd(Bcd { bytes })))
            }

            /// As ASN.1 writes it (ITU-T X.690, 8.1.3): one byte up to 127, else the number of the bytes that follow, and
            /// these: `82 01 2C` is 300. The indefinite form (`80`) is malformed.
            pub fn ber() -> Self {
                $from(LengthField::of(Kind::Ber))
            }
        }
    };
}

constructors!(LengthField, std::convert::identity);
constructors!(LengthPrefix, LengthPrefix::new);
