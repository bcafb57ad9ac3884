//! Records that end with `|`, found as a character of the encoding. The same framing stands beside it with `,`, whose bytes are
//! no part of another character in these texts, and a loop around `memchr` that takes every byte `7C` for an end: the floor,
//! and wrong wherever there are false ends.

use bytes::BytesMut;
use wirework::core::{ComposeError, EncodePolicy, Frame, TextEncoding};
use wirework::framing::Until;
use wirework::{Codec, Encoding, FramingExt};

use crate::corpus::{self, Corpus};
use crate::lent::{Lend, View, by_hand, lent};
use crate::turns::{self, ROUNDS};

const SIZES: [usize; 3] = [16, 64, 256];
const STREAM: usize = 1024 * 1024;

const RECORDS: [(Corpus, Encoding); 8] = [
    (corpus::CHINESE, Encoding::GBK),
    (corpus::ENGLISH, Encoding::GBK),
    (corpus::JAPANESE, Encoding::SHIFT_JIS),
    (corpus::ENGLISH, Encoding::SHIFT_JIS),
    (corpus::TRADITIONAL, Encoding::BIG5),
    (corpus::ENGLISH, Encoding::BIG5),
    (corpus::CHINESE, Encoding::UTF_16LE),
    (corpus::ENGLISH, Encoding::UTF_16LE),
];

/// Prints a row for each text and size whose words hold all of `wanted`.
pub(crate) fn print(wanted: &[String]) {
    println!("\nnanoseconds a record, and gigabytes a second; in turn, 10th percentile of {ROUNDS}\n");
    let [character, plain, memchr] = ["character |", "plain ,", "memchr 7C"];
    println!(
        "{:<8}{:<10}{:<11}{:>6}{character:>18}{plain:>18}{memchr:>18}{:>12}",
        "", "text", "encoding", "bytes", "false ends"
    );
    for (corpus, encoding) in RECORDS {
        for size in SIZES {
            let row = format!("{:<8}{:<10}{:<11}{size:>6}", "until", corpus.name, encoding.name());
            if crate::is_wanted(&row, wanted) {
                match Case::new(corpus, encoding, size) {
                    Ok(case) => println!("{row}{}", case.measured()),
                    Err(refusal) => println!("{row}   left out: {refusal}"),
                }
            }
        }
    }
}

/// Every case once, with the frames compared, but without times.
pub(crate) fn check() {
    for (corpus, encoding) in RECORDS {
        if let Err(refusal) = Case::new(corpus, encoding, SIZES[0]) {
            println!("left out: {refusal}");
        }
    }
}

/// The same records, ended by either character.
struct Case {
    records: usize,
    bar: Vec<u8>,
    comma: Vec<u8>,
    character: Until,
    plain: Until,
}

impl Case {
    /// Both framings are seen to find the records. An error if the composition is refused.
    fn new(corpus: Corpus, encoding: Encoding, size: usize) -> Result<Self, ComposeError> {
        let (character, _) = Until::new("|").text(encoding).compose()?;
        let plain = Until::new(bytes(encoding, ","));
        let texts = corpus.texts(encoding, size, STREAM);
        let records: Vec<_> = texts.iter().map(|text| bytes(encoding, &text.replace(['|', ','], ";"))).collect();
        let ended_by = |end| records.iter().flat_map(|record| [&record[..], &bytes(encoding, end)].concat()).collect();
        let case = Self { records: records.len(), bar: ended_by("|"), comma: ended_by(","), character, plain };
        for (framing, wire) in [(&case.character, &case.bar), (&case.plain, &case.comma)] {
            assert_eq!(lent(framing.clone(), wire, Compare(records.iter())), records.len());
        }
        Ok(case)
    }

    fn measured(mut self) -> String {
        let contenders: [fn(&mut Self) -> usize; 3] = [
            |case| lent(case.character.clone(), &case.bar, Lend),
            |case| lent(case.plain.clone(), &case.comma, Lend),
            |case| by_hand(b'|', &case.bar),
        ];
        let times = turns::measure(&contenders, &mut self, |contender, case| {
            contender(case);
        });
        let columns: String = times
            .into_iter()
            .map(|time| {
                format!("{:>12.1}{:>6.2}", time * 1e9 / self.records as f64, self.bar.len() as f64 / time / 1e9)
            })
            .collect();
        format!("{columns}{:>12}", by_hand(b'|', &self.bar) - self.records)
    }
}

/// Sees that the frames are the records.
struct Compare<'a>(std::slice::Iter<'a, Vec<u8>>);

impl View for Compare<'_> {
    fn view(&mut self, frame: Frame<'_>, _: &mut String) {
        assert_eq!(Some(frame.bytes()), self.0.next().map(|record| &record[..]));
    }
}

fn bytes(encoding: Encoding, text: &str) -> Vec<u8> {
    let mut out = BytesMut::new();
    encoding.encode(text, EncodePolicy::Error, &mut out).unwrap();
    out.to_vec()
}
