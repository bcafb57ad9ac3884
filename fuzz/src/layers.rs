//! Layers, written in the notation.

use crate::choices::Choices;
use crate::stages::{byte, bytes, flag, perhaps, size};

/// One layer.
pub(crate) fn layer(choices: &mut Choices<'_>) -> String {
    match choices.below(4) {
        0 => escape(choices),
        1 => check(choices),
        2 => format!("constant {}{}", bytes(choices), flag(choices, "at end")),
        _ => {
            let upto = choices.one_of(&["to", "multiple"]);
            // As long as nobody would have filled up.
            let bytes = choices.one_of(&[0, 1, 2, 3, 4, 5, 8, 16, 20, 64, 300, 70_000, u64::MAX]);
            format!("pad {upto} {bytes} with {}", byte(choices))
        }
    }
}

fn escape(choices: &mut Choices<'_>) -> String {
    match choices.below(7) {
        0 => "escape 7E:7D02 7D:7D01".to_owned(),
        1 => "escape C0:DBDC DB:DBDD".to_owned(),
        2 => format!("escape {0}:{1}{2} {1}:{1}{3}", byte(choices), byte(choices), byte(choices), byte(choices)),
        3 => format!("escape {} xor {} of {} {}", byte(choices), byte(choices), byte(choices), byte(choices)),
        4 => format!("escape double {}", byte(choices)),
        5 => "escape dots".to_owned(),
        _ => "escape cobs".to_owned(),
    }
}

fn check(choices: &mut Choices<'_>) -> String {
    const ALGORITHMS: [&str; 8] =
        ["xor8", "sum8", "lrc", "crc-8/smbus", "crc-16/modbus", "crc-16/xmodem", "crc-32/iso-hdlc", "crc-32/bzip2"];
    let mut text = format!("check {}", choices.one_of(&ALGORITHMS));
    text += &perhaps(choices, "over", |choices| size(choices).to_string());
    text += &perhaps(choices, "over frame from", |choices| size(choices).to_string());
    text += &flag(choices, "little");
    text += choices.one_of(&["", "", "", " as hex", " as lower-hex", " as dec3", " as dec10"]);
    text += &perhaps(choices, "after", bytes);
    text + choices.one_of(&["", "", " drop", " close"])
}
