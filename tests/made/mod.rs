//! Files that are made from the code and its tables.

#![allow(dead_code, reason = "not every test needs all of it")]

use std::path::Path;
use std::{env, fs};

/// The file at `path`, from the root of the repository, is what is `made`. With `WIREWORK_WRITE_DOCS=1` it is written first.
#[track_caller]
pub(crate) fn is(path: &str, made: &str) {
    let at = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if env::var_os("WIREWORK_WRITE_DOCS").is_some() {
        fs::write(&at, made).unwrap_or_else(|why| panic!("{path} cannot be written: {why}"));
    }
    let found = fs::read_to_string(&at).unwrap_or_default();
    let test = env!("CARGO_CRATE_NAME");
    assert!(found == made, "{path} is out of date: WIREWORK_WRITE_DOCS=1 cargo test --test {test}");
}

/// What that file says now.
pub(crate) fn read(path: &str) -> String {
    let at = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(at).unwrap_or_else(|why| panic!("{path} cannot be read: {why}"))
}
