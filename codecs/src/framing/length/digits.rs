//! A length as text: decimal or hexadecimal digits, of fixed width or up to a mark.

use wirework_core::ComposeError;

use super::field::Read;

/// How many digits a length may have: as many as 64 bits take in decimal.
pub(super) const MOST_DIGITS: usize = 20;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Digits {
    pub(crate) radix: Radix,
    pub(crate) extent: Extent,
    /// Whether spaces stand in front of the digits where zeros would.
    pub(crate) space_padded: bool,
    /// Whether `A` to `F` are written, not `a` to `f`.
    pub(crate) uppercase: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Radix {
    Decimal = 10,
    Hex = 16,
}

/// How far the digits go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    Width(usize),
    Until(Vec<u8>),
}

impl Digits {
    pub(super) fn read(&self, bytes: &[u8]) -> Read {
        match &self.extent {
            Extent::Width(width) => match bytes.get(..*width) {
                Some(field) => {
                    let spaces = if self.space_padded { field.iter().take_while(|b| **b == b' ').count() } else { 0 };
                    self.number(field, spaces, *width)
                }
                None => Read::More(width - bytes.len()),
            },
            Extent::Until(mark) => {
                let digits = bytes.iter().take(MOST_DIGITS + 1).take_while(|byte| self.digit(**byte).is_some()).count();
                // What is wrong is said when a shortest number would be there, as was asked for, and not sooner.
                let shortest = digits.clamp(1, MOST_DIGITS) + mark.len();
                if bytes.len() < shortest {
                    return Read::More(shortest - bytes.len());
                }
                if digits > MOST_DIGITS {
                    return Read::malformed(digits, format!("it has more than {MOST_DIGITS} digits"));
                }
                let behind = bytes.get(digits..).unwrap_or_default();
                let same = if digits == 0 { 0 } else { behind.iter().zip(mark).take_while(|(a, b)| a == b).count() };
                match behind.get(same) {
                    Some(byte) if same < mark.len() => self.stray(*byte, digits + same + 1),
                    _ => self.number(bytes.get(..digits).unwrap_or_default(), 0, digits + same),
                }
            }
        }
    }

    /// How many bytes it takes to say `value`, if it can.
    pub(super) fn width_of(&self, value: u64) -> Option<usize> {
        let mut digits = 1;
        let mut rest = value / self.radix as u64;
        while rest > 0 {
            digits += 1;
            rest /= self.radix as u64;
        }
        match &self.extent {
            Extent::Width(width) => (digits <= *width).then_some(*width),
            Extent::Until(mark) => Some(digits + mark.len()),
        }
    }

    pub(super) fn write(&self, mut value: u64, field: &mut [u8]) {
        let mark = match &self.extent {
            Extent::Width(_) => &[][..],
            Extent::Until(mark) => mark,
        };
        let Some((digits, end)) = field.split_at_mut_checked(field.len().saturating_sub(mark.len())) else { return };
        end.iter_mut().zip(mark).for_each(|(byte, new)| *byte = *new);
        for (place, byte) in digits.iter_mut().rev().enumerate() {
            let padding = place > 0 && value == 0;
            let digit = u32::try_from(value % self.radix as u64).ok();
            let digit = digit.and_then(|digit| char::from_digit(digit, self.radix as u32)).unwrap_or('0');
            let digit = if self.uppercase { digit.to_ascii_uppercase() } else { digit };
            *byte = if padding && self.space_padded { b' ' } else { u8::try_from(digit).unwrap_or(b'0') };
            value /= self.radix as u64;
        }
    }

    pub(super) fn narrowest(&self) -> usize {
        match &self.extent {
            Extent::Width(width) => *width,
            Extent::Until(mark) => mark.len().saturating_add(1),
        }
    }

    pub(super) fn widest(&self) -> usize {
        match &self.extent {
            Extent::Width(width) => *width,
            Extent::Until(mark) => mark.len().saturating_add(MOST_DIGITS),
        }
    }

