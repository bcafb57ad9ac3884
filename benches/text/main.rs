//! Text, beside what does nothing but convert it, and delimiters, beside what does nothing but search: `cargo bench --bench
//! text`.
//!
//! Words behind `--` choose rows: `-- encode GBK 32`, or `-- until` for the [search](search) alone. All of the
//! [conversions](convert) and searches take two minutes.

mod convert;
mod corpus;
#[path = "../lent/mod.rs"]
mod lent;
mod search;
#[path = "../turns/mod.rs"]
mod turns;

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    // `cargo test` runs this without `--bench`, to see that it works.
    if !arguments.iter().any(|argument| argument == "--bench") {
        convert::check();
        search::check();
        return;
    }
    let wanted: Vec<_> = arguments.into_iter().filter(|argument| argument != "--bench").collect();
    convert::print(&wanted);
    search::print(&wanted);
}

/// Whether a row has all of these words.
fn is_wanted(row: &str, words: &[String]) -> bool {
    words.iter().all(|word| row.split_whitespace().any(|has| has == word))
}
