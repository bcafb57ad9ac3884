//! What comes to mind first, and is wrong: ways to find `|` and its like in text of two bytes a character.

/// Where each of these byte strings ends, looked for as bytes.
pub fn bytes(wire: &[u8], delimiter: u8) -> Vec<usize> {
    wire.iter().enumerate().filter(|(_, byte)| **byte == delimiter).map(|(at, _)| at + 1).collect()
}

/// Behind a lead byte the next one is skipped, whatever it is.
pub fn skipping(wire: &[u8], delimiter: u8, is_lead: fn(u8) -> bool) -> Vec<usize> {
    let (mut at, mut ends) = (0, Vec::new());
    while let Some(byte) = wire.get(at) {
        if is_lead(*byte) {
            at += 2;
            continue;
        }
        at += 1;
        if *byte == delimiter {
            ends.push(at);
        }
    }
    ends
}

/// A byte that may be a second one is, behind one that may be a first one.
pub fn in_range(wire: &[u8], delimiter: u8, is_lead: fn(u8) -> bool) -> Vec<usize> {
    let inside = |at: usize| at > 0 && is_lead(wire[at - 1]) && matches!(delimiter, 0x40..=0xFE);
    bytes(wire, delimiter).into_iter().filter(|end| !inside(end - 1)).collect()
}
