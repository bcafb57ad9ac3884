//! Encodings that other software calls by the names of the Encoding Standard's, or by none that it knows, and that differ
//! from it in some characters: those of code pages of Windows, of CPython and of Java. docs/encodings.md says in which.

mod four;
#[rustfmt::skip]
mod patches;
mod table;

use std::fmt;
use std::sync::OnceLock;

use bytes::{BufMut, BytesMut};
use encoding_rs::{BIG5, Encoding, GB18030, GBK, SHIFT_JIS};

use super::boundary::{Boundaries, Leads};
use super::own::{Next, Own};
use table::{Patch, Table};

/// A double-byte encoding, or GB 18030, with a table of its own, which is made when it is first used.
pub(super) struct Variant {
    name: &'static str,
    /// Its labels, in lower case.
    labels: &'static [&'static str],
    base: &'static Encoding,
    patch: &'static Patch,
    table: OnceLock<Table>,
}

/// GBK as CPython has it: without user-defined characters, the byte 80 and four-byte forms.
pub(super) static GBK_PYTHON: Variant = Variant::new("gbk-python", &["gbk-python"], GBK, &patches::GBK_PYTHON);
/// GBK as Java has it.
pub(super) static GBK_JAVA: Variant = Variant::new("gbk-java", &["gbk-java"], GBK, &patches::GBK_JAVA);
/// Code page 936 of Windows, as Java has it.
pub(super) static CP936: Variant =
    Variant::new("cp936", &["cp936", "ms936", "windows-936", "936", "x-mswin-936"], GBK, &patches::CP936);
/// Code page 932 of Windows, as Java has it.
pub(super) static CP932: Variant = Variant::new("cp932", &["cp932", "windows-932", "932"], SHIFT_JIS, &patches::CP932);
/// Code page 932 as CPython has it.
pub(super) static CP932_PYTHON: Variant =
    Variant::new("cp932-python", &["cp932-python"], SHIFT_JIS, &patches::CP932_PYTHON);
/// Shift_JIS of JIS X 0208, as CPython has it.
pub(super) static SHIFT_JIS_PYTHON: Variant =
    Variant::new("shift_jis-python", &["shift_jis-python", "shift-jis-python"], SHIFT_JIS, &patches::SHIFT_JIS_PYTHON);
/// Shift_JIS of JIS X 0208, as Java has it.
pub(super) static SHIFT_JIS_JAVA: Variant =
    Variant::new("shift_jis-java", &["shift_jis-java", "shift-jis-java"], SHIFT_JIS, &patches::SHIFT_JIS_JAVA);
/// Code page 950 of Windows, as Java has it.
pub(super) static CP950: Variant =
    Variant::new("cp950", &["cp950", "ms950", "windows-950", "950", "x-windows-950"], BIG5, &patches::CP950);
/// Code page 950 as CPython has it.
pub(super) static CP950_PYTHON: Variant = Variant::new("cp950-python", &["cp950-python"], BIG5, &patches::CP950_PYTHON);
/// Big5 as CPython has it: without the characters of Hong Kong.
pub(super) static BIG5_PYTHON: Variant = Variant::new("big5-python", &["big5-python"], BIG5, &patches::BIG5_PYTHON);
/// Big5 as Java has it: without the characters of Hong Kong.
pub(super) static BIG5_JAVA: Variant = Variant::new("big5-java", &["big5-java"], BIG5, &patches::BIG5_JAVA);

/// GB 18030 of 2000, as CPython has it.
pub(super) static GB18030_2000: Variant =
    Variant::new("gb18030-2000", &["gb18030-2000", "gb18030-python"], GB18030, &patches::GB18030_2000);
/// GB 18030 of 2022, as Java has it.
pub(super) static GB18030_2022: Variant =
    Variant::new("gb18030-2022", &["gb18030-2022", "gb18030-java"], GB18030, &patches::GB18030_2022);

