//! ISO-2022-JP, state by state.

use super::Items;
use super::pairs::Index;

#[derive(Clone, Copy, PartialEq)]
enum State {
    Ascii,
    Roman,
    Katakana,
    /// Of two bytes a character.
    Double,
}

pub(super) fn read(items: &mut Items<'_>, index: &Index) {
    let mut state = State::Ascii;
    // Whether nothing stands behind the last escape sequence, so that another is one too many.
    let mut is_bare = false;
    while let Some(byte) = items.byte(0) {
        if byte == 0x1B {
            match escape(items.byte(1), items.byte(2)) {
                Some(next) => {
                    if is_bare {
                        items.put(0, None);
                    }
                    items.here += 3;
                    (state, is_bare) = (next, true);
                }
                None => {
                    items.put(1, None);
                    is_bare = false;
                }
            }
            continue;
        }
        is_bare = false;
        match (state, byte, items.byte(1)) {
            (State::Double, 0x21..=0x7E, None) => items.cut_off(),
            (State::Double, 0x21..=0x7E, Some(0x1B)) => items.put(1, None),
            (State::Double, 0x21..=0x7E, Some(second @ 0x21..=0x7E)) => items.put(2, index.get(byte, second)[0]),
            (State::Double, 0x21..=0x7E, Some(_)) => items.put(2, None),
            (State::Double, ..) => items.put(1, None),
            (State::Katakana, 0x21..=0x5F, _) => items.put(1, char::from_u32(0xFF61 - 0x21 + u32::from(byte))),
            (State::Katakana, ..) | (_, 0x0E | 0x0F | 0x80..=0xFF, _) => items.put(1, None),
            (State::Roman, b'\\', _) => items.put(1, Some('¥')),
            (State::Roman, b'~', _) => items.put(1, Some('‾')),
            _ => items.put(1, Some(char::from(byte))),
        }
    }
}

fn escape(second: Option<u8>, third: Option<u8>) -> Option<State> {
    match (second?, third?) {
        (b'(', b'B') => Some(State::Ascii),
        (b'(', b'J') => Some(State::Roman),
        (b'(', b'I') => Some(State::Katakana),
        (b'$', b'@' | b'B') => Some(State::Double),
        _ => None,
    }
}
