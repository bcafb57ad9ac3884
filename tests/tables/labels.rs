//! `labels.tsv`, which says what encodings there are.

/// Every encoding of ours: its name, what it is, and its labels.
pub(crate) fn labels() -> Vec<(&'static str, &'static str, Vec<&'static str>)> {
    let lines = include_str!("labels.tsv").lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| match line.split('\t').collect::<Vec<_>>()[..] {
            [name, what, labels] => (name, what, labels.split(' ').collect()),
            _ => panic!("{line:?} is not of three columns"),
        })
        .collect()
}