/// All of them.
pub(super) static ALL: [&Variant; 13] = [
    &GBK_PYTHON,
    &GBK_JAVA,
    &CP936,
    &CP932,
    &CP932_PYTHON,
    &SHIFT_JIS_PYTHON,
    &SHIFT_JIS_JAVA,
    &CP950,
    &CP950_PYTHON,
    &BIG5_PYTHON,
    &BIG5_JAVA,
    &GB18030_2000,
    &GB18030_2022,
];

/// The variant with this label, which is in lower case. None has a label of the Encoding Standard.
pub(super) fn for_label(label: &str) -> Option<&'static Variant> {
    ALL.into_iter().find(|variant| variant.labels.contains(&label))
}

impl Variant {
    const fn new(
        name: &'static str,
        labels: &'static [&'static str],
        base: &'static Encoding,
        patch: &'static Patch,
    ) -> Self {
        Self { name, labels, base, patch, table: OnceLock::new() }
    }

    fn table(&self) -> &Table {
        self.table.get_or_init(|| Table::new(self.base, self.patch))
    }

    fn leads(&self) -> Leads {
        if self.base == SHIFT_JIS { Leads::ShiftJis } else { Leads::Wide }
    }

    /// The code that is written for `character`. What is read back as another the encoding lacks, also where the peer writes it.
    fn code(&self, character: char) -> Option<u16> {
        let table = self.table();
        table.code(character).filter(|code| table.character(*code) == Some(character))
    }
}

impl Own for Variant {
    fn name(&self) -> &'static str {
        self.name
    }

    fn longest(&self) -> usize {
        if self.base == GB18030 { 4 } else { 2 }
    }

    fn boundaries(&'static self) -> Boundaries {
        if self.base == GB18030 {
            Boundaries::Gb18030(self.table().pairs())
        } else {
            Boundaries::Double(self.leads(), self.table().pairs())
        }
    }

    /// As in the Encoding Standard, an ASCII byte behind a lead byte that it makes no character with is read again, and any
    /// other is part of the malformed sequence.
    #[inline]
    fn read(&self, bytes: &[u8]) -> Next {
        let table = self.table();
        let Some(&first) = bytes.first() else { return Next::Unfinished(0) };
        if first.is_ascii() {
            return Next::Character(first.into(), 1);
        }
        if !self.leads().have(first) {
            return table.character(first.into()).map_or(Next::Malformed(1), |c| Next::Character(c, 1));
        }
        let Some(second) = bytes.get(1) else { return Next::Unfinished(1) };
        if let Some(four) = table.four().filter(|_| second.is_ascii_digit()) {
            return match four::len(bytes) {
                Err(()) => Next::Unfinished(bytes.len()),
                Ok(len) => {
                    let character = bytes.first_chunk().filter(|_| len == 4).and_then(|code| four.character(*code));
                    character.map_or(Next::Malformed(len), |c| Next::Character(c, len))
                }
            };
        }
        match table.character(u16::from_be_bytes([first, *second])) {
            Some(c) => Next::Character(c, 2),
            None if second.is_ascii() => Next::Malformed(1),
            None => Next::Malformed(2),
        }
    }

    #[inline]
    fn write(&self, character: char, out: &mut BytesMut) -> bool {
        if character.is_ascii() {
            out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        } else if let Some(code) = self.code(character) {
            put(code, out);
        } else if let Some(code) = self.table().four().and_then(|four| four.code(character)) {
            out.put_slice(&code);
        } else {
            return false;
        }
        true
    }

    /// How many bytes at the end of `bytes` begin a character that they do not finish.
    fn unfinished(&self, bytes: &[u8]) -> usize {
        let table = self.table();
        // An ASCII byte is a character, or ends one, or is read again, unless it is a digit of a four-byte form.
        let ends = |byte: &u8| byte.is_ascii() && !(byte.is_ascii_digit() && table.four().is_some());
        if bytes.last().is_none_or(ends) {
            return 0;
        }
        // So a character begins behind it, whatever stands in front.
        let mut at = bytes.iter().rposition(ends).map_or(0, |at| at + 1);
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            if rest.is_empty() {
                return 0;
            }
            match self.read(rest) {
                Next::Unfinished(_) => return rest.len(),
                Next::Character(_, len) | Next::Malformed(len) => at += len,
            }
        }
    }

    fn spellings(&self, character: char) -> Vec<Vec<u8>> {
        if character.is_ascii() {
            return vec![String::from(character).into_bytes()];
        }
        let bytes = |code: u16| {
            let mut bytes = BytesMut::new();
            put(code, &mut bytes);
            bytes.to_vec()
        };
        let table = self.table();
        let written = self.code(character);
        let others = table.codes(character).filter(|code| Some(*code) != written);
        let four = table.four().and_then(|four| four.code(character)).map(|code| code.to_vec());
        written.into_iter().chain(others).map(bytes).chain(four).collect()
    }
}

