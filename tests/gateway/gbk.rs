//! As much of GBK as devices need.

/// All the characters that are needed here, in GBK. Two of them have a byte that is escaped.
const CHARACTERS: [(char, [u8; 2]); 8] = [
    ('京', [0xBE, 0xA9]),
    ('沪', [0xBB, 0xA6]),
    ('津', [0xBD, 0xF2]),
    ('粤', [0xD4, 0xC1]),
    ('問', [0x86, 0x96]),
    ('題', [0xEE, 0x7D]),
    ('魚', [0xF4, 0x7E]),
    ('車', [0xDC, 0x87]),
];

pub(crate) fn bytes_of(text: &str) -> Vec<u8> {
    let encoded = |char: char| match CHARACTERS.iter().find(|(known, _)| *known == char) {
        Some((_, bytes)) => bytes.to_vec(),
        None => vec![u8::try_from(char).ok().filter(u8::is_ascii).expect("a character that it knows")],
    };
    text.chars().flat_map(encoded).collect()
}

/// Other bytes are read as ISO 8859-1, so that none is lost.
pub(crate) fn text_of(mut bytes: &[u8]) -> String {
    let mut text = String::new();
    while let [first, rest @ ..] = bytes {
        let known = CHARACTERS.iter().find(|(_, gbk)| bytes.starts_with(gbk));
        let (char, rest) = known.map_or((char::from(*first), rest), |(char, _)| (*char, &bytes[2..]));
        text.push(char);
        bytes = rest;
    }
    text
}