    pub(super) fn most(&self) -> u64 {
        match &self.extent {
            Extent::Width(width) => {
                let width = u32::try_from(*width).unwrap_or(u32::MAX);
                (self.radix as u64).checked_pow(width).map_or(u64::MAX, |beyond| beyond - 1)
            }
            Extent::Until(_) => u64::MAX,
        }
    }

    pub(super) fn validate(&self) -> Result<(), ComposeError> {
        match &self.extent {
            Extent::Width(width) if !(1..=MOST_DIGITS).contains(width) => {
                Err(ComposeError::new(format!("a length in digits has 1 to {MOST_DIGITS} of them, not {width}")))
            }
            Extent::Width(_) => Ok(()),
            Extent::Until(_) if self.space_padded => Err(ComposeError::new(
                "digits up to a mark have no width to be padded to; use decimal(width) or hex(width)",
            )),
            Extent::Until(mark) => match mark.first() {
                None => Err(ComposeError::new("digits need a mark behind them that is not empty, such as b\":\"")),
                Some(first) if self.digit(*first).is_some() => Err(ComposeError::new(format!(
                    "the mark \"{}\" begins with a digit, so that nobody can tell where the number ends; use another mark, \
                     or a fixed width",
                    mark.escape_ascii()
                ))),
                Some(_) => Ok(()),
            },
        }
    }

    /// The number that `field` holds behind `skip` bytes, in a field of `width`.
    fn number(&self, field: &[u8], skip: usize, width: usize) -> Read {
        let mut value = 0;
        let mut any = false;
        for (i, byte) in field.iter().enumerate().skip(skip) {
            let Some(digit) = self.digit(*byte) else { return self.stray(*byte, i + 1) };
            match append(value, digit, self.radix as u64) {
                Some(longer) => value = longer,
                None => return Read::malformed(width, "it is longer than 64 bits"),
            }
            any = true;
        }
        if any { Read::Value { value, width } } else { Read::malformed(width, "it has no digits") }
    }

    fn digit(&self, byte: u8) -> Option<u8> {
        char::from(byte).to_digit(self.radix as u32).and_then(|digit| u8::try_from(digit).ok())
    }

    #[cold]
    fn stray(&self, byte: u8, width: usize) -> Read {
        let what = match self.radix {
            Radix::Decimal => "decimal",
            Radix::Hex => "hexadecimal",
        };
        let expected = match &self.extent {
            Extent::Width(_) => String::new(),
            Extent::Until(mark) => format!(", and not \"{}\"", mark.escape_ascii()),
        };
        Read::malformed(width, format!("\"{}\" is no {what} digit{expected}", byte.escape_ascii()))
    }
}

