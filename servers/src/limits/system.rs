//! What the system leaves to this process.

/// How many files, sockets among them, the process may have open; `None` where the system does not say.
#[cfg(unix)]
pub(super) fn open_files() -> Option<usize> {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current?;
    usize::try_from(limit).ok()
}

#[cfg(not(unix))]
pub(super) fn open_files() -> Option<usize> {
    None
}

/// How many bytes of memory the process may use: the least of what the machine has and what its control groups leave it.
/// `None` where the system does not say.
pub(super) fn memory() -> Option<usize> {
    let read = |path: &str| std::fs::read_to_string(path).ok();
    let machine = read("/proc/meminfo").and_then(|text| total(&text));
    let groups = read("/proc/self/cgroup").map(|text| paths(&text)).unwrap_or_default();
    let limits = groups.iter().filter_map(|path| read(path)?.trim().parse().ok());
    limits.chain(machine).min()
}

/// `MemTotal` of `/proc/meminfo`, which is in KiB.
fn total(meminfo: &str) -> Option<usize> {
    let kib: usize =
        meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?.split_whitespace().next()?.parse().ok()?;
    kib.checked_mul(1024)
}

/// Where the limits of the control groups stand that `/proc/self/cgroup` names, and of those around them.
fn paths(cgroup: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for line in cgroup.lines() {
        let mut fields = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(group)) = (fields.next(), fields.next()) else { continue };
        // Version 2 names no controllers; version 1 has a tree for memory.
        let (root, file) = match controllers {
            "" => ("/sys/fs/cgroup", "memory.max"),
            _ if controllers.split(',').any(|name| name == "memory") => {
                ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")
            }
            _ => continue,
        };
        let mut group = group.trim_end_matches('/');
        loop {
            paths.push(format!("{root}{group}/{file}"));
            match group.rfind('/') {
                Some(parent) => group = group.get(..parent).unwrap_or_default(),
                None => break,
            }
        }
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_what_the_machine_and_its_groups_leave() {
        assert_eq!(total("MemTotal:       24689740 kB\nMemFree: 1 kB\n"), Some(24_689_740 * 1024));
        assert_eq!(total("MemFree: 1 kB\n"), None);
        assert_eq!(
            paths("0::/a/b\n"),
            ["/sys/fs/cgroup/a/b/memory.max", "/sys/fs/cgroup/a/memory.max", "/sys/fs/cgroup/memory.max"]
        );
        assert_eq!(
            paths("5:cpu:/x\n4:memory:/d\n0::/\n"),
            [
                "/sys/fs/cgroup/memory/d/memory.limit_in_bytes",
                "/sys/fs/cgroup/memory/memory.limit_in_bytes",
                "/sys/fs/cgroup/memory.max"
            ]
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn linux_says_both() {
        assert!(open_files().unwrap() > 0 && memory().unwrap() > 0);
    }
}
