//! GB 18030, as which GBK is read too: pairs, and forms of four bytes, of which the second and the fourth are digits.

use wirework_core::Cursor;

use super::{Leads, Pairs, scan};

/// As [`TextEncoding::begins_at`](wirework_core::TextEncoding::begins_at).
///
/// Four bytes that are no such form are read as the first, which is malformed, and again from the second on. So digits
/// change nothing for what stands behind them, unless it is itself the digit that would make the form whole.
pub(super) fn begins_at(pairs: &Pairs, bytes: &[u8], at: usize, cursor: &mut Cursor) -> Option<bool> {
    let is_in_a_form = match bytes.get(at..) {
        Some([digit, ..]) if digit.is_ascii_digit() => true,
        Some([lead]) => Leads::Wide.have(*lead),
        Some([lead, digit, ..]) => Leads::Wide.have(*lead) && digit.is_ascii_digit(),
        _ => false,
    };
    if !is_in_a_form {
        return Some(pairs.begins_at(Leads::Wide, bytes, at, cursor));
    }
    let ends = |byte: &u8| !Leads::Wide.have(*byte) && !byte.is_ascii_digit();
    scan(bytes, at, cursor, ends, |rest| item(pairs, rest))
}

/// How many bytes a decoder reads at the beginning of `bytes`, if that can be told.
fn item(pairs: &Pairs, bytes: &[u8]) -> Option<usize> {
    let (&first, rest) = bytes.split_first()?;
    if !Leads::Wide.have(first) {
        return Some(1);
    }
    match *rest {
        [] => None,
        [second, ref rest @ ..] if second.is_ascii_digit() => match *rest {
            [third, ..] if !Leads::Wide.have(third) => Some(1),
            [_, fourth, ..] => Some(if fourth.is_ascii_digit() { 4 } else { 1 }),
            [] | [_] => None,
        },
        [second, ..] => Some(pairs.item(first, second)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digit_is_one_only_when_no_form_of_four_bytes_holds_it() {
        let pairs = Pairs::new(|[_, second]| second == b'|');
        for (bytes, at, begins) in [
            (&b"5"[..], 0, Some(true)),
            (b"\x815", 1, None),
            (b"\x815\x81", 1, None),
            (b"\x815a", 1, Some(true)),
            (b"\x815\x81a", 1, Some(true)),
            (b"\x815\x815", 1, Some(false)),
            (b"\x815\x815", 3, Some(false)),
            (b"\x815\x8155", 4, Some(true)),
            (b"a\x81\x815", 3, Some(true)),
            (b"\x815|", 2, Some(true)),
            (b"a\x815\x81", 3, None),
            (b"\x815\x81|", 3, Some(false)),
            (b"\x815\x815\x81|", 5, Some(false)),
            (b"\x815\x815|", 4, Some(true)),
        ] {
            assert_eq!(begins_at(&pairs, bytes, at, &mut Cursor::default()), begins, "{bytes:02x?} {at}");
        }
    }
}
