//! What encodings are called.

use std::fmt;

use super::{Encoding, Kind, Standard, own, variant};
use crate::near::suggestion;

/// No encoding has this label, more than one could be meant by it, or nothing may be read or written in what it means.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct LabelError {
    label: String,
    why: Why,
}

/// Why a label leads to no encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Why {
    Unknown,
    /// It leaves open which of the two it is.
    Either([&'static str; 2]),
    /// The Encoding Standard lets nobody read or write what it means.
    Forbidden,
}

impl LabelError {
    /// Whether the label is one, and is refused.
    pub(crate) fn is_known(&self) -> bool {
        self.why != Why::Unknown
    }
}

impl fmt::Display for LabelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let label = &self.label;
        match self.why {
            Why::Unknown => match suggestion(label, COMMON) {
                none if none.is_empty() => write!(
                    f,
                    "no encoding is called {label:?}; there are, for example, utf-8, gbk, gb18030, big5, shift_jis, euc-kr and \
                     windows-1252"
                ),
                nearest => write!(f, "no encoding is called {label:?}{nearest}"),
            },
            Why::Either([first, second]) => write!(
                f,
                "{label:?} does not say which byte of a unit comes first, and a byte-order mark is not looked for; write {first} \
                 or {second}"
            ),
            // https://encoding.spec.whatwg.org/#replacement
            Why::Forbidden => write!(
                f,
                "{label:?} is `replacement` in the Encoding Standard, in which nothing may be read or written: what stands behind \
                 it hides ASCII characters behind escape sequences, which served attacks; let the peer send another, such as \
                 utf-8"
            ),
        }
    }
}

/// Encodings to think of when a label is misspelt.
pub(crate) const COMMON: [&str; 17] = [
    "utf-8",
    "gbk",
    "gb18030",
    "gb2312",
    "big5",
    "shift_jis",
    "euc-jp",
    "euc-kr",
    "iso-8859-1",
    "latin1",
    "ascii",
    "windows-1252",
    "utf-16le",
    "utf-16be",
    "utf-32le",
    "utf-32be",
    "cesu-8",
];

/// The labels that are not, or not so, in the Encoding Standard. Those of IANA's registry of character sets are complete.
const OWN: [(Encoding, &[&str]); 9] = [
    (
        Encoding::US_ASCII,
        &[
            "ascii",
            "us-ascii",
            "us",
            "ansi_x3.4-1968",
            "ansi_x3.4-1986",
            "iso_646.irv:1991",
            "iso646-us",
            "iso-ir-6",
            "ibm367",
            "cp367",
            "csascii",
        ],
    ),
    (
        Encoding::ISO_8859_1,
        &[
            "iso-8859-1",
            "iso8859-1",
            "iso88591",
            "iso_8859-1",
            "iso_8859-1:1987",
            "iso-ir-100",
            "latin1",
            "latin-1",
            "l1",
            "ibm819",
            "cp819",
            "csisolatin1",
        ],
    ),
    (
        Encoding(Kind::Own(&own::ISO_8859_9)),
        &[
            "iso-8859-9",
            "iso8859-9",
            "iso88599",
            "iso_8859-9",
            "iso_8859-9:1989",
            "iso-ir-148",
            "latin5",
            "latin-5",
            "l5",
            "csisolatin5",
        ],
    ),
    (
        Encoding(Kind::Own(&own::ISO_8859_11)),
        &["iso-8859-11", "iso8859-11", "iso885911", "iso_8859-11", "tis-620", "tis620", "cstis620"],
    ),
    (Encoding::UTF_32LE, &["utf-32le", "utf32le", "csutf32le"]),
    (Encoding::UTF_32BE, &["utf-32be", "utf32be", "csutf32be"]),
    (Encoding::CESU_8, &["cesu-8", "cesu8", "cscesu8", "cscesu-8"]),
    (Encoding::MODIFIED_UTF_8, &["modified-utf-8", "mutf-8", "mutf8"]),
    // Code page 949 is what the Encoding Standard calls EUC-KR.
    (Encoding::EUC_KR, &["cp949", "ms949", "uhc"]),
];

/// Labels of which peers mean one or the other.
const AMBIGUOUS: [([&str; 2], &[&str]); 2] = [
    (
        ["utf-16le", "utf-16be"],
        &["utf-16", "utf16", "csutf16", "unicode", "csunicode", "ucs-2", "ucs2", "iso-10646-ucs-2"],
    ),
    (["utf-32le", "utf-32be"], &["utf-32", "utf32", "csutf32", "ucs-4", "ucs4", "csucs4", "iso-10646-ucs-4"]),
];