fn put(code: u16, out: &mut BytesMut) {
    match code.to_be_bytes() {
        [0, byte] => out.put_u8(byte),
        [lead, second] => out.put_slice(&[lead, second]),
    }
}

impl fmt::Debug for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Variant({})", self.name)
    }
}

#[cfg(test)]
mod tests {
    use wirework_core::{Cursor, DecodePolicy, EncodeError, EncodePolicy, FormatError};

    use super::*;

    fn decoded(variant: &Variant, bytes: &[u8], policy: DecodePolicy) -> Result<String, FormatError> {
        let mut text = String::new();
        variant.decode(bytes, policy, &mut text)?;
        Ok(text)
    }

    fn encoded(variant: &Variant, text: &str, policy: EncodePolicy) -> Result<Vec<u8>, EncodeError> {
        let mut out = BytesMut::new();
        variant.encode(text, policy, &mut out)?;
        Ok(out.to_vec())
    }

    #[test]
    fn the_euro_sign_is_where_each_has_it() {
        for (label, bytes) in [("gbk-python", None), ("gbk-java", Some(&b"\xa2\xe3"[..])), ("cp936", Some(b"\x80"))] {
            let variant = for_label(label).unwrap();
            assert_eq!(encoded(variant, "€", EncodePolicy::Error).ok().as_deref(), bytes, "{label}");
        }
        let error = decoded(&GBK_JAVA, b"a\x80", DecodePolicy::Strict).unwrap_err();
        assert_eq!(error.to_string(), "not gbk-java at byte 1 of the message (80)");
        let error = encoded(&GBK_PYTHON, "你€", EncodePolicy::Error).unwrap_err();
        assert_eq!(error.to_string(), "gbk-python has no '€' (U+20AC), at byte 3 of the text");
        assert_eq!(encoded(&GBK_PYTHON, "你€", EncodePolicy::Substitute).unwrap(), b"\xc4\xe3?");
    }

    /// A variant that has a pair, or lacks it, as its base does is malformed where the base is, and as far.
    #[test]
    fn malformed_bytes_are_those_of_the_encoding_standard() {
        let replaced = |variant: &Variant, bytes: &[u8]| decoded(variant, bytes, DecodePolicy::Replace).unwrap();
        for variant in ALL {
            let standard = |bytes: &[u8]| variant.base.decode_without_bom_handling(bytes).0.into_owned();
            let is_alike = |bytes: &[u8]| replaced(variant, bytes) == standard(bytes);
            let all_alike = |wire: &[u8]| wire.windows(1).chain(wire.windows(2)).all(is_alike);
            let mut alike = 0;
            for wire in wires().filter(|wire| all_alike(wire)) {
                assert_eq!(replaced(variant, &wire), standard(&wire), "{variant:?} {wire:02x?}");
                alike += 1;
            }
            assert!(alike > 1000, "{variant:?}: {alike}");
        }
    }

