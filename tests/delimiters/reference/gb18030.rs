//! gb18030, as which the Encoding Standard reads GBK too.

use encoding_rs::GB18030;

use super::Items;
use super::pairs::{Index, pair};

pub(super) fn read(items: &mut Items<'_>, index: &Index) {
    while let Some(byte) = items.byte(0) {
        match (byte, items.byte(1)) {
            (0x00..=0x7F, _) => items.put(1, Some(char::from(byte))),
            (0x80, _) => items.put(1, Some('€')),
            (0xFF, _) => items.put(1, None),
            (_, None) => items.cut_off(),
            (_, Some(b'0'..=b'9')) => match (items.byte(2), items.byte(3)) {
                (None, _) | (Some(0x81..=0xFE), None) => items.cut_off(),
                (Some(0x81..=0xFE), Some(b'0'..=b'9')) => {
                    let form = &items.bytes[items.here..items.here + 4];
                    let text = GB18030.decode_without_bom_handling_and_without_replacement(form);
                    items.put(4, text.and_then(|text| text.chars().next()));
                }
                // The three bytes behind the first are read again.
                _ => items.put(1, None),
            },
            (_, Some(second)) => pair(items, index.get(byte, second), second),
        }
    }
}
