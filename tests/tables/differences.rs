//! The list of differences, `differences.toml`, and how one is written.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::notation::{after, code, counts_up, hex, run, shown};

/// What somebody else's codec reads or writes, and what ours does.
pub(crate) type Both<T> = (Option<T>, Option<T>);

/// A character, and how it is written.
type Written<'a> = (char, &'a Both<Vec<u8>>);

/// Where a codec of somebody else and an encoding of ours differ.
#[derive(Default, Debug, PartialEq, Eq)]
pub(crate) struct Differences {
    /// Bytes that are not read as the same characters.
    pub(crate) reads: BTreeMap<Vec<u8>, Both<String>>,
    /// Characters that are not written as the same bytes.
    pub(crate) writes: BTreeMap<char, Both<Vec<u8>>>,
}

/// An entry of the list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    /// The table of the other codec.
    pub(crate) peer: String,
    /// The label of our encoding.
    pub(crate) encoding: String,
    /// Why.
    pub(crate) reason: String,
    /// A line for a run of codes: the first, what they read, what we read.
    #[serde(default)]
    pub(crate) reads: String,
    /// A line for a run of characters: their first bytes, our first bytes, the characters.
    #[serde(default)]
    pub(crate) writes: String,
}

impl Entry {
    /// The whole list.
    pub(crate) fn list() -> Vec<Self> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct List {
            difference: Vec<Entry>,
        }
        let list: List = toml::from_str(include_str!("differences.toml")).expect("differences.toml is a list");
        list.difference
    }

    /// What the lines say.
    pub(crate) fn differences(&self) -> Differences {
        let mut found = Differences::default();
        for line in self.reads.lines().filter(|line| !line.is_empty()) {
            let (codes, theirs, ours) = columns(line);
            let first = codes.split('-').next().unwrap_or_default();
            let last = codes.split_once('-').map(|(_, last)| code(last));
            let mut at = code(first);
            let (mut theirs, mut ours) = (side(theirs), side(ours));
            loop {
                let both = (theirs.as_mut().map(Iterator::next), ours.as_mut().map(Iterator::next));
                // What is listed ends the run; what counts up goes on as long.
                if matches!(both, (None, None) | (Some(None), _) | (_, Some(None))) {
                    break;
                }
                let both = (both.0.flatten(), both.1.flatten());
                assert!(found.reads.insert(at.clone(), both).is_none(), "{line}: {} is listed twice", hex(&at));
                if last.as_ref() == Some(&at) {
                    break;
                }
                at = after(&at);
            }
        }
        for line in self.writes.lines().filter(|line| !line.is_empty()) {
            let (theirs, ours, characters) = columns(line);
            let start = |column: &str| (column != "-").then(|| code(column));
            let (mut theirs, mut ours) = (start(theirs), start(ours));
            for text in run(characters) {
                let character = text.chars().next().expect("a run is of characters");
                let both = (theirs.clone(), ours.clone());
                assert!(found.writes.insert(character, both).is_none(), "{line}: {character:?} is listed twice");
                theirs = theirs.as_deref().map(after);
                ours = ours.as_deref().map(after);
            }
        }
        found
    }
}

fn columns(line: &str) -> (&str, &str, &str) {
    let mut columns = line.split('\t');
    match (columns.next(), columns.next(), columns.next(), columns.next()) {
        (Some(a), Some(b), Some(c), None) => (a, b, c),
        _ => panic!("{line:?} is not of three columns"),
    }
}

fn side(column: &str) -> Option<Box<dyn Iterator<Item = String> + '_>> {
    (column != "-").then(|| run(column))
}

impl Differences {
    /// Whether the two do not differ.
    pub(crate) fn is_empty(&self) -> bool {
        self.reads.is_empty() && self.writes.is_empty()
    }

    /// What is in `self` and not in `other`.
    pub(crate) fn without(&self, other: &Self) -> Self {
        let reads = self.reads.iter().filter(|(code, both)| other.reads.get(*code) != Some(both));
        let writes = self.writes.iter().filter(|(c, both)| other.writes.get(*c) != Some(both));
        Self {
            reads: reads.map(|(code, both)| (code.clone(), both.clone())).collect(),
            writes: writes.map(|(c, both)| (*c, both.clone())).collect(),
        }
    }

    /// The lines of the list that say this.
    pub(crate) fn lines(&self) -> (String, String) {
        (self.lines_of_reads(), self.lines_of_writes())
    }

    fn lines_of_reads(&self) -> String {
        let mut runs: Vec<Vec<(&Vec<u8>, &Both<String>)>> = Vec::new();
        for (code, both) in &self.reads {
            match runs.last_mut() {
                Some(run)
                    if run.last().is_some_and(|(last, was)| {
                        after(last) == *code
                            && was.0.is_some() == both.0.is_some()
                            && was.1.is_some() == both.1.is_some()
                    }) =>
                {
                    run.push((code, both));
                }
                _ => runs.push(vec![(code, both)]),
            }
        }
        let mut lines = String::new();
        for run in runs {
            let column = |side: fn(&Both<String>) -> Option<&String>| {
                let text: Option<Vec<&str>> = run.iter().map(|(_, both)| side(both).map(String::as_str)).collect();
                text.map_or_else(|| (String::from("-"), true), |text| compact(&text, false))
            };
            let (theirs, linear) = column(|both| both.0.as_ref());
            let (ours, also_linear) = column(|both| both.1.as_ref());
            let (first, last) = (run[0].0, run[run.len() - 1].0);
            // Where a column is said in full, it says how long the run is.
            let codes = if linear && also_linear && first != last {
                format!("{}-{}", hex(first), hex(last))
            } else {
                hex(first)
            };
            lines += &format!("{codes}\t{theirs}\t{ours}\n");
        }
        lines
    }

    fn lines_of_writes(&self) -> String {
        let mut all: Vec<Written<'_>> = self.writes.iter().map(|(c, both)| (*c, both)).collect();
        // As a code table has them, where there is one.
        all.sort_by_key(|(c, both)| {
            let code = both.1.as_ref().or(both.0.as_ref());
            (both.1.is_none(), code.map(Vec::len), code, *c)
        });
        let mut runs: Vec<Vec<Written<'_>>> = Vec::new();
        let follows = |was: &Option<Vec<u8>>, is: &Option<Vec<u8>>| was.as_deref().map(after) == *is;
        for (c, both) in all {
            match runs.last_mut() {
                Some(run)
                    if run.last().is_some_and(|(_, was)| follows(&was.0, &both.0) && follows(&was.1, &both.1)) =>
                {
                    run.push((c, both));
                }
                _ => runs.push(vec![(c, both)]),
            }
        }
        let mut lines = String::new();
        for run in runs {
            let text: Vec<String> = run.iter().map(|(c, _)| String::from(*c)).collect();
            let text: Vec<&str> = text.iter().map(String::as_str).collect();
            let start = |code: &Option<Vec<u8>>| code.as_ref().map_or_else(|| String::from("-"), |code| hex(code));
            let (_, both) = run[0];
            lines += &format!("{}\t{}\t{}\n", start(&both.0), start(&both.1), compact(&text, true).0);
        }
        lines
    }
}

/// Text of a run, and whether it only says where to begin.
fn compact(text: &[&str], with_end: bool) -> (String, bool) {
    match counts_up(text.iter().copied()) {
        Some((first, last)) if text.len() > 3 => {
            let end = if with_end { format!("-{:04X}", u32::from(last)) } else { String::new() };
            (format!("={:04X}{end}", u32::from(first)), true)
        }
        _ => (text.iter().map(|text| shown(text)).collect(), false),
    }
}
