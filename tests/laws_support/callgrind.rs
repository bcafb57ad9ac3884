//! Counts instructions: runs a test of this binary again under callgrind.

use std::process::Command;

/// Set for a run that is counted: what to feed, and how much of it.
const WORK: &str = "WIREWORK_LAW_WORK";

/// What this process is to do, if it is the one that is counted: a name and a number of bytes.
pub fn work() -> Option<(String, usize)> {
    let work = std::env::var(WORK).ok()?;
    let (name, n) = work.rsplit_once(' ')?;
    Some((name.to_owned(), n.parse().ok()?))
}

/// Whether callgrind is there. Where tests run for everybody (`CI=true`), it must be.
pub fn is_there() -> bool {
    let there = Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success());
    let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(there || !ci, "valgrind is not installed: linear work cannot be proved");
    if !there {
        println!("skipped: valgrind is not installed");
    }
    there
}

/// How many instructions the test `test` of this binary takes when [`work`] tells it to feed `n` bytes to `name`.
pub fn instructions(test: &str, name: &str, n: usize) -> u64 {
    let me = std::env::current_exe().expect("this is a program");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(me)
        .args(["--exact", test, "--test-threads=1"])
        .env(WORK, format!("{name} {n}"))
        .output()
        .expect("valgrind runs");
    let said = String::from_utf8_lossy(&output.stderr);
    let collected = said.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok());
    match collected {
        Some(instructions) if output.status.success() => instructions,
        _ => panic!("{name}, {n} bytes: {}\n{said}\n{}", output.status, String::from_utf8_lossy(&output.stdout)),
    }
}
