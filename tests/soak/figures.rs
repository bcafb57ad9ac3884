//! What the server held while the soak went on, and whether that was flat.

use std::fs;
use std::time::Duration;

use crate::client::Broken;

/// What the server holds at one time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    pub(crate) at: Duration,
    /// Conversations that have ended, and replies that were checked, until then.
    pub(crate) conversations: u64,
    pub(crate) replies: u64,
    pub(crate) open: u64,
    pub(crate) buffered: u64,
    pub(crate) descriptors: u64,
    pub(crate) tasks: u64,
    /// Resident memory.
    pub(crate) kib: u64,
}

/// How many files a process has open.
pub(crate) fn descriptors(pid: &str) -> u64 {
    fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count() as u64
}

/// How much memory of a process is resident, in KiB.
pub(crate) fn resident(pid: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// What flat means, in words.
pub(crate) const FLAT: &str = "The first third of the time is a warm-up. On an average of the last third there are no more descriptors and
tasks than 1.2 times those of the second, and 20, and there is no more memory than 1.05 times, and 2 MiB. Once all clients are
gone there is not one descriptor, task, connection or buffered byte more than before the first has come.";

/// Whether it was flat, as [`FLAT`] says, from before the first client to after the last.
pub(crate) fn is_flat(before: &Sample, during: &[Sample], after: &Sample) -> Result<(), Broken> {
    let third = during.len() / 3;
    let (second, last) = (&during[third..2 * third], &during[2 * third..]);
    let average =
        |samples: &[Sample], of: fn(&Sample) -> u64| samples.iter().map(of).sum::<u64>() / samples.len() as u64;
    let grown = |name: &str, of: fn(&Sample) -> u64, hundredths: u64, more: u64| {
        let (before, now) = (average(second, of), average(last, of));
        if now > before * hundredths / 100 + more {
            return Err(format!("{name} have grown from {before} to {now}"));
        }
        Ok(())
    };
    grown("descriptors", |sample| sample.descriptors, 120, 20)?;
    grown("tasks", |sample| sample.tasks, 120, 20)?;
    grown("KiB of memory", |sample| sample.kib, 105, 2048)?;
    let held = |sample: &Sample| (sample.descriptors, sample.tasks, sample.open, sample.buffered);
    if held(after) != held(before) {
        return Err(format!("before {before:?}, and after {after:?}"));
    }
    Ok(())
}

pub(crate) fn print_head() {
    println!("| time | conversations | replies | open | buffered, bytes | descriptors | tasks | memory, KiB |");
    println!("|---|---|---|---|---|---|---|---|");
}

pub(crate) fn print(when: &str, sample: &Sample) {
    let Sample { conversations, replies, open, buffered, descriptors, tasks, kib, .. } = sample;
    println!("| {when} | {conversations} | {replies} | {open} | {buffered} | {descriptors} | {tasks} | {kib} |");
}

/// The machine, its system and the day.
pub(crate) fn machine() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let after = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_once(':').map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let day = std::process::Command::new("date").arg("+%F").output().map(|output| output.stdout).unwrap_or_default();
    format!(
        "{cores} cores of {}, memory {}, Linux {}, on {}",
        after(&read("/proc/cpuinfo"), "model name"),
        after(&read("/proc/meminfo"), "MemTotal"),
        read("/proc/sys/kernel/osrelease").trim(),
        String::from_utf8_lossy(&day).trim()
    )
}
