//! What CPython's codecs and Java's charsets make of bytes and characters, as `generate.py` wrote it down.

#![allow(dead_code, reason = "not every test needs all of it")]

mod algorithm;
pub(crate) mod differences;
pub(crate) mod labels;
pub(crate) mod notation;

use std::collections::BTreeMap;
use std::path::Path;

use notation::{after, code, run};

/// Bytes and what they are read as.
pub(crate) type Reads = BTreeMap<Vec<u8>, String>;

/// A codec of somebody else.
#[derive(Default)]
pub(crate) struct Peer {
    /// What it is, for the page: `CPython 3.11.7, codec gbk`.
    pub(crate) origin: String,
    /// Its characters by state: the escape sequence in front (mostly none), and the codes behind it.
    pub(crate) states: Vec<(Vec<u8>, Reads)>,
    /// What it writes, by scalar value; what is not here it does not write.
    writes: Vec<Option<Box<[u8]>>>,
}

impl Peer {
    /// Reads `tests/tables/NAME.txt`.
    pub(crate) fn read(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/tables/{name}.txt"));
        let table = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let writes = vec![None; u32::from(char::MAX) as usize + 1];
        let mut peer = Self { states: vec![Default::default()], writes, ..Self::default() };
        let mut writing = false;
        for line in table.lines() {
            if let Some(origin) = line.strip_prefix("# ") {
                peer.origin = origin.split(". Written by").next().unwrap_or_default().to_owned();
            } else if let Some(form) = line.strip_prefix("algorithm ") {
                algorithm::fill(form, &mut peer);
            } else if let Some(escape) = line.strip_prefix("in ") {
                peer.states.push((code(escape), Reads::new()));
            } else if line == "write" {
                peer.writes_what_it_reads();
                writing = true;
            } else {
                let (codes, text) = line.split_once('\t').unwrap_or_else(|| panic!("{name}: {line}"));
                if writing { peer.written(codes, text) } else { peer.read_as(codes, text) }
            }
        }
        if !writing {
            peer.writes_what_it_reads();
        }
        peer
    }

    /// What it writes for `character`.
    pub(crate) fn writes(&self, character: char) -> Option<&[u8]> {
        self.writes[u32::from(character) as usize].as_deref()
    }

    fn read_as(&mut self, codes: &str, text: &str) {
        let first = code(codes.split('-').next().unwrap_or_default());
        let reads = &mut self.states.last_mut().expect("there is always a state").1;
        // A run that counts up says where it ends by its last code.
        let last = codes.split_once('-').map(|(_, last)| code(last));
        let mut at = first;
        for text in run(text) {
            reads.insert(at.clone(), text);
            if last.as_ref() == Some(&at) {
                return;
            }
            at = after(&at);
        }
    }

    fn written(&mut self, first: &str, text: &str) {
        let mut at = (first != "-").then(|| code(first));
        for text in run(text) {
            let character = text.chars().next().expect("one character is written");
            match &mut at {
                None => *slot(&mut self.writes, character) = None,
                Some(at) => {
                    *slot(&mut self.writes, character) = Some(at.as_slice().into());
                    *at = after(at);
                }
            }
        }
    }

    /// The first code of each character, of the shortest.
    fn writes_what_it_reads(&mut self) {
        for (escape, reads) in &self.states {
            let end: &[u8] = if escape.is_empty() { b"" } else { b"\x1b(B" };
            let mut codes: Vec<_> = reads.iter().collect();
            codes.sort_by_key(|(code, _)| code.len());
            for (code, text) in codes {
                let mut characters = text.chars();
                if let (Some(character), None) = (characters.next(), characters.next()) {
                    slot(&mut self.writes, character)
                        .get_or_insert_with(|| [escape, &code[..], end].concat().into_boxed_slice());
                }
            }
        }
    }
}

fn slot(writes: &mut [Option<Box<[u8]>>], character: char) -> &mut Option<Box<[u8]>> {
    &mut writes[u32::from(character) as usize]
}