/// As [`Encoding::for_label`].
pub(super) fn find(label: &str) -> Result<Encoding, LabelError> {
    let name = label.trim_matches(|character: char| character.is_ascii_whitespace()).to_ascii_lowercase();
    let refused = |why| LabelError { label: label.to_owned(), why };
    if let Some((either, _)) = AMBIGUOUS.iter().find(|(_, labels)| labels.contains(&&*name)) {
        return Err(refused(Why::Either(*either)));
    }
    let own = OWN.iter().find(|(_, labels)| labels.contains(&&*name)).map(|(encoding, _)| *encoding);
    let own = own.or_else(|| variant::for_label(&name).map(|variant| Encoding(Kind::Own(variant))));
    match own {
        Some(own) => Ok(own),
        None => match encoding_rs::Encoding::for_label(name.as_bytes()) {
            Some(table) => standard(table).ok_or_else(|| refused(Why::Forbidden)),
            None => Err(refused(Why::Unknown)),
        },
    }
}

/// The encoding with this table, unless nobody may read it.
fn standard(table: &'static encoding_rs::Encoding) -> Option<Encoding> {
    Standard::new(table).map(|standard| Encoding(Kind::Standard(standard)))
}

/// All but [`REPLACEMENT`](encoding_rs::REPLACEMENT), in which nothing can be read or written.
impl TryFrom<&'static encoding_rs::Encoding> for Encoding {
    type Error = LabelError;

    fn try_from(table: &'static encoding_rs::Encoding) -> Result<Self, LabelError> {
        standard(table).ok_or_else(|| LabelError { label: table.name().to_owned(), why: Why::Forbidden })
    }
}

#[cfg(test)]
mod tests {
    use wirework_core::TextEncoding;

    use super::*;

    #[test]
    fn labels_mean_what_they_say() {
        for (label, name) in [
            ("latin1", "ISO-8859-1"),
            ("CP819", "ISO-8859-1"),
            ("windows-1252", "windows-1252"),
            ("cp1252", "windows-1252"),
            (" ascii\n", "US-ASCII"),
            ("ANSI_X3.4-1968", "US-ASCII"),
            ("latin5", "ISO-8859-9"),
            ("cp1254", "windows-1254"),
            ("tis-620", "ISO-8859-11"),
            ("windows-874", "windows-874"),
            ("utf-16le", "UTF-16LE"),
            ("unicodefffe", "UTF-16BE"),
            ("UTF-32BE", "UTF-32BE"),
            ("cesu-8", "CESU-8"),
            ("mutf-8", "modified-UTF-8"),
            ("cp949", "EUC-KR"),
            ("CP936", "cp936"),
            ("gbk-python", "gbk-python"),
            ("gb18030-2000", "gb18030-2000"),
            ("gb2312", "GBK"),
        ] {
            let found = find(label).unwrap();
            assert_eq!(found.name(), name, "{label:?}");
            assert_eq!(find(found.name()), Ok(found), "{label:?}");
        }
    }

    #[test]
    fn every_own_name_leads_to_its_encoding_and_no_label_to_two() {
        let labels: Vec<&str> = OWN.iter().flat_map(|(_, labels)| *labels).copied().collect();
        for (n, label) in labels.iter().enumerate() {
            assert!(!labels[..n].contains(label), "{label}");
            assert_eq!(*label, label.to_ascii_lowercase());
        }
        for (encoding, labels) in OWN {
            for label in labels {
                assert_eq!(find(label), Ok(encoding), "{label}");
            }
            assert_eq!(find(encoding.name()), Ok(encoding));
        }
    }

    #[test]
    fn what_leaves_the_order_of_bytes_open_is_refused_with_both() {
        for (label, hint) in [("UTF-16", "write utf-16le or utf-16be"), ("ucs-4", "write utf-32le or utf-32be")] {
            let error = find(label).unwrap_err();
            assert!(error.to_string().ends_with(hint) && error.is_known(), "{error}");
        }
    }

    #[test]
    fn what_nobody_may_read_is_refused_by_its_name() {
        for label in ["hz-gb-2312", "ISO-2022-KR", "iso-2022-cn", "iso-2022-cn-ext", "csiso2022kr", "replacement"] {
            let error = label.parse::<Encoding>().unwrap_err();
            assert!(error.to_string().starts_with(&format!("{label:?} is `replacement`")), "{error}");
            assert!(error.to_string().contains("served attacks") && error.is_known(), "{error}");
        }
        let error = Encoding::try_from(encoding_rs::REPLACEMENT).unwrap_err();
        assert!(error.to_string().starts_with("\"replacement\" is"), "{error}");
        assert_eq!(Encoding::try_from(encoding_rs::GBK), find("gbk"));
    }

    #[test]
    fn what_is_misspelt_is_told_with_what_is_near() {
        for (label, said) in [
            ("gkb", "no encoding is called \"gkb\"; did you mean `gbk`?"),
            ("UFT-8", "no encoding is called \"UFT-8\"; did you mean `utf-8`?"),
            ("ebcdic", "no encoding is called \"ebcdic\"; there are, for example, utf-8, "),
        ] {
            let error = label.parse::<Encoding>().unwrap_err();
            assert!(error.to_string().starts_with(said) && !error.is_known(), "{error}");
        }
        for label in COMMON {
            assert!(find(label).is_ok(), "{label}");
        }
    }
}
