//! The forms of Unicode, whose tables would be as long as Unicode.

use super::Peer;

/// All characters of the form, as codes that are read.
pub(super) fn fill(form: &str, peer: &mut Peer) {
    let write: fn(char) -> Vec<u8> = match form {
        "utf-8" => |c| String::from(c).into_bytes(),
        "utf-16-le" => |c| units(c).flat_map(u16::to_le_bytes).collect(),
        "utf-16-be" => |c| units(c).flat_map(u16::to_be_bytes).collect(),
        "utf-32-le" => |c| u32::from(c).to_le_bytes().to_vec(),
        "utf-32-be" => |c| u32::from(c).to_be_bytes().to_vec(),
        "cesu-8" => |c| units(c).flat_map(three_bytes_at_most).collect(),
        "modified-utf-8" => {
            |c| if c == '\0' { vec![0xc0, 0x80] } else { units(c).flat_map(three_bytes_at_most).collect() }
        }
        _ => panic!("{form} is not known"),
    };
    let reads = &mut peer.states[0].1;
    reads.extend(('\0'..=char::MAX).map(|c| (write(c), String::from(c))));
}

fn units(c: char) -> impl Iterator<Item = u16> {
    let mut units = [0; 2];
    let len = c.encode_utf16(&mut units).len();
    units.into_iter().take(len)
}

/// A code unit of UTF-16 as UTF-8 writes a number, half a character too.
fn three_bytes_at_most(unit: u16) -> Vec<u8> {
    let last = |bits: u16| 0x80 | (bits & 0x3f) as u8;
    match unit {
        0..0x80 => vec![unit as u8],
        0x80..0x800 => vec![0xc0 | (unit >> 6) as u8, last(unit)],
        _ => vec![0xe0 | (unit >> 12) as u8, last(unit >> 6), last(unit)],
    }
}
