//! Who may know whom: the arrows among the crates of this workspace, read off `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Every crate, by name, with all that it depends on in a build: its own dependencies, those of its dependencies, and so on.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--all-features"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let name_of: BTreeMap<&str, &str> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| (package["id"].as_str().unwrap(), package["name"].as_str().unwrap()))
        .collect();
    let direct: BTreeMap<&str, Vec<&str>> = metadata["resolve"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| {
            let needed = node["deps"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|dep| dep["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"] != "dev"));
            let ids = needed.map(|dep| dep["pkg"].as_str().unwrap()).collect();
            (node["id"].as_str().unwrap(), ids)
        })
        .collect();
    let all = |id: &str| {
        let mut seen = BTreeSet::new();
        let mut todo = vec![id.to_owned()];
        while let Some(id) = todo.pop() {
            for dependency in &direct[id.as_str()] {
                if seen.insert(name_of[dependency].to_owned()) {
                    todo.push((*dependency).to_owned());
                }
            }
        }
        seen
    };
    name_of.iter().map(|(id, name)| ((*name).to_owned(), all(id))).collect()
}

#[test]
fn the_arrows_among_our_crates() {
    let dependencies = dependencies();
    let ours = |name: &str| -> Vec<&str> {
        let of = &dependencies[name];
        of.iter().map(String::as_str).filter(|name| name.starts_with("wirework")).collect()
    };
    assert_eq!(ours("wirework-core"), [""; 0]);
    assert_eq!(ours("wirework-codecs"), ["wirework-core"]);
    assert_eq!(ours("wirework-servers"), ["wirework-core"], "servers know no codecs: that proves the codecs pluggable");
    assert_eq!(ours("wirework-laws"), ["wirework-core"]);
    assert_eq!(ours("wirework"), ["wirework-codecs", "wirework-core", "wirework-servers"]);
}

#[test]
fn core_and_codecs_know_no_io() {
    let dependencies = dependencies();
    for name in ["wirework-core", "wirework-codecs"] {
        for runtime in ["tokio", "tokio-util", "mio", "socket2", "futures-core"] {
            assert!(!dependencies[name].contains(runtime), "{name} depends on {runtime}");
        }
    }
}

#[test]
fn no_c_in_the_tree_of_who_asks_for_no_feature() {
    // `cargo metadata` would count the features that our own tests ask for.
    let tree = |features: &[&str]| {
        let output = Command::new(env!("CARGO"))
            .args(["tree", "--edges", "normal,build", "--package", "wirework", "--prefix", "none", "--format", "{p}"])
            .args(features)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .expect("cargo runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let lines = String::from_utf8(output.stdout).unwrap();
        lines.lines().filter_map(|line| line.split(' ').next().map(str::to_owned)).collect::<BTreeSet<_>>()
    };
    let default = tree(&[]);
    for builder in ["cc", "cmake", "pkg-config", "bindgen"] {
        assert!(!default.contains(builder), "something below builds C with {builder}");
    }
    assert!(default.contains("tokio") && tree(&["--features", "tls"]).contains("cc"), "it would be seen");
}

#[test]
fn every_crate_forbids_unsafe_code_and_states_its_rust_version() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in [".", "core", "codecs", "servers", "laws"] {
        let manifest = std::fs::read_to_string(root.join(folder).join("Cargo.toml")).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{folder} does not take the workspace's lints");
        assert!(manifest.contains("rust-version.workspace = true"), "{folder} states no rust-version");
    }
    let manifest = std::fs::read_to_string(root.join("Cargo.toml")).unwrap();
    assert!(manifest.contains("unsafe_code = \"forbid\"") && manifest.contains("missing_docs = \"deny\""));
}

#[test]
fn no_dependency_needs_a_newer_rust_than_is_stated() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let dependencies = dependencies();
    let version = |text: &str| text.split('.').map(|part| part.parse().unwrap()).collect::<Vec<u32>>();
    let stated = version(env!("CARGO_PKG_RUST_VERSION"));
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        if let Some(needed) = package["rust_version"].as_str().filter(|_| dependencies["wirework"].contains(name)) {
            assert!(version(needed) <= [&stated[..], &[0]].concat(), "{name} needs Rust {needed}");
        }
    }
}