    /// Lead bytes and others, digits of four-byte forms and other ASCII.
    fn wires() -> impl Iterator<Item = [u8; 4]> {
        let bytes = [0x20, 0x30, 0x41, 0x7c, 0x80, 0x81, 0xa0, 0xa1, 0xc4, 0xfc, 0xfe, 0xff];
        let wires = bytes.into_iter().flat_map(move |a| bytes.into_iter().map(move |b| (a, b)));
        wires.flat_map(move |(a, b)| bytes.into_iter().flat_map(move |c| bytes.map(|d| [a, b, c, d])))
    }

    #[test]
    fn labels_are_of_one_variant_and_not_of_the_encoding_standard() {
        for variant in ALL {
            assert!(variant.labels.contains(&variant.name));
            for label in variant.labels {
                assert_eq!(Encoding::for_label(label.as_bytes()), None, "{label}");
                assert_eq!(for_label(label).unwrap().name, variant.name, "{label}");
                assert_eq!(*label, label.to_lowercase());
            }
        }
    }

    #[test]
    fn half_a_character_is_unfinished() {
        for (variant, bytes, held) in [
            (&CP936, &b"\xc4\xe3\xba"[..], 1),
            (&CP936, b"\xc4\xe3", 0),
            (&CP936, b"\x80", 0),
            (&CP936, b"\xc4|", 0),
            (&CP936, b"\xff\xff", 0),
            (&GB18030_2000, b"a\x81\x30", 2),
            (&GB18030_2000, b"\x81\x30\x81", 3),
            (&GB18030_2000, b"\x81\x30\x81\x30", 0),
            (&GB18030_2000, b"\x81\x30|\x81", 1),
            (&CP932, b"\xb1", 0),
            (&CP932, b"\x83", 1),
            (&CP932, b"\x83\x83", 0),
            (&CP932, b"a\x83\x83\x83", 1),
        ] {
            assert_eq!(variant.unfinished(bytes), held, "{variant:?} {bytes:02x?}");
        }
    }

    #[test]
    fn characters_begin_where_the_decoder_reads_them() {
        for variant in ALL {
            for wire in wires() {
                let mut begins = vec![];
                let mut at = 0;
                while at < wire.len() {
                    begins.push(at);
                    at += match variant.read(&wire[at..]) {
                        Next::Character(_, len) | Next::Malformed(len) | Next::Unfinished(len) => len,
                    };
                }
                let mut cursor = Cursor::default();
                // It is asked where a delimiter stands, which is whole characters.
                let is_character = |at: &usize| matches!(variant.read(&wire[*at..]), Next::Character(..));
                for at in (0..wire.len()).filter(is_character) {
                    if let Some(told) = variant.boundaries().begins_at(&wire, at, &mut cursor) {
                        assert_eq!(told, begins.contains(&at), "{variant:?} {wire:02x?} at {at}");
                    }
                }
            }
        }
        assert!(!CP932.boundaries().is_plain(b'|') && CP932.boundaries().is_plain(b','));
    }

    #[test]
    fn spellings_are_all_codes_and_the_written_one_first() {
        assert_eq!(CP932.spellings('丨'), [b"\xfa\x68".to_vec(), b"\xed\x4c".to_vec()]);
        assert_eq!(CP932_PYTHON.spellings('丨'), [b"\xed\x4c".to_vec(), b"\xfa\x68".to_vec()]);
        assert_eq!(CP932.spellings('|'), [b"|".to_vec()]);
        assert_eq!(GB18030_2000.spellings('ḿ'), [b"\x81\x35\xf4\x37".to_vec()]);
        assert!(CP932.spellings('¥').is_empty(), "Java writes a backslash, which is not read as it");
        assert!(encoded(&CP932, "¥", EncodePolicy::Error).is_err());
    }
}
