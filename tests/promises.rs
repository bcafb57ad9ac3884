//! What the pages about limits and promises say is so.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};
use wirework::Limits;

fn page(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The tests that `SECURITY.md` names, each with its file.
fn named() -> BTreeSet<(String, String)> {
    let page = page("SECURITY.md");
    let links = page.split("[`").skip(1).filter_map(|link| link.split_once("`](tests/"));
    links.map(|(name, rest)| (rest.split(')').next().unwrap().to_owned(), name.to_owned())).collect()
}

/// The tests that a file holds.
fn tests_of(file: &str) -> Vec<String> {
    let text = page(&format!("tests/{file}"));
    let mut lines = text.lines();
    let mut names = Vec::new();
    while let Some(line) = lines.next() {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            let name = lines.find_map(|line| line.trim_start_matches("async ").strip_prefix("fn ")).unwrap();
            names.push(name.split('(').next().unwrap().to_owned());
        }
    }
    names
}

#[test]
fn each_promise_has_the_test_that_it_names() {
    let named = named();
    assert!(named.len() > 40);
    for (file, name) in &named {
        assert!(tests_of(file).contains(name), "there is no test `{name}` in tests/{file}");
    }
}

#[test]
fn each_fault_that_is_tried_is_a_promise() {
    let named = named();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults")).unwrap() {
        let file = format!("faults/{}", entry.unwrap().file_name().into_string().unwrap());
        for name in tests_of(&file) {
            assert!(
                named.contains(&(file.clone(), name.clone())),
                "SECURITY.md does not name `{name}` of tests/{file}"
            );
        }
    }
}

/// The settings of `docs/defaults.md` and their defaults, as a configuration would have them.
fn settings() -> Map<String, Value> {
    let page = page("docs/defaults.md");
    let ours = page.split("\n## ").find(|section| section.starts_with("Ours")).unwrap();
    let mut settings = Map::new();
    for line in ours.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, name, default, ..] = cells[..] else { continue };
        let Some(name) = name.strip_prefix('`').and_then(|name| name.strip_suffix('`')) else { continue };
        let value = match default.replace(' ', "").parse::<u64>() {
            Ok(number) => json!(number),
            Err(_) if default == "none" => json!([]),
            Err(_) => json!(default),
        };
        settings.insert(name.to_owned(), value);
    }
    settings
}

#[test]
fn each_default_is_the_one_that_its_page_names() {
    let ours = Limits::default();
    let written: Value = serde_json::to_value(&ours).unwrap();
    let mut settings = settings();
    let fields: BTreeSet<&String> = written.as_object().unwrap().keys().collect();
    assert_eq!(settings.keys().collect::<BTreeSet<_>>(), fields, "each setting is on the page, and nothing else");

    assert_eq!(settings.remove("per_address"), Some(json!("half of `connections`")));
    let mut read: Limits = serde_json::from_value(settings.into()).unwrap();
    // What is less here is what the system leaves.
    assert!(ours.connections.at() <= read.connections.at() && ours.buffered.at() <= read.buffered.at());
    assert_eq!(ours.per_address.at(), ours.connections.at().map(|connections| connections.div_ceil(2)));
    (read.connections, read.buffered, read.per_address) = (ours.connections, ours.buffered, ours.per_address);
    assert_eq!(read, ours);
}

#[test]
fn the_configuration_on_the_page_is_read() {
    let page = page("docs/defaults.md");
    let text = page.split("```toml").nth(1).and_then(|block| block.split("```").next()).unwrap();
    let limits: Limits = toml::from_str(text).unwrap();
    assert_eq!(limits.connections, 2000.into());
    assert_eq!(limits.exempt.len(), 2);
}
