//! UTF-16: the shared decoder of the Encoding Standard.

use super::Items;

pub(super) fn read(items: &mut Items<'_>, big_endian: bool) {
    let unit = |items: &Items<'_>, ahead: usize| {
        let bytes = [items.byte(ahead)?, items.byte(ahead + 1)?];
        Some(if big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    };
    while items.byte(0).is_some() {
        let Some(first) = unit(items, 0) else { return items.cut_off() };
        match (first, unit(items, 2)) {
            (0xD800..=0xDBFF, Some(second @ 0xDC00..=0xDFFF)) => {
                items.put(4, char::decode_utf16([first, second]).next().and_then(Result::ok));
            }
            // A lead surrogate, and a byte that may begin its other half, are malformed together at the end.
            (0xD800..=0xDBFF, None) => items.cut_off(),
            (0xD800..=0xDFFF, _) => items.put(2, None),
            _ => items.put(2, char::from_u32(first.into())),
        }
    }
}