/// `value` with one more digit, if that is a number of 64 bits.
pub(super) fn append(value: u64, digit: u8, radix: u64) -> Option<u64> {
    value.checked_mul(radix)?.checked_add(u64::from(digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(radix: Radix, extent: Extent) -> Digits {
        Digits { radix, extent, space_padded: false, uppercase: false }
    }

    fn until(mark: &[u8]) -> Digits {
        digits(Radix::Decimal, Extent::Until(mark.to_vec()))
    }

    fn written(digits: &Digits, value: u64) -> String {
        let mut field = vec![0xAA; digits.width_of(value).unwrap()];
        digits.write(value, &mut field);
        String::from_utf8(field).unwrap()
    }

    #[test]
    fn written_and_read() {
        let decimal = digits(Radix::Decimal, Extent::Width(8));
        let spaced = Digits { space_padded: true, ..decimal.clone() };
        let hex = digits(Radix::Hex, Extent::Width(4));
        let upper = Digits { uppercase: true, ..hex.clone() };
        let hex_until = digits(Radix::Hex, Extent::Until(b"\r\n".to_vec()));
        for (digits, value, text) in [
            (&decimal, 123, "00000123"),
            (&decimal, 0, "00000000"),
            (&decimal, 99_999_999, "99999999"),
            (&spaced, 123, "     123"),
            (&spaced, 100, "     100"),
            (&spaced, 0, "       0"),
            (&hex, 0xab, "00ab"),
            (&upper, 0xab, "00AB"),
            (&until(b":"), 0, "0:"),
            (&until(b":"), 10, "10:"),
            (&until(b":"), u64::MAX, "18446744073709551615:"),
            (&hex_until, 0x1f0, "1f0\r\n"),
            (&hex_until, u64::MAX, "ffffffffffffffff\r\n"),
        ] {
            assert_eq!(written(digits, value), text);
            assert_eq!(digits.read(text.as_bytes()), Read::Value { value, width: text.len() });
            assert!(digits.most() >= value && (digits.narrowest()..=digits.widest()).contains(&text.len()));
        }
        assert_eq!(decimal.width_of(100_000_000), None);
        assert_eq!(decimal.most(), 99_999_999);
        assert_eq!(hex.most(), 0xffff);
        assert_eq!(hex.read(b"00aB"), Read::Value { value: 0xab, width: 4 });
    }

    #[test]
    fn asks_for_exactly_what_it_lacks() {
        let mark = until(b"\r\n");
        for (bytes, more) in [(&b""[..], 3), (b"1", 2), (b"12", 2), (b"12\r", 1), (b"+", 2), (b"1x", 1)] {
            assert_eq!(mark.read(bytes), Read::More(more));
        }
        assert_eq!(digits(Radix::Hex, Extent::Width(4)).read(b"0"), Read::More(3));
    }

    #[test]
    fn what_is_no_number_is_malformed_up_to_the_first_byte_that_is_wrong() {
        let width = digits(Radix::Decimal, Extent::Width(3));
        let spaced = Digits { space_padded: true, ..width.clone() };
        let wide = digits(Radix::Decimal, Extent::Width(20));
        let hex = digits(Radix::Hex, Extent::Width(17));
        for (digits, wire, bad) in [
            (&width, &b"+12"[..], 1),
            (&width, b"-12", 1),
            (&width, b" 12", 1),
            (&width, b"1 2", 2),
            (&width, b"12a", 3),
            (&spaced, b"   ", 3),
            (&spaced, b" 1 ", 3),
            (&spaced, b" +1", 2),
            (&wide, b"18446744073709551616", 20),
            (&hex, b"10000000000000000", 17),
            (&until(b":"), b"::", 1),
            (&until(b":"), b"+1:", 1),
            (&until(b":"), b" 1:", 1),
            (&until(b":"), b"1 :", 2),
            (&until(b"\r\n"), b"1\rx", 3),
            (&until(b":"), b"000000000000000000001", 21),
            (&until(b":"), b"18446744073709551616:", 21),
        ] {
            assert!(
                matches!(digits.read(wire), Read::Malformed { width, .. } if width == bad),
                "\"{}\": {:?}",
                wire.escape_ascii(),
                digits.read(wire)
            );
        }
        assert_eq!(until(b":").read(b"00000000000000000001:"), Read::Value { value: 1, width: 21 });
    }

    #[test]
    fn what_cannot_be_told_apart_is_refused() {
        let spaced = Digits { space_padded: true, ..until(b":") };
        for (digits, says) in [
            (digits(Radix::Decimal, Extent::Width(0)), "1 to 20"),
            (digits(Radix::Decimal, Extent::Width(21)), "1 to 20"),
            (until(b""), "not empty"),
            (until(b"0:"), "begins with a digit"),
            (digits(Radix::Hex, Extent::Until(b"A".to_vec())), "begins with a digit"),
            (spaced, "decimal(width)"),
        ] {
            let refused = digits.validate().unwrap_err();
            assert!(refused.to_string().contains(says), "{refused}");
        }
        until(b"A").validate().unwrap();
    }
}
