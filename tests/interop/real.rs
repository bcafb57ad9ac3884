//! Servers that others wrote, on ports of this machine.

use std::env;
use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use crate::process::Process;

/// A server; dropped, it is stopped, and what it has written is removed.
pub(crate) struct Real {
    pub(crate) address: String,
    process: Process,
    folder: PathBuf,
}

impl Real {
    /// # Panics
    /// When it is missing where all tests have to be run; so do the others.
    pub(crate) fn redis() -> Option<Self> {
        let ready = |line: &str| line.contains("Ready to accept connections");
        Self::start("redis-server", ready, nothing, |command, port, folder| {
            command.args(["--bind", "127.0.0.1", "--port", port, "--save", "", "--logfile", "/dev/stderr", "--dir"]);
            command.arg(folder);
        })
    }

    pub(crate) fn mosquitto() -> Option<Self> {
        let ready = |line: &str| line.ends_with(" running");
        Self::start("mosquitto", ready, nothing, |command, port, _| {
            command.args(["-v", "-p", port]);
        })
    }

    pub(crate) fn nats() -> Option<Self> {
        Self::nats_with("")
    }

    /// With more lines of configuration.
    pub(crate) fn nats_with(settings: &str) -> Option<Self> {
        Self::start("nats-server", nats_is_ready, nothing, |command, port, folder| {
            let file = folder.join("nats.conf");
            fs::write(&file, format!("listen: 127.0.0.1:{port}\n{settings}\n")).expect("there is room for a file");
            command.arg("--config").arg(file);
        })
    }

    /// Kills it, gives it no time to say goodbye, and waits until it is gone.
    pub(crate) fn kill(&self) {
        assert!(self.process.signal("KILL"));
        assert!(!self.process.stderr.has(|_| false), "it writes no more");
    }

    /// Starts a NATS server that was killed again, on the same port.
    pub(crate) fn revive_nats(&mut self) {
        let mut command = Command::new(find("nats-server").expect("it was there"));
        command.arg("--config").arg(self.folder.join("nats.conf"));
        self.process = Process::start(command);
        assert!(self.process.stderr.has(nats_is_ready), "it starts again");
    }

    /// It sends who connects to it on to `server`, with these options.
    pub(crate) fn haproxy(server: &str, options: &str) -> Option<Self> {
        let ready = |line: &str| line.ends_with("Loading success.");
        Self::start("haproxy", ready, nothing, |command, port, folder| {
            let settings = [
                "defaults",
                "mode tcp",
                "timeout connect 10s",
                "timeout client 10s",
                "timeout server 10s",
                "listen tests",
                &format!("bind 127.0.0.1:{port}"),
                &format!("server ours {server} {options}"),
                "",
            ];
            let file = folder.join("haproxy.cfg");
            fs::write(&file, settings.join("\n")).expect("there is room for a file");
            // With a master, which says when its worker listens.
            command.args(["-W", "-db", "-f"]).arg(file);
        })
    }

    /// It trusts whoever says that he is `postgres`. Its database is in UTF-8.
    pub(crate) fn postgres() -> Option<Self> {
        let ready = |line: &str| line.ends_with("ready to accept connections");
        let prepare = |folder: &Path| {
            let mut init = unprivileged(&find("initdb").expect("it comes with postgres"), folder);
            init.args(["--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--no-locale", "--no-sync"]);
            let made = init.arg(folder.join("data")).output().expect("initdb runs");
            assert!(made.status.success(), "{made:?}");
        };
        Self::start("postgres", ready, prepare, |command, port, folder| {
            *command = unprivileged(Path::new(command.get_program()), folder);
            command.args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off"]);
            command.args(["-p", port, "-D"]).arg(folder.join("data"));
        })
    }

    /// `ready` knows the line after which it listens. `prepare` is given a folder to write into, and `configure` the port too.
    fn start(
        program: &str,
        ready: fn(&str) -> bool,
        prepare: impl FnOnce(&Path),
        configure: impl Fn(&mut Command, &str, &Path),
    ) -> Option<Self> {
        let Some(path) = find(program) else {
            assert!(env::var_os("CI").is_none(), "the server is missing: {program}");
            eprintln!("the server is missing, nothing is proved: {program}");
            return None;
        };
        static STARTED: AtomicUsize = AtomicUsize::new(0);
        let nth = STARTED.fetch_add(1, Relaxed);
        let folder = env::temp_dir().join(format!("wirework-{program}-{}-{nth}", std::process::id()));
        fs::create_dir(&folder).expect("there is room for a folder");
        prepare(&folder);
        // A port that was free may be somebody else's by the time it is taken.
        for _ in 0..3 {
            let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
            let address = listener.local_addr().expect("it listens");
            drop(listener);
            let mut command = Command::new(&path);
            configure(&mut command, &address.port().to_string(), &folder);
            let process = Process::start(command);
            if process.stderr.has(ready) {
                return Some(Self { address: address.to_string(), process, folder });
            }
        }
        panic!("{program} does not start")
    }
}

fn nothing(_: &Path) {}

fn nats_is_ready(line: &str) -> bool {
    line.ends_with("Server is ready")
}

impl Drop for Real {
    fn drop(&mut self) {
        self.process.interrupt();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Where a program is. Debian keeps those of services away from the users.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let versions =
        fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    let mut folders = env::split_paths(&path).chain(["/usr/sbin".into()]).chain(versions);
    folders.find_map(|folder| Some(folder.join(program)).filter(|path| path.is_file()))
}

/// A program that root must not run, run by `postgres`, who may then write into the folder.
fn unprivileged(program: &Path, folder: &Path) -> Command {
    if fs::metadata(folder).expect("it is there").uid() != 0 {
        return Command::new(program);
    }
    fs::set_permissions(folder, Permissions::from_mode(0o777)).expect("it is root's");
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program).current_dir(folder);
    command
}
