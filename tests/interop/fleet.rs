//! Two nodes of ours behind HAProxy, with NATS between them, drained one after the other under load.

use std::collections::HashMap;
use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use wirework::core::BoxError;

use crate::process::example;
use crate::real::find;

const ROUNDS: u64 = 2;
const CLIENTS: u64 = 50;

const UNITS: [&str; 3] = ["nats.service", "wirework@.service", "fleet.target"];
const DROP_IN: &str = "haproxy.service.d/fleet.conf";

/// Whether these are there.
fn are_there(programs: &[&str]) -> bool {
    let missing: Vec<_> = programs.iter().filter(|program| find(program).is_none()).collect();
    if !missing.is_empty() {
        assert!(env::var_os("CI").is_none(), "missing: {missing:?}");
        eprintln!("nothing is proved, for want of {missing:?}");
    }
    missing.is_empty()
}

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/fleet"))
}

/// What a program says, whatever comes of it.
fn shown(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn no_request_fails_and_no_push_is_lost_while_one_node_is_drained_after_the_other() -> Result<(), BoxError> {
    if !are_there(&["haproxy", "nats-server"]) {
        return Ok(());
    }
    let examples = example("fleet_node");
    let examples = Path::new(examples.get_program()).parent().ok_or("it is in a folder")?;
    // All that it has started ends with it.
    let output = Command::new("timeout")
        .args(["--kill-after=5", "60"])
        .arg(folder().join("run"))
        .arg(examples)
        .args([ROUNDS.to_string(), CLIENTS.to_string()])
        .output()?;
    let shown = shown(&output);
    assert!(output.status.success(), "{}: {shown}", output.status);
    let report = shown.lines().find(|line| line.starts_with("requests ")).ok_or("it reports nothing")?;
    eprintln!("{report}");
    let words: Vec<&str> = report.split([' ', '=']).filter(|word| *word != "nodes").collect();
    let counted: HashMap<&str, u64> =
        words.chunks_exact(2).map(|pair| Ok((pair[0], pair[1].parse()?))).collect::<Result<_, BoxError>>()?;
    assert_eq!((counted["failed"], counted["lost"]), (0, 0), "{report}");
    assert!(counted["requests"] > 1000 && counted["pushes"] > 0, "{report}");
    assert!(counted["A"] > 0 && counted["B"] > 0, "{report}");
    assert!(counted["reconnects"] >= CLIENTS, "{report}");
    let drained = format!("drained {} times, ", 2 * ROUNDS);
    assert!(shown.lines().any(|line| line.starts_with(&drained)), "{shown}");
    Ok(())
}

#[test]
fn systemd_understands_the_units() -> Result<(), BoxError> {
    if find("systemd-analyze").is_none() {
        eprintln!("nothing is proved, for want of systemd-analyze");
        return Ok(());
    }
    let units = env::temp_dir().join(format!("wirework-units-{}", std::process::id()));
    fs::create_dir_all(units.join(DROP_IN).parent().ok_or("it is in a folder")?)?;
    // Of what is not installed here there is something else in its place.
    let node = example("fleet_node").get_program().to_string_lossy().into_owned();
    for unit in [&UNITS[..], &[DROP_IN]].concat() {
        let text = fs::read_to_string(folder().join("systemd").join(unit))?;
        let text = text.replace("/usr/local/bin/fleet_node", &node).replace("/usr/sbin/nats-server", &node);
        fs::write(units.join(unit), text)?;
    }
    fs::write(units.join("haproxy.service"), format!("[Service]\nExecStart={node}\n"))?;
    let output = Command::new("systemd-analyze")
        .env("SYSTEMD_UNIT_PATH", format!("{}:", units.display()))
        .args(["verify", "--man=no"])
        .args([&UNITS[..], &["haproxy.service"]].concat().into_iter().map(|unit| units.join(unit)))
        .output();
    fs::remove_dir_all(&units)?;
    let output = output?;
    let shown = shown(&output);
    let complains = shown.lines().any(|line| line.contains(&*units.to_string_lossy()));
    assert!(output.status.success() && !complains, "{}: {shown}", output.status);
    Ok(())
}
